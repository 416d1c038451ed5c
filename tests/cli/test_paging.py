"""Dicts, lists and sets that are too big for one reply, and lists of objects."""
import json
import unittest

import ctl
from ctl import NEGATIVE


class Paging(ctl.CtlTest):
    def fill(self, n):
        d = self.open("dict", "d")
        for begin in range(0, n, 10_000):
            self.client.call(d, "update", {f"k{i}": i for i in range(begin, min(begin + 10_000, n))})
        return d

    def test_all_unless_told_otherwise(self):
        self.fill(1001)
        self.open("list", "l", list(range(1001)))
        for name in ("d", "l"):
            says = "managerctl: 1000 of 1001 shown; --limit N shows more, --limit 0 all\n"
            self.assertEqual(len(self.ctl("get", name).splitlines()), 1001)
            self.assertEqual(len(self.json("get", name)), 1001)
            text = self.ctl("get", "--limit", "1000", name, says=says)
            self.assertEqual(len(text.splitlines()), 1000)
            self.assertEqual(len(self.json("get", "--limit", "1000", name, says=says)), 1000)
            self.assertEqual(len(self.json("get", "--limit", "1001", name)), 1001)
            self.assertEqual(len(self.json("get", "--limit", "5000", name)), 1001)
            self.assertEqual(len(self.json("get", "--limit=0", name)), 1001)
            self.assertEqual(len(self.json("get", "--limit", "3", name, says="3 of 1001")), 3)
            self.assertEqual(len(self.ctl("get", "--limit", "1", name,
                                          says="1 of 1001").splitlines()), 1)

    def test_order_and_content_are_kept_over_many_pages(self):
        self.fill(9_500)
        l = self.open("list", "l", list(range(9_500)))
        self.assertEqual(list(self.json("get", "--limit", "0", "d").items()),
                         [(f"k{i}", i) for i in range(9_500)])
        self.assertEqual(self.json("get", "--limit", "0", "l"), self.client.call(l, "#GETVALUE"))
        text = self.ctl("get", "--limit", "0", "d")
        self.assertEqual(text, "".join(f"k{i}\t{i}\n" for i in range(9_500)))

    def test_a_queue_is_shown_and_stays_as_it_is(self):
        q = self.open("Queue", "q")
        self.client.call(q, "put_many", [f"e{i}" for i in range(2500)])
        self.assertEqual(self.ctl("get", "q"), "".join(f"e{i}\n" for i in range(2500)))
        self.assertEqual(self.json("get", "--limit", "2", "q", says="2 of 2500"), ["e0", "e1"])
        self.assertEqual(self.client.call(q, "qsize"), 2500)
        self.assertEqual(self.ctl("call", "q", "get"), "e0\n")

    def test_a_set_is_shown_over_many_pages(self):
        s = self.open("set", "s", [f"e{i}" for i in range(2500)])
        self.assertEqual(self.ctl("get", "s"), "".join(f"e{i}\n" for i in range(2500)))
        content = self.json("get", "s")
        self.assertEqual(content, {"$set": [f"e{i}" for i in range(2500)]})
        self.assertEqual(ctl.decode(content), self.client.call(s, "#GETVALUE"))
        self.assertEqual(self.json("get", "--limit", "3", "s", says="3 of 2500"),
                         {"$set": ["e0", "e1", "e2"]})
        self.client.call(s, "clear")
        self.assertEqual(self.ctl("get", "s"), "")
        self.assertEqual(self.json("get", "s"), {"$set": []})

    def test_a_key_that_is_no_str_far_behind_decides_how_a_dict_is_written(self):
        d = self.fill(5_000)
        self.client.call(d, "__setitem__", 5, "five")
        content = self.json("get", "--limit", "0", "d")
        self.assertEqual(list(content), ["$dict"])
        self.assertEqual(ctl.decode(content), self.client.call(d, "#GETVALUE"))
        # within the limit there are only str
        self.assertEqual(len(self.json("get", "--limit", "5000", "d", says="5000 of 5001")), 5000)

    def test_how_a_dict_is_written_does_not_depend_on_its_size(self):
        d = self.fill(25_000)
        whole = [(f"k{i}", i) for i in range(25_000)]
        self.assertEqual(list(self.json("get", "d").items()), whole)
        self.assertEqual(len(self.json("get", "--limit", "20000", "d", says="20000 of 25000")), 20000)
        self.client.call(d, "__setitem__", 5, "five")
        content = self.json("get", "d")
        self.assertEqual(list(content), ["$dict"])
        self.assertEqual(content["$dict"], [*map(list, whole), [5, "five"]])

    def test_a_dict_whose_one_key_looks_like_a_tag(self):
        d = self.open("dict", "d", {"$tuple": [1]})
        self.assertEqual(self.json("get", "d"), {"$dict": [["$tuple", [1]]]})
        self.client.call(d, "update", {"$set": 2})
        self.assertEqual(self.json("get", "d"), {"$tuple": [1], "$set": 2})
        self.assertEqual(self.json("get", "--limit", "1", "d", says="1 of 2"),
                         {"$dict": [["$tuple", [1]]]})

    def test_empty_ones(self):
        self.open("dict", "d")
        self.open("list", "l")
        self.assertEqual((self.ctl("get", "d"), self.ctl("get", "l")), ("", ""))
        self.assertEqual((self.json("get", "d"), self.json("get", "l")), ({}, []))

    def test_big_elements_are_paged_by_bytes(self):
        l = self.open("list", "l")
        for i in range(40):
            self.client.call(l, "append", [i, "x" * 500_000])
        text = self.ctl("get", "l", "--json")
        self.assertEqual([element[0] for element in json.loads(text)], list(range(40)))

    def test_looking_at_a_dict_that_others_change(self):
        d = self.fill(3000)
        with self.daemon.connect() as other:
            for i in range(20):
                other.call(d, "pop", f"k{i}")
                other.call(d, "__setitem__", f"n{i}", i)
                keys = [line.split("\t")[0] for line in
                        self.ctl("get", "--limit", "0", "d").splitlines()]
                self.assertEqual(len(keys), len(set(keys)))
                self.assertEqual(len(keys), 3000)

    def test_what_is_missing_is_missing_after_pages_too(self):
        self.open("list", "l", list(range(5000)))
        self.assertEqual(self.ctl("get", "l", "-5000", "4999", "-1"), "0\n4999\n4999\n")
        self.fails(NEGATIVE, "IndexError", "get", "l", "5000")


class SmallFrames(ctl.CtlTest):
    OPTIONS = ("--max-frame", "300000")

    def test_pages_shrink_to_what_the_daemon_may_send(self):
        l, d = self.open("list", "l"), self.open("dict", "d")
        for i in range(30):
            self.client.call(l, "append", [i, b"x" * 100_000])
            self.client.call(d, "__setitem__", i, b"x" * 100_000)
        self.fails(ctl.SERVER, "TooLarge", "call", "d", "copy")
        self.assertEqual([element[0] for element in self.value("get", "l")], list(range(30)))
        self.assertEqual(list(self.value("get", "d")), list(range(30)))


if __name__ == "__main__":
    unittest.main()
