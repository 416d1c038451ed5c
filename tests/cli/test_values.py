"""Values through JSON and back: every kind, without loss; and what is refused."""
import json
import math
import unittest
from random import Random

import ctl
from ctl import NEGATIVE, OK, SERVER, USAGE
from wire import EXT_EXCEPTION, EXT_NOT_IMPLEMENTED, EXT_OPAQUE, EXT_TYPED_ARRAY, Extension, pack

BIG = 10**30

VALUES = [
    None, True, False, 0, 1, -1, 127, 128, -2**31, 2**53 + 1, 2**63 - 1, -2**63, 2**63, 2**64 - 1,
    2**64, -2**63 - 1, -2**64, BIG, -BIG, 10**4299, -(10**4299), 10**4300 - 1, 2**14000,
    0.0, -0.0, 1.0, -1.5, 0.1, 1e16, 1e22, 1e23, 1e300, 5e-324, 2.0**-1074, 1.7976931348623157e308,
    2.0**63, 123456789.0, 1 / 3, math.inf, -math.inf,
    "", "a", "5", "true", "null", "nan", "[1]", '"', "\\", "\\u0041", "\0", "a\0b", "\n\t\r\b\f",
    "\x1b[31m", "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\ufeff", "胡旺", "\U0001f600", "\uffff",
    "\U0010ffff", "e\u0301", "$tuple", "-1", "--json", " 5 ", "true ", "name:x", "x" * 100_000,
    b"", b"a", b"ab", b"abc", b"\0\xff", bytes(range(256)),
    [], [[]], [1, [2.0, ["x", None]]], list(range(1000)),
    (), (1,), (1, (2, (3,))), ([],), set(), {1, "a", (2,)}, frozenset(), frozenset({frozenset({1})}),
    {}, {"a": 1}, {"a": {"b": {"c": []}}}, {1: 2}, {1: "x", "a": "y"}, {(1, 2): 3}, {None: None},
    {b"a": 1}, {True: 1}, {1.5: 1}, {BIG: 1}, {frozenset({1}): 1}, {"\0": 1}, {"": 1},
    {"$tuple": [1]}, {"$": 1}, {"$x": {"$y": {"$z": 1}}}, {"$tuple": 1, "$set": 2}, {"a": {"$int": "5"}},
    slice(1, None, 2), Extension(EXT_NOT_IMPLEMENTED, b""), Extension(EXT_TYPED_ARRAY, b"i\1\0\0\0"),
    Extension(EXT_OPAQUE, pack(["pickle", b"\x80\x05.", False])),
    Extension(EXT_EXCEPTION, pack(["KeyError", ["x"]])),
    [{"k": ({1, 2.5}, b"\1", {(): slice(None, None, None)})}, 2**64, math.inf],
]


def nested(depth, value=1):
    for _ in range(depth):
        value = [value]
    return value


def random_scalar(random):
    bits = random.choice((1, 7, 8, 31, 53, 63, 64, 65, 200))
    return random.choice((
        None, True, False, random.randrange(-2**bits, 2**bits), random.random(),
        random.random() * 10.0 ** random.randrange(-300, 300), float(random.randrange(-99, 99)),
        math.inf, "".join(chr(random.choice((random.randrange(0xd800), random.randrange(0x100))))
                          for _ in range(random.randrange(12))),
        random.choice(("$set", "$", "", "5", "null")), random.randbytes(random.randrange(9))))


def random_value(random, depth, hashable=False):
    if depth == 0 or random.random() < 0.4:
        return random_scalar(random)

    def many(inside_hashable):
        return [random_value(random, depth - 1, inside_hashable)
                for _ in range(random.randrange(4))]

    kind = random.randrange(2 if hashable else 6)
    if kind == 0:
        return tuple(many(hashable))
    if kind == 1:
        return frozenset(many(True))
    if kind == 2:
        return set(many(True))
    if kind == 3:
        return dict(zip(many(True), many(False)))
    if kind == 4:
        return {key: value for key, value in zip(("$set", "a", "$x"), many(False))}
    return many(False)


class Values(ctl.CtlTest):
    def setUp(self):
        super().setUp()
        self.d = self.open("dict", "d")

    def put(self, value, key="in"):
        self.client.call(self.d, "__setitem__", key, value)

    def same_bytes(self, a="in", b="out"):
        self.assertEqual(self.raw(self.d, "__getitem__", a), self.raw(self.d, "__getitem__", b))

    def check(self, value):
        """Out as JSON, equal to what our own encoder says; in again, and byte for byte the same."""
        self.put(value)
        stored = self.client.call(self.d, "__getitem__", "in")
        text = self.ctl("get", "d", "in", "--json")
        self.assertEqual(ctl.ordered(json.loads(text)), ctl.ordered(ctl.encode(stored)))
        if len(text) < 100_000:
            self.ctl("set", "d", "out", text)
            self.same_bytes()
        self.assertFalse([c for c in text[:-1] if ord(c) < 32 or 127 <= ord(c) < 160])

    def test_every_kind_of_value_survives_json_both_ways(self):
        for value in VALUES:
            with self.subTest(repr(value)[:80]):
                self.check(value)

    def test_what_plain_output_shows_can_be_typed_again(self):
        for value in VALUES:
            with self.subTest(repr(value)[:80]):
                self.put(value)
                text = self.ctl("get", "d", "in")[:-1]
                self.assertNotIn("\n", text)
                if len(text) < 90_000:
                    self.ctl("set", "d", "out", "--", text)
                    self.same_bytes()

    def test_keys_of_every_kind(self):
        d = self.open("dict", "keys")
        keys = [key for key in VALUES if not isinstance(key, (list, dict, set, slice, Extension))
                and "x" * 1000 not in repr(key) and "[]" not in repr(key)]
        for n, key in enumerate(keys):
            with self.subTest(repr(key)[:80]):
                text = json.dumps(ctl.encode(key))
                self.ctl("set", "keys", "--", text, str(n))
                self.assertEqual(self.client.call(d, "__getitem__", key), n)
                self.assertEqual(self.ctl("get", "keys", text), f"{n}\n")
        self.assertEqual(self.value("get", "--limit", "0", "keys"),
                         self.client.call(d, "#GETVALUE"))

    def test_thousands_of_random_values(self):
        random = Random(3)
        l = self.open("list", "l")
        for _ in range(40):
            values = [random_value(random, 6) for _ in range(60)]
            self.client.call(l, "__setitem__", slice(None, None), values)
            text = self.ctl("get", "--limit", "0", "l", "--json")
            self.assertEqual(ctl.ordered(json.loads(text)),
                             ctl.ordered(ctl.encode(self.client.call(l, "#GETVALUE"))))
            self.client.call(self.d, "__setitem__", "in", values)
            if len(text) < 100_000:
                self.ctl("set", "d", "out", text)
                self.same_bytes()

    def test_json_that_is_broken_anyhow_is_a_value_or_refused(self):
        random = Random(4)
        letters = list('[]{}:,"\\ \t019.-+eE$u') + ["null", "true", "é", "\\ud800", '"$set"', "\x7f",
                                                     '"$dict"', '"$int"', '"$packed"', "$tuple"]
        codes = set()
        for _ in range(400):
            text = json.dumps(ctl.encode(random_value(random, 4)), ensure_ascii=random.random() < .5)
            for _ in range(random.randrange(1, 4)):
                at = random.randrange(len(text) + 1)
                text = text[:at] + random.choice(letters) + text[at + random.randrange(3):]
            done = self.run_ctl("set", "d", "k", "--", text.replace("\0", "")[:50_000])
            self.assertIn(done.returncode, (OK, USAGE), (text, done.stderr))
            codes.add(done.returncode)
        self.assertEqual(codes, {OK, USAGE})

    def test_nan_is_nan(self):
        self.put(math.nan)
        self.assertEqual(self.json("get", "d", "in"), {"$float": "nan"})
        self.ctl("set", "d", "out", '{"$float": "nan"}')
        self.same_bytes()
        # one whose bits are not the usual ones
        self.client.send_frame(b"\x94" + pack(self.d) + pack("__setitem__") + b"\x92"
                               + pack("in") + b"\xcb\xff\xf8\0\0\0\0\0\7" + b"\x80")
        self.client.receive()
        text = self.ctl("get", "d", "in", "--json")
        self.assertIn("$packed", text)
        self.ctl("set", "d", "out", text)
        self.same_bytes()

    def test_a_float_stays_a_float(self):
        for text, shown in (("1.0", "1.0"), ("1e0", "1.0"), ("-0.0", "-0.0"), ("1e16", "1e+16"),
                            ("0.1", "0.1"), ("100000000000000000000.0", "1e+20")):
            self.ctl("set", "d", "k", text)
            self.assertIsInstance(self.client.call(self.d, "__getitem__", "k"), float)
            self.assertEqual(self.ctl("get", "d", "k"), shown + "\n")

    def test_integers_of_any_size_may_be_typed(self):
        for value in (2**63 - 1, -2**63, 2**63, 2**64 - 1, 2**64, -2**63 - 1, BIG, -BIG, 2**128,
                      -2**127, -2**128, 256**255, -256**255, 256**256 - 1, 10**4300 - 1):
            self.ctl("set", "d", "k", f" {value} ")
            self.assertIs(type(self.client.call(self.d, "__getitem__", "k")), int)
            self.assertEqual(self.client.call(self.d, "__getitem__", "k"), value)
            self.assertEqual(self.value("get", "d", "k"), value)
        self.fails(USAGE, "4300 digits", "set", "d", "k", "1" + "0" * 4300)
        self.fails(USAGE, "4300 digits", "set", "d", "k", '{"$int": "1%s"}' % ("0" * 4300))

    def test_big_ints_beyond_pythons_digits_travel_packed(self):
        self.put(2**20000)
        text = self.ctl("get", "d", "in", "--json")
        self.assertIn("$packed", text)
        self.ctl("set", "d", "out", text)
        self.same_bytes()

    def test_what_is_no_json_is_a_str(self):
        for text in ("alice", "", "01", "+5", "1.", ".5", "0x10", "nan", "NaN", "Infinity", "None",
                     "True", "'a'", "1 2", "tr", "-", "- 5", "1e", "(1, 2)", "x[1", "胡旺"):
            with self.subTest(text):
                self.ctl("set", "d", "k", "--", text)
                self.assertEqual(self.client.call(self.d, "__getitem__", "k"), text)
        for text in ("[1, 2", "[1,]", "{a: 1}", "[1", '"open', "[1] x", " [", '\n"'):
            for arguments in (("set", "d", "k", text), ("get", "d", text), ("call", "d", "get", text),
                              ("call", "d", "update", "--kw", "k=" + text)):
                self.fails(USAGE, "is no JSON: ", *arguments)
            self.ctl("set", "--str", "d", "k", text)
            self.assertEqual(self.client.call(self.d, "__getitem__", "k"), text)
        self.ctl("set", "--str", "d", "k", "[1]")
        self.assertEqual(self.client.call(self.d, "__getitem__", "k"), "[1]")

    def test_what_is_json_but_no_value_is_refused_with_a_reason(self):
        self.put("untouched", "k")
        for text, says in (
                ('{"a": 1, "a": 2}', "duplicate"), ('{"x": {"a": 1, "b": 2, "a": 3}}', "duplicate"),
                ('{"$dict": [[1, 2], [1.0, 3]]}', "no value"), ('{"$dict": [[[1], 2]]}', "no value"),
                ('{"$set": [1, true]}', "no value"), ('{"$set": [[1]]}', "no value"),
                ('"\\ud800"', "Unicode"), ('["\\udc00\\ud800"]', "Unicode"),
                ("[18446744073709551616]", "too big integer"), ("[-9223372036854775809]", "integer"),
                ("1e999", "real number overflow"), ("[-1e400]", "overflow"),
                ('{"a\\u0000b": 1, "c": 2}', "NUL"),
                ('{"$nope": 1}', '"$nope" is no tag'), ('{"$": 1}', "is no tag"),
                ('{"$tuple": 5}', "wants a list"), ('{"$dict": {"a": 1}}', "wants a list of pairs"),
                ('{"$dict": [[1]]}', "pairs"), ('{"$dict": [[1, 2, 3]]}', "pairs"),
                ('{"$dict": [5]}', "pairs"), ('{"$int": 5}', "in a string"), ('{"$int": ""}', "int"),
                ('{"$int": "05"}', "integer"), ('{"$int": "+5"}', "int"), ('{"$int": "5 "}', "int"),
                ('{"$int": "-"}', "int"), ('{"$int": "5\\u0000"}', "int"),
                ('{"$float": "x"}', "wants"), ('{"$float": 1.5}', "wants"),
                ('{"$bytes": "A"}', "base64"), ('{"$bytes": "AB=="}', "base64"),
                ('{"$bytes": "AAA"}', "base64"), ('{"$bytes": "A==="}', "base64"),
                ('{"$bytes": "AA A"}', "base64"), ('{"$bytes": "===="}', "base64"),
                ('{"$bytes": "A\\u0000AA"}', "base64"), ('{"$bytes": 5}', "base64"),
                ('{"$bytes": "AA==AAAA"}', "base64"),
                ('{"$packed": ""}', "no value"), ('{"$packed": "wQ=="}', "no value"),
                ('{"$packed": "3f////8="}', "no value"), ('{"$packed": "AQE="}', "no value"),
                ('{"$packed": "oYA="}', "no value"), ('{"$packed": []}', "base64"),
                ('{"$proxy": 5}', "typeid and ident"), ('{"$proxy": {"ident": "x"}}', "ident"),
                ('{"$proxy": {"ident": "-5"}}', "ident"), ('{"$proxy": {}}', "ident"),
                ('{"$proxy": {"ident": "5", "more": 1}}', "ident"),
                ('{"$proxy": {"ident": "99999999999999999999999"}}', "ident")):
            with self.subTest(text):
                self.fails(USAGE, says, "set", "d", "k", text)
        self.fails(NEGATIVE, "NoSuchObject", "set", "d", "k", '{"$proxy": {"ident": "5"}}')
        self.assertEqual(self.client.call(self.d, "__getitem__", "k"), "untouched")

    def test_bytes_that_are_no_utf8_are_refused(self):
        for text in (b"\xff", b"a\x80", b'"\xff"', b'["\xc0\x80"]', b"\xed\xa0\x80", b"\xf5\x80\x80\x80",
                     b"\xe2\x82"):
            done = self.run_ctl("set", "d", "k", text)
            self.assertEqual(done.returncode, USAGE, text)
            self.assertIn(b"not UTF-8", done.stderr)
            self.assertEqual(done.stderr.decode("ascii", "replace").count("\ufffd") % 3, 0)
            done = self.run_ctl("get", text)
            self.assertEqual(done.returncode, USAGE, text)
        self.assertEqual(self.client.call(self.d, "__len__"), 0)

    def test_lone_surrogates_travel_packed(self):
        for raw in (b"\xed\xa0\x80", b"a\xed\xb0\x80", b"\xed\xa0\x80\xed\xb0\x80"):
            head = b"\x94" + pack(self.d) + pack("__setitem__") + b"\x92"
            text = bytes([0xa0 + len(raw)]) + raw
            for key, value in ((pack("in"), text), (text, pack(1))):
                self.client.send_frame(head + key + value + b"\x80")
                self.assertEqual(self.client.receive()[1], "#RETURN")
            shown = self.ctl("get", "d", "in", "--json")
            self.assertIn("$packed", shown)
            self.ctl("set", "d", "out", shown)
            self.same_bytes()
            self.ctl("del", "d", shown)
        self.assertEqual(self.client.call(self.d, "__len__"), 2)

    def test_depth_is_limited(self):
        self.ctl("set", "d", "k", json.dumps(nested(16)))
        self.assertEqual(self.json("get", "d", "k"), nested(16))
        for depth in (17, 100, 2000, 5000, 50_000):
            self.fails(SERVER if depth == 17 else USAGE,
                       "TooLarge" if depth == 17 else "60 levels" if depth < 2000 else "", "set", "d", "k",
                       json.dumps(nested(1))[1:-1].join(("[" * depth, "]" * depth)))
        self.fails(USAGE, "60 levels", "set", "d", "k", '{"$tuple": [' * 61 + "]}" * 61)
        self.fails(USAGE, "60 levels", "set", "d", "k",
                   '{"$dict": [[1, ' * 61 + "1" + "]]}" * 61)
        self.assertEqual(self.json("get", "d", "k"), nested(16))

    def test_a_key_that_is_a_list_is_a_tuple_all_the_way(self):
        self.ctl("set", "d", '[1, [2, {"$tuple": [[3]]}]]', "1")
        self.assertEqual(self.client.call(self.d, "__getitem__", (1, (2, ((3,),)))), 1)
        self.fails(NEGATIVE, "unhashable", "set", "d", '{"$set": [1]}', "1")

    def test_a_tuple_with_a_list_inside_is_no_key_but_a_value(self):
        self.put(([],))
        self.assertEqual(self.json("get", "d", "in"), {"$tuple": [[]]})

    def test_tokens_of_other_daemons_travel_packed(self):
        foreign = ctl.wire.Token("dict", 5, "/elsewhere/manager.sock")
        self.put(foreign)
        text = self.ctl("get", "d", "in", "--json")
        self.assertIn("$packed", text)
        self.ctl("set", "d", "out", text)
        self.same_bytes()


class Limits(ctl.CtlTest):
    OPTIONS = ("--max-memory", "1M", "--max-frame", "300000")

    def test_no_memory_and_too_large_are_the_servers_fault(self):
        l = self.open("list", "l")
        for _ in range(3):
            self.client.call(l, "append", b"x" * 250_000)
        self.fails(SERVER, "MemoryError: out of memory (the daemon's memory: `managerctl stats` shows",
                   "call", "l", "__imul__", "100")
        self.fails(SERVER, "TooLarge", "call", "l", "copy")
        self.assertEqual(len(self.json("get", "l")), 3)
        self.client.call(l, "append", b"x" * 230_000)
        for size in (100_000, 50_000):
            self.fails(SERVER, "MemoryError", "set", "--create", "new", "k", "x" * size)
        self.assertEqual([row["name"] for row in self.json("ls")], ["l"])
        self.ctl("set", "--create", "new", "k", "x" * 5_000)


class ShallowLimits(ctl.CtlTest):
    OPTIONS = ("--max-depth", "4")

    def test_the_daemon_may_take_less(self):
        for value in (nested(5), {"a": {"b": {"c": {"d": {}}}}}):
            self.fails(SERVER, "TooLarge", "set", "--create", "new", "k", json.dumps(value))
        self.assertEqual(self.json("ls"), [])
        self.ctl("set", "--create", "new", "k", json.dumps(nested(4)))
        self.assertEqual(self.json("get", "new", "k"), nested(4))


class DeepLimits(ctl.CtlTest):
    OPTIONS = ("--max-depth", "60")

    def test_the_daemon_may_take_more(self):
        self.open("dict", "d")
        self.open("list", "l")
        self.ctl("set", "d", "k", json.dumps(nested(60)))
        self.ctl("call", "l", "append", json.dumps(nested(60)))
        self.assertEqual(self.json("get", "d", "k"), nested(60))
        self.assertEqual(self.json("get", "d"), {"k": nested(60)})
        self.assertEqual(self.json("get", "l"), [nested(60)])
        self.assertEqual(self.json("call", "d", "items"), [{"$tuple": ["k", nested(60)]}])
        self.fails(USAGE, "60 levels", "set", "d", "k", json.dumps(nested(61)))


if __name__ == "__main__":
    unittest.main()
