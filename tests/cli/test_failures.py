"""What managerctl does when something is wrong: exit codes, messages, broken output."""
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import ctl
import wire
from ctl import AUTHENTICATION, CONNECT, NEGATIVE, OK, SERVER

HOSTILE = ["\x1b[31mred\x1b[0m", "a\nb\tc\rd", "\x07\x08\x7f", "\x85\x9b31m", "\u2028\u202e", "a b",
           '"', "\\", "{}", "[1]", "--json", "-1", "name:", "*", "胡旺 \U0001f600", "x" * 10_000]
TERMINAL_SAFE = {"\n", "\t"}


def controls(text):
    return [c for c in text if ord(c) < 32 and c not in TERMINAL_SAFE or 127 <= ord(c) < 160
            or c in "\u2028\u202e"]


class FakeDaemon:
    """Knows the key, and answers every request after hello with what it is told."""

    def __init__(self, answers, key=b"key"):
        self.answers, self.key = answers, key
        self.directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.directory.name, "manager.sock")
        path = os.path.join(self.directory.name, "authkey")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(key)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with self.listener, contextlib.suppress(EOFError, ConnectionError):
            peer = wire.Connection.__new__(wire.Connection)
            peer.socket, _ = self.listener.accept()
            pid, uid, _ = struct.unpack("3i", peer.socket.getsockopt(socket.SOL_SOCKET,
                                                                     socket.SO_PEERCRED, 12))
            with peer:
                message = (f"{{sha256}}mgrd1 role=S pid={pid} uid={uid} ns=1:1 nonce="
                           .encode() + os.urandom(32))
                peer.send_frame(wire.CHALLENGE + message)
                peer.receive_frame()
                peer.send_frame(wire.WELCOME)
                peer.send_frame(wire.answer(self.key, peer.receive_frame()[len(wire.CHALLENGE):]))
                peer.receive_frame()
                peer.receive_frame()
                peer.send_frame(wire.pack(["#RETURN", {"epoch": 5, "max_frame": 1 << 26}]))
                for answer in self.answers:
                    peer.receive_frame()
                    peer.send_bytes(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join(wire.PATIENCE)
        self.directory.cleanup()


def frame(value):
    payload = wire.pack(value)
    return struct.pack("!i", len(payload)) + payload


class Connecting(ctl.CtlTest):
    def test_without_a_daemon(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "manager.sock")
            done = ctl.run("--socket", path, "ls")
            self.assertEqual((done.returncode, done.stdout), (CONNECT, b""))
            self.assertEqual(done.stderr.decode(),
                             f"managerctl: cannot connect to {path}: No such file or directory\n")
            done = ctl.run("--socket", "x" * 200, "ls")
            self.assertEqual(done.returncode, CONNECT)

    def test_a_daemon_that_has_died_and_left_its_socket(self):
        self.daemon.process.kill()
        self.daemon.process.wait()
        done = self.run_ctl("ls")
        self.assertEqual((done.returncode, done.stdout), (CONNECT, b""))
        self.assertIn(b"Connection refused", done.stderr)

    def test_keys(self):
        self.open("dict", "d", {"a": 1})
        key = os.path.join(self.daemon.directory, "other")

        def write(content, mode=0o600):
            with open(key, "wb") as file:
                file.write(content)
            os.chmod(key, mode)

        write(self.daemon.key)
        self.assertEqual(self.ctl("get", "d", "a", "--authkey", key), "1\n")
        write(self.daemon.key, 0o640)
        self.fails(AUTHENTICATION, "0600", "ls", "--authkey", key)
        write(b"wrong key")
        self.fails(AUTHENTICATION, "authentication", "ls", "--authkey", key)
        os.unlink(key)
        self.fails(AUTHENTICATION, "missing", "ls", "--authkey", key)
        os.unlink(os.path.join(self.daemon.directory, "authkey"))
        self.fails(AUTHENTICATION, "missing", "ls")

    def test_the_default_socket_is_found(self):
        environment = {"PATH": os.environ["PATH"],
                       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        with tempfile.TemporaryDirectory() as runtime:
            directory = os.path.join(runtime, "managerd")
            os.mkdir(directory, 0o700)
            environment["XDG_RUNTIME_DIR"] = runtime
            done = ctl.run("ls", env=environment)
            self.assertEqual(done.returncode, CONNECT)
            with wire.start_daemon(key=None, directory=directory) as daemon:
                with open(os.path.join(directory, "authkey"), "rb") as file:
                    daemon.key = file.read()
                with daemon.connect() as client:
                    client.server("open", "dict", "here")
                done = ctl.run("ls", "--json", env=environment)
                self.assertEqual((done.returncode, done.stderr), (OK, b""))
                self.assertEqual(json.loads(done.stdout)[0]["name"], "here")

    def test_timeouts(self):
        self.open("list", "l")
        begin = time.monotonic()
        self.fails(SERVER, "no answer within 0.3 seconds", "call", "l", "take", "--timeout", "0.3")
        self.assertGreaterEqual(time.monotonic() - begin, 0.3)
        # the daemon's own timeout is an answer
        self.fails(NEGATIVE, "Empty", "call", "l", "take", "0.1", "--timeout", "20")
        os.kill(self.daemon.process.pid, signal.SIGSTOP)
        try:
            begin = time.monotonic()
            self.fails(CONNECT, "timed out", "ls", "--timeout", "0.3")
            self.assertGreaterEqual(time.monotonic() - begin, 0.3)
        finally:
            os.kill(self.daemon.process.pid, signal.SIGCONT)

    def test_what_listens_is_no_managerd(self):
        with FakeDaemon([], key=b"key") as fake:
            fake.key = b"another"
            done = ctl.run("--socket", fake.path, "ls")
            self.assertEqual(done.returncode, AUTHENTICATION)

    def test_the_daemon_goes_in_the_middle_of_a_call(self):
        for answers, says in (([], "lost"), ([frame(["#RETURN", 5])[:5]], "lost"),
                              ([b"\xff\xff\xff\xff"], ""), ([frame("nonsense")], ""),
                              ([frame(["#RETURN", 5])], "no managerd would"),
                              ([frame(["#RETURN", [5]])], "no managerd would"),
                              ([frame(["#RETURN", [{"x": 1}]])], "no managerd would"),
                              ([frame(["#TRACEBACK", "MemoryError: \x1b[31m"])], "MemoryError"),
                              ([frame(["#TRACEBACK", "Strange: \x1b[31m\n"])], "Strange")):
            with self.subTest(says=says), FakeDaemon(answers) as fake:
                done = ctl.run("--socket", fake.path, "ls")
                self.assertEqual((done.returncode, done.stdout), (SERVER if says != "Strange"
                                                                 else NEGATIVE, b""))
                self.assertEqual(controls(done.stderr.decode()), [])
                self.assertIn(says if says != "lost" else "", done.stderr.decode())

    def test_what_no_managerd_would_answer(self):
        d, l = wire.Token("dict", 5 << 40 | 1), wire.Token("list", 5 << 40 | 1)
        for answers, arguments, says in (
                ((5,), ("get", "x"), "strange object"), (("x",), ("get", "x"), "strange object"),
                ((wire.Token("dict", 7 << 40 | 1),), ("get", "x"), "strange object"),
                (({5: 6},), ("info", "x", "--json"), "no managerd would"),
                (({5: 6},), ("stats", "--json"), "no managerd would"),
                (([{5: 6}],), ("sessions",), "no managerd would"),
                ((d, (1, [5])), ("get", "x"), "no managerd would"),
                ((d, 5), ("get", "x"), "no page"), ((d, "abc"), ("get", "x"), "no page"),
                ((d, ()), ("get", "x"), "no page"), ((d, (None, 5)), ("get", "x"), "no page"),
                ((d, (None, [], 1)), ("get", "x"), "no page"), ((d, {1: 2, 3: []}), ("get", "x"), "no page"),
                ((l, 5), ("get", "x"), "no page"), ((l, (None, (1, 2))), ("get", "x"), "no page"),
                ((l, ("x", [1])), ("get", "x"), "begins before"), ((l, (0, [1])), ("get", "x"), "begins before"),
                ((l, (2**64 - 1, [1])), ("get", "x"), "begins before"),
                ((l, (-1, [1])), ("get", "x"), "begins before"),
                ((d, (None, [[1]])), ("get", "x"), "no managerd would")):
            with self.subTest((arguments, answers)), FakeDaemon([frame(["#RETURN", answer])
                                                                 for answer in answers]) as fake:
                done = ctl.run("--socket", fake.path, *arguments)
                self.assertEqual((done.returncode, done.stdout), (SERVER, b""), done.stderr)
                self.assertIn(says, done.stderr.decode())

    def test_pages_without_end_are_noticed(self):
        d, record = wire.Token("dict", 5 << 40 | 1), {"ident": 5, "name": "x"}
        for answers, arguments in ((([record], [record]), ("ls",)),
                                   ((d, (1, [])), ("get", "x")), ((d, (1, [])), ("get", "x", "--json"))):
            answers = [frame(["#RETURN", answer]) for answer in answers]
            with self.subTest(arguments), FakeDaemon(answers) as fake:
                done = ctl.run("--socket", fake.path, *arguments)
                self.assertEqual(done.returncode, SERVER)
                self.assertIn(b"no managerd would", done.stderr)

    def test_a_long_dict_that_stops_to_be_an_object_while_it_is_written(self):
        kept = [(i, [[f"k{i}", i]]) for i in range(16)]
        for first, second, status in (("z", "y", OK), ("z", 5, SERVER), (5, "z", OK)):
            answers = (wire.Token("dict", 5 << 40 | 1), *kept, (None, [[first, 1]]), (None, [[second, 1]]))
            with FakeDaemon([frame(["#RETURN", answer]) for answer in answers]) as fake:
                done = ctl.run("--socket", fake.path, "get", "x", "--json")
                self.assertEqual(done.returncode, status, done.stderr)
                if status == OK:
                    content = ctl.decode(json.loads(done.stdout))
                    self.assertEqual(content, {**{f"k{i}": i for i in range(16)}, second: 1})
                else:
                    self.assertIn(b"keys beside str", done.stderr)

    def test_methods_that_are_no_names(self):
        answer = frame(["#RETURN", {"methods": ([1] * 100_000, {i: i for i in range(9999)}, 5, "m")}])
        with FakeDaemon([answer]) as fake:
            done = ctl.run("--socket", fake.path, "info", "x")
            self.assertEqual((done.returncode, done.stdout), (OK, b"methods\t   m\n"), done.stderr)

    def test_the_daemon_is_killed_while_a_call_waits(self):
        self.open("list", "l")
        process = subprocess.Popen([ctl.MANAGERCTL, "--socket", self.daemon.path, "call", "l", "take"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wire.wait_until(lambda: self.client.server("stats")["calls_parked"] == 1)
        self.daemon.process.kill()
        self.daemon.process.wait()
        out, message = process.communicate(timeout=wire.PATIENCE)
        self.assertEqual((process.returncode, out), (SERVER, b""))
        self.assertIn(b"connection lost", message)

    def test_a_value_deeper_than_any_daemons_is_survived(self):
        deep = b"\x92" + wire.pack("#RETURN") + b"\x91" * 100_000 + b"\x01"
        ident = wire.Token("dict", 5 << 40 | 1)
        with FakeDaemon([frame(["#RETURN", ident]),
                         struct.pack("!i", len(deep)) + deep]) as fake:
            done = ctl.run("--socket", fake.path, "get", "x", "k")
            self.assertEqual((done.returncode, done.stdout), (SERVER, b""))


class TurnedAway(ctl.CtlTest):
    OPTIONS = ("--max-clients", "1")

    def test_too_many_clients(self):
        for _ in range(3):
            done = self.run_ctl("ls")
            self.assertEqual((done.returncode, done.stdout), (CONNECT, b""))
            self.assertEqual(done.stderr.decode(),
                             f"managerctl: {self.daemon.path}: refused: too many clients\n")
        self.client.close()
        wire.wait_until(lambda: self.run_ctl("ping").returncode == OK)

    def refused_by(self, payload):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "manager.sock")
            with open(os.open(os.path.join(directory, "authkey"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(b"key")
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path)
                listener.listen()
                process = subprocess.Popen([ctl.MANAGERCTL, "--socket", path, "ls"],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                with listener.accept()[0] as accepted:
                    accepted.sendall(struct.pack("!i", len(payload)) + payload)
                out, message = process.communicate(timeout=wire.PATIENCE)
        self.assertEqual(out, b"")
        self.assertEqual(message.count(b"\n"), 1)
        prefix = f"managerctl: {path}: refused: ".encode()
        self.assertTrue(message.startswith(prefix), message)
        return process.returncode, message[len(prefix):-1].decode()

    def test_the_reason_is_not_believed(self):
        for why, shown in ((b" too many clients", "too many clients"), (b"too many", "too many"),
                           (b"", "no reason given"), (b" ", "no reason given"),
                           (b" \x1b[31m\n\0\x7f", "\\x1b[31m\\x0a\\x00\\x7f"),
                           (b" a\xff\xe2\x80", "a\\xff\\xe2\\x80"), (b" \xed\xa0\x80", "\\ud800"),
                           (" 胡旺\u202e\x9b\U000e0001".encode(), "胡旺\\u202e\\x9b\\U000e0001"),
                           (b" %s%n", "%s%n"), (b" " + b"x" * 246, "x" * 246)):
            self.assertEqual(self.refused_by(b"#REFUSED#" + why), (CONNECT, shown))
        code, shown = self.refused_by(b"#REFUSED# " + b"\x01" * 246)
        self.assertEqual((code, shown[:8]), (CONNECT, "\\x01\\x01"))
        self.assertLess(len(shown), 512)
        self.assertEqual(self.refused_by(b"#REFUSED# not for this user"),
                         (AUTHENTICATION, "not for this user"))


class Output(ctl.CtlTest):
    def test_a_full_disk_is_noticed(self):
        self.open("dict", "d", {"a": 1})
        for arguments in (("ls",), ("get", "d"), ("get", "d", "a"), ("stats",), ("ping",),
                          ("ls", "--json"), ("help",), ("--version",), ("set", "d", "a", "2", "--json")):
            with open("/dev/full", "wb") as full:
                done = self.run_ctl(*arguments, stdout=full)
            self.assertEqual(done.returncode, SERVER, arguments)
            self.assertIn(b"cannot write the output: No space left on device", done.stderr)
        with open("/dev/full", "wb") as full:
            self.assertEqual(self.run_ctl("set", "d", "a", "3", stdout=full).returncode, OK)

    def test_a_reader_that_goes_ends_it(self):
        self.open("list", "l", list(range(200_000)))
        for ignored, status in ((False, -signal.SIGPIPE), (True, SERVER)):
            process = subprocess.Popen(
                [ctl.MANAGERCTL, "--socket", self.daemon.path, "get", "--limit", "0", "l"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, restore_signals=False,
                preexec_fn=lambda to=ignored: signal.signal(
                    signal.SIGPIPE, signal.SIG_IGN if to else signal.SIG_DFL))
            self.assertEqual(process.stdout.readline(), b"0\n")
            process.stdout.close()
            message = process.stderr.read()
            process.stderr.close()
            self.assertEqual(process.wait(wire.PATIENCE), status)
            self.assertEqual(b"Broken pipe" in message, ignored)

    def test_closed_standard_files_are_no_danger(self):
        self.open("dict", "d", {"a": 1})
        for closed in ((0,), (1,), (2,), (0, 1, 2)):
            done = subprocess.run(
                [ctl.MANAGERCTL, "--socket", self.daemon.path, "get", "d", "a"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=wire.PATIENCE,
                preexec_fn=lambda fds=closed: [os.close(fd) for fd in fds])
            self.assertEqual(done.returncode, SERVER if 1 in closed else OK, closed)
            self.assertEqual(done.stdout, b"" if 1 in closed else b"1\n")

    def test_no_secret_in_the_arguments(self):
        text = self.ctl("help")
        self.assertNotIn("KEY of", text)
        self.assertIn("--authkey FILE", text)

    def test_hostile_names_and_values_stay_on_their_line(self):
        for name in HOSTILE:
            self.client.server("open", "dict", name, {name: name, "list": [name]})
            rows = self.json("ls")
            self.assertEqual(rows[-1]["name"], name)
            target = "name:" + name
            for arguments in (("ls",), ("get", target), ("info", target), ("ls", "--json"),
                              ("get", target, "--json"), ("info", target, "--json")):
                text = self.ctl(*arguments)
                self.assertEqual(controls(text), [], arguments)
            lines = [line.split("\t") for line in self.ctl("ls").splitlines()]
            self.assertEqual({len(line) for line in lines}, {7})
            self.assertEqual(len(lines), len(rows))
            lines = self.ctl("get", target).splitlines()
            self.assertEqual([len(line.split("\t")) for line in lines], [2, 2])
            self.assertEqual(self.value("get", target), {name: name, "list": [name]})
        self.client.server("accept_connection", HOSTILE[0])
        self.assertEqual(controls(self.ctl("sessions")), [])

    def test_long_names_make_shorter_pages(self):
        for i in range(120):
            self.client.server("open", "dict", f"{i}" + "x" * 1_000_000)
        self.assertEqual([int(name[:3].rstrip("x")) for name in
                          (row["name"] for row in self.json("ls"))], list(range(120)))

    def test_messages_show_both_ends_of_what_is_long(self):
        self.open("dict", "d")
        text = '{"胡旺": [' + "1," * 50_000 + '], "胡旺": 5}'
        for arguments, says in ((("set", "d", "k", text.replace(",]", "]")), "duplicate object key"),
                                (("get", text), "no object has the name '{"),
                                (("get", "d", "k" * 90_000), "KeyError: 'kk"),
                                (("x" * 100_000,), "managerctl help lists them")):
            done = self.run_ctl(*arguments)
            self.assertNotEqual(done.returncode, OK)
            self.assertLess(len(done.stderr), 1200)
            self.assertIn(says, done.stderr.decode())
            self.assertNotIn("\\u", done.stderr.decode())

    def test_hostile_names_do_not_reach_stderr(self):
        for name in HOSTILE:
            for arguments in (("get", "name:no" + name), ("info", "name:no" + name), ("--", name),
                              ("set", "x" + name, "a", "b")):
                done = self.run_ctl(*arguments)
                self.assertNotEqual(done.returncode, OK)
                self.assertEqual(controls(done.stderr.decode()), [], arguments)
                self.assertEqual(done.stderr.count(b"\n"), 1)


if __name__ == "__main__":
    unittest.main()
