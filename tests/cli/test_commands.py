"""Every command of managerctl, as people see it and as JSON."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import ctl
from ctl import NEGATIVE, OK, SERVER, USAGE

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

COMMANDS = ["ls", "info", "get", "set", "del", "call", "create", "unlink", "locks",
            "waiters", "sessions", "peers", "stats", "ping", "shutdown", "help"]


class Listing(ctl.CtlTest):
    def test_ls_lists_objects_and_what_refers_to_them(self):
        scores = self.open("dict", "scores", {"a": 1})
        jobs = self.open("list", "jobs", [1, 2, 3])
        nameless = self.client.create("dict")
        self.client.call(jobs, "append", ctl.wire.Token("dict", nameless))
        self.assertEqual(self.ctl("ls"),
                         f"{scores}\tdict\tscores\t1\t2\t0\t0\n"
                         f"{jobs}\tlist\tjobs\t4\t2\t0\t0\n"
                         f"{nameless}\tdict\t-\t0\t1\t1\t0\n")
        rows = self.json("ls")
        self.assertEqual(rows[1], {"ident": str(jobs), "typeid": "list", "name": "jobs",
                                   "references": 2, "stored": 0, "waiters": 0, "length": 4})
        self.assertIsNone(rows[2]["name"])

    def test_ls_of_nothing(self):
        self.assertEqual(self.ctl("ls"), "")
        self.assertEqual(self.json("ls"), [])

    def test_ls_matches_names(self):
        for name in ("job:1", "job:2", "other", "[x]"):
            self.open("dict", name)
        self.client.create("dict")

        def names(pattern):
            return [row["name"] for row in self.json("ls", pattern)]

        self.assertEqual(names("job:*"), ["job:1", "job:2"])
        self.assertEqual(names("*"), ["job:1", "job:2", "other", "[x]"])
        self.assertEqual(names("job:?"), ["job:1", "job:2"])
        self.assertEqual(names("[[]x]"), ["[x]"])
        self.assertEqual(names("nothing"), [])
        self.assertEqual(len(self.json("ls")), 5)

    def test_ls_goes_on_behind_a_thousand(self):
        idents = [self.client.create("list") for _ in range(2345)]
        self.assertEqual([int(row["ident"]) for row in self.json("ls")], idents)
        lines = self.ctl("ls").splitlines()
        self.assertEqual([int(line.split("\t")[0]) for line in lines], idents)

    def test_info_tells_one_object(self):
        ident = self.open("dict", "scores", {"a": 1})
        text = dict(line.split("\t") for line in self.ctl("info", "scores").splitlines())
        self.assertEqual(text["ident"], str(ident))
        self.assertEqual(text["typeid"], "dict")
        self.assertEqual(text["length"], "1")
        self.assertIn("__getitem__", text["methods"].split())
        record = self.json("info", "scores")
        self.assertEqual(record["methods"], list(self.client.server("get_methods", ident)))
        self.assertEqual(record["ident"], str(ident))

    def test_sessions_and_peers(self):
        self.client.server("accept_connection", "me")
        rows = [line.split("\t") for line in self.ctl("sessions").splitlines()]
        self.assertEqual(rows[0][1], str(os.getpid()))
        self.assertEqual(rows[0][3:6], ["me", "false", "socket"])
        self.assertEqual(rows[1][3:5], ["managerctl", "true"])
        self.assertEqual(self.json("sessions")[0]["pid"], os.getpid())
        self.client.server("dummy")  # what came with the handshake does not count
        self.assertGreater(self.json("sessions")[0]["bytes_in"], 0)

        self.client.create("dict")
        rows = [line.split("\t") for line in self.ctl("peers").splitlines()]
        self.assertEqual(rows[0], [str(os.getpid()), str(os.getuid()), "1", "1", "1"])
        self.assertEqual(self.json("peers")[0], {"pid": os.getpid(), "uid": os.getuid(),
                                                 "references": 1, "objects": 1, "sessions": 1})

    def test_what_has_no_value_shows_its_state(self):
        for typeid, arguments, state in (("Lock", (), "<unlocked _thread.lock object at 0x"),
                                         ("Event", (), "unset>"), ("Semaphore", ("3",), "value=3>"),
                                         ("Barrier", ("2",), "waiters=0/2>")):
            self.ctl("create", typeid, typeid, *arguments)
            self.assertIn(state, self.ctl("get", typeid))
            self.fails(NEGATIVE, "cannot pickle", "get", typeid, "--json")

    def test_locks_and_waiters(self):
        lock = self.open("Lock", "leader")
        self.assertEqual(self.ctl("locks"), "")
        holder = str(self.client.hello()["session"])
        self.client.call(lock, "acquire")
        with self.daemon.connect() as other:
            waiter = str(other.hello()["session"])
            other.send(lock, "acquire", options={"i": 7})
            ctl.wire.wait_until(lambda: self.client.server("stats")["calls_parked"] == 1)
            row = self.ctl("locks").rstrip("\n").split("\t")
            self.assertEqual(row[:6], [str(lock), "Lock", "leader", str(os.getpid()), holder, "-"])
            self.assertEqual(row[7:8] + row[9:], ["1", "1", "false"])
            held = self.json("locks", "leader")[0]
            fence = self.client.call(lock, "fence")
            self.assertEqual((held["ident"], held["fence"]), (str(lock), fence))
            self.assertGreater(held["seconds"], 0)

            row = self.ctl("waiters").rstrip("\n").split("\t")
            self.assertEqual(row[:8], [str(lock), "Lock", "leader", "acquire", str(os.getpid()),
                                       waiter, "-", "7"])
            self.assertEqual(row[9], "-")
            waits = self.json("waiters", "leader")[0]
            self.assertEqual((waits["method"], waits["remaining"]), ("acquire", None))
            self.open("Lock", "free")
            self.assertEqual(self.json("waiters", "free"), [])
            self.assertEqual(self.json("locks", "free"), [])
            self.fails(NEGATIVE, "nothing", "waiters", "nothing")

    def test_stats_tell_everything_as_plain_numbers(self):
        self.client.create("dict", {"x": b"x" * 5000})
        stats = self.json("stats")
        there = self.client.server("stats")
        self.assertEqual(set(stats), set(there))
        self.assertIsInstance(stats["memory_used"], int)
        self.assertGreater(stats["memory_used"], 5000)
        self.assertEqual(stats["address"], self.daemon.path)
        lines = [line.split("\t") for line in self.ctl("stats").splitlines()]
        self.assertEqual({name for name, _ in lines}, set(there))
        names = [name for name, value in lines if not isinstance(there[name], str)]
        self.assertEqual(names, sorted(names))
        text = dict(lines)
        self.assertGreater(int(text["memory_used"]), 5000)
        for name, value in there.items():
            if value is None or value == 2**64 - 1:
                self.assertEqual((text[name], stats[name]), ("none", None))
            elif isinstance(value, int):
                self.assertRegex(text[name], r"^\d+$")
                if name.startswith("max_"):
                    self.assertEqual(stats[name], value)

    def test_every_figure_is_explained(self):
        with open(os.path.join(ROOT, "proto", "PROTOCOL.md"), encoding="utf-8") as file:
            section = file.read().split("\n## 11. Figures\n")[1].split("\n## ")[0]
        rows = re.findall(r"(?m)^\| `(\w+)` \|([^|]*)\| *(\S[^|]*)\|$", section)
        stats = self.client.server("stats")
        self.assertEqual(sorted(name for name, _, _ in rows), sorted(stats))
        for name, unit, _ in rows:
            self.assertEqual(name.endswith("_ns"), unit.strip() == "nanoseconds", name)
        self.assertIn("section 11", self.ctl("help", "stats"))

    def test_ping_prints_the_time(self):
        self.assertRegex(self.ctl("ping"), r"^[\d.]+ (ns|us|ms|s)\n$")
        answer = self.json("ping")
        self.assertTrue(answer["ok"])
        self.assertGreater(answer["round_trip_ns"], 0)

    def test_shutdown_ends_the_daemon(self):
        self.assertEqual(self.ctl("shutdown"), "")
        self.client.close()
        self.assertEqual(self.daemon.process.wait(ctl.wire.PATIENCE), 0)
        self.fails(ctl.CONNECT, "cannot connect", "ls")

    def test_shutdown_as_json(self):
        self.assertEqual(self.json("shutdown"), {"ok": True})
        self.client.close()
        self.assertEqual(self.daemon.process.wait(ctl.wire.PATIENCE), 0)


class Objects(ctl.CtlTest):
    def test_objects_by_name_and_ident(self):
        ident = self.open("dict", "123", {"k": "by name"})
        other = self.client.create("dict", {"k": "by ident"})
        self.assertEqual(self.ctl("get", "name:123", "k"), "by name\n")
        for spelling in (str(other), hex(other), hex(other).upper().replace("0X", "0x")):
            self.assertEqual(self.ctl("get", spelling, "k"), "by ident\n")
        self.assertEqual(self.ctl("get", str(ident), "k"), "by name\n")
        for arguments in (("get", "123"), ("info", "123"), ("set", "--create", "123", "a", "1")):
            self.fails(NEGATIVE, "NoSuchObject: no object has the ident 123, but one that name: name:123",
                       *arguments)
        done = self.run_ctl("get", "124")
        self.assertEqual(done.stderr, b"managerctl: NoSuchObject: no object has the ident 124\n")
        for name in ("123x", "0x", "0x0x5", "0xg", "99999999999999999999", "+5", "5 "):
            self.fails(NEGATIVE, f"no object has the name '{name}'", "get", name)
        self.fails(NEGATIVE, "no object has the name 'x'", "info", "name:x")
        self.fails(USAGE, "not empty", "get", "")
        self.fails(USAGE, "not empty", "get", "name:")
        self.open("dict", "name:x", {"k": 1})
        self.assertEqual(self.ctl("get", "name:name:x", "k"), "1\n")

    def test_looking_changes_no_reference(self):
        ident = self.client.create("dict", {"k": [1]})
        for _ in range(3):
            self.ctl("get", str(ident))
            self.ctl("info", str(ident))
        self.assertEqual(self.client.server("describe", ident)["references"], 1)

    def test_get_of_a_dict_a_list_and_others(self):
        self.open("dict", "d", {"a": 1, "b": "two", 3: None})
        self.open("list", "l", [1, "two", "3", ""])
        self.assertEqual(self.ctl("get", "d"), 'a\t1\nb\ttwo\n3\tnull\n')
        self.assertEqual(self.ctl("get", "l"), '1\ntwo\n"3"\n""\n')
        self.assertEqual(self.json("get", "l"), [1, "two", "3", ""])
        self.assertEqual(self.value("get", "d"), {"a": 1, "b": "two", 3: None})
        iterator = self.client.call(self.open("dict", "d"), "__iter__")
        self.assertEqual(self.json("get", str(iterator[1].ident)), ["a", "b", 3])

    def test_get_of_keys_and_indexes(self):
        self.open("dict", "d", {"a": 1, "5": "five", 5: 5.0, (1, (2,)): "pair"})
        self.open("list", "l", [10, 11, 12])
        self.assertEqual(self.ctl("get", "d", "a"), "1\n")
        self.assertEqual(self.ctl("get", "d", "5"), "5.0\n")
        self.assertEqual(self.ctl("get", "d", '"5"'), "five\n")
        self.assertEqual(self.ctl("get", "--str", "d", "5"), "five\n")
        self.assertEqual(self.ctl("get", "d", "[1, [2]]"), "pair\n")
        self.assertEqual(self.ctl("get", "d", '{"$tuple": [1, {"$tuple": [2]}]}'), "pair\n")
        self.assertEqual(self.ctl("get", "l", "-1"), "12\n")
        self.assertEqual(self.ctl("get", "l", "-3", "0", "1"), "10\n10\n11\n")
        self.assertEqual(self.json("get", "l", "-1"), 12)
        self.assertEqual(self.json("get", "l", "-1", "0"), [12, 10])
        self.fails(NEGATIVE, "KeyError: 'b'", "get", "d", "a", "b")
        self.fails(NEGATIVE, "IndexError", "get", "l", "3")
        self.fails(NEGATIVE, "IndexError", "get", "l", "-4")
        self.fails(NEGATIVE, "TypeError", "get", "l", "x")
        self.fails(NEGATIVE, "unhashable", "get", "d", '{"a": 1, "b": 2}')

    def test_set_and_del(self):
        d, l = self.open("dict", "d"), self.open("list", "l", [1, 2, 3])
        self.assertEqual(self.ctl("set", "d", "alice", "5"), "")
        self.ctl("set", "d", "[1,2]", '"x"')
        self.ctl("set", "--str", "d", "5", "6")
        self.ctl("set", "d", "--", "-x", "--json")
        self.assertEqual(self.client.call(d, "#GETVALUE"),
                         {"alice": 5, (1, 2): "x", "5": "6", "-x": "--json"})
        self.ctl("set", "l", "-1", "-7")
        self.assertEqual(self.json("set", "l", "0", "null"), {"ok": True})
        self.assertEqual(self.client.call(l, "#GETVALUE"), [None, 2, -7])
        self.fails(NEGATIVE, "IndexError", "set", "l", "3", "1")

        self.assertEqual(self.ctl("del", "d", "alice"), "")
        self.assertEqual(self.json("del", "--str", "d", "5"), {"ok": True})
        self.ctl("del", "l", "-1")
        self.assertEqual(self.client.call(d, "#GETVALUE"), {(1, 2): "x", "-x": "--json"})
        self.assertEqual(self.client.call(l, "#GETVALUE"), [None, 2])
        self.fails(NEGATIVE, "KeyError: 'alice'", "del", "d", "alice")

    def test_elements_of_a_set(self):
        self.ctl("create", "set", "tags", '["red", 5, "blue"]')
        self.ctl("del", "tags", "5")
        self.fails(NEGATIVE, "KeyError: 5", "del", "tags", "5")
        self.ctl("call", "tags", "add", '{"$tuple": [1, 2]}')
        self.assertEqual(self.ctl("get", "tags"), 'red\nblue\n{"$tuple": [1, 2]}\n')
        self.assertEqual(self.json("get", "tags"), {"$set": ["red", "blue", {"$tuple": [1, 2]}]})

    def test_set_creates_only_where_told_to(self):
        self.fails(NEGATIVE, "no object has the name 'new'", "set", "new", "k", "1")
        self.ctl("set", "--create", "new", "k", "1")
        self.ctl("set", "new", "l", "2", "--create")
        self.assertEqual(self.json("get", "new"), {"k": 1, "l": 2})
        self.open("list", "l", [0])
        self.ctl("set", "--create", "l", "0", "1")
        self.assertEqual(self.json("get", "l"), [1])
        self.fails(NEGATIVE, "NoSuchObject", "set", "--create", "99", "k", "1")
        self.ctl("set", "--create", "name:99", "k", "1")
        self.assertEqual(self.json("get", "name:99"), {"k": 1})

    def test_set_that_makes_no_sense_creates_nothing(self):
        for key, value in (("k", '{"a": 1, "a": 2}'), ('{"$int": 5}', "1"), ("k", b"\xff"), ("k", "[1, 2")):
            self.fails(USAGE, "", "set", "--create", "new", key, value)
        self.fails(NEGATIVE, "unhashable", "set", "--create", "new", '{"a": 1}', "1")
        self.fails(SERVER, "TooLarge", "set", "--create", "new", "k", "[" * 17 + "]" * 17)
        self.assertEqual(self.json("ls"), [])
        self.ctl("set", "--create", "new", "k", "[" * 16 + "]" * 16)
        self.assertEqual([row["name"] for row in self.json("ls")], ["new"])

    def test_create_makes_any_type_once(self):
        ident = self.ctl("create", "list", "jobs", "[1, 2]").strip()
        self.assertEqual(self.json("get", "jobs"), [1, 2])
        self.assertEqual(self.json("create", "list", "jobs", "[3]"), {"ident": ident})
        self.assertEqual(self.json("get", ident), [1, 2])
        self.ctl("create", "--str", "list", "name:5", "12")
        self.assertEqual(self.json("get", "name:5"), ["1", "2"])
        self.fails(NEGATIVE, "TypeError", "create", "dict", "jobs")
        self.fails(NEGATIVE, "TypeError", "create", "list", "new", "5")
        self.fails(NEGATIVE, "there is no type nothing", "create", "nothing", "new")
        self.fails(USAGE, "no JSON", "create", "list", "new", "[1, 2")
        self.fails(USAGE, "not empty", "create", "list", "")
        self.assertEqual([row["name"] for row in self.json("ls")], ["jobs", "5"])

    def test_unlink_takes_one_name_away(self):
        ident = self.open("dict", "a", {"k": 1})
        for name in ("b", "123", "name:x"):
            self.ctl("create", "dict", "name:" + name)
        self.assertEqual(self.ctl("unlink", "a"), "")
        self.assertEqual(self.json("get", str(ident)), {"k": 1})
        self.fails(NEGATIVE, "no object has the name 'a'", "unlink", "a")
        self.assertEqual(self.json("unlink", "123"), {"ok": True})
        self.ctl("unlink", "name:name:x")
        self.assertEqual([row["name"] for row in self.json("ls")], [None, "b"])
        self.fails(NEGATIVE, "no object has the name", "unlink", str(ident))
        self.fails(USAGE, "not empty", "unlink", "")

    def test_names_that_could_be_mistaken_are_quoted(self):
        names = ["-", "a\tb", "a\\tb", '"x"', " x", "x ", "\x1b[31m", "{}", "plain name", "胡旺"]
        for name in names:
            self.open("dict", name)
        self.client.create("dict")
        shown = [line.split("\t")[2] for line in self.ctl("ls").splitlines()]
        self.assertEqual(shown, ['"-"', '"a\\tb"', "a\\tb", '"\\"x\\""', '" x"', '"x "',
                                 '"\\u001b[31m"', '"{}"', "plain name", "胡旺", "-"])

    def test_call_any_method(self):
        l = self.open("list", "l", [3, 1, 2])
        self.open("dict", "d")
        self.assertEqual(self.ctl("call", "l", "append", "[4]"), "null\n")
        self.assertEqual(self.ctl("call", "l", "__len__"), "4\n")
        self.assertEqual(self.json("call", "l", "pop"), [4])
        self.ctl("call", "l", "sort", "--kw", "reverse=true")
        self.assertEqual(self.client.call(l, "#GETVALUE"), [3, 2, 1])
        self.assertEqual(self.ctl("call", "d", "incr", "n", "-5"), "-5\n")
        self.ctl("call", "d", "update", "--kw", "a=1", "--kw", "b=two=2")
        self.assertEqual(self.json("get", "d"), {"n": -5, "a": 1, "b": "two=2"})
        self.assertEqual(self.json("call", "--str", "d", "get", "9", "8"), "8")
        self.fails(NEGATIVE, "ValueError: list.remove(x): x not in list", "call", "l", "remove",
                   "x")
        self.fails(NEGATIVE, "NoSuchMethod", "call", "l", "fly")
        self.ctl("call", "l", "clear")
        self.fails(NEGATIVE, "Empty", "call", "l", "take", "0")
        self.fails(USAGE, "--kw wants name=value", "call", "l", "sort", "--kw", "reverse")
        self.fails(USAGE, "--kw", "call", "d", "update", "--kw", "a=1", "--kw", "a=2")

    def test_proxies_are_shown_and_given(self):
        inner = self.client.create("list", [1])
        outer = self.open("dict", "outer", {"inner": ctl.wire.Token("list", inner)})
        proxy = self.json("get", "outer", "inner")
        self.assertEqual(proxy, {"$proxy": {"typeid": "list", "ident": str(inner)}})
        self.ctl("set", "outer", "again", json.dumps(proxy))
        self.ctl("set", "outer", "third", '{"$proxy": {"ident": "%d"}}' % inner)
        self.assertEqual(self.client.server("describe", inner)["stored"], 3)
        self.client.server("decref", inner)
        self.assertEqual(self.json("get", str(inner)), [1])
        self.client.call(outer, "clear")
        self.fails(NEGATIVE, "NoSuchObject", "set", "outer", "k", json.dumps(proxy))
        other = self.client.create("dict")
        self.fails(USAGE, "that object is a dict", "set", "outer", "k",
                   '{"$proxy": {"typeid": "list", "ident": "%d"}}' % other)


class Examples(ctl.CtlTest):
    def test_examples_of_the_help_work_as_they_stand(self):
        path = f"{os.path.abspath(os.path.dirname(ctl.MANAGERCTL))}:{os.environ['PATH']}"
        for command in COMMANDS:
            lines = re.findall(r"(?m)^  (managerctl .*)$", self.ctl("help", command))
            self.assertTrue(lines, command)
            with tempfile.TemporaryDirectory() as runtime:
                directory = os.path.join(runtime, "managerd")
                os.mkdir(directory, 0o700)
                with ctl.wire.start_daemon(key=None, directory=directory) as daemon:
                    for line in lines:
                        if "jq" in line and not shutil.which("jq"):
                            print(f"no jq here: {line} is tried without it", file=sys.stderr)
                            line = re.sub(r"\| *jq .*", "", line)
                        done = subprocess.run(
                            line, shell=True, cwd=runtime, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=ctl.wire.PATIENCE,
                            env={**os.environ, "XDG_RUNTIME_DIR": runtime, "PATH": path})
                        self.assertEqual((done.returncode, done.stderr), (OK, b""), line)
                    if command == "shutdown":
                        self.assertEqual(daemon.process.wait(ctl.wire.PATIENCE), 0)


class Usage(unittest.TestCase):
    def run_ctl(self, *arguments):
        done = ctl.run(*arguments)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_help_knows_every_command_with_examples(self):
        code, text, message = self.run_ctl("--help")
        self.assertEqual((code, message), (OK, ""))
        self.assertEqual(self.run_ctl("help"), (code, text, message))
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command} +\S")
            code, one, message = self.run_ctl(command, "--help")
            self.assertEqual((code, message), (OK, ""))
            self.assertIn(f"  managerctl {command}", one)
            self.assertTrue(one.startswith(f"usage: managerctl {command}"))
            self.assertEqual(self.run_ctl("help", command), (code, one, message))
            self.assertLessEqual(max(map(len, one.splitlines())), 100)
            self.assertEqual(json.loads(self.run_ctl("help", command, "--json")[1])["name"],
                             command)
        listed = json.loads(self.run_ctl("help", "--json")[1])
        self.assertEqual([entry["name"] for entry in listed], COMMANDS)

    def test_version(self):
        self.assertRegex(self.run_ctl("--version")[1], r"^managerctl \d+\.\d+\n$")

    def test_an_unknown_command_suggests_the_nearest(self):
        for wrong, right in (("gte", "get"), ("lst", "ls"), ("stat", "stats"), ("peer", "peers"),
                             ("shutdwon", "shutdown"), ("clal", "call"), ("SET", None),
                             ("xyzzy", None), ("keys", None), ("", None), ("\x1b[31m", None)):
            code, text, message = self.run_ctl(wrong)
            self.assertEqual((code, text), (USAGE, ""))
            self.assertNotIn("\x1b", message)
            if right:
                self.assertIn(f"did you mean '{right}'?", message)
            else:
                self.assertNotIn("did you mean", message)
            self.assertEqual(self.run_ctl("help", wrong)[0], USAGE)

    def test_misuse_is_told_and_nothing_is_done(self):
        for arguments, says in (
                ((), "a command is wanted"), (("get",), "too few"), (("set", "a"), "too few"),
                (("ping", "x"), "too many"), (("ls", "a", "b"), "too many"),
                (("ls", "--limit", "5"), "ls has no option --limit"),
                (("get", "x", "--create"), "get has no option --create"),
                (("get", "x", "--limit"), "--limit wants a value"),
                (("get", "x", "--limit", "-1"), "--limit wants a number"),
                (("get", "x", "--limit", "1x"), "--limit wants a number"),
                (("get", "x", "--limit=99999999999999999999"), "--limit wants a number"),
                (("ls", "--json=1"), "takes no value"), (("ls", "-x"), "unknown option '-x'"),
                (("ls", "--nope"), "unknown option"), (("ls", "--timeout", "0"), "--timeout"),
                (("ls", "--timeout", "-1"), "--timeout"), (("ls", "--timeout", "nan"), "--timeout"),
                (("ls", "--timeout", "inf"), "--timeout"), (("ls", "--socket", ""), "--socket"),
                (("ls", "--authkey="), "--authkey")):
            code, text, message = self.run_ctl(*arguments)
            self.assertEqual((code, text), (USAGE, ""), arguments)
            self.assertIn(says, message)
            self.assertTrue(message.startswith("managerctl: "))


if __name__ == "__main__":
    unittest.main()
