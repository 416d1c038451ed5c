"""managerctl on a terminal: aligned tables, and nothing that could drive it."""
import os
import pty
import re
import shlex
import subprocess
import sys
import tempfile
import unicodedata
import unittest

import ctl
import wire


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else
               0 if unicodedata.combining(c) else 1 for c in text)


ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def on_terminal(*command, **environment):
    """What a terminal shows of a program that ends well."""
    try:
        outer, inner = pty.openpty()
    except OSError as why:
        print(f"skipped: no pseudo-terminal to be had: {why}", file=sys.stderr)
        raise unittest.SkipTest(str(why)) from None
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=inner, stderr=inner,
                               env={**os.environ, **environment})
    os.close(inner)
    shown = bytearray()
    while True:
        try:
            piece = os.read(outer, 1 << 16)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(outer)
    if process.wait(wire.PATIENCE):
        raise AssertionError(f"{command} ended with {process.returncode}: {shown}")
    return shown.decode().replace("\r\n", "\n")


class Terminal(ctl.CtlTest):
    def on_terminal(self, *arguments, **environment):
        return on_terminal(ctl.MANAGERCTL, "--socket", self.daemon.path, *arguments, **environment)

    def check_aligned(self, text, column):
        """A column that is aligned to the left begins at the same place in every line."""
        title, *lines = text.splitlines()
        at = title.index(column)
        for line in lines:
            left = ""
            while width(left) < at:
                left = line[:len(left) + 1]
            self.assertEqual(left[-1], " ", line)
            self.assertNotEqual(line[len(left)], " ", line)

    def test_tables_have_titles_and_line_up(self):
        for name in ("a", "胡旺", "e\u0301e\u0301", "a long name with spaces", "\x1b[31m", "\\x41"):
            self.open("dict", name, {"胡旺": "牛皮", "k" * 30: 1, "x": ["y"]})
        for locale in ("C", "C.UTF-8", "xx_XX"):
            text = self.on_terminal("ls", LC_ALL=locale, COLUMNS="40")
            self.assertRegex(text, r"^IDENT +TYPEID +NAME +LENGTH +REFERENCES +STORED +WAITERS\n")
            self.check_aligned(text, "TYPEID")
            self.check_aligned(text, "NAME")
            self.assertIn("胡旺", text)
            self.assertIn('"\\u001b[31m"', text)
            self.assertEqual(len(text.splitlines()), 7)
        text = self.on_terminal("get", "a")
        self.assertRegex(text, r"^KEY +VALUE\n")
        self.check_aligned(text, "VALUE")

    def test_help_names_the_columns_there_are(self):
        self.open("dict", "d", {"a": 1})
        for command in ("ls", "sessions", "peers", "info"):
            text = ctl.run("help", command).stdout.decode()
            told = [name for names in re.findall(r"(?m)^  ([A-Za-z_]+(?:, [A-Za-z_]+)*)  +\S", text)
                    for name in names.split(", ")]
            if command == "info":
                there = [line.split("\t")[0] for line in self.ctl("info", "d").splitlines()]
                self.assertEqual(sorted(told), sorted(there))
            else:
                self.assertEqual(told, self.on_terminal(command).splitlines()[0].split())

    def test_every_table(self):
        self.open("dict", "d", {"a": 1})
        for command, titles in (("sessions", "SESSION PID UID NAME"), ("peers", "PID UID REFERENCES"),
                                ("stats", "NAME VALUE"), ("info d", "FIELD VALUE")):
            text = self.on_terminal(*command.split())
            self.assertEqual(text.split()[:len(titles.split())], titles.split())
        self.assertNotIn("SESSION", self.ctl("sessions"))

    def test_figures_have_units(self):
        text = dict(line.split(None, 1) for line in self.on_terminal("stats").splitlines())
        there = self.client.server("stats")
        self.assertRegex(text["memory_used"], r"^\d+(\.\d [KM]i)?B?( B)?$")
        self.assertEqual(text["max_frame"], "64.0 MiB")
        self.assertEqual(text["max_buffered"], "2.0 GiB")
        self.assertEqual(text["auth_timeout_ns"], "5 s")
        self.assertEqual((text["max_memory"], text["memory_limit"]), ("none", "none"))
        self.assertRegex(text["calls"], r"^\d+$")
        for name in there:
            if "bytes" in name:
                self.assertRegex(text[name], r"^[\d.]+ ([KMG]i)?B$")
            if name.endswith("_ns"):
                self.assertRegex(text[name], r"^[\d.e+]+ (ns|us|ms|s)$")

    def test_json_is_the_same_as_elsewhere(self):
        self.open("dict", "d", {"a": 1})
        self.assertEqual(self.on_terminal("ls", "--json"), self.ctl("ls", "--json"))

    def test_no_control_character_arrives(self):
        everything = "".join(map(chr, range(0x100))) + "\u2028\u202e\u200f\ufeff\u200b\U0001d173"
        self.open("dict", everything, {everything: everything, "b": everything.encode()})
        self.open("list", "l", [everything])
        self.client.server("accept_connection", everything)
        name = self.json("ls")[0]["ident"]
        for arguments in (("ls",), ("ls", "--json"), ("get", name), ("get", name, "--json"),
                          ("info", name), ("get", "l"), ("get", "l", "0"), ("sessions",),
                          ("call", "l", "__str__"), ("sessions", "--json")):
            text = self.on_terminal(*arguments)
            self.assertIsNone(re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\u200f\ufeff\u200b\U0001d173]",
                                        text),
                              arguments)

    def test_a_table_shows_a_thousand_unless_told_otherwise(self):
        self.open("dict", "d", {f"k{i}": i for i in range(1001)})
        *lines, last = self.on_terminal("get", "d").splitlines()
        self.assertEqual(len(lines), 1001)
        self.assertIn("1000 of 1001 shown", last)
        self.assertEqual(len(self.on_terminal("get", "--limit", "0", "d").splitlines()), 1002)

    def test_one_long_name_does_not_fill_the_screen(self):
        long = "胡旺" * 50_000
        self.open("dict", long, {long: long})
        self.open("dict", "short")
        text = self.on_terminal("ls")
        self.assertLess(len(text), 1500)
        self.assertIn("旺…", text)
        self.check_aligned(text, "NAME")
        ident = self.json("ls")[0]["ident"]
        self.assertIn(long, self.on_terminal("get", ident).splitlines()[1].split("…", 1)[1])
        self.assertEqual(self.ctl("ls").split("\t")[2], long)

    def test_long_tables_have_one_title(self):
        self.open("dict", "d", {f"k{i}": i for i in range(1800)})
        lines = self.on_terminal("get", "--limit", "0", "d").splitlines()
        self.assertEqual(len(lines), 1801)
        self.assertEqual(sum(line.startswith("KEY") for line in lines), 1)
        self.assertEqual([line.split()[0] for line in lines[1:]], [f"k{i}" for i in range(1800)])


class Readme(unittest.TestCase):
    """The section "Looking inside" shows what really happens, but for idents and times."""

    @staticmethod
    def masked(text):
        return re.sub(r"(?m)^[\d.]+ (ns|us|ms|s)$", "T", re.sub(r"\d{15,}", "IDENT", text)).replace("IDENT ", "IDENT")

    def test_looking_inside(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            section = file.read().split("## Looking inside\n")[1].split("\n## ")[0]
        session = re.search(r"```\n(.*?)```", section, re.S).group(1)
        commands = re.findall(r"(?m)^\$ (.*)$", session)
        self.assertGreater(len(commands), 5)
        script = "".join(f"printf '%s\\n' {shlex.quote('$ ' + line)}; {line}\n" for line in commands)
        with tempfile.TemporaryDirectory() as runtime:
            directory = os.path.join(runtime, "managerd")
            os.mkdir(directory, 0o700)
            path = f"{os.path.abspath(os.path.dirname(ctl.MANAGERCTL))}:{os.environ['PATH']}"
            with wire.start_daemon(key=None, directory=directory):
                shown = on_terminal("sh", "-c", script, XDG_RUNTIME_DIR=runtime, PATH=path)
        self.assertEqual([re.sub(" +", " ", line) for line in self.masked(shown).splitlines()],
                         [re.sub(" +", " ", line) for line in self.masked(session).splitlines()])


if __name__ == "__main__":
    unittest.main()
