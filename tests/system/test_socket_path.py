#!/usr/bin/python3
"""Where the daemon puts its socket and finds its key, and where it refuses to."""
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

STRANGER = 12345


class Place(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="managerd-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.path = os.path.join(self.directory, "manager.sock")

    def start(self, *options, **more):
        daemon = wire.start_daemon(*options, directory=self.directory, **more)
        self.addCleanup(daemon.close)
        return daemon

    def assert_refused(self, *words, options=(), path=None, environment=None):
        """It says why, ends with status 1, and leaves the directory as it was."""
        before = self.listing()
        options = list(options) or ["--socket", path or self.path]
        status, out, err = wire.run_managerd(*options, environment=environment)
        self.assertEqual((status, out), (1, ""), err)
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(self.listing(), before)

    def listing(self):
        return sorted((entry.name, entry.inode(), entry.stat(follow_symlinks=False).st_mode)
                      for entry in os.scandir(self.directory))

    def make_stale(self, path=None):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path or self.path)


class SocketPath(Place):
    def test_socket_is_ours_alone_and_goes_with_the_daemon(self):
        daemon = self.start()
        self.assertEqual(stat.S_IMODE(os.lstat(self.path).st_mode), 0o600)
        self.assertEqual(daemon.terminate(), 0)
        self.assertEqual(os.listdir(self.directory), ["log"])

    def test_socket_is_ours_alone_whatever_the_umask(self):
        self.start(preexec=lambda: os.umask(0))
        self.assertEqual(stat.S_IMODE(os.lstat(self.path).st_mode), 0o600)

    def test_stale_socket_is_replaced(self):
        self.make_stale()
        with self.start().connect() as client:
            client.server("dummy")

    def test_socket_of_a_killed_daemon_is_replaced(self):
        self.start().terminate(signal.SIGKILL)
        self.assertTrue(stat.S_ISSOCK(os.lstat(self.path).st_mode))
        with self.start().connect() as client:
            client.server("dummy")

    def test_live_daemon_is_left_alone(self):
        daemon = self.start()
        self.assert_refused("somebody listens there already")
        with daemon.connect() as client:
            client.server("dummy")

    def test_somebody_who_listens_and_is_too_busy_to_accept_is_left_alone(self):
        with socket.socket(socket.AF_UNIX) as listener, contextlib.ExitStack() as stack:
            listener.bind(self.path)
            listener.listen(0)
            with self.assertRaises(BlockingIOError):
                while True:  # until the backlog is full
                    client = stack.enter_context(socket.socket(socket.AF_UNIX))
                    client.setblocking(False)
                    client.connect(self.path)
            self.assert_refused("somebody listens there already")

    def test_socket_of_another_kind_is_left_alone(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.bind(self.path)
            self.assert_refused(self.path, "Protocol wrong type for socket")

    def test_of_many_that_start_at_once_one_gets_the_stale_socket(self):
        self.make_stale()
        keys = [b"key %d" % i for i in range(6)]
        daemons = [self.start(key=key, wait=False) for key in keys]
        losers = []
        wire.wait_until(lambda: len(losers) == 5 or losers.extend(
            d for d in daemons if d not in losers and d.process.poll() is not None))
        winner, = (daemon for daemon in daemons if daemon not in losers)
        for loser in losers:
            self.assertEqual(loser.process.returncode, 1)
        with winner.connect() as client:  # with the winner's key
            client.server("dummy")

    def test_stale_socket_is_looked_at_and_replaced_under_the_lock_of_its_directory(self):
        self.make_stale()
        lock = os.open(self.directory, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            daemon = self.start(wait=False)
            time.sleep(0.3)  # about what must not happen meanwhile
            self.assertFalse(self.is_served(self.path))
            self.assertIsNone(daemon.process.poll())
        finally:
            os.close(lock)
        wire.wait_until(lambda: self.is_served(self.path))

    def test_file_is_not_touched(self):
        with open(self.path, "w") as file:
            file.write("precious")
        self.assert_refused("is a file", "not touched")
        with open(self.path) as file:
            self.assertEqual(file.read(), "precious")

    def test_directory_is_not_touched(self):
        os.mkdir(self.path)
        self.assert_refused("is a directory", "not touched")
        self.assert_refused("is a directory", path=self.directory + "/")

    def test_symbolic_link_is_not_followed(self):
        target = os.path.join(self.directory, "target")
        self.make_stale(target)
        os.symlink(target, self.path)
        self.assert_refused("is a symbolic link", "not touched")

    def test_dangling_symbolic_link_is_not_followed(self):
        os.symlink(os.path.join(self.directory, "nowhere"), self.path)
        self.assert_refused("is a symbolic link", "not touched")

    def test_fifo_is_not_touched(self):
        os.mkfifo(self.path)
        self.assert_refused("is no socket", "not touched")

    @unittest.skipIf(os.geteuid(), "needs root, to give a file away")
    def test_socket_of_another_user_is_not_touched(self):
        self.make_stale()
        os.chown(self.path, STRANGER, STRANGER)
        self.assert_refused(f"belongs to user {STRANGER}", "not touched")

    def test_path_too_long_for_a_socket(self):
        self.assert_refused("at most 107 bytes", path=self.path + "x" * 100)

    def test_longest_path_is_served(self):
        name = "x" * (107 - len(self.directory) - 1)
        path = os.path.join(self.directory, name)
        self.assertEqual(len(path), 107)
        daemon = self.start("--socket", path, wait=False)
        wire.wait_until(lambda: self.is_served(path))
        wire.Client(path, daemon.key).close()

    @staticmethod
    def is_served(path):
        try:
            wire.Connection(path).close()
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def test_relative_path(self):
        with open(os.path.join(self.directory, "log"), "w") as log:
            process = subprocess.Popen([os.path.abspath(wire.MANAGERD), "--socket", "manager.sock"],
                                       cwd=self.directory, stderr=log)
        wire.wait_until(lambda: os.path.exists(self.path))
        process.terminate()
        self.assertEqual(process.wait(wire.PATIENCE), 0)
        self.assertFalse(os.path.exists(self.path))

    def test_missing_directory(self):
        self.assert_refused("No such file", path=os.path.join(self.directory, "none", "socket"))

    def test_directory_where_others_could_replace_the_socket(self):
        os.chmod(self.directory, 0o777)
        self.assert_refused("who could replace the socket")
        os.chmod(self.directory, 0o1777)  # as /tmp: there they cannot
        self.start()

    @unittest.skipIf(os.geteuid(), "needs root, to give a directory away")
    def test_directory_of_another_user(self):
        os.chown(self.directory, STRANGER, STRANGER)
        self.assert_refused("belongs to another user")

    def test_only_its_own_socket_is_removed(self):
        daemon = self.start()
        os.unlink(self.path)
        with open(self.path, "w") as file:
            file.write("precious")
        self.assertEqual(daemon.terminate(), 0)
        with open(self.path) as file:
            self.assertEqual(file.read(), "precious")

    def test_socket_of_a_successor_is_not_removed(self):
        daemon = self.start()
        os.unlink(self.path)
        successor = self.start()
        self.assertEqual(daemon.terminate(), 0)
        with successor.connect() as client:
            client.server("dummy")


class DefaultPlace(Place):
    def setUp(self):
        super().setUp()
        self.default = os.path.join(self.directory, "managerd")
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.directory)

    def test_directory_and_key_are_made_for_us_alone(self):
        ready, ready_daemon = os.pipe()
        process = subprocess.Popen([wire.MANAGERD, "--ready-fd", str(ready_daemon)],
                                   env=self.environment, pass_fds=[ready_daemon],
                                   stderr=subprocess.DEVNULL)
        os.close(ready_daemon)
        with os.fdopen(ready) as pipe:
            path = pipe.readline().rstrip("\n")
        self.assertEqual(path, os.path.join(self.default, "manager.sock"))
        self.assertEqual(stat.S_IMODE(os.stat(self.default).st_mode), 0o700)
        key_path = os.path.join(self.default, "authkey")
        self.assertEqual(stat.S_IMODE(os.stat(key_path).st_mode), 0o600)
        with open(key_path, "rb") as file:
            key = file.read()
        self.assertEqual(len(key), 32)
        wire.Client(path, key).close()
        process.terminate()
        self.assertEqual(process.wait(wire.PATIENCE), 0)
        self.assertEqual(os.listdir(self.default), ["authkey"])

    def refuse(self, *words):
        self.assert_refused(*words, options=["--log-level", "info"], environment=self.environment)

    def test_directory_that_others_can_enter(self):
        os.mkdir(self.default)
        os.chmod(self.default, 0o755)
        self.refuse("can be accessed by others")

    def test_directory_that_is_a_link(self):
        elsewhere = os.path.join(self.directory, "elsewhere")
        os.mkdir(elsewhere, 0o700)
        os.symlink(elsewhere, self.default)
        self.refuse("is not a directory, or a link to one")

    def test_directory_that_is_a_file(self):
        with open(self.default, "w"):
            pass
        self.refuse("is not a directory")

    @unittest.skipIf(os.geteuid(), "needs root, to give a directory away")
    def test_directory_of_another_user(self):
        os.mkdir(self.default, 0o700)
        os.chown(self.default, STRANGER, STRANGER)
        self.refuse("belongs to another user")


class KeyFile(Place):
    def setUp(self):
        super().setUp()
        self.key_path = os.path.join(self.directory, "key")
        with open(self.key_path, "wb") as file:
            file.write(b"a key of our own")
        os.chmod(self.key_path, 0o600)

    def refuse(self, word):
        self.assert_refused(self.key_path, word,
                            options=["--socket", self.path, "--authkey", self.key_path])

    def test_key_file_is_used(self):
        for mode in (0o600, 0o400):
            os.chmod(self.key_path, mode)
            with wire.start_daemon("--authkey", self.key_path, directory=self.directory,
                                   key=None) as daemon:
                wire.Client(daemon.path, b"a key of our own").close()

    def test_modes_that_let_others_read(self):
        for mode in (0o640, 0o604, 0o660, 0o620, 0o601):
            os.chmod(self.key_path, mode)
            self.refuse("accessible to others")

    def test_link(self):
        os.rename(self.key_path, self.key_path + "2")
        os.symlink(self.key_path + "2", self.key_path)
        self.refuse("symbolic link")

    def test_fifo_does_not_make_it_wait(self):
        os.unlink(self.key_path)
        os.mkfifo(self.key_path, 0o600)
        self.refuse("not a regular file")

    def test_directory(self):
        os.unlink(self.key_path)
        os.mkdir(self.key_path, 0o700)
        self.refuse("not a regular file")

    def test_empty(self):
        os.truncate(self.key_path, 0)
        self.refuse("empty")

    def test_missing(self):
        os.unlink(self.key_path)
        self.refuse("missing")

    @unittest.skipIf(os.geteuid(), "needs root, to give a file away")
    def test_of_another_user(self):
        os.chown(self.key_path, STRANGER, STRANGER)
        self.refuse("another user")

    def test_what_is_beside_the_socket_is_neither_trusted_nor_replaced(self):
        beside = os.path.join(self.directory, "authkey")
        nowhere = os.path.join(self.directory, "nowhere")
        for make, word in (
                (lambda: os.symlink(self.key_path, beside), "symbolic link"),
                (lambda: os.symlink(nowhere, beside), "symbolic link"),
                (lambda: os.mkfifo(beside, 0o600), "not a regular file"),
                (lambda: os.close(os.open(beside, os.O_CREAT, 0o600)), "empty"),
                (lambda: (shutil.copy(self.key_path, beside), os.chmod(beside, 0o640)),
                 "accessible to others")):
            make()
            self.assert_refused(beside, word)
            os.unlink(beside)

    def test_empty_descriptor(self):
        before = self.listing()
        with open(os.devnull) as null:
            done = subprocess.run([wire.MANAGERD, "--socket", self.path, "--authkey-fd",
                                   str(null.fileno())], pass_fds=[null.fileno()],
                                  capture_output=True, text=True, timeout=wire.PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the key is empty", done.stderr)
        self.assertEqual(self.listing(), before)

    def test_bad_descriptors(self):
        for option in ("--authkey-fd", "--follow-fd"):
            status, _, err = wire.run_managerd("--socket", self.path, "--authkey", self.key_path,
                                               option, "999")
            self.assertNotEqual(status, 0)
            self.assertIn(option, err)

    def test_key_shows_nowhere(self):
        key = b"the-secret-of-secrets"
        daemon = self.start("--log-level", "debug", key=key)
        with contextlib.suppress(wire.Refused):
            wire.Client(self.path, b"wrong")
        daemon.connect().close()
        for file in ("cmdline", "environ"):
            with contextlib.suppress(PermissionError), \
                 open(f"/proc/{daemon.process.pid}/{file}", "rb") as content:
                self.assertNotIn(key, content.read())
        self.assertNotIn(key.decode(), daemon.log())
        self.assertIn("failed to authenticate", daemon.log())


class Activation(Place):
    LAUNCHER = ("import os, sys\n"
                "os.dup2(int(sys.argv[1]), 3)\n"
                "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[2])\n"
                "os.execv(sys.argv[3], sys.argv[3:])\n")

    def launch(self, listener, n="1"):
        key_path = os.path.join(self.directory, "key")
        with open(os.open(key_path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(wire.Daemon.KEY)
        return subprocess.Popen([sys.executable, "-c", self.LAUNCHER, str(listener.fileno()), n,
                                 wire.MANAGERD, "--authkey", key_path],
                                pass_fds=[listener.fileno(), 3], stderr=subprocess.PIPE, text=True)

    def test_socket_handed_over_is_served_and_stays(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.path)
            listener.listen()
            process = self.launch(listener)
            wire.Client(self.path, wire.Daemon.KEY).close()
            process.terminate()
            process.communicate(timeout=wire.PATIENCE)
            self.assertEqual(process.returncode, 0)
        self.assertTrue(os.path.exists(self.path))

    def test_what_does_not_listen_at_a_path_is_refused(self):
        for family, listens, n, word in ((socket.AF_UNIX, False, "1", "does not listen"),
                                         (socket.AF_INET, True, "1", "does not listen"),
                                         (socket.AF_UNIX, True, "2", "one socket was expected")):
            with socket.socket(family) as listener:
                if listens and family == socket.AF_UNIX:
                    listener.bind(self.path)
                if listens:
                    listener.listen()
                process = self.launch(listener, n)
                _, err = process.communicate(timeout=wire.PATIENCE)
                self.assertEqual(process.returncode, 1)
                self.assertIn(word, err)

    def test_notify_socket_is_told(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(os.path.join(self.directory, "notify"))
            notify.settimeout(wire.PATIENCE)
            daemon = self.start(environment=dict(os.environ, NOTIFY_SOCKET=notify.getsockname()))
            self.assertEqual(notify.recv(100), b"READY=1")
            self.assertEqual(daemon.terminate(), 0)
            self.assertEqual(notify.recv(100), b"STOPPING=1")


if __name__ == "__main__":
    unittest.main()
