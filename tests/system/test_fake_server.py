#!/usr/bin/python3
"""The C client against servers that are not managerd: it proves nothing to them, and believes nothing.

The client is the example meet_writer, which connects and makes two calls.
"""
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire
from wire import CHALLENGE, FAILURE, WELCOME

BUILD = os.environ.get("BUILD", "build")
CLIENT = os.path.join(BUILD, "examples", "meet_writer")
KEY = b"the key of these tests"


def namespaces():
    return tuple(os.stat(f"/proc/self/ns/{kind}").st_ino for kind in ("pid", "user"))


def challenge_for(pid, uid=None, role=b"S", ns=None, nonce=None):
    """A challenge as the daemon writes it."""
    uid = os.geteuid() if uid is None else uid
    ns = ns or namespaces()
    return (b"{sha256}mgrd1 role=%s pid=%d uid=%d ns=%d:%d nonce=" % (role, pid, uid, *ns)
            + (nonce or os.urandom(32)))


class Accepted(wire.Connection):
    """The server's end of a connection."""

    def __init__(self, accepted):  # pylint: disable=super-init-not-called
        self.socket = accepted
        self.socket.settimeout(wire.PATIENCE)


class FakeServer(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="managerd-test-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.path = os.path.join(self.directory, "manager.sock")
        key_path = os.path.join(self.directory, "authkey")
        with open(os.open(key_path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(KEY)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen()
        self.listener.settimeout(wire.PATIENCE)
        self.addCleanup(self.listener.close)

    def client(self):
        """A client on its way, and the server's end of its connection."""
        process = subprocess.Popen([CLIENT, self.path], stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        connection = Accepted(self.listener.accept()[0])
        self.addCleanup(connection.close)
        return process, connection

    def assert_gives_up(self, process, connection):
        """The client says no word more, least of all an answer, and tells its user."""
        rest = connection.wait_closed()
        self.assertNotIn(b"{sha256}", rest)
        error = process.communicate(timeout=wire.PATIENCE)[1]
        self.assertEqual(process.returncode, 1)
        self.assertRegex(error, "authentic|handshake|challenge")

    def assert_refuses_challenge(self, make):
        process, connection = self.client()
        connection.send_frame(make(process.pid))
        self.assert_gives_up(process, connection)

    def test_challenge_for_another_process_is_not_answered(self):
        self.assert_refuses_challenge(lambda pid: CHALLENGE + challenge_for(os.getpid()))

    def test_challenge_for_another_user_is_not_answered(self):
        self.assert_refuses_challenge(lambda pid: CHALLENGE + challenge_for(pid, os.geteuid() + 1))

    def test_challenge_of_a_client_is_not_answered(self):
        self.assert_refuses_challenge(lambda pid: CHALLENGE + challenge_for(pid, role=b"C"))

    def test_challenge_of_stock_python_is_not_answered(self):
        self.assert_refuses_challenge(lambda pid: CHALLENGE + b"{sha256}" + os.urandom(40))

    def test_challenge_for_md5_is_not_answered(self):
        self.assert_refuses_challenge(lambda pid: CHALLENGE + os.urandom(20))
        self.assert_refuses_challenge(lambda pid: CHALLENGE + b"{md5}" + os.urandom(40))

    def test_malformed_challenges_are_not_answered(self):
        for make in (lambda pid: b"",
                     lambda pid: CHALLENGE,
                     lambda pid: WELCOME,
                     lambda pid: FAILURE,
                     lambda pid: challenge_for(pid),
                     lambda pid: CHALLENGE + challenge_for(pid)[:-1],
                     lambda pid: CHALLENGE + challenge_for(pid) + b"x",
                     lambda pid: CHALLENGE + challenge_for(pid).replace(b"pid=", b"pid=+"),
                     lambda pid: CHALLENGE + challenge_for(pid).replace(b"mgrd1", b"mgrd2")):
            self.assert_refuses_challenge(make)

    def test_refusal_is_told_as_what_it_is(self):
        process, connection = self.client()
        connection.send_frame(b"#REFUSED# \x1b[31m too many\n \xff")
        self.assertEqual(connection.wait_closed(), b"")
        error = process.communicate(timeout=wire.PATIENCE)[1]
        self.assertEqual(process.returncode, 1)
        self.assertIn(f"{self.path}: refused: \\x1b[31m too many\\x0a \\xff\n", error)

    def test_refusal_comes_first_or_is_none(self):
        process, connection = self.client()
        connection.send_frame(CHALLENGE + challenge_for(process.pid))
        connection.receive_frame()
        connection.send_frame(b"#REFUSED# too many clients")
        self.assert_gives_up(process, connection)

    def test_oversized_frame_is_refused_by_its_header(self):
        process, connection = self.client()
        connection.send_bytes(struct.pack("!i", 257) + CHALLENGE)
        self.assert_gives_up(process, connection)

    def test_negative_length_is_refused(self):
        process, connection = self.client()
        connection.send_bytes(b"\xff" * 4)
        self.assert_gives_up(process, connection)

    def test_server_without_the_key_cannot_have_its_proof_made_by_another_client(self):
        """The reflection: one client's challenge, put to another."""
        process, connection = self.client()
        connection.send_frame(CHALLENGE + challenge_for(process.pid))
        connection.receive_frame()
        connection.send_frame(WELCOME)
        asked = connection.receive_frame()
        self.assertTrue(asked.startswith(CHALLENGE + b"{sha256}mgrd1 role=C "))
        other, other_connection = self.client()
        other_connection.send_frame(asked)
        self.assert_gives_up(other, other_connection)
        # nor does its own help it
        connection.send_frame(asked[len(CHALLENGE):])
        self.assert_gives_up(process, connection)

    def prove_to(self, process, connection, proof):
        """Accepts whatever the client proves, then answers its challenge by proof(message)."""
        connection.send_frame(CHALLENGE + challenge_for(process.pid))
        connection.receive_frame()
        connection.send_frame(WELCOME)
        message = connection.receive_frame()[len(CHALLENGE):]
        connection.send_frame(proof(message))
        return message

    def test_wrong_answers_are_refused(self):
        earlier = []

        def remember(message):
            earlier.append(wire.answer(KEY, message))
            return wire.answer(b"another key", message)

        for proof in (remember,
                      lambda message: earlier[0],
                      lambda message: b"",
                      lambda message: wire.answer(KEY, message)[:-1],
                      lambda message: wire.answer(KEY, message)[len("{sha256}"):],
                      lambda message: b"{md5}" + b"x" * 16):
            process, connection = self.client()
            self.prove_to(process, connection, proof)
            self.assert_gives_up(process, connection)

    def test_client_accepts_who_has_the_key(self):
        process, connection = self.client()
        self.prove_to(process, connection, lambda message: wire.answer(KEY, message))
        self.assertEqual(connection.receive_frame(), WELCOME)
        request = wire.unpack(connection.receive_frame())
        self.assertEqual(request[:2], [None, "hello"])
        process.kill()
        process.communicate()

    def test_failure_is_told_as_a_wrong_key(self):
        process, connection = self.client()
        connection.send_frame(CHALLENGE + challenge_for(process.pid))
        connection.receive_frame()
        connection.send_frame(FAILURE)
        self.assert_gives_up(process, connection)


class Namespaces(unittest.TestCase):
    """The numbers in the challenge mean nothing in another namespace: only the key counts."""

    def check(self, *unshare):
        probe = subprocess.run(["unshare", *unshare, "true"], stderr=subprocess.DEVNULL)
        if probe.returncode:
            self.skipTest("no namespaces for us here")
        with wire.start_daemon(key=None) as daemon:
            done = subprocess.run(["unshare", *unshare, CLIENT, daemon.path],
                                  stderr=subprocess.PIPE, text=True, timeout=wire.PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_client_in_another_pid_namespace(self):
        self.check("--pid", "--fork", "--mount-proc")

    def test_client_in_another_user_namespace(self):
        self.check("--user", "--map-root-user")

    def test_client_in_other_namespaces_of_both_kinds(self):
        self.check("--user", "--map-root-user", "--pid", "--fork", "--mount-proc")

    def test_daemon_that_does_not_see_the_client(self):
        """The other way round: the daemon is in a namespace in which we have no pid."""
        if subprocess.run(["unshare", "--pid", "--fork", "true"],
                          stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no namespaces for us here")
        directory = tempfile.mkdtemp(prefix="managerd-test-")
        self.addCleanup(shutil.rmtree, directory)
        path = os.path.join(directory, "manager.sock")
        reading, writing = os.pipe()
        with subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", wire.MANAGERD,
                               "--socket", path, "--ready-fd", str(writing)],
                              pass_fds=(writing,), stderr=subprocess.DEVNULL) as daemon:
            os.close(writing)
            with os.fdopen(reading) as ready:
                self.assertEqual(ready.readline(), path + "\n")
            reader = os.path.join(BUILD, "examples", "meet_reader")
            for command in (CLIENT, reader):
                done = subprocess.run([command, path], stdout=subprocess.PIPE, timeout=wire.PATIENCE)
                self.assertEqual(done.returncode, 0)
            self.assertEqual(done.stdout, b"hello\nhow are you?\n")
            daemon.kill()


if __name__ == "__main__":
    unittest.main()
