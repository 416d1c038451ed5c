#!/usr/bin/python3
"""Every type of SyncManager against CPython itself: values, errors and their texts, who waits.

The rows are in tests/lib/cpython_*_rows.py, and cpython_rows.py says how to read them. Where
managerd differs on purpose the row says so, DIFFERENCES says why, and PROTOCOL.md tells its
readers; what no longer differs fails here.
"""
import os
import re
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import cpython_barrier_rows
import cpython_cell_rows
import cpython_condition_rows
import cpython_dict_rows
import cpython_list_rows
import cpython_lock_rows
import cpython_queue_rows
import cpython_set_rows
import wire
from cpython_daemon import Managerd, Sessions, Tasks
from cpython_manager import CPython
from cpython_recorded_rows import recorded
from cpython_rows import Session, actors, rows_of

MODULES = [cpython_dict_rows, cpython_list_rows, cpython_set_rows, cpython_cell_rows,
           cpython_lock_rows, cpython_condition_rows, cpython_barrier_rows, cpython_queue_rows]
ROWS = [row for module in MODULES for row in rows_of(module.ROWS)]

TYPES = """dict list set Iterator Namespace Value Array Lock RLock Semaphore BoundedSemaphore
    Event Condition Barrier Queue JoinableQueue""".split()

# what differs on purpose, and why
DIFFERENCES = {
    "atomic": "a call that fails has changed nothing",
    "barrier-action": "Python code cannot run in the daemon: clients run it",
    "barrier-attributes": "only the documented ones: the others are how CPython does it",
    "barrier-parties": "nobody could ever pass; CPython refuses it too, from 3.13 on",
    "blocking-truth": "anything is true or false, as in CPython from 3.12 on",
    "condition-names": "errors name the method that was called",
    "condition-over-rlock": "works; CPython's server cannot tell who owns the lock",
    "condition-over-semaphore": "only a lock can be given up whole and be had again",
    "join-timeout": "join takes a timeout, to know what became of the workers",
    "list-plus-proxy": "the proxy of a list is a list",
    "lock-options": "locks have options of our own",
    "namespace-mapping": "takes a dict, too, as types.SimpleNamespace does from 3.13 on",
    "negative-timeout": "the text of CPython 3.13",
    "no-such-method": "says what is missing; CPython says nothing but the name",
    "or-proxy": "the proxy of a dict is a dict",
    "proxy-classes": "the daemon knows types; a proxy's class is the client's",
    "proxy-equality": "proxies of the same object are equal",
    "queue-maxsize": "refused at once, where CPython fails in every later put",
    "queue-nan": "a timeout that is no number is an error, also where nobody has to wait",
    "queue-options": "queues have options of our own",
    "set-order": "insertion order, which makes results repeatable",
    "set-proxy-operand": "the proxy of a set is a set",
    "sort-key": "a function cannot be sent; the text says that",
    "sort-reverse": "anything is true or false, as in CPython from 3.12 on",
    "timeout-none": "None is no timeout, as everywhere else",
    "value-of-a-lock": "has none: the text says that",
}


def run(side, rows):
    """The outcomes of each row."""
    its_actors = actors()
    try:
        return [Session(side, its_actors).run_row(row) for row in rows]
    finally:
        for actor in its_actors.values():
            actor.end()


class Comparison(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cpython = CPython()
        cls.addClassCleanup(cls.cpython.close)

    def compare(self, row, expected, side_name, found):
        for line, theirs, ours in zip(row.lines, expected, found, strict=True):
            if (theirs == ours) == bool(line.difference):
                self.fail(f"{row.name}\n  {line.text}\n    CPython:  {theirs}\n    managerd: "
                          f"{ours}\n  {side_name}, {'must' if line.difference else 'may not'} "
                          "differ; all outcomes:\n    " + "\n    ".join(
                              f"{each.text:40} {outcome}"
                              for each, outcome in zip(row.lines, found)))

    def check_type(self, typeid):
        rows = [row for row in ROWS if row.typeid == typeid]
        expected = run(self.cpython, rows)
        for connections in (Sessions, Tasks):
            with wire.start_daemon() as daemon:
                side = Managerd(daemon, connections)
                self.addCleanup(side.close)
                for row, theirs, ours in zip(rows, expected, run(side, rows)):
                    with self.subTest(row=row.name, over=side.name):
                        self.compare(row, theirs, side.name, ours)
                self.assertEqual(side.n_objects(), 0, "objects were left behind")


def add_test(typeid):
    setattr(Comparison, f"test_{typeid}_is_cpythons", lambda self: self.check_type(typeid))


for _typeid in TYPES:
    add_test(_typeid)


class Recorded(unittest.TestCase):
    def test_managerd_does_what_cpython_could_not_be_asked(self):
        rows, expected = recorded()
        for connections in (Sessions, Tasks):
            with wire.start_daemon() as daemon:
                side = Managerd(daemon, connections)
                self.addCleanup(side.close)
                for row, theirs, ours in zip(rows, expected, run(side, rows), strict=True):
                    with self.subTest(row=row.name, over=side.name):
                        self.assertEqual(theirs, ours)


class Rows(unittest.TestCase):
    def test_there_are_rows_of_every_type(self):
        self.assertEqual({row.typeid for row in ROWS}, set(TYPES))
        self.assertEqual(len({row.name for row in ROWS}), len(ROWS))

    def test_every_difference_is_shown_and_explained(self):
        shown = {line.difference for row in ROWS for line in row.lines if line.difference}
        self.assertEqual(shown, set(DIFFERENCES))

    def test_protocol_lists_the_differences(self):
        with open(os.path.join(ROOT, "proto", "PROTOCOL.md"), encoding="utf-8") as file:
            section = file.read().split("\n## 13. Differences from CPython\n")[1].split("\n## ")[0]
        self.assertEqual(set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)),
                         set(DIFFERENCES))


if __name__ == "__main__":
    if sys.version_info[:2] != (3, 11):
        print("skipped: the texts that are compared are those of Debian 12's Python 3.11", file=sys.stderr)
        sys.exit(77)
    unittest.main()
