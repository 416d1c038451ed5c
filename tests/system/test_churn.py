"""A million objects of all types come and go, and leave nothing behind.

With an argument: so many of each type.
"""
import os
import re
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire  # noqa: E402

PROTOCOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "proto", "PROTOCOL.md")

ARGUMENTS = {
    "Array": ("i", [1, 2, 3]),
    "Barrier": (2,),
    "BoundedSemaphore": (3,),
    "Condition": (),
    "Event": (),
    "JoinableQueue": (5,),
    "Lock": (),
    "Namespace": (),
    "Queue": (0, True),
    "RLock": (),
    "Semaphore": (3,),
    "Value": ("i", 5),
    "dict": ({"a": 1, "b": [1, 2]},),
    "list": ([1, "two", (3,)],),
    "set": ([1, "two"],),
}

IS_SLOW = wire.is_sanitized() or "FAULTY_IO_COUNTS" in os.environ
TOTAL = 100_000 if IS_SLOW else 1_000_000
AT_ONCE = 500
GROWTH = 1 << 20  # bytes of resident memory: a few pages here and there


def frame(request):
    payload = wire.pack(request)
    return struct.pack("!i", len(payload)) + payload


class Churn(unittest.TestCase):
    def setUp(self):
        self.daemon = wire.start_daemon()
        self.addCleanup(self.daemon.close)
        self.client = self.daemon.connect()
        self.addCleanup(self.client.close)
        token = self.client.create("dict")
        self.arguments = {**ARGUMENTS, "Iterator": (wire.Token("dict", token),)}

    def resident(self):
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) * 1024

    def receive(self, n):
        return [self.client.result(*self.client.receive()[1:]) for _ in range(n)]

    def churn(self, typeid, n):
        create = frame([None, "create", [typeid, *self.arguments[typeid]], {}])
        while n > 0:
            some = min(n, AT_ONCE)
            self.client.send_bytes(create * some)
            idents = [ident for ident, _ in self.receive(some)]
            self.client.send_bytes(b"".join(frame([None, "decref", [ident], {}]) for ident in idents))
            self.assertEqual(self.receive(some), [None] * some)
            n -= some

    def churn_all(self, n):
        for typeid in self.arguments:
            self.churn(typeid, n)
        # what is dropped goes in steps
        wire.wait_until(lambda: self.client.server("stats")["objects"] == 1)

    def memory_used(self):
        before = None
        while before != (before := self.client.server("stats")["memory_used"]):
            pass
        return before

    def test_every_type_is_here(self):
        with open(PROTOCOL, encoding="utf-8") as file:
            section = file.read().split("\n## 8. Types\n")[1].split("\n## ")[0]
        documented = {name for heading in re.findall(r"(?m)^### (.*)$", section)
                      for name in re.split(r", | and ", heading)}
        self.assertEqual(documented, set(self.arguments))

    def test_memory_is_where_it_was(self):
        each = int(sys.argv[1]) if len(sys.argv) > 1 else TOTAL // len(self.arguments)
        self.churn_all(2000)  # the daemon's own buffers have their size then
        used, resident = self.memory_used(), self.resident()
        self.churn_all(each)
        self.assertEqual(self.memory_used(), used)
        if not IS_SLOW:  # a sanitizer keeps what was freed for a while
            self.assertLess(self.resident() - resident, GROWTH)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
