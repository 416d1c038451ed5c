#!/usr/bin/python3
"""Compares the type Namespace with the one of multiprocessing.managers: random calls, results,
error texts and str() equal.

    check_namespace_python.py [path/to/object_tool [seed]]

Needs Python 3.11, whose texts are matched. Prints the seed first; a failure can be
repeated with it. What Python has not is compared with the same steps written out in Python;
names such as __class__, of which ours has only __dict__, are not: see PROTOCOL.md.
"""

import os
import sys
from multiprocessing.managers import Namespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from against_python import compare, notation_of, run  # noqa: E402

N_NAMESPACES = 200
N_CALLS = 40

NAMES = ["a", "b", "a1", "A", "_x", "__y", "_", "__", "____", "é", "胡", "\U0001f600", "x y", "name"]
MISSING = object()


def any_name(rng):
    if rng.random() < 0.95:
        return rng.choice(NAMES)
    return rng.choice([5, None, b"a", 1.5, ("a",), ["a"]])


def any_value(rng):
    return rng.choice([0, 1, True, -7, 1 << 70, 0.5, 1e300, "text", "=", "a text that is long enough",
                       "it's", None, b"\xff", [1, [2]], (1,), {"k": {"l": 3}}, {7}, float("inf")])


def any_call(rng):
    name = rng.choice(["__getattribute__", "__setattr__", "__setattr__", "__delattr__", "incr",
                       "compare_and_swap"])
    if name == "__getattribute__":
        return name, (any_name(rng) if rng.random() < 0.9 else "__dict__",)
    if name == "__delattr__":
        return name, (any_name(rng),)
    if name == "__setattr__":
        return name, (any_name(rng), any_value(rng))
    if name == "incr":
        return name, (any_name(rng), *[rng.choice([1, -1, 0.5, 1 << 70, "x", None])
                                       for _ in range(rng.randrange(2))])
    return name, (any_name(rng), any_value(rng), any_value(rng))


def incr(namespace, name, delta=1):
    value = namespace.__getattribute__(name)
    if type(value) not in (int, bool, float):
        value, delta = [value, delta]
        # Python adds much else; ours are numbers
        raise TypeError("unsupported operand type(s) for +=: "
                        f"{type(value).__name__!r} and {type(delta).__name__!r}")
    value += delta
    namespace.__setattr__(name, value)
    return value


def compare_and_swap(namespace, name, expected, new):
    if namespace.__getattribute__(name) != expected:
        return False
    namespace.__setattr__(name, new)
    return True


MORE = {"incr": incr, "compare_and_swap": compare_and_swap}


def expect(namespace, name, args):
    try:
        if name in MORE:
            return repr(MORE[name](namespace, *args))
        return repr(getattr(namespace, name)(*args))
    except Exception as error:  # noqa: whatever it is, it is what is compared
        return f"{type(error).__name__}: {error}"


def check_namespace(tool, rng):
    start = {name: any_value(rng) for name in rng.sample(["a", "b", "a1", "A", "_x", "name"],
                                                         rng.randrange(5))}
    history = [f"Namespace(**{start!r})"]
    namespace = Namespace(**start)
    result, text = tool.ask("new", notation_of((), start))
    compare("result", "None", result, history)
    compare("str", str(namespace), text, history)
    for _ in range(N_CALLS):
        name, args = any_call(rng)
        expected = expect(namespace, name, args)
        notation = notation_of(args, {})
        history.append(f"{name}({notation})")
        result, text = tool.ask(name, notation)
        compare("result", expected, result, history)
        compare("str", str(namespace), text, history)
    return N_CALLS


if __name__ == "__main__":
    run("Namespace", check_namespace, N_NAMESPACES)
