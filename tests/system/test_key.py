#!/usr/bin/python3
"""The key is where it must be, and nowhere else: no argv, environment, log or core.

A core is the memory of a process but for what it asked to be left out. So besides provoking
one, all memory that would be in it is searched for the key, in the daemon and in a client.
"""
import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

LIBRARY = os.path.join(os.path.abspath(os.environ.get("BUILD", "build")), "libmanager.so")
MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (....) \S+ \S+ \d+ *(.*)$")


class Mapping:
    def __init__(self, match):
        self.begin, self.end = (int(match[i], 16) for i in (1, 2))
        self.readable = match[3][0] == "r"
        self.name = match[4]
        self.flags = ()


def mappings(pid):
    found = []
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            match = MAPPING.match(line)
            if match:
                found.append(Mapping(match))
            elif line.startswith("VmFlags:"):
                found[-1].flags = line.split()[1:]
    return found


def places_of(pid, key):
    """The mappings in which it is: those that a core shows, and those that none shows."""
    shown, hidden = [], []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for mapping in mappings(pid):
            content = b""
            with contextlib.suppress(OSError, OverflowError):  # [vvar], [vsyscall], guard pages
                memory.seek(mapping.begin)
                while len(content) < mapping.end - mapping.begin:
                    piece = memory.read(mapping.end - mapping.begin - len(content))
                    if not piece:
                        break
                    content += piece
            if key in content:
                (hidden if "dd" in mapping.flags else shown).append(mapping)
    return shown, hidden


def allow_cores():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def cores_are_made(directory):
    """Whether the kernel makes a core of a process that does not mind."""
    with subprocess.Popen(["sleep", "60"], cwd=directory, preexec_fn=allow_cores) as process:
        process.send_signal(signal.SIGSEGV)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = status
    return os.WCOREDUMP(status)


class Key(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="managerd-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.key_path = os.path.join(self.directory, "authkey")

    def start(self, *options, **more):
        daemon = wire.start_daemon(*options, directory=self.directory, **more)
        self.addCleanup(daemon.close)
        return daemon

    def start_with_file(self, key):
        with open(os.open(self.key_path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(key)
        return self.start("--authkey", self.key_path, key=None)

    def start_with_descriptor(self, key):
        return self.start(key=key)

    def start_with_new_key(self, _):
        return self.start(key=None)

    def daemons(self):
        """Daemons that have been used, each with its key, from wherever it came."""
        for start in (self.start_with_file, self.start_with_descriptor, self.start_with_new_key):
            key = os.urandom(32)
            daemon = start(key)
            if start == self.start_with_new_key:
                with open(self.key_path, "rb") as file:
                    key = file.read()
            wire.Client(daemon.path, key).close()
            with contextlib.suppress(wire.Refused):
                wire.Client(daemon.path, b"wrong")
            yield daemon, key
            daemon.close()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.key_path)

    @unittest.skipIf(os.geteuid(), "needs root, to look into the daemon")
    def test_it_is_in_no_argv_environment_or_log(self):
        for daemon, key in self.daemons():
            for file in ("cmdline", "environ"):
                with open(f"/proc/{daemon.process.pid}/{file}", "rb") as content:
                    content = content.read()
                self.assertTrue(content)
                self.assertNotIn(key, content)
            with open(daemon.log_path, "rb") as log:
                log = log.read()
            self.assertIn(b"failed to authenticate", log)
            self.assertNotIn(key, log)
            self.assertNotIn(key.hex().encode(), log.lower())

    @unittest.skipIf(wire.is_sanitized(), "the memory of a sanitizer is too large to be searched")
    @unittest.skipIf(os.geteuid(), "needs root, to look into the daemon")
    def test_no_memory_of_the_daemon_that_a_core_shows_has_it(self):
        for daemon, key in self.daemons():
            shown, hidden = places_of(daemon.process.pid, key)
            self.assertEqual([mapping.name for mapping in shown], [])
            self.assertEqual(len(hidden), 1)  # so the search finds what is there
            self.assertIn("lo", hidden[0].flags)  # not swapped out either
            self.assertFalse({"wr"} & set(hidden[0].flags))

    @unittest.skipIf(wire.is_sanitized(), "a sanitizer takes the signal")
    def test_the_daemon_leaves_no_core(self):
        if not cores_are_made(self.directory):
            self.skipTest("this system makes no cores")
        for entry in set(os.listdir(self.directory)):
            os.unlink(os.path.join(self.directory, entry))
        for signum in (signal.SIGSEGV, signal.SIGQUIT, signal.SIGABRT):
            daemon = wire.start_daemon(directory=self.directory, preexec=self.enter_with_cores)
            self.addCleanup(daemon.close)
            daemon.connect().close()
            daemon.process.send_signal(signum)
            _, status = os.waitpid(daemon.process.pid, 0)
            daemon.process.returncode = -signum
            self.assertEqual(os.WTERMSIG(status), signum)
            self.assertFalse(os.WCOREDUMP(status))
            self.assertEqual(set(os.listdir(self.directory)), {"log", "manager.sock"})

    def enter_with_cores(self):
        os.chdir(self.directory)
        allow_cores()
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a shell's background has it ignored

    @unittest.skipIf(wire.is_sanitized(), "a library with a sanitizer cannot be loaded into Python")
    def test_no_memory_of_a_client_that_a_core_shows_has_it(self):
        for daemon, key in self.daemons():
            with open(os.open(self.key_path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(key)
            # A Python that has never seen the key: the library reads it from beside the socket.
            program = ("import ctypes, sys\n"
                       "library, manager = ctypes.CDLL(sys.argv[1]), ctypes.c_void_p()\n"
                       "address = sys.argv[2].encode()\n"
                       "print(library.mgr_connect(ctypes.byref(manager), address, None), flush=True)\n"
                       "sys.stdin.read()\n")
            with subprocess.Popen([sys.executable, "-c", program, LIBRARY, daemon.path],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
                self.assertEqual(client.stdout.readline(), b"0\n")
                shown, hidden = places_of(client.pid, key)
                client.stdin.close()
            self.assertEqual([mapping.name for mapping in shown], [])
            self.assertEqual(len(hidden), 1)


if __name__ == "__main__":
    unittest.main()
