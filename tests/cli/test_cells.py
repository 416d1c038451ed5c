"""managerctl and the types beside dict, list and set that hold values: Namespace, Value, Array."""
import array
import struct
import unittest

import ctl
from ctl import NEGATIVE, USAGE
from wire import EXT_TYPED_ARRAY, Extension


class Cells(ctl.CtlTest):
    def test_attributes_are_read_set_and_deleted(self):
        ident = self.open("Namespace", "config", {"name": "Bob", "_hidden": [1]})
        self.assertEqual(self.ctl("get", "config", "name"), "Bob\n")
        self.assertEqual(self.value("get", "config"), {"name": "Bob", "_hidden": [1]})
        self.ctl("set", "config", "age", "18")
        self.ctl("set", "--str", "config", "5", "five")
        self.assertEqual(self.ctl("get", "--str", "config", "age", "5"), "18\nfive\n")
        self.ctl("del", "config", "_hidden")
        self.assertEqual(self.client.call(ident, "__getattribute__", "__dict__"),
                         {"name": "Bob", "age": 18, "5": "five"})
        self.fails(NEGATIVE, "AttributeError: 'Namespace' object has no attribute 'none'",
                   "get", "config", "none")
        self.fails(NEGATIVE, "AttributeError: 'Namespace' object has no attribute 'none'",
                   "del", "config", "none")
        self.fails(NEGATIVE, "TypeError: attribute name must be string, not 'int'",
                   "set", "config", "5", "six")
        self.assertEqual(self.ctl("call", "config", "incr", "age"), "19\n")

    def test_a_value_is_read_and_set(self):
        self.ctl("create", "Value", "total", "i", "7")
        self.assertEqual(self.ctl("get", "total"), "7\n")
        self.ctl("set", "total", "[1, 2]")
        self.assertEqual(self.value("get", "total"), [1, 2])
        self.ctl("set", "--str", "total", "8")
        self.assertEqual(self.value("get", "total"), "8")
        self.assertEqual(self.ctl("call", "total", "__str__"), "Value('i', '8')\n")
        self.fails(NEGATIVE, "'Value' object has no method '__getitem__'", "get", "total", "1")
        self.open("dict", "scores")
        self.fails(NEGATIVE, "'dict' object has no method 'set'", "set", "scores", "1")
        self.fails(USAGE, "--create makes a dict", "set", "--create", "total", "1")

    def test_an_array_is_read_and_written_by_its_items(self):
        ident = self.open("Array", "samples", "d", list(range(2500)))
        self.assertEqual(self.ctl("get", "samples").splitlines()[:3], ["0.0", "1.0", "2.0"])
        self.assertEqual(self.value("get", "samples"), [float(i) for i in range(2500)])
        self.assertEqual(self.json("get", "--limit", "2", "samples",
                                   says="2 of 2500 shown"), [0.0, 1.0])
        self.ctl("set", "samples", "-1", "0.5")
        self.assertEqual(self.ctl("get", "samples", "-1", "0"), "0.5\n0.0\n")
        self.fails(NEGATIVE, "IndexError: array index out of range", "get", "samples", "2500")
        self.fails(NEGATIVE, "TypeError: must be real number, not str", "set", "samples", "0", "x")
        items = Extension(EXT_TYPED_ARRAY, b"d" + struct.pack("<2d", 7, 8))
        self.client.call(ident, "__setitem__", slice(0, None), items)
        self.assertEqual(self.value("get", "samples"), [7.0, 8.0])
        self.assertEqual(self.json("ls")[0]["length"], 2)
        found = self.client.call(ident, "__getitem__", slice(1, None))
        self.assertEqual(array.array("d", found.payload[1:]), array.array("d", [8]))

    def test_what_creates_them_is_checked(self):
        self.fails(NEGATIVE, "ValueError: bad typecode", "create", "Array", "a", "x", "[1]")
        self.fails(NEGATIVE, "OverflowError: signed char is greater than maximum",
                   "create", "Array", "a", "b", "[128]")
        self.fails(NEGATIVE, "no object has the name 'a'", "get", "a")
        self.ctl("create", "Array", "a", "B", "[1, 2]")
        self.assertEqual(self.ctl("get", "a"), "1\n2\n")
        self.assertEqual(self.ctl("ls").split("\t")[1:4], ["Array", "a", "2"])


if __name__ == "__main__":
    unittest.main()
