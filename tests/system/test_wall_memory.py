#!/usr/bin/python3
"""The limits of memory: what hostile frames cost, and what --max-memory means."""
import contextlib
import os
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire
from wire import RemoteError, RemoteException, Token

MIB = 1 << 20
SANITIZED = wire.is_sanitized()


def array_head(n):
    return b"\xdd" + struct.pack("!I", n)


def map_head(n):
    return b"\xdf" + struct.pack("!I", n)


def extension(code, payload):
    return b"\xc9" + struct.pack("!IB", len(payload), code) + payload


def request(ident, method, *args):
    """A request whose arguments are packed already, or pretend to be."""
    return (b"\x94" + wire.pack(ident) + wire.pack(method) + bytes([0x90 | len(args)])
            + b"".join(args) + b"\x80")


N = 16 * MIB
SMALL_ELEMENTS = array_head(N) + b"\x01" * N
# keys and elements of five bytes: the shortest of which there are millions
INTEGERS = [b"\xce" + struct.pack("!I", (1 << 24) + i) for i in range(2 * MIB)]


class FrameTest(unittest.TestCase):
    def setUp(self):
        self.daemon = wire.start_daemon()
        self.addCleanup(self.daemon.close)
        self.bystander = wire.Bystander(self.daemon)
        self.addCleanup(self.bystander.close)
        self.cost = wire.Cost(self.daemon)
        self.client = self.daemon.connect()
        self.addCleanup(self.client.close)
        self.dict, self.list = self.client.create("dict"), self.client.create("list")

    def send(self, frame):
        """Returns what the frame cost at most, and the reply."""
        self.cost.forget_peak()
        before = self.cost.memory()
        self.client.send_frame(frame)
        reply = wire.unpack(self.client.receive_frame())
        return self.cost.peak() - before, reply

    def check_refused(self, frame):
        cost, (kind, text) = self.send(frame)
        self.assertEqual(kind, "#TRACEBACK")
        self.assertRegex(text, "^(BadRequest|TooLarge): ")
        if not SANITIZED:
            self.assertLessEqual(cost, len(frame) + MIB)
        self.bystander.check()

    def check_accepted(self, frame, kind="#RETURN"):
        cost, reply = self.send(frame)
        self.assertEqual(reply[0], kind)
        if not SANITIZED:
            self.assertLessEqual(cost, 4 * len(frame))
        self.bystander.check()


class Refused(FrameTest):
    def test_claims_of_more_than_there_is(self):
        for claim in (array_head(1 << 28), map_head(1 << 28), b"\xdb\x10\0\0\0", b"\xc6\x10\0\0\0",
                      b"\xc9\x10\0\0\0\x04"):
            with self.subTest(claim=claim):
                self.check_refused(claim)
                self.check_refused(request(self.dict, "get", claim)[:-1])

    def test_nested_claims(self):
        for head in (array_head(1 << 28), map_head(1 << 27)):
            nested = head * 32
            self.assertEqual(len(nested), 160)
            self.check_refused(nested)
            self.check_refused(request(self.dict, "get", nested))

    def test_claims_that_the_bytes_could_just_hold(self):
        self.check_refused(request(self.dict, "get", array_head(N + 2) + b"\x01" * N)[:-1])
        self.check_refused(request(self.dict, "get", SMALL_ELEMENTS) + b"\0")
        # maps that may be as large as they say, within each other, and keys that are all equal
        deep = (map_head(N // 2 - 100) + b"\x01") * 14 + b"\x01" * N
        self.check_refused(request(self.dict, "get", deep))

    def test_sets_and_maps_of_equal_keys(self):
        self.check_refused(request(self.dict, "get", map_head(N // 2) + b"\x01" * N))
        self.check_refused(request(self.dict, "get", extension(wire.EXT_SET, SMALL_ELEMENTS)))
        some = b"".join(INTEGERS[:1000])
        self.check_refused(request(self.dict, "get", extension(
            wire.EXT_SET, array_head(1000 + N) + some + b"\x01" * N)))

    def test_depth(self):
        for depth in (17, 18, 100, 1000, 10 ** 6):
            with self.subTest(depth=depth):
                self.check_refused(request(self.dict, "get", b"\x91" * depth + b"\x01"))
                self.check_refused(request(self.dict, "get", b"\x81\x01" * depth + b"\x01"))


class Accepted(FrameTest):
    def test_as_a_stored_value(self):
        self.check_accepted(request(self.dict, "__setitem__", wire.pack("k"), SMALL_ELEMENTS))
        self.check_accepted(request(self.list, "append", SMALL_ELEMENTS))

    def test_as_an_argument(self):
        self.client.call(self.list, "append", 1)
        self.check_accepted(request(self.dict, "get", SMALL_ELEMENTS), kind="#ERROR")  # no key
        self.check_accepted(request(self.list, "count", SMALL_ELEMENTS))
        self.check_accepted(request(self.list, "index", SMALL_ELEMENTS), kind="#ERROR")
        self.check_accepted(request(self.list, "__contains__", SMALL_ELEMENTS))

    def test_as_a_key(self):
        key = extension(wire.EXT_TUPLE, SMALL_ELEMENTS)
        self.check_accepted(request(self.dict, "get", key))
        self.check_accepted(request(self.dict, "__getitem__", key), kind="#ERROR")
        self.check_accepted(request(self.dict, "__setitem__", key, b"\x01"))

    def test_as_the_content_of_a_list(self):
        self.check_accepted(request(None, "create", wire.pack("list"), SMALL_ELEMENTS))
        self.check_accepted(request(self.list, "extend", SMALL_ELEMENTS))

    def test_large_sets_and_maps(self):
        elements = array_head(len(INTEGERS)) + b"".join(INTEGERS)
        entries = map_head(len(INTEGERS)) + b"".join(key + b"\x01" for key in INTEGERS)
        for value in (extension(wire.EXT_SET, elements), entries):
            self.check_accepted(request(self.dict, "__setitem__", wire.pack("k"), value))
            self.check_accepted(request(self.list, "count", value))


class MaxMemory(unittest.TestCase):
    LIMIT = 4 * MIB

    def setUp(self):
        self.daemon = wire.start_daemon("--max-memory", str(self.LIMIT))
        self.addCleanup(self.daemon.close)
        self.bystander = wire.Bystander(self.daemon)
        self.addCleanup(self.bystander.close)
        self.client = self.daemon.connect()
        self.addCleanup(self.client.close)
        self.client.hello()

    def used(self):
        return self.client.server("stats")["memory_used"]

    def fill(self, *call):
        """Repeats a call with a number and a kilobyte until there is no memory. Returns how often."""
        for n in range(100_000):
            try:
                self.client.call(*(n if arg is Ellipsis else arg for arg in call))
            except (RemoteException, RemoteError) as error:
                self.assertRegex(str(error), "MemoryError")
                return n
        raise AssertionError("there is no limit")

    def test_dict_is_filled_and_nothing_is_evicted(self):
        base = self.used()
        ident = self.client.create("dict")
        n = self.fill(ident, "__setitem__", ..., b"x" * 1000)
        self.assertGreater(n, self.LIMIT // 1200)
        self.assertGreater(self.used(), self.LIMIT - 2000)
        self.assertLessEqual(self.used(), self.LIMIT)
        self.assertGreater(self.client.server("stats")["memory_refused"], 0)
        self.assertEqual(self.client.call(ident, "keys"), list(range(n)))
        self.assertEqual(self.client.call(ident, "__getitem__", 0), b"x" * 1000)
        self.bystander.check()

        # what takes no more room works still, and so does what gives some back
        self.client.call(ident, "__setitem__", 0, b"y" * 1000)
        self.client.call(ident, "__delitem__", 1)
        self.client.call(ident, "pop", 2)
        self.client.call(ident, "__setitem__", "new", b"z" * 1000)
        self.assertEqual(self.client.call(ident, "__len__"), n - 1)
        self.client.call(ident, "clear")
        self.client.server("decref", ident)
        wire.wait_until(lambda: self.used() == base)

    def test_list_is_filled_and_nothing_is_evicted(self):
        base = self.used()
        ident = self.client.create("list")
        n = self.fill(ident, "append", b"x" * 1000)
        self.assertGreater(n, self.LIMIT // 2 // 1100)
        self.assertEqual(self.client.call(ident, "__len__"), n)
        self.bystander.check()
        self.client.call(ident, "pop")
        self.client.call(ident, "__delitem__", slice(0, 10))
        self.client.call(ident, "append", b"x" * 1000)
        self.assertEqual(self.client.call(ident, "__len__"), n - 10)
        self.client.server("decref", ident)
        wire.wait_until(lambda: self.used() == base)

    def test_objects_names_references_and_tickets_are_counted(self):
        idents = []
        with self.assertRaisesRegex(RemoteError, "^MemoryError: "):  # as of every constructor
            while True:
                idents.append(self.client.create("dict"))
        self.assertGreater(len(idents), 1000)
        for ident in idents[:500]:
            self.client.server("decref", ident)
        for n in range(10):
            self.client.server("open", "list", f"name {n}")
        n_tickets = self.fill(None, "lend", [idents[-1]] * 100)
        self.assertGreater(n_tickets, 0)
        self.bystander.check()

        for n in range(10):
            self.client.server("unlink", f"name {n}")
        self.assertEqual(self.client.call(idents[-1], "__len__"), 0)
        for ident in idents[500:]:
            self.client.server("decref", ident)
        wire.wait_until(lambda: self.client.server("stats")["objects"] <= 12)

    def test_update_that_does_not_fit_changes_nothing(self):
        ident = self.client.create("dict", {"before": 1})
        before = self.used()
        with self.assertRaises(RemoteException) as error:
            self.client.call(ident, "update", {n: b"x" * 1000 for n in range(10_000)})
        self.assertEqual(error.exception.name, "MemoryError")
        self.assertEqual(self.client.call(ident, "#GETVALUE"), {"before": 1})
        wire.wait_until(lambda: self.used() == before)

    def test_a_client_that_ends_gives_everything_back(self):
        base = self.used()

        def fill(say):
            with self.daemon.connect() as client:
                ident = client.create("dict")
                inner = Token("list", client.create("list", [ident]))
                client.call(ident, "__setitem__", "inner", inner)
                client.call(inner.ident, "append", Token("dict", ident))  # a cycle
                try:
                    for n in range(100_000):
                        client.call(ident, "__setitem__", n, b"x" * 1000)
                except RemoteException as error:
                    say(error.name)

        with wire.Child(fill) as child:
            self.assertEqual(child.hear(), "MemoryError")
            child.wait()
        wire.wait_until(lambda: self.used() == base)
        self.bystander.check()


class Buffers(unittest.TestCase):
    """What waits in the daemon's buffers, of all clients together."""

    LIMIT = 64 * MIB
    N = 20

    def setUp(self):
        self.daemon = wire.start_daemon("--max-buffered", str(self.LIMIT))
        self.addCleanup(self.daemon.close)
        self.bystander = wire.Bystander(self.daemon)
        self.addCleanup(self.bystander.close)
        self.cost = wire.Cost(self.daemon)
        self.before = self.cost.memory()
        self.clients = [self.daemon.connect() for _ in range(self.N)]
        for client in self.clients:
            self.addCleanup(client.close)

    def check(self):
        """Some were cut off, no more than had to be, and the others stayed."""
        size = 10 * MIB
        stats = self.bystander.stats()
        self.assertLessEqual(stats["buffered_now"], self.LIMIT)
        self.assertGreater(stats["buffered_now"], self.LIMIT - 2 * size)
        self.assertGreaterEqual(stats["closed_fullest"], self.N - self.LIMIT // size)
        self.assertGreater(stats["connections_now"], self.LIMIT // size - 2)
        if not SANITIZED:
            self.assertLess(self.cost.peak() - self.before, self.LIMIT + 2 * size)
        self.bystander.check()
        for client in self.clients:
            client.close()
        wire.wait_until(lambda: self.bystander.stats()["connections_now"] == 1)
        self.assertLess(self.bystander.stats()["buffered_now"], 1024)

    def test_requests_that_never_become_whole(self):
        honest = self.daemon.connect()
        self.addCleanup(honest.close)
        ident = honest.create("list")
        request = wire.pack([ident, "append", [b"x" * MIB], {}])
        frame = struct.pack("!i", len(request)) + request
        honest.send_bytes(frame[:-1])
        for client in self.clients:
            try:
                client.send_bytes(struct.pack("!i", 20 * MIB) + bytes(10 * MIB - 4))
            except ConnectionError:  # it was the fullest
                pass
        honest.send_bytes(frame[-1:])
        self.assertEqual(honest.receive(), (None, "#RETURN", None))
        honest.close()
        self.check()

    def test_many_connections_of_one_process_count_as_one(self):
        honest = self.clients[0]
        ident = honest.create("list")
        request = wire.pack([ident, "append", [bytes(8 * MIB)], {}])
        frame = struct.pack("!i", len(request)) + request
        honest.send_bytes(frame[:-1])

        def hoard(say):
            clients = [self.daemon.connect() for _ in range(12)]  # each of them holds less
            for client in clients:
                with contextlib.suppress(ConnectionError):
                    client.send_bytes(struct.pack("!i", 20 * MIB) + bytes(5 * MIB - 4))
            say("sent")
            os.read(staying, 1)

        staying, leaving = os.pipe()
        with wire.Child(hoard) as child:
            child.hear()
            wire.wait_until(lambda: self.bystander.stats()["closed_fullest"] == 1)
            honest.send_bytes(frame[-1:])
            self.assertEqual(honest.receive(), (None, "#RETURN", None))
            os.write(leaving, b"x")
            child.wait()
        os.close(staying)
        os.close(leaving)

    def test_replies_that_are_not_read(self):
        ident = self.bystander.client.create("list", [bytes(10 * MIB)])
        for client in self.clients:
            client.send(ident, "__getitem__", [0])
        n_too_many = self.N - self.LIMIT // (10 * MIB)
        wire.wait_until(lambda: self.bystander.stats()["closed_fullest"] >= n_too_many)
        self.check()


class Results(unittest.TestCase):
    @unittest.skipIf(SANITIZED, "the memory of a build with a sanitizer says nothing")
    def test_text_that_is_too_large_is_not_made(self):
        with wire.start_daemon("--max-frame", "8M") as daemon, daemon.connect() as client:
            ident = client.create("list", [bytes(7 * MIB)])
            cost = wire.Cost(daemon)
            cost.forget_peak()
            before = cost.memory()
            with self.assertRaisesRegex(RemoteError, "TooLarge.*fetch it in pages"):
                client.call(ident, "__repr__")
            self.assertLess(cost.peak() - before, 24 * MIB)


class Accounting(unittest.TestCase):
    def test_the_daemon_under_test_checks_its_accounting_when_it_ends(self):
        # Every test asserts that its daemon ended with 0: here, that this means something.
        with open(wire.MANAGERD, "rb") as program:
            self.assertIn(b"store->memory.used == 0", program.read())


if __name__ == "__main__":
    unittest.main()
