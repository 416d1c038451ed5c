#!/usr/bin/python3
"""Sessions and processes that come and go where the k-th allocation of the daemon fails.

Whatever fails, at most the connection is closed. Nothing of those who went away may stay,
and the next client must be served.
"""
import os
import socket
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import memory
import wire
from wire import RemoteError, RemoteException, Token
from world import World

BIG = "x" * 100_000


# --- what they do: each returns what it saw, which must be the same whenever nothing fails

def connects_and_calls(daemon):
    with daemon.connect() as client:
        client.hello(token=b"a 16 bytes token", name="a name")
        client.server("accept_connection", "another name")
        ident = client.create("dict", {"a": 1})
        client.call(ident, "__setitem__", "b", 2)
        value = client.call(ident, "copy")
        client.server("decref", ident)
        return value


def connects_as_stock_python(daemon):
    with daemon.connect() as client:
        ident, _ = client.server("create", "list", [1])
    with daemon.connect() as client:
        client.server("incref", ident)
        client.server("decref", ident)
        value = client.call(ident, "copy")
    with daemon.connect() as client:
        client.server("decref", ident)
        return value


def five_connect_at_once(daemon):
    connections = [wire.Connection(daemon.path) for _ in range(5)]
    try:
        for connection in connections:
            connection.authenticate(daemon.key)
    finally:
        for connection in connections:
            connection.close()


def fails_to_authenticate(daemon):
    with wire.Connection(daemon.path) as connection:
        connection.send_frame(wire.answer(b"wrong", connection.receive_challenge()))
    with wire.Connection(daemon.path) as connection:
        connection.send_frame(b"x" * 300)


def sends_a_large_frame_in_pieces(daemon):
    with daemon.connect() as client:
        frame = wire.pack([None, "create", ["list", [BIG, BIG, BIG]], {}])
        frame = struct.pack("!i", len(frame)) + frame
        for i in range(0, len(frame), 50_000):
            client.send_bytes(frame[i:i + 50_000])
        _, kind, value = client.receive()
        ident = client.result(kind, value)[0]
        n = client.call(ident, "__len__")
        client.server("decref", ident)
        return n


def sends_half_a_frame(daemon):
    with daemon.connect() as client:
        client.send_bytes(struct.pack("!i", 1 << 20) + b"\x94" * 200_000)
    with daemon.connect() as client:
        client.send_bytes(b"\0")


def sends_nonsense(daemon):
    with daemon.connect() as client:
        for payload in (b"", b"\xc1", b"\xdd\x10\0\0\0", b"\x91" * 100, wire.pack([5, 6])):
            client.send_frame(payload)
            client.receive()
        client.send_bytes(b"\xff\xff\xff\xff")
        client.wait_closed()


def reads_late(daemon):
    with daemon.connect() as client:
        ident = client.create("list", [BIG])
        for _ in range(30):
            client.send(ident, "__getitem__", [0])
        client.send(None, "decref", [ident])
        client.socket.shutdown(socket.SHUT_WR)
        return [client.receive()[1] for _ in range(31)]


def waits_with_others_behind(daemon):
    with daemon.connect() as client:
        ident = client.create("list")
        client.send(ident, "take", [0.01])
        for i in range(30):
            client.send(ident, "append", [f"{i}" * 100])
        client.send(ident, "copy")
        client.send(None, "decref", [ident])
        return [client.receive()[1:] for _ in range(32)][-2]


def leaves_while_it_waits(daemon):
    with daemon.connect() as a, daemon.connect() as b:
        ident = a.create("list")
        b.send(ident, "take")
        b.send(ident, "take", [60], {}, {"i": 1})
        b.send(ident, "__len__", [], {}, {"i": 2})
        b.receive()
        b.close()
        a.call(ident, "append", 1)
        a.server("decref", ident)


def leaves_with_items_in_flight(daemon):
    with daemon.connect() as a, daemon.connect() as b:
        b.hello(token=b"a 16 bytes token", own="session")
        ident = a.create("Queue", 0, True)
        a.call(ident, "put_many", [1, [2, BIG], 3])
        b.call(ident, "get")
        b.call(ident, "get_many", 5)
        b.send(ident, "get", [], {}, {"i": 1})
        a.send(ident, "get", [True, 5])
        b.close()
        _, kind, value = a.receive()
        first = a.result(kind, value)
        a.server("decref", ident)
        return first


def _of_a_process(daemon, say):
    with daemon.connect() as client:
        client.hello(token=b"token of a child")
        inner = client.create("dict", {"a": BIG})
        outer = client.create("list", [Token("dict", inner)])
        client.call(inner, "__setitem__", "cycle", Token("list", outer))
        for _ in range(20):
            client.create("list")
        client.send(client.create("list"), "take", [None], {}, {"i": 1})
        say("done")
        client.receive()


def is_killed(daemon):
    def run(say):
        try:
            _of_a_process(daemon, say)
        except (EOFError, ConnectionError, RemoteError, RemoteException, wire.Refused):
            say("failed")

    with wire.Child(run) as child:
        said = child.hear()
        child.kill()
        child.wait()
        return said


SCENES = [connects_and_calls, connects_as_stock_python, five_connect_at_once,
          fails_to_authenticate, sends_a_large_frame_in_pieces, sends_half_a_frame,
          sends_nonsense, reads_late, waits_with_others_behind, leaves_while_it_waits,
          leaves_with_items_in_flight, is_killed]


class Sweep(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.n_live = self.world.restart()
        self.world.lose("native")
        self.world.lose("plain")
        self.n_swept = 0
        wire.wait_until(lambda: self.seen()["connections_now"] == 1)
        self.settled = self.seen()

    def tearDown(self):
        n_live = self.world.end()
        print(f"{self.n_swept} allocations failed")
        self.assertEqual(n_live, self.n_live, "blocks live at the end")

    def seen(self):
        stats = self.world.stats()
        return {name: stats[name] for name in ("objects", "names", "memory_used", "sessions",
                                               "processes", "connections_now", "calls_parked",
                                               "unauthenticated_now")}

    def give_up_objects(self):
        """A reference whose reply was lost stays ours: the process lives."""
        for o in self.world.objects():
            for _ in range(o["references"]):
                self.world.give_up(self.world.witness, o["ident"])
        # those of a native session that was lost are its image's, until another one comes
        if self.world.objects():
            with self.world.daemon.connect() as client:
                client.hello(token=b"a 16 bytes token")
                for o in self.world.objects():
                    self.world.give_up(client, o["ident"])

    def check_settled(self, scene, k):
        def is_settled():
            self.give_up_objects()
            return self.seen() == self.settled

        try:
            wire.wait_until(is_settled, timeout=5)
        except AssertionError:
            self.complain(scene, k, f"{self.seen()} is not {self.settled}")

    def complain(self, scene, k, what):
        if self.world.daemon.process.poll() is not None:
            what += f"; the daemon ended with {self.world.daemon.process.returncode}"
        self.fail(f"{scene.__name__}, k = {k}: {what}\n{self.world.daemon.log()[-2000:]}"
                  f"{self.world.memory.trace()}")

    def sweep(self, scene, all_from):
        expected = scene(self.world.daemon)
        self.check_settled(scene, 0)
        k, n_failed = 0, 1
        while n_failed:
            k += 1
            failure = None
            self.world.memory.arm(k, memory.FOR_EVER if all_from else k)
            try:
                value = scene(self.world.daemon)
            except (EOFError, ConnectionError, RemoteError, RemoteException,
                    wire.Refused) as caught:
                failure = caught
            n_failed = self.world.memory.disarm()
            if failure and not n_failed:
                raise failure
            if failure and self.world.has_crashed():
                self.complain(scene, k, "crashed")
            if isinstance(failure, RemoteException) and failure.name != "MemoryError":
                raise failure
            if not n_failed and value != expected:
                self.complain(scene, k, f"{value!r:.1000} is not {expected!r:.1000}")
            self.check_settled(scene, k)
        self.n_swept += k - 1

    def sweep_scenes(self, all_from):
        for scene in SCENES:
            with self.subTest(scene=scene.__name__):
                self.sweep(scene, all_from)

    def test_where_one_allocation_fails(self):
        self.sweep_scenes(False)

    def test_where_all_allocations_from_one_on_fail(self):
        self.sweep_scenes(True)


if __name__ == "__main__":
    unittest.main()
