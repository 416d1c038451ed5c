#!/usr/bin/python3
"""Compares the type set with Python's own: random calls, results and error texts equal.

    check_set_python.py [path/to/object_tool [seed]]

Prints the seed first; a failure can be repeated with it. What is in a set is Python's; how
it is ordered and spelled is ours (PROTOCOL.md) and followed in a model beside it: in order
of insertion, the operand on the left first, and of what is equal the first spelling stays.
Besides: what fails has changed nothing, |= and its like return None, pop() takes the
first, intersection() and issubset() read all of an iterable. A walk is not compared once elements were exchanged for as many others.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from against_python import compare, run  # noqa: E402

N_SETS = 150
N_CALLS = 60

SCALARS = [0, 1, 2, -1, 1.0, 2.0, 0.5, True, False, None, "a", "b", "", "é胡", b"a", b"",
           1 << 63, -(1 << 63), 1 << 64, float(1 << 64), 1 << 80, -0.0, 3, 4, 5, "c", "d"]
UNHASHABLE = [[], [1], {}, {1: 2}, {1}, (1, []), ((), ({},)), set()]
OPERATORS = ["and", "or", "sub", "xor"]
METHODS = {"intersection": "and", "union": "or", "difference": "sub",
           "symmetric_difference": "xor"}
UPDATES = {"intersection_update": "and", "update": "or", "difference_update": "sub",
           "symmetric_difference_update": "xor"}


class Other:
    """The second set, or the first itself, by its proxy."""

    def __init__(self, i):
        self.i = i

    def __repr__(self):
        return f"<{self.i}>"


def any_element(rng, known=()):
    way = rng.random()
    if way < 0.35 and known:
        return rng.choice(list(known))
    if way < 0.9:
        return rng.choice(SCALARS)
    if way < 0.95:
        return tuple(any_element(rng) for _ in range(rng.randrange(3)))
    return frozenset(rng.sample(["a", 1, None, 2.5], rng.randrange(3)))


def any_or_bad_element(rng, known=()):
    return rng.choice(UNHASHABLE) if rng.random() < 0.04 else any_element(rng, known)


def any_elements(rng, known, make=any_or_bad_element):
    return [make(rng, known) for _ in range(rng.choice([0, 1, 2, 3, 5, 9, 25]))]


def any_set(rng, known):
    kind = rng.choice([set, set, frozenset])
    return kind(any_elements(rng, known, any_element))


def any_source(rng, known):
    way = rng.random()
    if way < 0.2:
        return Other(1)
    if way < 0.25:
        return Other(0)
    if way < 0.5:
        return any_set(rng, known)
    if way < 0.85:
        return rng.choice([tuple, list])(any_elements(rng, known))
    return rng.choice([5, None, 1.5, "ab", b"ab", "", b"", (), {}, {1: 2, "a": 3}, [[]]])


def any_call(rng, known):
    name = rng.choice(
        [f"__{way}{operator}__" for way in ("", "r", "i") for operator in OPERATORS]
        + list(METHODS) + list(UPDATES) + ["update", "update", "__ior__"]
        + ["__ge__", "__gt__", "__le__", "__lt__", "isdisjoint", "issubset", "issuperset"]
        + ["__contains__", "add", "add", "add", "discard", "remove"] * 2
        + ["__iter__", "__next__", "__next__", "__next__", "__len__", "clear", "copy", "pop"])
    if name == "clear" and rng.random() < 0.7:
        name = "__iter__"
    if rng.random() < 0.03:
        return name, tuple(rng.randrange(3) for _ in range(rng.randrange(4))), {}
    if rng.random() < 0.01:
        return name, (), {"other": 1}
    if name in ("__contains__", "add", "discard", "remove"):
        return name, (any_or_bad_element(rng, known),), {}
    if name in METHODS or name in UPDATES:
        n = 1 if name.startswith("symmetric") else rng.choice([0, 1, 1, 1, 2, 3])
        return name, tuple(any_source(rng, known) for _ in range(n)), {}
    if name in ("__iter__", "__next__", "__len__", "clear", "copy", "pop"):
        return name, (), {}
    return name, (any_source(rng, known),), {}


def failure(error):
    return "StopIteration" if isinstance(error, StopIteration) else f"{type(error).__name__}: {error}"


# --- order and spelling

def unite(left, right):
    return list(dict.fromkeys([*left, *right]))


def subtract(left, right):
    right = set(right)
    return [element for element in left if element not in right]


def intersect(left, right):
    """In the order of the smaller one, spelled as on the left."""
    left, right = unite(left, []), unite(right, [])
    if len(left) <= len(right):
        return [element for element in left if element in set(right)]
    spelled = {element: element for element in left}
    return [spelled[element] for element in right if element in spelled]


OPERATE = {"and": intersect, "or": unite, "sub": subtract,
           "xor": lambda left, right: subtract(left, right) + subtract(unite(right, []), left)}


def shown(elements, kind):
    text = ", ".join(map(repr, elements))
    if kind is frozenset:
        return f"frozenset({{{text}}})" if elements else "frozenset()"
    return f"{{{text}}}" if elements else "set()"


class Reference:
    """A set of Python, an iterator over it, and the order of ours."""

    def __init__(self, start, other):
        self.set, self.order = set(start), unite(start, [])
        self.sets = [None, other]
        self.walk = None
        self.length = 0        # when the walk began
        self.removed = False   # since then

    def can_walk(self):
        # with other elements, but as many, CPython's walk depends on where they came to lie
        return self.walk is not None and not (self.removed and self.length == len(self.set))

    def known(self, arg):
        """What stands for an argument in Python: in our order, and as a set where it is one."""
        if not isinstance(arg, Other):
            return arg, arg
        return (list(self.order), self.set) if arg.i == 0 else (self.sets[1], set(self.sets[1]))

    def expect_order(self, name, orders):
        """What the result, or the set afterwards, looks like."""
        if name in METHODS or name in UPDATES:
            operation = (METHODS | UPDATES)[name]
            if operation == "and" and len(orders) > 1:
                for other in orders[1:]:
                    orders[0] = intersect(orders[0], other)
                orders = orders[:1]
            elif operation == "and" and not orders:
                operation = "or"
            combined = [element for order in orders for element in order]
        else:
            operation, combined = name.strip("_")[-3:].replace("ior", "or"), list(orders[0])
            operation = operation if operation in OPERATE else "or"
        if name.startswith("__r") and name[3:-2] in OPERATORS:
            return OPERATE[operation](unite(combined, []), self.order)
        result = OPERATE[operation](self.order, combined)
        if operation == "and" and (name in UPDATES or name == "__iand__"):
            return [element for element in self.order if element in set(combined)]
        return result

    def call(self, name, args, kwds):
        """What ours returns or raises."""
        before = set(self.set)
        pairs = [self.known(arg) for arg in args]
        values = [value for _, value in pairs]
        try:
            if name == "__iter__":
                self.walk = self.set.__iter__(*args, **kwds)
                self.length, self.removed = len(self.set), False
                return "proxy"
            if name == "__next__":
                self.walk.__next__(*args, **kwds)
                return None
            if name == "pop" and not args and not kwds and self.set:
                first = self.order.pop(0)
                self.set.remove(first)
                self.removed = True
                return repr(first)
            if name in ("intersection", "intersection_update", "issubset") and not kwds:
                for value in values if name != "issubset" or len(values) == 1 else []:
                    set(value)
            result = getattr(self.set, name)(*values, **kwds)
        except Exception as error:  # noqa: whatever it is, it is what is compared
            if before != self.set:
                # an update that failed half way; no walk survives the repair
                self.set, self.walk = before, None
            return failure(error)
        return self.compare_result(name, args, [order for order, _ in pairs], before, result)

    def compare_result(self, name, args, orders, before, result):
        self.removed |= not before <= self.set
        if isinstance(result, (set, frozenset)) and result is not self.set:
            order = list(self.order) if name == "copy" else self.expect_order(name, orders)
            assert type(result)(order) == result and len(order) == len(result), (order, result)
            return shown(order, type(result))
        if name == "add":
            self.order = unite(self.order, args)
        elif name in ("discard", "remove"):
            gone = frozenset(args[0]) if isinstance(args[0], set) else args[0]
            self.order = [element for element in self.order if element != gone]
        elif name == "clear":
            self.order = []
        elif name in UPDATES or result is self.set:
            self.order = self.expect_order(name, orders)
        assert set(self.order) == self.set and len(self.order) == len(self.set), name
        return "None" if result is self.set or name.startswith("__i") and result is not NotImplemented \
            else repr(result)


def notation_of(args, kwds):
    return ", ".join([repr(arg) for arg in args] + [f"{k}={v!r}" for k, v in kwds.items()])


def check_walk(reference, tool, history):
    """CPython's order is another; but it ends, and is spoilt, as there."""
    result, value = tool.ask("__next__", "")
    expected = reference.call("__next__", (), {})
    if expected is not None:
        compare("result", expected, result, history)
    elif result not in map(repr, reference.order):
        compare("result", "an element", result, history)
    return value


def check_set(tool, rng):
    other = any_elements(rng, (), any_element)
    tool.ask("other", notation_of((other,), {}))
    other = unite(other, [])
    start = any_source(rng, ())
    while isinstance(start, Other):
        start = any_source(rng, ())
    history = [f"other = {other}", f"set({start!r})"]
    try:
        reference, expected = Reference(start, other), "None"
    except (TypeError, ValueError) as error:
        expected = failure(error)
    result, value = tool.ask("new", repr(start))
    compare("result", expected, result, history)
    if expected != "None":
        return 0
    for _ in range(N_CALLS):
        name, args, kwds = any_call(rng, reference.order + other)
        if name == "__next__" and not reference.can_walk():
            name, args, kwds = "__iter__", (), {}
        history.append(f"{name}({notation_of(args, kwds)})")
        if name == "__next__" and not args and not kwds:
            value = check_walk(reference, tool, history)
        else:
            expected = reference.call(name, args, kwds)
            result, value = tool.ask(name, notation_of(args, kwds))
            compare("result", expected, result, history)
        compare("set", shown(reference.order, set), value, history)
    return N_CALLS


if __name__ == "__main__":
    run("set", check_set, N_SETS)
