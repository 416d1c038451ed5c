#!/usr/bin/python3
"""The running daemon has given up what it does not need, says so, and works and ends with that.

What exactly is denied, tests/unit/test_sandbox.c tries out from within.
"""
import ctypes
import contextlib
import os
import signal
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

FILTERED = "2"  # in /proc/PID/status


def landlock_version():
    """Of this kernel; 0 where it has none. The number of the call is the same everywhere."""
    version = ctypes.CDLL(None, use_errno=True).syscall(444, None, 0, 1)
    return max(version, 0)


def has_seccomp():
    with open("/proc/self/status") as status:
        return "Seccomp_filters:" in status.read()


@unittest.skipIf(wire.is_sanitized(), "a build with a sanitizer has no sandbox")
@unittest.skipUnless(has_seccomp(), "this kernel has no seccomp")
class Sandbox(unittest.TestCase):
    def start(self, *options, **more):
        daemon = wire.start_daemon(*options, **more)
        self.addCleanup(daemon.close)
        return daemon

    @staticmethod
    def status(daemon):
        with open(f"/proc/{daemon.process.pid}/status") as status:
            return dict(line.rstrip("\n").split(":\t", 1) for line in status)

    def test_it_is_in_force_when_the_daemon_is_ready(self):
        daemon = self.start()
        status = self.status(daemon)
        self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), (FILTERED, "1"))
        with daemon.connect() as client:
            stats = client.server("stats")
        self.assertEqual(stats["sandbox_seccomp"], 1)
        self.assertEqual(stats["sandbox_landlock"], landlock_version())
        self.assertIn("info: sandbox: seccomp", daemon.log())

    def test_it_can_be_left_out(self):
        daemon = self.start("--no-sandbox")
        status = self.status(daemon)
        self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("0", "0"))
        with daemon.connect() as client:
            stats = client.server("stats")
        self.assertEqual((stats["sandbox_seccomp"], stats["sandbox_landlock"]), (0, 0))
        self.assertIn("info: sandbox: none, as asked for", daemon.log())

    def test_the_first_line_of_the_log_may_come_late(self):
        """With nothing written before, all that the C library reads for it is read late."""
        daemon = self.start("--log-level", "warning", environment={"TZ": "Europe/Berlin"})
        with self.assertRaises(wire.Refused):
            wire.Client(daemon.path, b"wrong")
        self.assertRegex(daemon.log(), r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ warning: .*auth")

    def test_socket_and_the_directory_of_a_private_daemon_are_removed(self):
        with wire.Child(lambda say: signal.pause()) as parent:
            pidfd = os.pidfd_open(parent.pid)
            daemon = self.start("--follow-fd", str(pidfd), pass_fds=[pidfd])
            os.close(pidfd)
            self.assertEqual(self.status(daemon)["Seccomp"], FILTERED)
            os.unlink(daemon.log_path)  # the directory must be empty
            parent.kill()
            self.assertEqual(daemon.process.wait(wire.PATIENCE), 0)
        self.assertFalse(os.path.exists(daemon.directory))

    def test_an_abstract_notify_socket_is_told_of_the_end(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(f"\0managerd-test-{os.getpid()}")
            notify.settimeout(wire.PATIENCE)
            name = "@" + notify.getsockname()[1:].decode()
            daemon = self.start(environment=dict(os.environ, NOTIFY_SOCKET=name))
            self.assertEqual(notify.recv(100), b"READY=1")
            self.assertEqual(daemon.terminate(), 0)
            self.assertEqual(notify.recv(100), b"STOPPING=1")

    @unittest.skipIf(os.geteuid(), "needs root, to look into the daemon")
    def test_libuv_has_no_way_around_it(self):
        """io_uring would do for the daemon what the filter denies it."""
        daemon = self.start()
        directory = f"/proc/{daemon.process.pid}/fd"
        targets = []
        for fd in os.listdir(directory):
            with contextlib.suppress(FileNotFoundError):  # --ready-fd is closed after the line
                targets.append(os.readlink(os.path.join(directory, fd)))
        self.assertIn("anon_inode:[eventpoll]", targets)
        self.assertNotIn("anon_inode:[io_uring]", targets)


class Usage(unittest.TestCase):
    def test_the_option_takes_no_value(self):
        status, _, err = wire.run_managerd("--no-sandbox=yes")
        self.assertEqual(status, 2)
        self.assertIn("--no-sandbox", err)


if __name__ == "__main__":
    unittest.main()
