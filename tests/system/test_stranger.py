#!/usr/bin/python3
"""Another user who can reach the socket: not one byte of his is read, and nobody waits for him."""
import contextlib
import os
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

STRANGER = 12346
REFUSAL = b"#REFUSED# not for this user"

# What the daemon would answer, complain of, or choke on, if it came to see it.
SAYINGS = (
    struct.pack("!i", 51) + wire.CHALLENGE + b"{sha256}" + b"x" * 32,
    struct.pack("!i", len(wire.WELCOME)) + wire.WELCOME,
    b"\x7f\xff\xff\xff" + b"x" * 10000,
    b"\xff\xff\xff\xff",
    struct.pack("!i", 0) * 1000,
    b"\x00",
)

FIGURES = ("bytes_in", "unauthenticated_now", "connections_now", "processes_now", "authenticated",
           "authentication_failed", "authentication_timed_out", "malformed_requests",
           "closed_frame_too_large", "closed_frame_timed_out")


@unittest.skipIf(os.geteuid(), "needs root, to become somebody else")
class Stranger(unittest.TestCase):
    def setUp(self):
        self.daemon = wire.start_daemon("--log-level", "debug")
        self.addCleanup(self.daemon.close)
        os.chmod(self.daemon.directory, 0o711)
        os.chmod(self.daemon.path, 0o666)
        self.observer = self.daemon.connect()
        self.addCleanup(self.observer.close)
        # A call of stats() counts its own bytes.
        self.own = 4 + len(wire.pack([None, "stats", [], {}]))

    def stats(self):
        return self.observer.server("stats")

    def assert_unchanged(self, before, after, n_refused):
        expected = {name: before[name] for name in FIGURES}
        expected["bytes_in"] += self.own
        self.assertEqual({name: after[name] for name in FIGURES}, expected)
        self.assertEqual(after["refused_uid"] - before["refused_uid"], n_refused)

    @staticmethod
    def become_stranger():
        os.setgroups([])
        os.setgid(STRANGER)
        os.setuid(STRANGER)

    def test_not_one_byte_is_read(self):
        def talk(say):
            self.become_stranger()
            heard = []
            for saying in SAYINGS:
                with wire.Connection(self.daemon.path) as connection:
                    with contextlib.suppress(ConnectionError):
                        connection.send_bytes(saying)
                    heard.append(connection.wait_closed())
            say(heard)

        before = self.stats()
        with wire.Child(talk) as stranger:
            heard = stranger.hear()
            stranger.wait()
        self.assertEqual(heard, [struct.pack("!i", len(REFUSAL)) + REFUSAL] * len(SAYINGS))
        self.assert_unchanged(before, self.stats(), len(SAYINGS))

    def test_nor_of_one_who_knows_the_key(self):
        def connect(say):
            self.become_stranger()
            with wire.Connection(self.daemon.path) as connection:
                # A whole handshake and a call, without waiting for what is said to them.
                with contextlib.suppress(ConnectionError):
                    connection.send_frame(wire.answer(self.daemon.key, b"{sha256}" + b"x" * 32))
                    connection.send_frame(wire.CHALLENGE + b"{sha256}" + b"x" * 32)
                    connection.send_frame(wire.WELCOME)
                    connection.send_frame(wire.pack([None, "shutdown", [], {}]))
                connection.wait_closed()
            try:
                wire.Client(self.daemon.path, self.daemon.key)
            except wire.Refused as refused:
                say(refused.args[0])

        before = self.stats()
        with wire.Child(connect) as stranger:
            self.assertEqual(stranger.hear(), REFUSAL)
            stranger.wait()
        self.assert_unchanged(before, self.stats(), 2)
        self.assertIsNone(self.daemon.process.poll())

    def test_many_of_them_keep_nobody_waiting(self):
        def flood(say):
            self.become_stranger()
            say("begins")
            with contextlib.suppress(ConnectionError):
                while True:
                    connections = []
                    for _ in range(20):
                        connection = wire.Connection(self.daemon.path)
                        connections.append(connection)
                        with contextlib.suppress(ConnectionError):
                            connection.send_bytes(SAYINGS[0])
                    for connection in connections:
                        connection.close()

        with contextlib.ExitStack() as stack:
            strangers = [stack.enter_context(wire.Child(flood)) for _ in range(8)]
            for stranger in strangers:
                stranger.hear()
            before = self.stats()
            slowest = [self.slowest_of_honest_clients() for _ in range(3)]
            after = self.stats()
        # Of which most is waiting for a processor, with eight who never stop.
        self.assertLess(min(slowest), 1, slowest)
        self.assertGreater(after["refused_uid"] - before["refused_uid"], 100)
        # Ours: each of the 60 was let in, and nothing but their bytes was read.
        self.assertEqual(after["authenticated"] - before["authenticated"], 60)
        handshake = (4 + len(wire.answer(b"", b"")) + 4 + len(wire.CHALLENGE) + 40
                     + 4 + len(wire.WELCOME) + 4 + len(wire.pack([None, "dummy", [], {}])))
        self.assertEqual(after["bytes_in"] - before["bytes_in"], 60 * handshake + self.own)

    def slowest_of_honest_clients(self):
        slowest = 0
        for _ in range(20):
            begin = time.monotonic()
            with self.daemon.connect() as client:
                client.server("dummy")
            slowest = max(slowest, time.monotonic() - begin)
        return slowest


if __name__ == "__main__":
    unittest.main()
