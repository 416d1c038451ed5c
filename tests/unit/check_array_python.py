#!/usr/bin/python3
"""Compares the type Array with Python's array.array: random calls, results and error texts equal.

    check_array_python.py [path/to/object_tool [seed]]

Needs Python 3.11, whose texts are matched. Prints the seed first; a failure can be
repeated with it. What Python has not is compared with the same steps written out in Python.
"""

import array
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from against_python import compare, notation_of, run  # noqa: E402

N_ARRAYS = 400
N_CALLS = 30
MAX_LENGTH = 60

TYPECODES = "bBuhHiIlLqQfd"
EDGES = [bound + more for bits in (7, 8, 15, 16, 31, 32, 63, 64, 70) for bound in (1 << bits,
         -(1 << bits)) for more in (-1, 0, 1)] + [1 << 2000, -(1 << 2000)]
REALS = [0.0, -0.0, 0.1, 1.5, 1e300, -1e-300, 3.4028235677973366e38, float("inf"), float("nan")]
NO_ITEMS = [None, "ab", "", b"x", [1], (1,), {}, slice(None)]
BOUNDS = [0, 1, -1, 100, -100, 1 << 62, -(1 << 62), 1 << 70, -(1 << 70), (1 << 63) - 1, -(1 << 63),
          True, False]
NO_INDEX = [None, 1.5, "1", b"", [1], (1,), {}]


def good_item(rng, typecode):
    if typecode == "u":
        return rng.choice("abcé胡\U0001f600'\"\\\n")
    if typecode in "fd":
        return rng.choice([rng.choice(REALS), rng.uniform(-9, 9), rng.randrange(100), True])
    bits = 8 * array.array(typecode).itemsize
    low, high = (0, 1 << bits) if typecode.isupper() else (-1 << bits - 1, 1 << bits - 1)
    return rng.choice([rng.randrange(low, high), rng.randrange(100), low, high - 1, True])


def any_item(rng, typecode):
    if rng.random() < 0.8:
        return good_item(rng, typecode)
    return rng.choice([rng.choice(EDGES), rng.choice(REALS), rng.choice(NO_ITEMS), "a"])


def items(rng, typecode, length=None, pick=good_item):
    return [pick(rng, typecode) for _ in range(rng.randrange(8) if length is None else length)]


def any_sequence(rng, typecode):
    """What an array may be made from."""
    way = rng.randrange(12)
    if way < 4:
        return items(rng, typecode, rng.randrange(MAX_LENGTH))
    if way < 6:
        return items(rng, typecode, pick=any_item)
    if way == 6:
        return tuple(items(rng, typecode))
    if way == 7:
        return rng.choice(["", "aé胡", "x'\""])
    if way == 8:
        # of characters only code points: what else Python takes, it cannot show
        size = array.array(typecode).itemsize
        return rng.choice([b"", b"abc", b"a\0\0\0" * 4, bytes(size * 3)])
    if way == 9:
        other = rng.choice(TYPECODES)
        return array.array(other, items(rng, other))
    if way == 10:
        return {1: 2, 3: 4}
    return rng.choice([None, 5, 1.5, True, slice(1)])


def any_bound(rng, length):
    if rng.random() < 0.8:
        return rng.randrange(-length - 2, length + 3)
    return rng.choice(BOUNDS + NO_INDEX)


def any_slice(rng, length):
    def bound():
        return None if rng.random() < 0.3 else any_bound(rng, length)
    step = rng.choice([None, None, None, 1, 1, 2, 3, -1, -1, -2, -3, 0, 1 << 70, -(1 << 63), "x"])
    return slice(bound(), bound(), step)


def any_source(rng, reference, key):
    """What may be assigned to a slice."""
    typecode = reference.typecode
    if rng.random() < 0.1:
        return rng.choice([5, None, [1, 2], (1,), "ab", b"ab", {}, array.array("i", [1]),
                           array.array("u", "ab")])
    length = None
    try:
        if rng.random() < 0.6:
            length = len(reference[key])
        elif rng.random() < 0.3:
            length = 0
    except (TypeError, ValueError):
        pass
    return array.array(typecode, items(rng, typecode, length))


def any_call(rng, reference):
    n = len(reference)
    name = rng.choice(["__getitem__", "__getitem__", "__setitem__", "__setitem__", "__setitem__",
                       "__len__", "incr", "compare_and_swap", "page"])
    if name == "__len__":
        return name, ()
    if name == "page":
        return name, tuple(rng.choice([0, 1, 3, n, n + 5, -2, -n - 5]) if i == 0 else
                           rng.choice([1, 2, 5, 100, 1 << 62, 0, -1, "x"])
                           for i in range(rng.randrange(3)))
    key = any_bound(rng, n)
    if name == "incr":
        return name, (key, *[rng.choice([0, 1, -1, 100, -128, 0.5, 1 << 40, 1 << 64, "x", None])
                             for _ in range(rng.randrange(2))])
    if name == "compare_and_swap":
        found = rng.choice(reference) if n else 0
        return name, (key, rng.choice([found, any_item(rng, reference.typecode)]),
                      any_item(rng, reference.typecode))
    if rng.random() < 0.5:
        key = any_slice(rng, n)
    if name == "__getitem__":
        return name, (key,)
    if isinstance(key, slice):
        return name, (key, any_source(rng, reference, key))
    return name, (key, any_item(rng, reference.typecode))


def incr(reference, index, delta=1):
    item = reference[index]
    item += delta
    try:
        reference[index] = item
    except IndexError:
        pass
    return reference[index]


def compare_and_swap(reference, index, expected, new):
    if reference[index] != expected:
        return False
    reference[index] = new
    return True


def page(reference, start=0, count=100):
    if not isinstance(count, int):
        raise TypeError("'str' object cannot be interpreted as an integer")
    if count < 1:
        raise ValueError("count must be positive")
    begin = max(start + len(reference), 0) if start < 0 else min(start, len(reference))
    end = min(begin + count, len(reference))
    return [end if end < len(reference) else None, list(reference[begin:end])]


MORE = {"incr": incr, "compare_and_swap": compare_and_swap, "page": page}


def failure(error):
    return f"{type(error).__name__}: {error}"


def expect(reference, name, args):
    try:
        if name in MORE:
            return repr(MORE[name](reference, *args))
        return repr(getattr(reference, name)(*args))
    except Exception as error:  # noqa: whatever it is, it is what is compared
        return failure(error)


def check_array(tool, rng):
    typecode = rng.choice(TYPECODES)
    arguments = (typecode if rng.random() < 0.95 else rng.choice([1, None, "", "ab", "x", b"i", "é"]),
                 any_sequence(rng, typecode))
    history = [f"Array{arguments!r}"]
    try:
        reference, expected = array.array(*arguments), "None"
    except (TypeError, ValueError, OverflowError) as error:
        reference, expected = None, failure(error)
    result, value = tool.ask("new", notation_of(arguments, {}))
    compare("result", expected, result, history)
    if reference is None:
        return 1
    compare("array", repr(reference), value, history)
    n_calls = 0
    while n_calls < N_CALLS:
        name, args = any_call(rng, reference)
        if name == "incr" and reference.typecode == "u":
            continue  # Python adds characters
        attempt = reference[:]
        expected = expect(attempt, name, args)
        if len(attempt) > MAX_LENGTH:
            continue
        n_calls += 1
        notation = notation_of(args, {})
        history.append(f"{name}({notation})")
        result, value = tool.ask(name, notation)
        compare("result", expected, result, history)
        compare("array", repr(attempt), value, history)
        reference = attempt
    return n_calls


if __name__ == "__main__":
    run("Array", check_array, N_ARRAYS)
