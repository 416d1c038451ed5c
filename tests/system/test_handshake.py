#!/usr/bin/python3
"""The daemon's handshake: what it accepts, and all that it refuses."""
import hashlib
import hmac
import os
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire
from wire import CHALLENGE, FAILURE, WELCOME, Connection, Refused

KEY = wire.Daemon.KEY


class Handshake(unittest.TestCase):
    def setUp(self):
        self.daemon = wire.start_daemon("--auth-timeout", "0.5")
        self.addCleanup(self.daemon.close)

    def connection(self):
        connection = Connection(self.daemon.path)
        self.addCleanup(connection.close)
        return connection

    def assert_served(self):
        with self.daemon.connect() as client:
            self.assertIsNone(client.server("dummy"))

    def assert_refused(self, connection):
        """Late, with #FAILURE# or nothing, and then closed without another word."""
        self.assertIn(connection.wait_closed(), (b"\0\0\0\x09" + FAILURE, b""))
        self.assert_served()

    def stats(self):
        with self.daemon.connect() as client:
            return client.server("stats")

    def test_challenge_names_role_process_user_and_namespaces(self):
        challenge = self.connection().receive_challenge()
        match = re.fullmatch(
            rb"\{sha256\}mgrd1 role=S pid=(\d+) uid=(\d+) ns=(\d+):(\d+) nonce=(.{32})",
            challenge, re.DOTALL)
        self.assertIsNotNone(match, challenge)
        self.assertEqual([int(n) for n in match.groups()[:4]],
                         [os.getpid(), os.geteuid(), os.stat("/proc/self/ns/pid").st_ino,
                          os.stat("/proc/self/ns/user").st_ino])

    def test_challenges_differ(self):
        self.assertEqual(len({self.connection().receive_challenge() for _ in range(8)}), 8)

    def test_known_vectors(self):
        self.assertEqual(
            wire.answer(b"supadupasecretkey", b"{sha256}is-twenty-bytes-long"),
            b"{sha256}" + bytes.fromhex(
                "0ed2bf5258efb96604b831848a9212d31f7468b3fc6fc61af1ebe84f08349e47"))

    def test_wrong_key_is_refused_late(self):
        connection = self.connection()
        connection.send_frame(wire.answer(b"wrong", connection.receive_challenge()))
        begin = time.monotonic()
        self.assertEqual(connection.receive_frame(), FAILURE)
        taken = time.monotonic() - begin
        self.assertGreaterEqual(taken, 0.19)
        self.assertLess(taken, 2)  # 0.2, on a machine with time
        self.assertEqual(connection.wait_closed(), b"")
        self.assertEqual(self.stats()["authentication_failed"], 1)

    def test_a_failure_delays_nobody_else(self):
        connection = self.connection()
        connection.send_frame(wire.answer(b"wrong", connection.receive_challenge()))
        self.assert_served()
        connection.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):  # it is still waiting for its answer
            connection.socket.recv(1)

    def test_md5_is_refused(self):
        for prefix in (b"", b"{md5}", b"{sha256}"):
            connection = self.connection()
            digest = hmac.new(KEY, connection.receive_challenge(), hashlib.md5).digest()
            connection.send_frame(prefix + digest)
            self.assert_refused(connection)

    def test_a_challenge_for_md5_is_not_answered(self):
        for message in (os.urandom(20), b"{md5}" + os.urandom(32)):
            connection = self.connection()
            connection.prove(KEY)
            connection.send_frame(CHALLENGE + message)
            self.assert_refused(connection)

    def test_empty_frame_is_refused(self):
        connection = self.connection()
        connection.receive_challenge()
        connection.send_frame(b"")
        self.assert_refused(connection)

    def test_frame_over_256_bytes_is_refused_by_its_header(self):
        for n in (257, 65536, 0x7fffffff, 0xffffffff):
            connection = self.connection()
            connection.receive_challenge()
            connection.send_bytes(n.to_bytes(4, "big"))
            self.assert_refused(connection)

    def test_challenge_of_256_bytes_is_answered(self):
        connection = self.connection()
        connection.prove(KEY)
        connection.challenge(KEY, os.urandom(256 - len(CHALLENGE) - len(b"{sha256}")))

    def test_replayed_answer_is_refused(self):
        connection = self.connection()
        recorded = wire.answer(KEY, connection.receive_challenge())
        connection.send_frame(recorded)
        self.assertEqual(connection.receive_frame(), WELCOME)
        replayer = self.connection()
        replayer.receive_challenge()
        replayer.send_frame(recorded)
        self.assert_refused(replayer)

    def test_own_challenge_is_not_answered_when_reflected(self):
        victim = self.connection()
        challenge = victim.receive_challenge()
        other = self.connection()
        other.prove(KEY)
        other.send_frame(CHALLENGE + challenge)
        self.assert_refused(other)

    def test_nothing_is_signed_for_who_has_not_proved_itself(self):
        connection = self.connection()
        connection.receive_challenge()
        connection.send_frame(CHALLENGE + b"{sha256}" + os.urandom(32))
        self.assert_refused(connection)

    def test_client_that_refuses_the_daemon_is_let_go(self):
        connection = self.connection()
        connection.prove(KEY)
        connection.send_frame(CHALLENGE + b"{sha256}" + os.urandom(32))
        connection.receive_frame()
        connection.send_frame(FAILURE)
        self.assert_refused(connection)

    def test_request_instead_of_an_answer_is_refused(self):
        connection = self.connection()
        connection.receive_challenge()
        connection.send_frame(wire.pack([None, "dummy", [], {}]))
        self.assert_refused(connection)

    def test_silent_client_is_closed_after_the_timeout(self):
        connection = self.connection()
        begin = time.monotonic()
        connection.receive_challenge()
        self.assertEqual(connection.wait_closed(), b"")
        self.assertGreaterEqual(time.monotonic() - begin, 0.49)
        self.assertEqual(self.stats()["authentication_timed_out"], 1)

    def test_the_timeout_is_for_the_whole_handshake(self):
        connection = self.connection()
        connection.receive_challenge()
        begin = time.monotonic()
        frame = b"\0\0\0\x28" + bytes(40)
        with self.assertRaises(ConnectionError):
            for byte in frame:  # would take four seconds
                connection.send_bytes(bytes([byte]))
                connection.socket.settimeout(0.1)
                try:
                    if not connection.socket.recv(1):
                        raise ConnectionError
                except TimeoutError:
                    pass
        self.assertLess(time.monotonic() - begin, 2)

    def test_handshake_byte_by_byte(self):
        connection = self.connection()
        send = connection.send_bytes
        connection.send_bytes = lambda data: [send(data[i:i + 1]) for i in range(len(data))]
        connection.authenticate(KEY)
        connection.send_frame(wire.pack([None, "dummy", [], {}]))
        self.assertEqual(wire.unpack(connection.receive_frame()), ["#RETURN", None])

    def test_requests_may_follow_the_handshake_at_once(self):
        connection = self.connection()
        connection.prove(KEY)
        message = b"{sha256}" + os.urandom(32)
        connection.send_frame(CHALLENGE + message)
        self.assertEqual(connection.receive_frame(), wire.answer(KEY, message))
        frames = [WELCOME] + [wire.pack([None, "dummy", [], {}])] * 100
        connection.send_bytes(b"".join(len(f).to_bytes(4, "big") + f for f in frames))
        for _ in range(100):
            self.assertEqual(wire.unpack(connection.receive_frame()), ["#RETURN", None])

    def test_answers_with_any_bit_flipped_are_refused(self):
        flips = [(at, bit) for at in range(44) for bit in range(8)]
        while flips:
            batch, flips = flips[:40], flips[40:]
            connections = []
            for at, bit in batch:
                connection = self.connection()
                answer = wire.answer(KEY, connection.receive_challenge())
                frame = bytearray(len(answer).to_bytes(4, "big") + answer)
                frame[at] ^= 1 << bit
                connection.send_bytes(frame)
                connections.append(connection)
            for connection in connections:
                self.assertIn(connection.wait_closed(), (b"\0\0\0\x09" + FAILURE, b""))
                connection.close()
        self.assert_served()

    def test_stock_python_client_is_let_in(self):
        program = ("import sys; from multiprocessing.connection import Client\n"
                   f"Client({self.daemon.path!r}, authkey={KEY!r}).close()")
        pythons = [path for path in wire.newer_pythons()]
        if not pythons:
            self.skipTest("no Python from 3.12 on here")
        for python in pythons:
            with self.subTest(python=python):
                subprocess.run([python, "-c", program], check=True, timeout=wire.PATIENCE)


class Door(unittest.TestCase):
    """Who gets as far as the handshake."""

    def test_one_process_cannot_keep_the_others_out(self):
        with wire.start_daemon("--max-unauthenticated-per-process", "4") as daemon:
            silent = [Connection(daemon.path) for _ in range(4)]
            for connection in silent:
                connection.receive_challenge()
            with Connection(daemon.path) as fifth, self.assertRaises(Refused) as refused:
                fifth.receive_challenge()
            self.assertIn(b"too many unauthenticated", refused.exception.args[0])
            with wire.Child(lambda say: say(daemon.connect().server("dummy"))) as other:
                self.assertIsNone(other.hear())
            silent.pop().close()
            wire.wait_until(lambda: self.try_to_connect(daemon))
            for connection in silent:
                connection.close()

    @staticmethod
    def try_to_connect(daemon):
        try:
            daemon.connect().close()
            return True
        except (Refused, ConnectionError):
            return False

    def test_accepting_pauses_at_the_limit_of_all_and_goes_on(self):
        with wire.start_daemon("--max-unauthenticated", "2", "--auth-timeout", "0.5") as daemon:
            begin = time.monotonic()
            silent = [Connection(daemon.path) for _ in range(2)]
            for connection in silent:
                connection.receive_challenge()
            with daemon.connect() as client:
                self.assertGreaterEqual(time.monotonic() - begin, 0.45)
                self.assertGreaterEqual(client.server("stats")["accepting_paused"], 1)
            for connection in silent:
                connection.close()

    def test_clients_beyond_the_limit_are_told(self):
        with wire.start_daemon("--max-clients", "3") as daemon:
            clients = [daemon.connect() for _ in range(3)]
            with self.assertRaises(Refused) as refused:
                daemon.connect()
            self.assertIn(b"too many clients", refused.exception.args[0])
            clients.pop().close()
            wire.wait_until(lambda: self.try_to_connect(daemon))
            for client in clients:
                client.close()

    @unittest.skipIf(os.geteuid(), "needs root, to become somebody else")
    def test_another_user_is_refused_unless_allowed(self):
        def become(daemon, uid):
            def run(say):
                os.setgid(uid)
                os.setuid(uid)
                try:
                    daemon.connect().close()
                    say("served")
                except Refused as refused:
                    say(refused.args[0])
            return run

        with wire.start_daemon("--allow-uid", "12345") as daemon:
            os.chmod(daemon.directory, 0o711)
            with wire.Child(become(daemon, 12345)) as child:
                self.assertEqual(child.hear(), "served")
            with wire.Child(become(daemon, 12346)) as child:
                self.assertIn(b"not for this user", child.hear())
            with daemon.connect() as client:
                self.assertEqual(client.server("stats")["refused_uid"], 1)

    @unittest.skipIf(os.geteuid(), "needs root, to make a namespace")
    def test_client_of_another_pid_namespace_is_served(self):
        program = ("import sys; sys.path.insert(0, sys.argv[1]); import wire\n"
                   "client = wire.Client(sys.argv[2], sys.argv[3].encode())\n"
                   "print(client.create('list', [1, 2, 3]), flush=True)\n"
                   "sys.stdin.read()")
        with wire.start_daemon() as daemon:
            command = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "-c", program,
                       os.path.dirname(wire.__file__), daemon.path, KEY.decode()]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True) as process:
                ident = int(process.stdout.readline())
                with daemon.connect() as client:
                    self.assertEqual(client.call(ident, "__len__"), 3)
                    pids = {session["pid"] for session in client.server("sessions")}
                self.assertEqual(len(pids), 2)
                process.stdin.close()


if __name__ == "__main__":
    unittest.main()
