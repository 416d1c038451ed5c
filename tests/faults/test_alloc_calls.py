#!/usr/bin/python3
"""Calls where the k-th allocation of the daemon fails, for every k.

Each step is done once without a failure, then again with objects made anew for every k. A call
of it must have worked or failed with MemoryError, or the connection must have been closed; and
the state must be exactly what it is where only those calls are made that worked. The calls
whose reply was lost with the connection may or may not have been made.
"""
import itertools
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import memory
import wire
from steps import all_steps
from wire import RemoteError, RemoteException, Token
from world import LOST, NO_MEMORY, World


class Scene:
    """The objects of a step, made anew, and its calls made in front of them."""

    def __init__(self, world, step):
        self.world, self.step = world, step
        self.idents, self.typeids = {}, {}
        world.renew()
        self.client = getattr(world, step.client)
        for name, (typeid, args) in step.objects.items():
            self.typeids[name] = typeid
            self.idents[name] = self.client.create(typeid, *map(self.real, args))
        for ident, method, args, *more in step.prepare:
            self.client.send(self.real(ident), method, self.real(args), *more)
            _, kind, value = self.client.receive()
            self.client.result(kind, value)

    def real(self, value):
        """With idents and tokens for the names of objects."""
        if isinstance(value, str) and value.startswith("@@"):
            return Token(self.typeids[value[2:]], self.idents[value[2:]])
        if isinstance(value, str) and value.startswith("@"):
            return self.idents[value[1:]]
        if isinstance(value, (list, tuple)):
            return type(value)(map(self.real, value))
        if isinstance(value, dict):
            return {self.real(k): self.real(v) for k, v in value.items()}
        return value

    def run(self, chosen):
        """Makes the chosen calls, all sent at once. Returns what became of each."""
        results, plain = {}, []
        try:
            for i in chosen:
                ident, method, args, *more = self.step.calls[i]
                kwds = more[0] if more else {}
                options = more[1] if len(more) > 1 else None
                if not options:
                    plain.append(i)
                self.client.send(self.real(ident), method, self.real(args), self.real(kwds),
                                 options)
            plain = iter(plain)
            for _ in chosen:
                number, kind, value = self.client.receive()
                i = next(plain) if number is None else number
                results[i] = self.outcome(kind, value)
        except (EOFError, ConnectionError):
            self.world.lose(self.step.client)
        return {i: results.get(i, LOST) for i in chosen}

    def outcome(self, kind, value):
        """Comparable with that of the same call in another scene. Errors: kind, name, the rest."""
        name = ""
        if kind == "#ERROR":
            name, value = value.name, value.arguments
        elif kind == "#TRACEBACK":
            name, _, value = value.partition(":")
        if name == "MemoryError":
            return NO_MEMORY
        labels = {ident: label for label, ident in self.idents.items()}
        return kind, name, self.world.shown(value, labels) if self.step.compare else ""


def is_as_expected(outcome, expected):
    """An error for whose text there was no memory has a shorter one, or none."""
    kind, name, rest = outcome
    return outcome == expected or (name and expected[:2] == (kind, name)
                                   and len(str(rest)) < len(str(expected[2])))


class Sweep(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.n_live = self.world.restart()
        self.n_swept = self.n_restarts = 0
        self.known = {}
        self.memory_used = self.world.stats()["memory_used"]

    def tearDown(self):
        n_live = self.world.end()
        print(f"{self.n_swept} allocations failed, {self.n_restarts} restarts")
        self.assertEqual(n_live, self.n_live, "blocks live at the end")

    def complain(self, step, k, what):
        if self.world.daemon.process.poll() is not None:
            what += f"; the daemon ended with {self.world.daemon.process.returncode}"
        self.fail(f"{step.name}, k = {k}: {what}\n{self.world.daemon.log()[-2000:]}"
                  f"{self.world.memory.trace()}")

    def expectation(self, step, chosen, lost=False):
        """What comes of the chosen calls, and the state, where nothing fails.

        If `lost`, the state where the connection was closed behind them.
        """
        known = self.known.setdefault(step, {})
        if (chosen, lost) not in known:
            results = Scene(self.world, step).run(chosen)
            if lost:
                self.world.lose(step.client)
                self.world.renew()
            known[chosen, lost] = results, self.world.state(step.uses_up)
            self.clear(step, 0)
        return known[chosen, lost]

    def clear(self, step, k):
        if not self.world.clear() or self.world.stats()["tickets"]:
            if not any("lend" in call for call in step.calls):
                self.complain(step, k, f"there is left: {self.world.objects()}")
            self.n_restarts += 1
            n_live = self.world.restart()
            if n_live != self.n_live:
                self.complain(step, k, f"{n_live} blocks live at the end, not {self.n_live}")
        stats = self.world.stats()
        if stats["memory_used"] != self.memory_used:
            self.complain(step, k, f"memory_used is {stats['memory_used']} in the end, "
                                   f"not {self.memory_used}")

    def check(self, step, k, results):
        """Is that what is seen where the calls that failed are not made?"""
        state = self.world.state(step.uses_up)
        done = [i for i, outcome in results.items() if outcome not in (LOST, NO_MEMORY)]
        lost = [i for i, outcome in results.items() if outcome is LOST]
        self.clear(step, k)
        choices = []
        for n in range(len(lost) + 1):
            choices += itertools.combinations(lost, n) if len(lost) < 4 else [lost[:n]]
        for more in choices:
            chosen = tuple(sorted([*done, *more]))
            expected, expected_state = self.expectation(step, chosen, bool(lost))
            if state == expected_state and all(
                    is_as_expected(results[i], expected[i]) for i in done):
                return
        expected, expected_state = self.expectation(step, tuple(done), bool(lost))
        different = [pair for pair in zip(state, expected_state) if pair[0] != pair[1]]
        self.complain(step, k, f"{results} where {expected} was expected; the state differs in "
                               f"{different}")

    def sweep(self, step, all_from):
        k, n_failed = 0, 1
        everything = tuple(range(len(step.calls)))
        if NO_MEMORY in self.expectation(step, everything)[0].values():
            self.complain(step, k, "no memory without a failure")
        while n_failed:
            k += 1
            scene = Scene(self.world, step)
            self.world.memory.arm(k, memory.FOR_EVER if all_from else k)
            results = scene.run(everything)
            n_failed = self.world.memory.disarm()
            if LOST in results.values() and self.world.has_crashed():
                self.complain(step, k, "crashed")
            self.world.renew()
            self.check(step, k, results)
            self.world.renew()
        self.n_swept += k - 1

    def sweep_steps(self, all_from):
        only = os.environ.get("STEP", "")
        for step in all_steps():
            if only in step.name:
                self.sweep(step, all_from)

    def test_where_one_allocation_fails(self):
        self.sweep_steps(False)

    def test_where_all_allocations_from_one_on_fail(self):
        self.sweep_steps(True)


if __name__ == "__main__":
    unittest.main()
