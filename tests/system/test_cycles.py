"""Circles of 2 to 100 owners who wait for each other: the last acquire is told, all others go on."""
import os
import random
import statistics
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire  # noqa: E402

SIZES = (2, 3, 5, 10, 30, 60, 100)
ROUNDS = 40
SOON = 0.005  # seconds


class Cycles(unittest.TestCase):
    def setUp(self):
        self.daemon = wire.start_daemon()
        self.addCleanup(self.daemon.close)
        self.owners = [self.daemon.connect() for _ in range(max(SIZES))]
        self.observer = self.daemon.connect()
        for client in (*self.owners, self.observer):
            self.addCleanup(client.close)

    def close_circle(self, rng, n):
        """Owner i holds lock i and asks for the next; returns who asked last, and for how long."""
        owners = rng.sample(self.owners, n)
        locks = [self.observer.create(rng.choice(["Lock", "RLock"])) for _ in range(n)]
        for owner, lock in zip(owners, locks):
            owner.call(lock, "acquire")
        *others, last = rng.sample(range(n), n)
        for i in others:
            owners[i].send(locks[(i + 1) % n], "acquire")
        wire.wait_until(lambda: self.observer.server("stats")["calls_parked"] == n - 1)
        begin = time.perf_counter()
        with self.assertRaises(wire.RemoteException) as caught:
            owners[last].call(locks[(last + 1) % n], "acquire")
        seconds = time.perf_counter() - begin
        self.check_error(caught.exception, locks)
        return owners, locks, last, seconds

    def check_error(self, error, locks):
        self.assertEqual(error.name, "DeadlockError")
        text, circle = error.arguments
        self.assertEqual(sorted(ident for ident, _ in circle), sorted(locks))
        self.assertEqual({pid for _, pid in circle}, {os.getpid()})
        for lock in locks:
            self.assertIn(f"{lock:#x}", text)

    def let_go(self, owners, locks, last):
        """One after the other gets what it waits for, and releases both."""
        n = len(owners)
        owners[last].call(locks[last], "release")
        for step in range(1, n):
            i = (last - step) % n
            self.assertEqual(owners[i].receive()[1:], ("#RETURN", True))
            owners[i].call(locks[(i + 1) % n], "release")
            owners[i].call(locks[i], "release")
        for lock in locks:
            self.observer.server("decref", lock)

    def test_every_circle_is_told_soon_and_nobody_else_is_harmed(self):
        rng = random.Random(4)
        times = []
        for i in range(ROUNDS):
            n = SIZES[i % len(SIZES)]
            with self.subTest(round=i, n=n):
                owners, locks, last, seconds = self.close_circle(rng, n)
                self.let_go(owners, locks, last)
                times.append(seconds)
        self.assertLess(statistics.median(times), SOON)
        self.assertEqual(self.observer.server("stats")["deadlocks"], ROUNDS)
        self.assertEqual(self.observer.server("locks"), [])
        print(f"{ROUNDS} circles, the longest was told after {max(times) * 1e3:.2f} ms", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
