#!/usr/bin/python3
"""Keys that collide under uthash's default hash cost a real daemon no more than honest ones."""
import os
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire
from colliding import colliding

TRIES = 5


class Collisions(unittest.TestCase):
    def setUp(self):
        self.daemon = wire.start_daemon("--max-queued", "1G")
        self.addCleanup(self.daemon.close)
        self.bystander = wire.Bystander(self.daemon)
        self.addCleanup(self.bystander.close)
        self.client = self.daemon.connect()
        self.addCleanup(self.client.close)
        self.cost = wire.Cost(self.daemon)

    def cpu_of_calls(self, method, keys, *args):
        """Seconds of CPU that one call a key takes, on a dict of its own that is filled first."""
        ident = self.client.create("dict")
        frames = [wire.pack([ident, method, [key, *args], {}]) for key in keys]
        data = b"".join(struct.pack("!i", len(frame)) + frame for frame in frames)
        if method != "__setitem__":
            self.client.call(ident, "update", {key: 1 for key in keys})
        before = self.cost.cpu_seconds()
        with wire.Child(lambda say: (self.client.send_bytes(data), say("sent"))) as child:
            for _ in keys:
                self.client.receive_frame()
            child.hear()
        taken = self.cost.cpu_seconds() - before
        if method == "__setitem__":
            self.assertEqual(self.client.call(ident, "__len__"), len(keys))
        self.client.server("decref", ident)
        return taken

    def check(self, n):
        honest, hostile = [os.urandom(22) for _ in range(n)], [colliding(i) for i in range(n)]
        for method, args in (("__setitem__", [1]), ("__getitem__", []), ("update", None)):
            ratios = []
            for _ in range(TRIES):
                if args is None:
                    ratios.append(self.cpu_of_update(hostile) / self.cpu_of_update(honest))
                else:
                    ratios.append(self.cpu_of_calls(method, hostile, *args)
                                  / self.cpu_of_calls(method, honest, *args))
                if ratios[-1] <= 1.5:
                    break
            else:
                self.fail(f"{method} of {n} keys: {ratios} times the honest cost")
        self.bystander.check()

    def cpu_of_update(self, keys):
        """The same for calls with all of them, among which equal ones are searched."""
        ident = self.client.create("dict")
        before = self.cost.cpu_seconds()
        for _ in range(5):
            self.client.call(ident, "update", {key: 1 for key in keys})
        self.client.server("decref", ident)
        return self.cost.cpu_seconds() - before

    def test_20000(self):
        self.check(20_000)

    def test_100000(self):
        self.check(100_000)


if __name__ == "__main__":
    unittest.main()
