#!/usr/bin/python3
"""Compares proto/value.h with Python itself on generated values.

    check_value_python.py [path/to/value_tool [seed]]

Needs Python 3.11 (the one whose repr() and Unicode are matched) and msgpack.
Prints the seed first; with it the same values are generated again.
"""

import array
import math
import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))

from packed import PROXIES, Opaque, Packer, Token, unpack_number  # noqa: E402

N_RANDOM = 3000
MAX_SHOWN = 20


# --- generating


SCALARS = [None, True, False, 0, 1, -1, 2, 1.0, 0.0, -0.0, 1.5, "", "a", "b", b"", b"a",
           (1 << 63) - 1, 1 << 63, (1 << 63) + 1, (1 << 64) - 1, 1 << 64, (1 << 64) + 1,
           -(1 << 63), -(1 << 63) - 1, -(1 << 64), 2.0 ** 53, 2.0 ** 63, 2.0 ** 64, -2.0 ** 63,
           -2.0 ** 64, math.inf, -math.inf, 1e300, 10 ** 300]


def any_float(rng):
    way = rng.randrange(5)
    if way == 0:
        return struct.unpack(">d", rng.randbytes(8))[0]
    if way == 1:
        return rng.randrange(-10 ** 6, 10 ** 6) / 10 ** rng.randrange(9)
    if way == 2:
        return float(rng.randrange(-1 << rng.randrange(1, 70), 1 << 70))
    if way == 3:
        return struct.unpack(">f", rng.randbytes(4))[0]
    return rng.choice([float("nan"), math.inf, -math.inf, 0.0, -0.0, 0.5, 1.0, 1e16, 1e-5])


def any_int(rng):
    number = rng.getrandbits(rng.choice([1, 4, 8, 16, 31, 33, 62, 63, 64, 65, 66, 100, 300, 1100]))
    return -number if rng.random() < 0.5 else number


def near(rng, number):
    """A number that is easily taken for the given one."""
    if type(number) is not float:
        number = number + rng.choice([-1, 0, 0, 1])
        try:
            return rng.choice([number, float(number)])
        except OverflowError:
            return number
    if not math.isfinite(number):
        return number
    return rng.choice([number, int(number), int(number) + rng.choice([-1, 1]),
                       math.nextafter(number, math.inf), math.nextafter(number, -math.inf)])


def any_text(rng):
    alphabets = ["ab", "'\"\\\t\n\r\x00\x7f", "é胡旺\U0001f600",
                 "\ud800\udc80\udfff\xad\u200b\ue000"]
    return "".join(rng.choice(rng.choice(alphabets)) for _ in range(rng.randrange(12)))


def any_array(rng):
    code = rng.choice("bBuhHiIlLqQfd")
    n = rng.randrange(5)
    if code == "u":
        return array.array("u", [chr(rng.choice([97, 98, 0x80, 0x1f600])) for _ in range(n)])
    if code == "f":
        return array.array("f", [rng.choice([0.0, -0.0, 1.0, -1.0, 0.1]) for _ in range(n)])
    if code == "d":
        return array.array("d", [any_float(rng) if rng.random() < 0.2 else
                                 rng.choice([0.0, -0.0, 1.0, -1.0, 0.5, 2.0 ** 63, 2.0 ** 64])
                                 for _ in range(n)])
    bits = array.array(code).itemsize * 8
    low, high = (-1 << bits - 1, 1 << bits - 1) if code.islower() else (0, 1 << bits)
    return array.array(code, [rng.choice([0, 1, 2, low, high - 1, rng.randrange(low, high)])
                              for _ in range(n)])


def any_scalar(rng):
    way = rng.randrange(8)
    if way < 3:
        return rng.choice(SCALARS)
    return [any_int, any_float, any_text, any_array,
            lambda r: r.choice([NotImplemented, r.randbytes(r.randrange(9)),
                                Token("dict", None, r.randrange(1, 4)),
                                Token("dict", "/tmp/x", r.randrange(1, 4)),
                                Opaque("pickle", r.choice([b"x", b"y"]), r.random() < 0.5)]),
            ][way - 3](rng)


def hashable(value):
    try:
        hash(value)
        return True
    except TypeError:
        return False


def any_key(rng, depth):
    while True:
        value = any_value(rng, depth)
        if hashable(value):
            return value


def any_value(rng, depth):
    if depth == 0 or rng.random() < 0.3:
        return any_scalar(rng)
    n = rng.choice([0, 1, 1, 2, 3, 5, 20, 40]) if depth == 1 else rng.randrange(4)
    way = rng.randrange(7)
    if way == 0:
        return [any_value(rng, depth - 1) for _ in range(n)]
    if way == 1:
        return tuple(any_value(rng, depth - 1) for _ in range(n))
    if way == 2:
        return {any_key(rng, depth - 1): any_value(rng, depth - 1) for _ in range(n)}
    if way == 3:
        return {any_key(rng, depth - 1) for _ in range(n)}
    if way == 4:
        return frozenset(any_key(rng, depth - 1) for _ in range(n))
    if way == 5:
        return slice(*(any_value(rng, depth - 1) for _ in range(3)))
    return [any_scalar(rng) for _ in range(n)]


def in_order(items):
    """Of a set: in an order that does not hang on addresses, so that a seed repeats a run."""
    return sorted(items, key=Packer().pack)


def respell(rng, value):
    """An equal value, with numbers of other types and entries in another order; new NaNs."""
    kind = type(value)
    if kind in (bool, int, float):
        if value != value:
            return float("nan")
        forms = [value]
        if kind is float and math.isfinite(value) and value == int(value):
            forms.append(int(value))
        if value in (0, 1):
            forms += [bool(value), int(value), float(value)]
        if kind is int:
            try:
                forms += [float(value)] if float(value) == value else []
            except OverflowError:
                pass
        return rng.choice(forms)
    if kind in (list, tuple):
        return kind(respell(rng, item) for item in value)
    if kind is slice:
        return slice(*(respell(rng, v) for v in (value.start, value.stop, value.step)))
    if kind in (set, frozenset):
        items = [respell(rng, item) for item in in_order(value)]
        rng.shuffle(items)
        return rng.choice([set, frozenset])(items) if kind is set else frozenset(items)
    if kind is dict:
        items = [(respell(rng, k), respell(rng, v)) for k, v in value.items()]
        rng.shuffle(items)
        return dict(items)
    if kind is array.array and value.typecode != "u" and rng.random() < 0.7:
        try:
            other = array.array(rng.choice("bhilqQd"), value.tolist())
            return other if other == value else array.array(value.typecode, value)
        except (OverflowError, TypeError):
            pass
    return value[:] if kind is array.array else value


def mutate(rng, value):
    """A value that differs little, or not at all."""
    if type(value) in (int, float):
        return near(rng, value)
    if type(value) in (list, tuple) and value:
        items = list(respell(rng, value))
        i = rng.randrange(len(items))
        if rng.random() < 0.3:
            del items[i]
        else:
            items[i] = mutate(rng, items[i])
        return type(value)(items)
    if type(value) in (set, frozenset) and value:
        items = in_order(respell(rng, value))
        del items[rng.randrange(len(items))]
        return type(value)(items)
    if type(value) is dict and value:
        items = respell(rng, value)
        key = rng.choice(list(items))
        items[key] = mutate(rng, items[key])
        return items
    if type(value) is array.array and len(value):
        return value[:rng.randrange(len(value) + 1)]
    return respell(rng, value)


# --- asking


class Check:
    def __init__(self, tool):
        self.tool, self.questions, self.expected = tool, [], []

    def ask(self, command, packed, expected, shown):
        self.questions.append(command.encode() + b"".join(
            struct.pack(">I", len(data)) + data for data in packed))
        self.expected.append((command, expected, shown))

    def run(self):
        done = subprocess.run([self.tool], input=b"".join(self.questions), stdout=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(f"{self.tool} ended with {done.returncode}")
        at = n_wrong = 0
        for command, expected, shown in self.expected:
            outcome = done.stdout[at:at + 1].decode()
            size, = struct.unpack_from(">I", done.stdout, at + 1)
            result = done.stdout[at + 5:at + 5 + size]
            at += 5 + size
            told = expected(outcome, result)
            if told is not None:
                n_wrong += 1
                if n_wrong <= MAX_SHOWN:
                    print(f"{command} {shown()[:500]}\n    {told[:500]}")
        if at != len(done.stdout):
            sys.exit("the tool says more than it was asked")
        return n_wrong


def expect(outcome, result):
    wanted = outcome + result

    def check(got_outcome, got):
        got = got_outcome + got.decode("utf-8", "surrogatepass")
        return None if got == wanted else f"should be {wanted!r}\n    but is    {got!r}"
    return check


def spelled(value):
    """repr() without limits: for messages, and lone surrogates made visible."""
    try:
        return ascii(value)
    except ValueError:
        return f"an integer of {value.bit_length()} bits"


class Asker:
    def __init__(self, tool, rng):
        # Its own, because sets are packed in an order that may differ between two runs.
        self.check, self.rng = Check(tool), random.Random(rng.random())

    def pack(self, value):
        return Packer(self.rng if self.rng.random() < 0.5 else None).pack(value)

    def text(self, value):
        for command, function in (("r", repr), ("s", str)):
            if command == "s" and type(value) is not str:
                continue
            try:
                wanted = expect("=", function(value))
            except ValueError:
                wanted = expect("!", "ValueError")
            self.check.ask(command, [self.pack(value)], wanted, lambda: spelled(value))

    def pair(self, a, b):
        def shown():
            return f"{spelled(a)} and {spelled(b)}"

        packed = [self.pack(a), self.pack(b)]
        same = a == b
        self.check.ask("e", packed, expect("=", str(same)), shown)
        try:
            wanted = expect("=", str(a < b))
        except TypeError as error:
            # Two classes here go by another name in the daemon.
            wanted = expect("!", str(error).replace("'Token'", "'DictProxy'")
                            .replace("'Opaque'", "'object'"))
        self.check.ask("l", packed, wanted, shown)
        self.canonical(packed, same, a, shown)

    def canonical(self, packed, same, a, shown):
        forms = []

        def second(outcome, result):
            first = forms.pop()
            if outcome != "=" or (same and first != result):
                return f"canonical forms of equal values differ: {first.hex()} {result.hex()}"
            if not same and first == result and not has_nan(a):
                return f"canonical forms of unequal values are both {result.hex()}"
            return None

        self.check.ask("c", packed[:1], lambda outcome, result: forms.append(result), shown)
        self.check.ask("c", packed[1:], second, shown)

    def sum(self, a, b):
        def check(outcome, result):
            try:
                wanted = a + b
            except OverflowError:
                refused = (outcome, result) == ("!", b"OverflowError")
                return None if refused else "no OverflowError"
            if outcome != "=":
                return f"fails with {result.decode()}"
            got = unpack_number(result)
            if type(got) is int is type(wanted) and got == wanted:
                return None
            if type(got) is float is type(wanted) and (got == wanted or got != got and
                                                       wanted != wanted):
                if got != got or math.copysign(1, got) == math.copysign(1, wanted):
                    return None
            return f"should be {spelled(wanted)}\n    but is    {spelled(got)}"

        self.check.ask("a", [self.pack(a), self.pack(b)], check,
                       lambda: f"{spelled(a)} + {spelled(b)}")

    def hash(self, value):
        try:
            hash(value)
            name = ""
        except TypeError as error:
            name = str(error).split("'")[1]
        self.check.ask("h", [self.pack(value)], expect("=", name), lambda: spelled(value))


def has_nan(value):
    if type(value) is dict:
        return any(has_nan(k) or has_nan(v) for k, v in value.items())
    if type(value) in (list, tuple, set, frozenset, array.array):
        return any(has_nan(item) for item in value)
    if type(value) is slice:
        return has_nan([value.start, value.stop, value.step])
    return value != value


# --- what is asked


def ask_floats(asker, rng):
    for k in range(-1074, 1024):
        for x in (2.0 ** k, math.nextafter(2.0 ** k, 0), math.nextafter(2.0 ** k, math.inf)):
            asker.text(x)
    for k in range(-323, 309):
        x = float(f"1e{k}")
        for y in (x, math.nextafter(x, 0), math.nextafter(x, math.inf), x * 3, -x / 3):
            asker.text(y)
    for x in (0.0, -0.0, math.inf, -math.inf, math.nan, -math.nan, 5e-324, sys.float_info.max,
              9007199254740993.0, 123456789012345680.0, 0.1, 1 / 3, 1e16, 9999999999999998.0, 1e-4):
        asker.text(x)
    for _ in range(4 * N_RANDOM):
        asker.text(any_float(rng))
        asker.text(struct.unpack(">d", rng.randbytes(8))[0])


def ask_text(asker, rng):
    for begin in range(0, sys.maxunicode + 1, 256):
        asker.text("".join(map(chr, range(begin, begin + 256))))
    for byte in range(256):
        asker.text(bytes([byte]))
        asker.text(chr(byte))
        asker.text(bytes([39, byte]))
        asker.text(bytes([39, byte, 34]))
    for _ in range(N_RANDOM):
        asker.text(any_text(rng))
        asker.text(any_text(rng).encode("utf-8", "surrogatepass"))


def ask_ints(asker, rng):
    for k in list(range(0, 130)) + [200, 1023, 1024, 1025, 8000, 14284, 14285, 14286, 20000]:
        for d in (-1, 0, 1):
            asker.text((1 << k) + d)
            asker.text(-(1 << k) + d)
    for d in (-1, 0, 1):
        for k in (18, 19, 20, 27, 36, 100, 4299, 4300, 4301):
            asker.text(10 ** k + d)
            asker.text(-10 ** k - d)
    asker.text([1, "x", {2: 10 ** 5000}])
    for _ in range(N_RANDOM // 4):
        asker.text(any_int(rng))


def ask_numbers(asker, rng):
    edges = [s * ((1 << k) + d)
             for k in (0, 1, 31, 32, 53, 54, 62, 63, 64, 65, 127, 128, 1023, 1024)
             for d in (-1, 0, 1) for s in (1, -1)]
    edges += [s * x for x in (0.0, 0.5, 1.5, 2.0 ** 53, 2.0 ** 63, 2.0 ** 64, 2.0 ** 65, 1e300,
                              math.inf, math.nan, sys.float_info.max, 5e-324)
              for s in (1, -1)]
    edges += [math.nextafter(x, y) for x in (2.0 ** 63, 2.0 ** 64, -2.0 ** 63, -2.0 ** 64)
              for y in (math.inf, -math.inf)]
    # What rounds to the largest double, and the least that does not.
    edges += [(1 << 1024) - (1 << 970) - 1, (1 << 1024) - (1 << 970), -(1 << 1024) + (1 << 970)]
    edges += [True, False]
    for a in edges:
        for b in edges:
            asker.sum(a, b)
            asker.pair(a, b)
    for _ in range(2 * N_RANDOM):
        a = rng.choice([any_int, any_float])(rng)
        b = rng.choice([any_int, any_float])(rng)
        asker.sum(a, b)
        asker.sum(a, 0.0 if rng.random() < 0.5 else -1)
        asker.pair(a, b)
        asker.pair(a, near(rng, a) if a == a else b)
        # Halfway between two doubles and beside it.
        bits = rng.randrange(60, 1030)
        half = ((rng.getrandbits(53) | 1 << 52) * 2 + 1 << bits) + rng.choice([-1, 0, 0, 1])
        asker.sum(rng.choice([half, -half]), 0.0)


def ask_values(asker, rng):
    for value in ([], (), {}, set(), frozenset(), [()], (1,), ((),), {1: {}}, {()}, slice(None),
                  slice(1, 2.0, "x"), NotImplemented, array.array("i"), array.array("u", "it's"),
                  array.array("u", "\"'"), array.array("f", [0.1]), array.array("u"),
                  KeyError("x"), ValueError(), TypeError(1, "b"), KeyError((1,)),
                  Opaque("pickle", b"x" * 1000, False), [True, None, b"'"]):
        asker.text(value)
    for typeid in list(PROXIES) + ["Queue", "it's", "\n", "胡旺", ""]:
        asker.text([Token(typeid, None, 31), Token(typeid, "/x", (1 << 64) - 1)])
    deep = []
    for _ in range(60):
        deep = [deep] if rng.random() < 0.5 else {"k": deep}
    asker.text(deep)
    asker.pair(deep, respell(rng, deep))
    for _ in range(N_RANDOM):
        value = any_value(rng, rng.randrange(1, 5))
        asker.text(value)
        asker.hash(value)
        asker.pair(value, respell(rng, value))
        asker.pair(value, mutate(rng, value))
        asker.pair(mutate(rng, value), respell(rng, value))
        asker.pair(respell(rng, value), any_value(rng, 2))
        asker.pair(any_scalar(rng), any_scalar(rng))
        asker.pair(any_array(rng), any_array(rng))
        asker.pair((any_text(rng), any_text(rng)), (any_text(rng), 1))
        asker.pair(any_text(rng), any_text(rng))
        asker.hash((any_key(rng, 1), any_value(rng, 1)))


def main():
    if sys.version_info[:2] != (3, 11):
        print("needs Python 3.11")
        return 77
    if os.environ.get("PYTHONHASHSEED") != "0":
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        os.execve(sys.executable, [sys.executable] + sys.argv, environment)
    tool = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.environ.get("BUILD", "build"), "tests/unit/value_tool")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}", flush=True)
    n_wrong = 0
    for ask in (ask_floats, ask_text, ask_ints, ask_numbers, ask_values):
        rng = random.Random(f"{seed} {ask.__name__}")
        asker = Asker(tool, rng)
        ask(asker, rng)
        wrong = asker.check.run()
        print(f"{ask.__name__}: {len(asker.check.expected)} questions, {wrong} wrong", flush=True)
        n_wrong += wrong
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
