"""What the sessions do whose memory runs out.

A step prepares objects, and has calls that are sent at once. They are lists: ident, method,
args, kwds, options; "@a" stands for the ident of the object that was prepared as "a".
"""
from wire import Extension, Token

TEXT = "some text that is longer than a few bytes, so that it is stored outside " * 3
BIG = "x" * 100_000
KEYS = [f"key {i}" for i in range(40)]


class Step:
    """`compare` False: what the calls return says nothing. `uses_up`: a type of objects that
    may be used up by a call that fails, as in Python: Iterators."""

    def __init__(self, name, calls, objects=None, client="native", compare=True, prepare=(),
                 uses_up=None):
        self.name, self.calls, self.objects = name, calls, objects or {}
        self.client, self.compare, self.prepare = client, compare, prepare
        self.uses_up = uses_up


def _methods(typeid, content, calls):
    """A step for each call of an object "a" of the type; "b" is another one, stored in "c"."""
    others = {"b": (typeid, content), "c": ("list", [["@@b"]])}
    for method, args, *kwds in calls:
        shown = ", ".join(f"{arg!r:.30}" for arg in args)
        yield Step(f"{typeid}.{method}({shown})", [["@a", method, args, *kwds]],
                   {**others, "a": (typeid, content)})


def _dict_steps():
    small = [{"a": 1, 2: TEXT, "list": [1, [2, {"three": 3}]], (1, "x"): None}]
    big = [{key: TEXT for key in KEYS}]
    yield from _methods("dict", small, [
        ("__contains__", ["a"]), ("__contains__", [[TEXT]]), ("__delitem__", ["a"]),
        ("__delitem__", [TEXT]), ("__getitem__", [2]), ("__getitem__", [TEXT]),
        ("__ior__", [{"z": TEXT, "y": 2}]), ("__iter__", []), ("__len__", []),
        ("__or__", [{"z": TEXT}]), ("__or__", ["@@b"]), ("__or__", [3]), ("__reversed__", []),
        ("__ror__", [{"z": TEXT}]), ("__setitem__", ["a", TEXT]), ("__setitem__", ["new", TEXT]),
        ("__setitem__", ["new", BIG]), ("__setitem__", ["a", "@@b"]),
        ("__setitem__", ["new", ["@@b", "@@c"]]), ("__setitem__", ["new", "@@a"]),
        ("__setitem__", [(1.5, "x", frozenset([1, 2])), {1: {2: 3}}]),
        ("__setitem__", [[1], 2]), ("__setitem__", [1 << 70, -1 << 80]), ("clear", []),
        ("compare_and_swap", ["a", 1, TEXT]), ("compare_and_swap", ["a", 2, TEXT]),
        ("compare_and_swap", ["new"], {"new": TEXT}), ("compare_and_swap", ["a", 1]),
        ("copy", []), ("fromkeys", [KEYS, TEXT]), ("get", ["a"]), ("get", ["z", TEXT]),
        ("get_many", [["a", 2, "z"]]), ("incr", ["a"]), ("incr", ["new", 1.5]),
        ("incr", [2]), ("incr", ["a", 1 << 90]), ("items", []), ("keys", []), ("page", []),
        ("page", [None, 2]), ("pop", ["a"]), ("pop", ["z", TEXT]), ("pop", [TEXT]),
        ("popitem", []), ("setdefault", ["a", TEXT]), ("setdefault", ["new", TEXT]),
        ("setdefault", ["new", "@@b"]), ("update", [{key: TEXT for key in KEYS}]),
        ("update", [[["k", TEXT], ["l", "@@c"]]], {"word": "@@b"}), ("update", ["@@b"]),
        ("update", ["@@c"]), ("update", [[[[], 1]]]), ("update", [7]), ("values", []),
        ("__str__", []), ("__repr__", []), ("#GETVALUE", []), ("fly", []), (TEXT, [TEXT]),
        ("get", []), ("get", [1, 2, 3], {"more": TEXT}),
    ])
    yield from _methods("dict", big, [
        ("copy", []), ("items", []), ("__repr__", []), ("clear", []), ("update", ["@@b"]),
        ("__or__", ["@@b"]), ("get_many", [KEYS * 20]), ("page", [None, 1000]),
        ("__delitem__", [KEYS[3]]), ("popitem", []),
    ])


def _list_steps():
    small = [[1, TEXT, [3, {"four": 4}], 2.5, None]]
    big = [[TEXT] * 300]
    numbers = [list(range(50, 0, -1))]
    yield from _methods("list", small, [
        ("__add__", [[TEXT]]), ("__add__", ["@@b"]), ("__add__", [(1,)]), ("__contains__", [TEXT]),
        ("__delitem__", [1]), ("__delitem__", [slice(None, None, 2)]), ("__delitem__", [99]),
        ("__getitem__", [1]), ("__getitem__", [slice(1, 4)]), ("__getitem__", [TEXT]),
        ("__imul__", [3]), ("__imul__", [200]), ("__len__", []), ("__mul__", [3]),
        ("__mul__", [2000]), ("__reversed__", []), ("__rmul__", [2]), ("__setitem__", [0, TEXT]),
        ("__setitem__", [0, "@@b"]), ("__setitem__", [0, BIG]), ("__setitem__", [99, TEXT]),
        ("__setitem__", [slice(1, 3), [TEXT] * 40]),
        ("__setitem__", [slice(1, 3), "@@b"]), ("__setitem__", [slice(0, 5, 2), [1, TEXT, "@@c"]]),
        ("__setitem__", [slice(0, 5, 2), [1]]), ("append", [TEXT]), ("append", ["@@b"]),
        ("append", [BIG]), ("append", ["@@a"]), ("append", [[TEXT, ["@@b", "@@c"]]]),
        ("clear", []), ("compare_and_swap", [0, 1, TEXT]), ("compare_and_swap", [1, TEXT, "@@b"]),
        ("copy", []), ("count", [TEXT]), ("extend", [[TEXT] * 30]), ("extend", ["@@b"]),
        ("extend", ["@@a"]), ("extend", [TEXT]), ("extend", [{"a": 1, "b": 2}]), ("extend", [5]),
        ("extend", [["@@b", "@@c"]]), ("get_many", [[0, 1, -1]]), ("get_many", [[0, 99]]),
        ("incr", [0]), ("incr", [0, 1 << 90]), ("incr", [1]), ("index", [TEXT]),
        ("index", [[TEXT]]), ("insert", [0, TEXT]), ("insert", [2, "@@b"]), ("page", []),
        ("pop", []), ("pop", [0]), ("pop", [99]), ("remove", [TEXT]), ("remove", [[TEXT]]),
        ("reverse", []), ("sort", []), ("take", []), ("take", [0.01]), ("__str__", []),
        ("__repr__", []), ("#GETVALUE", []),
    ])
    yield from _methods("list", big, [
        ("copy", []), ("__repr__", []), ("sort", []), ("reverse", []), ("__imul__", [2]),
        ("extend", ["@@b"]), ("clear", []), ("__delitem__", [slice(0, 280)]),
        ("insert", [150, TEXT]), ("__getitem__", [slice(0, 300)]),
    ])
    yield from _methods("list", numbers, [
        ("sort", []), ("sort", [], {"reverse": True}), ("pop", []), ("take", []),
        ("append", ["@@b"]), ("insert", [0, 5]), ("extend", [list(range(100))]),
    ])
    yield Step("list.append at the end of what there is room for",
               [["@a", "append", [i]] for i in range(40)], {"a": ("list", [])})


def _iterator_steps():
    objects = {"d": ("dict", [{key: 1 for key in KEYS}]), "a": ("Iterator", ["@@d"]),
               "l": ("list", [])}
    for method, args in (("__next__", []), ("close", []), ("send", [TEXT]), ("__str__", []),
                         ("#GETVALUE", [])):
        yield Step(f"Iterator.{method}", [["@a", method, args]], objects)
    yield Step("list.extend(Iterator)", [["@l", "extend", ["@@a"]]], objects,
               uses_up="Iterator")
    yield Step("dict.update(Iterator)", [["@d", "update", ["@@a"]]], objects, uses_up="Iterator")
    yield Step("dict.get_many(Iterator)", [["@d", "get_many", ["@@a"]]], objects,
               uses_up="Iterator")
    yield Step("Iterator of a dict that changed",
               [["@d", "__setitem__", ["new", 1]], ["@a", "__next__", []]], objects)


def _server_steps():
    objects = {"a": ("dict", [{"a": 1}]), "b": ("list", [["@@a"]])}
    for typeid, args in (("dict", []), ("dict", [{key: TEXT for key in KEYS}]), ("list", []),
                         ("list", [[TEXT] * 30]), ("list", [["@@a", "@@b"]]), ("list", [5]),
                         ("dict", [["@@a"]]), ("Iterator", ["@@a"]), (TEXT, [])):
        for client in ("native", "plain"):
            yield Step(f"create({typeid:.10}, {args!r:.30}) {client}",
                       [[None, "create", [typeid, *args]]], objects, client)
    yield Step("create(dict) with keywords",
               [[None, "create", ["dict"], {"a": TEXT, "b": "@@a"}]], objects)
    yield Step("open", [[None, "open", ["dict", TEXT, {"a": TEXT}]]], objects)
    yield Step("open what is there", [[None, "open", ["dict", "here"]]], objects,
               prepare=[[None, "open", ["dict", "here", {"a": 1}]]])
    yield Step("open as another type", [[None, "open", ["list", "here"]]], objects,
               prepare=[[None, "open", ["dict", "here", {"a": 1}]]])
    yield Step("unlink", [[None, "unlink", ["here"]]], objects,
               prepare=[[None, "open", ["dict", "here", {"a": 1}]]])
    for method, args in (("dummy", []), ("incref", ["@a"]), ("decref", ["@a"]), ("decref", ["@b"]),
                         ("decref", [5]), ("lend", [["@a", "@b", "@a"]]), ("lend", [[5]]),
                         ("claim", [5]), ("accept_connection", [TEXT]), ("number_of_objects", []),
                         ("get_methods", ["@a"]), ("get_methods", ["@@b"]), ("objects", []),
                         ("describe", ["@a"]), ("describe", [TEXT]), ("cancel", [7]),
                         ("hello", [{"version": 1, "token": b"another token 16",
                                     "name": TEXT}]),
                         (TEXT, [TEXT])):
        for client in ("native", "plain"):
            if (method, client) != ("hello", "native"):
                yield Step(f"{method:.20}({args!r:.30}) {client}", [[None, method, args]], objects,
                           client, compare=method not in ("lend", "hello"))
    for method in ("debug_info", "sessions", "processes", "stats"):
        yield Step(method, [[None, method, []]], objects, compare=False)
    for client in ("native", "plain"):
        yield Step(f"proxies in a reply, {client}",
                   [["@b", "__getitem__", [0]], ["@b", "copy", []], [None, "dummy", []]], objects,
                   client)
        yield Step(f"a proxy is taken out, {client}", [["@b", "pop", []]],
                   {**objects, "b": ("list", [["@@a", ["@@a"], {"k": "@@a"}]])}, client)
    yield Step("the last reference", [["@b", "clear", []], [None, "decref", ["@a"]],
                                      [None, "decref", ["@b"]]], objects)
    yield Step("a cycle", [["@a", "__setitem__", ["b", "@@b"]], [None, "decref", ["@a"]],
                           [None, "decref", ["@b"]], [None, "dummy", []]], objects)


def _waiting_steps():
    empty = {"a": ("list", [])}

    def take(number, timeout=0.01):
        return ["@a", "take", [timeout], {}, {"i": number}]

    yield Step("take is served", [take(0), ["@a", "append", [TEXT]]], empty)
    yield Step("takes are served in order",
               [take(0), take(1), take(2), ["@a", "extend", [[1, TEXT, "@@a"]]]], empty)
    yield Step("take of a proxy", [take(0), ["@a", "append", ["@@a"]], [None, "dummy", []]], empty)
    yield Step("take times out", [take(0, 0.002)], empty)
    yield Step("takes time out", [take(i, 0.001 * (i + 1)) for i in range(3)], empty)
    yield Step("take is cancelled", [take(0), [None, "cancel", [0]]], empty)
    yield Step("take of a task",
               [["@a", "take", [0.01], {}, {"i": 0, "task": TEXT}], ["@a", "append", [1]]], empty)
    yield Step("plain take in front of others",
               [["@a", "take", [0.002]], ["@a", "append", [1]], ["@a", "take", [0.01]],
                ["@a", "__len__", []]], empty)
    yield Step("many takes", [take(i, 0.002) for i in range(20)], empty)
    yield Step("take of what is gone", [take(0, 0.002), [None, "decref", ["@a"]]], empty)


def _strange_steps():
    objects = {"a": ("dict", [{}])}
    yield Step("an array as a value",
               [["@a", "__setitem__", ["k", Extension(9, b"i\1\0\0\0")]]], objects)
    yield Step("an opaque value",
               [["@a", "__setitem__", [Extension(10, b"\x93\xa1p\xc4\1x\xc3"), 1]]], objects)
    yield Step("a big integer as a key", [["@a", "__setitem__", [1 << 100, 1]],
                                          ["@a", "__getitem__", [1 << 100]]], objects)
    yield Step("a set as a value", [["@a", "__setitem__", [frozenset(range(50)), set(KEYS)]],
                                    ["@a", "__repr__", []]], objects)
    yield Step("a token of nobody", [["@a", "__setitem__", ["k", Token("dict", 12345)]]], objects)
    yield Step("an object of nobody", [[12345, "get", ["k"]]], objects)
    yield Step("a dict of many keys", [["@a", "update", [{i: i for i in range(2000)}]],
                                       ["@a", "clear", []]], objects)
    yield Step("keys of many kinds", [["@a", "update", [{(i, str(i)): [i] for i in range(50)}]],
                                      ["@a", "keys", []]], objects)
    yield Step("a key error with a long text", [["@a", "__getitem__", [BIG]]], objects)
    yield Step("a session of many calls",
               [["@a", "__setitem__", [key, TEXT]] for key in KEYS[:12]]
               + [["@a", "__getitem__", [key]] for key in KEYS[:12]]
               + [["@a", "pop", [key]] for key in KEYS[:6]] + [["@a", "items", []]], objects)


def all_steps():
    return [*_dict_steps(), *_list_steps(), *_iterator_steps(), *_server_steps(),
            *_waiting_steps(), *_strange_steps()]
