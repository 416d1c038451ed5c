#!/usr/bin/python3
"""Compares the type dict with Python's own: random calls, results and error texts equal.

    check_dict_python.py [path/to/object_tool [seed]]

Prints the seed first; a failure can be repeated with it. Where the type differs on
purpose (PROTOCOL.md), what is expected is changed here: update() that fails has changed
nothing, |= returns None, reversed() is a list. A walk is not compared once keys were
exchanged for as many others.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from against_python import compare, notation_of, run  # noqa: E402

N_DICTS = 150
N_CALLS = 60

NAN = float("nan")
SCALARS = [0, 1, 2, -1, 1.0, 2.0, 0.5, True, False, None, "a", "b", "", "é胡", b"a", b"",
           1 << 63, -(1 << 63), 1 << 64, float(1 << 64), 1 << 80, float("inf"), -0.0]
UNHASHABLE = [[], [1], {}, {1: 2}, {1}, (1, []), ((), ({},)), slice(1, 2)]


def any_key(rng, reference):
    way = rng.random()
    if way < 0.35 and reference:
        return rng.choice(list(reference))
    if way < 0.85:
        return rng.choice(SCALARS)
    if way < 0.95:
        return tuple(any_key(rng, None) for _ in range(rng.randrange(3)))
    return frozenset(rng.sample(["a", 1, None, 2.5], rng.randrange(3)))


def any_or_bad_key(rng, reference):
    # before 3.12 slices are unhashable, afterwards not
    bad = UNHASHABLE if sys.version_info < (3, 12) else UNHASHABLE[:-1]
    return rng.choice(bad) if rng.random() < 0.05 else any_key(rng, reference)


def any_value(rng):
    return rng.choice([rng.choice(SCALARS), rng.randrange(1 << 40), "x" * rng.randrange(60),
                       [1, [2]], {"k": (1,)}, (), NAN])


def any_dict(rng, reference):
    return {any_key(rng, reference): any_value(rng) for _ in range(rng.randrange(6))}


def any_pair(rng, reference):
    key = any_or_bad_key(rng, reference)
    way = rng.random()
    if way < 0.6:
        return (key, any_value(rng))
    if way < 0.9:
        return [key, any_value(rng)]
    return rng.choice(["ab", b"xy", "é胡", {"k": 1, "l": 2}, {7}, "a", (1, 2, 3), 5, None, [], b""])


def any_source(rng, reference):
    way = rng.random()
    if way < 0.4:
        return any_dict(rng, reference)
    if way < 0.9:
        pairs = [any_pair(rng, reference) for _ in range(rng.randrange(5))]
        return rng.choice([tuple, list])(pairs)
    return rng.choice([5, None, "ab", b"ab", 1.5, {"ab"}, "", b"", ()])


def any_keywords(rng):
    return {name: any_value(rng) for name in rng.sample(["a", "b", "other", "self_"], 2)}


def any_call(rng, reference):
    name = rng.choice([
        "__contains__", "__delitem__", "__getitem__", "__ior__", "__iter__", "__len__",
        "__next__", "__next__", "__next__", "__or__", "__reversed__", "__ror__", "__setitem__",
        "__setitem__", "__setitem__", "clear", "copy", "fromkeys", "get", "items", "keys", "pop",
        "pop", "popitem", "setdefault", "setdefault", "update", "update", "values"])
    if name == "clear" and rng.random() < 0.7:
        name = "__iter__"
    if rng.random() < 0.03:
        return name, tuple(rng.randrange(3) for _ in range(rng.randrange(4))), {}
    if name in ("__contains__", "__delitem__", "__getitem__"):
        return name, (any_or_bad_key(rng, reference),), {}
    if name == "__setitem__":
        return name, (any_or_bad_key(rng, reference), any_value(rng)), {}
    if name in ("get", "pop", "setdefault"):
        default = () if rng.random() < 0.5 else (any_value(rng),)
        return name, (any_or_bad_key(rng, reference), *default), {}
    if name == "fromkeys":
        keys = [any_or_bad_key(rng, reference) for _ in range(rng.randrange(4))]
        return name, (rng.choice([keys, keys, tuple(keys), "aba", b"aba", {1: 2}, 5]),
                      *(() if rng.random() < 0.5 else (any_value(rng),))), {}
    if name in ("__or__", "__ror__", "__ior__"):
        return name, (any_source(rng, reference),), {}
    if name == "update":
        return name, (() if rng.random() < 0.2 else (any_source(rng, reference),)), (
            any_keywords(rng) if rng.random() < 0.3 else {})
    return name, (), {}


def failure(error):
    if isinstance(error, StopIteration):
        return "StopIteration"
    return f"{type(error).__name__}: {error}"


class Reference:
    """A dict of Python and an iterator over it."""

    def __init__(self, start):
        self.dict = start
        self.walk = None
        self.length = 0        # when the walk began
        self.removed = False   # since then

    def can_walk(self):
        # with other keys, but as many, CPython's walk depends on where they came to lie
        return self.walk is not None and not (self.removed and self.length == len(self.dict))

    def call(self, name, args, kwds):
        before = dict(self.dict)
        try:
            if name == "__iter__":
                result = self.dict.__iter__(*args)
                self.walk, self.length, self.removed = result, len(self.dict), False
                return "proxy"
            target = self.walk if name == "__next__" else self.dict
            result = getattr(target, name)(*args, **kwds)
        except Exception as error:  # noqa: whatever it is, it is what is compared
            if repr(before) != repr(self.dict):
                # an update that failed half way; no walk survives the repair
                self.dict, self.walk = before, None
            return failure(error)
        self.removed |= len(self.dict) < len(before)
        if name == "__ior__" and result is not NotImplemented:
            return "None"
        if name in ("keys", "values", "items", "__reversed__"):
            result = list(result)
        return repr(result)


def check_dict(tool, rng):
    start, kwds = any_source(rng, None), any_keywords(rng)
    history = [f"dict({notation_of((start,), kwds)})"]
    try:
        reference, expected = Reference(dict(start, **kwds)), "None"
    except (TypeError, ValueError) as error:
        expected = failure(error)
    result, value = tool.ask("new", notation_of((start,), kwds))
    compare("result", expected, result, history)
    if expected != "None":
        return 0
    for n_calls in range(N_CALLS):
        name, args, kwds = any_call(rng, reference.dict)
        if name == "__next__" and not reference.can_walk():
            name, args = "__iter__", ()
        history.append(f"{name}({notation_of(args, kwds)})")
        expected = reference.call(name, args, kwds)
        result, value = tool.ask(name, notation_of(args, kwds))
        compare("result", expected, result, history)
        compare("dict", repr(reference.dict), value, history)
    return N_CALLS


if __name__ == "__main__":
    run("dict", check_dict, N_DICTS)
