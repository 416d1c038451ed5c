"""Rows of the comparison with CPython: how they are written, run and shown.

A row is a name and a Python session, one statement a line, that runs on two *sides*: once
with CPython's own manager as `m`, once with managerd. What each line returns or raises is
its outcome, and the outcomes must be the same.

    == Lock: a release lets one in
    l = m.Lock()
    l.acquire()
    b: l.acquire() ...
    l.release()
    b: ...

`b:` before a statement lets another *actor* run it, who has a thread, and so a connection,
of its own. `...` behind one starts a call that is expected to wait; the next line runs when
the side sees that it does. `b: ...` alone waits for the end of that call, `b?` looks whether
it still waits. `#! name` behind a line names the difference that must show there.
"""
import array
import concurrent.futures
import copy
import itertools
import queue
import re
import threading
import time
from multiprocessing.managers import RemoteError

import wire

LINE = re.compile(r"(?:(?P<actor>[b-e])(?P<look>\?|:) ?)?(?P<code>.*?)(?P<starts> ?\.\.\.)?"
                  r"(?:  #! (?P<difference>[a-z-]+))?$")


class Line:
    def __init__(self, text):
        match = LINE.fullmatch(text)
        self.text, self.actor = text, match["actor"] or "a"
        self.code, self.difference = match["code"], match["difference"]
        self.kind = ("look" if match["look"] == "?" else "run" if not match["starts"]
                     else "start" if self.code else "finish")

    def compiled(self):
        try:
            return compile(self.code, self.text, "eval")
        except SyntaxError:
            return compile(self.code, self.text, "exec")


class Row:
    def __init__(self, name, lines):
        self.name, self.typeid = name, name.partition(":")[0]
        self.lines = [Line(line) for line in lines]


def rows_of(text):
    rows = []
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        name, *lines = part.splitlines()
        rows.append(Row(name, [line for line in lines if line and not line.startswith("# ")]))
    return rows


# --- outcomes

def tidied(text):
    """Without what is never the same: addresses, numbers of threads."""
    return re.sub(r"owner=[1-9]\d*", "owner=N", re.sub(r"at 0x[0-9a-f]+", "at 0x", text))


def show(value):
    """Like repr, but the same for what is equal: the order of a set is nobody's."""
    if isinstance(value, (set, frozenset)):
        return f"{type(value).__name__}({sorted(map(show, value))})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({', '.join(map(show, value))})"
    if hasattr(type(value), "_callmethod"):
        return f"<proxy of a {value._token.typeid}>"
    return tidied(repr(value))


def show_error(error):
    if isinstance(error, (RemoteError, wire.RemoteError)):
        last = [line for line in str(error).splitlines() if line.strip("- ")][-1]
        name, _, text = last.partition(": ")
        return tidied(f"remote {name.rpartition('.')[2]}: {text}")
    name, args = type(error).__name__, error.args
    if isinstance(error, wire.RemoteException):
        name, args = error.name, error.arguments
    return tidied(f"{name}{show(tuple(args))[5:]}")


# --- actors

class Actor(threading.Thread):
    """Runs one statement after the other. Its name tells its connection from all others."""

    numbers = itertools.count(1)

    def __init__(self):
        super().__init__(name=f"actor-{next(self.numbers)}", daemon=True)
        self.statements = queue.SimpleQueue()
        self.start()

    def run(self):
        while (statement := self.statements.get()) is not None:
            future, code, names = statement
            future.set_result(self.outcome(code, names))

    def end(self):
        self.statements.put(None)

    @staticmethod
    def outcome(code, names):
        try:
            return show(eval(code, names))
        except Exception as error:  # whatever it is, it is what is compared
            return show_error(error)

    def begin(self, code, names):
        future = concurrent.futures.Future()
        self.statements.put((future, code, names))
        return future


def actors():
    return {letter: Actor() for letter in "abcde"}


class Stuck(Exception):
    """A call did not return, or a side did not see it wait."""


class Session:
    """One row on one side.

    A side has a `manager`, `waits(actor, n)`, which says whether the actor's call, one of n
    that are under way, waits now, and `row_ended()`.
    """

    def __init__(self, side, its_actors):
        self.side, self.actors, self.under_way = side, its_actors, {}
        self.names = {"m": side.manager, "array": array.array, "copy": copy, "nan": float("nan"),
                      "inf": float("inf")}

    def run_row(self, row):
        outcomes = []
        for line in row.lines:
            try:
                outcomes.append(getattr(self, line.kind)(line))
            except Stuck as stuck:
                raise Stuck(f"{row.name}, {line.text!r}: {stuck}; before it {outcomes}") from None
        if self.under_way:
            raise Stuck(f"{row.name}: not finished: {sorted(self.under_way)}")
        self.names.clear()
        self.side.row_ended()
        return outcomes

    def start(self, line):
        self.under_way[line.actor] = self.actors[line.actor].begin(line.compiled(), self.names)
        return self.look(line)

    def look(self, line):
        future = self.under_way[line.actor]
        deadline = time.monotonic() + wire.PATIENCE
        while not future.done():
            n_waiting = sum(not other.done() for other in self.under_way.values())
            if self.side.waits(self.actors[line.actor].name, n_waiting):
                return "waits"
            if time.monotonic() > deadline:
                raise Stuck("neither returns nor waits")
        return "returned " + future.result()

    def finish(self, line):
        return self.result(self.under_way.pop(line.actor))

    def run(self, line):
        return self.result(self.actors[line.actor].begin(line.compiled(), self.names))

    @staticmethod
    def result(future):
        try:
            return future.result(wire.PATIENCE)
        except concurrent.futures.TimeoutError:
            raise Stuck("does not return") from None
