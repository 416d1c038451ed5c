#!/usr/bin/python3
"""Compares the type list with Python's own: random calls, results and error texts equal.

    check_list_python.py [path/to/object_tool [seed]]

Needs Python 3.11, whose texts are matched. Prints the seed first; a failure can be
repeated with it. Not compared, because it differs on purpose: see PROTOCOL.md.
"""

import array
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from against_python import compare, notation_of, run  # noqa: E402

N_LISTS = 150
N_CALLS = 40
MAX_LENGTH = 60  # up to 63 elements sort() compares the same ones as CPython

BOUNDS = [0, 1, -1, 2, 3, 5, 100, -100, 1 << 62, -(1 << 62), 1 << 70, -(1 << 70), (1 << 63),
          (1 << 63) - 1, -(1 << 63), True, False]
NO_INDEX = [None, 1.5, "1", b"", [1], (1,), {}, slice(None)]


def any_scalar(rng, nan="nan"):
    # no NaN inside of tuples: there one and the same object equals itself in Python
    return rng.choice([
        rng.randrange(-3, 12), rng.randrange(-3, 12), rng.randrange(10 ** 6), rng.getrandbits(80),
        rng.choice([0.5, 1.0, -0.0, 2.5, 1e300, float("inf"), float(nan)]),
        rng.choice("abc"), "a text that is longer than one cell", "é胡\U0001f600'\n\\",
        b"xy", None, True, False])


def any_value(rng):
    return any_scalar(rng) if rng.random() < 0.7 else any_nested(rng, 2)


def any_nested(rng, depth):
    if depth == 0 or rng.random() < 0.4:
        return any_scalar(rng, nan="-inf")
    n = rng.randrange(4)
    return rng.choice([
        lambda: [any_nested(rng, depth - 1) for _ in range(n)],
        lambda: tuple(any_nested(rng, depth - 1) for _ in range(n)),
        lambda: {rng.choice(["k", 1, 2.5]): any_nested(rng, depth - 1) for _ in range(n)},
        lambda: {rng.choice(["k", 1, 2.5])},
    ])()


def any_elements(rng, length=None):
    """What a list may be filled with: often all of a kind, so that sort() has something to do."""
    n = rng.randrange(8) if length is None else length
    kind = rng.randrange(6)
    if kind == 0:
        return [rng.randrange(-20, 20) for _ in range(n)]
    if kind == 1:
        return [rng.choice(["a", "b", "ab", "", "é", "a longer text than fits", "Z"])
                for _ in range(n)]
    if kind == 2:
        return [rng.choice([1, True, 1.0, 0, -0.0, False, 0.5, 2]) for _ in range(n)]
    if kind == 3:
        return [(rng.randrange(3), rng.choice("ab")) for _ in range(n)]
    return [any_value(rng) for _ in range(n)]


def any_iterable(rng, length=None):
    elements = any_elements(rng, length)
    way = rng.randrange(12)
    if length is not None or way < 6:
        return elements
    return [tuple(elements), "aé胡", b"\x00\xff7", {"k": 1, 2: 3}, array.array("i", [1, -2, 3]),
            rng.choice([5, None, 1.5, True, {7}, slice(1, 2)])][way - 6]


def any_bound(rng, length):
    if rng.random() < 0.75:
        return rng.randrange(-length - 2, length + 3)
    if rng.random() < 0.7:
        return rng.choice(BOUNDS)
    return rng.choice(NO_INDEX)


def any_slice(rng, length):
    def bound():
        return None if rng.random() < 0.3 else any_bound(rng, length)
    step = rng.choice([None, None, None, 1, 1, 2, 3, -1, -1, -2, -3, 0, 1 << 70, -(1 << 63), "x"])
    return slice(bound(), bound(), step)


def any_key(rng, length):
    return any_slice(rng, length) if rng.random() < 0.6 else any_bound(rng, length)


def any_wanted(rng, reference):
    if reference and rng.random() < 0.6:
        # a copy: what arrives by the wire is never the same object
        return eval_copy(rng.choice(reference))
    return any_value(rng)


def eval_copy(value):
    return eval(repr(value), {"nan": float("nan"), "inf": float("inf"), "array": array.array})


def any_call(rng, reference):
    n = len(reference)
    name = rng.choice([
        "__add__", "__contains__", "__delitem__", "__delitem__", "__getitem__", "__getitem__",
        "__imul__", "__len__", "__mul__", "__reversed__", "__rmul__", "__setitem__", "__setitem__",
        "__setitem__", "append", "append", "clear", "copy", "count", "extend", "extend", "index",
        "insert", "insert", "pop", "remove", "reverse", "sort", "sort"])
    if name in ("__len__", "__reversed__", "clear", "copy", "reverse"):
        if name == "clear" and rng.random() < 0.8:
            name = "reverse"
        return name, (), {}
    if name == "__add__":
        return name, (any_iterable(rng),), {}
    if name in ("__contains__", "count", "remove", "append"):
        return name, (any_wanted(rng, reference),), {}
    if name in ("__getitem__", "__delitem__"):
        return name, (any_key(rng, n),), {}
    if name in ("__mul__", "__rmul__", "__imul__"):
        return name, (rng.choice([0, 1, 2, 3, -1, -(1 << 62), 1 << 63, 1 << 70, True, None, "x",
                                  2.0]),), {}
    if name == "__setitem__":
        key = any_key(rng, n)
        if not isinstance(key, slice):
            return name, (key, any_value(rng)), {}
        length = None
        try:
            if rng.random() < 0.6:
                length = len(reference[key])
        except (TypeError, ValueError):
            pass
        return name, (key, any_iterable(rng, length)), {}
    if name == "extend":
        return name, (any_iterable(rng),), {}
    if name == "index":
        return name, (any_wanted(rng, reference),
                      *(any_bound(rng, n) for _ in range(rng.randrange(3)))), {}
    if name == "insert":
        return name, (any_bound(rng, n), any_value(rng)), {}
    if name == "pop":
        return name, (() if rng.random() < 0.3 else (any_bound(rng, n),)), {}
    return name, (), rng.choice([{}, {"reverse": True}, {"reverse": False, "key": None}])


def failure(error):
    # the text of a MemoryError is the daemon's own
    if isinstance(error, MemoryError):
        return "MemoryError"
    return f"{type(error).__name__}: {error}"


def expect(reference, name, args, kwds):
    try:
        result = getattr(reference, name)(*args, **kwds)
    except Exception as error:  # noqa: whatever it is, it is what is compared
        return failure(error)
    if name == "__imul__":
        return "None"
    if name == "__reversed__":
        result = list(result)
    return repr(result)


def check_list(tool, rng):
    start = any_iterable(rng, rng.choice([None, rng.randrange(MAX_LENGTH)]))
    history = [f"list({start!r})"]
    try:
        reference, expected = list(start), "None"
    except TypeError as error:
        reference, expected = [], failure(error)
    result, value = tool.ask("new", repr(start))
    compare("result", expected, result, history)
    if expected != "None":
        return 0
    n_calls = 0
    while n_calls < N_CALLS:
        # what CPython does to a copy, to be able to refuse what makes the list too long
        name, args, kwds = any_call(rng, reference)
        attempt = reference.copy()
        expected = expect(attempt, name, args, kwds)
        if len(attempt) > MAX_LENGTH:
            continue
        n_calls += 1
        if expected.split(":")[0].endswith("Error"):
            attempt = reference
        notation = notation_of(args, kwds)
        history.append(f"{name}({notation})")
        result, value = tool.ask(name, notation)
        if result.startswith("MemoryError"):
            result = "MemoryError"
        compare("result", expected, result, history)
        compare("list", repr(attempt), value, history)
        reference = attempt
    return n_calls


if __name__ == "__main__":
    run("list", check_list, N_LISTS)
