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


def _set_steps():
    small = [[1, TEXT, (3, "four"), 2.5, None]]
    big = [[f"{TEXT} {i}" for i in range(40)]]
    yield from _methods("set", small, [
        ("__and__", [{1, 2}]), ("__and__", ["@@b"]), ("__and__", [[1]]), ("__contains__", [TEXT]),
        ("__contains__", [{1, 2}]), ("__contains__", [(3.0, "four")]), ("__ge__", ["@@b"]),
        ("__gt__", [{1, 2}]), ("__iand__", [{1, TEXT}]), ("__iand__", ["@@b"]),
        ("__ior__", [{TEXT * 2, "y"}]), ("__ior__", ["@@b"]), ("__isub__", [{1, TEXT}]),
        ("__isub__", ["@@a"]), ("__iter__", []), ("__ixor__", [{1, TEXT, "y", TEXT * 2}]),
        ("__ixor__", ["@@b"]), ("__le__", [frozenset([1, TEXT])]), ("__len__", []),
        ("__lt__", ["@@b"]), ("__or__", [{TEXT * 2}]), ("__or__", ["@@b"]), ("__or__", [3]),
        ("__rand__", [{1}]), ("__ror__", [frozenset([TEXT, 7])]), ("__rsub__", [{1, 7}]),
        ("__rxor__", [{1, 7}]), ("__sub__", [{TEXT}]), ("__xor__", [{TEXT, 7}]), ("add", [5]),
        ("add", [TEXT]), ("add", [TEXT * 2]), ("add", [BIG]), ("add", ["@@b"]), ("add", ["@@a"]),
        ("add", [(1.0, "@@b", "@@c")]), ("add", [[1]]), ("add", [(1.5, frozenset([1, TEXT]))]),
        ("clear", []), ("copy", []), ("difference", [[1], [TEXT]]), ("difference", ["@@b"]),
        ("difference_update", [[1], [TEXT, 2]]), ("difference_update", ["@@b"]),
        ("discard", [TEXT]), ("discard", [{1}]), ("intersection", [[1, TEXT], {1: 2}]),
        ("intersection", ["@@b", [TEXT, 1.0], "@@a"]), ("intersection_update", [[1, TEXT]]),
        ("intersection_update", ["@@b", [1, (3, "four")]]), ("intersection_update", [[], [[]]]),
        ("isdisjoint", [[7, TEXT]]), ("isdisjoint", ["@@b"]), ("issubset", [[1, TEXT]]),
        ("issuperset", [[1, TEXT]]), ("page", []), ("page", [None, 2]), ("pop", []),
        ("remove", [1]), ("remove", [(3.0, "four")]), ("remove", [[TEXT]]), ("remove", [TEXT * 2]),
        ("symmetric_difference", [[1, TEXT, 7]]), ("symmetric_difference_update", [[1, TEXT * 2]]),
        ("symmetric_difference_update", [["@@b", "@@c", 1]]), ("union", [[7], "@@c", {8: 9}]),
        ("update", [KEYS]), ("update", [["@@b", (1, "@@c")], [TEXT * 2]]), ("update", ["@@c"]),
        ("update", ["@@b"]), ("update", [[2, []]]), ("update", [7]), ("__str__", []),
        ("__repr__", []), ("#GETVALUE", []), ("union", [], {"more": TEXT}),
    ])
    yield from _methods("set", big, [
        ("copy", []), ("__repr__", []), ("clear", []), ("update", [KEYS]), ("__or__", ["@@b"]),
        ("__and__", ["@@b"]), ("__iand__", ["@@b"]), ("__ixor__", [set(KEYS)]), ("pop", []),
        ("page", [None, 1000]), ("intersection_update", [KEYS]), ("difference_update", [KEYS]),
    ])


def _cell_steps():
    """Namespace, Value and Array."""
    def array(typecode, data):
        return Extension(9, typecode + data)

    # made by keywords in Python; a mapping does, too
    yield from _methods("Namespace", [{"a": 1, "text": TEXT, "_list": [1, [2]], "z": 2.5}], [
        ("__delattr__", ["a"]), ("__delattr__", ["missing"]), ("__delattr__", [TEXT]),
        ("__getattribute__", ["text"]), ("__getattribute__", ["missing"]),
        ("__getattribute__", ["__dict__"]), ("__getattribute__", [5]),
        ("__setattr__", ["a", TEXT]), ("__setattr__", ["new", TEXT]), ("__setattr__", ["new", BIG]),
        ("__setattr__", ["a", "@@b"]), ("__setattr__", ["new", ["@@b", "@@c"]]),
        ("__setattr__", ["new", "@@a"]), ("__setattr__", ["__class__", 1]),
        ("compare_and_swap", ["a", 1, TEXT]), ("compare_and_swap", ["a", 2, TEXT]),
        ("compare_and_swap", ["new"], {"new": "@@b"}), ("compare_and_swap", ["a", 1]),
        ("incr", ["a"]), ("incr", ["a", 1 << 90]), ("incr", ["text"]), ("incr", ["missing"]),
        ("__str__", []), ("__repr__", []), ("#GETVALUE", [])])
    for value in (1, TEXT, [1, TEXT]):
        for method, args in (("get", []), ("set", [2]), ("set", [TEXT * 2]), ("set", ["@@b"]),
                             ("set", [["@@b", "@@a", TEXT]]), ("swap", [TEXT]), ("swap", ["@@b"]),
                             ("incr", []), ("incr", [1 << 90]),
                             ("compare_and_swap", [value, TEXT * 3]),
                             ("compare_and_swap", [value, "@@b"]), ("compare_and_swap", [7, 8]),
                             ("__str__", []), ("#GETVALUE", [])):
            yield Step(f"Value({value!r:.10}).{method}({args!r:.30})", [["@a", method, args]],
                       {"b": ("list", [[]]), "a": ("Value", ["i", value])})
    items = array(b"i", b"\1\0\0\0" * 3)
    for method, args in (("__getitem__", [0]), ("__getitem__", [slice(0, 2)]),
                         ("__getitem__", [slice(None, None, -2)]), ("__getitem__", [99]),
                         ("__len__", []), ("__setitem__", [0, 7]), ("__setitem__", [0, 1 << 40]),
                         ("__setitem__", [0, TEXT]), ("__setitem__", [slice(0, 1), items]),
                         ("__setitem__", [slice(1, 1), "@@a"]), ("__setitem__", [slice(0, 1), "@@o"]),
                         ("__setitem__", [slice(0, 9), array(b"i", b"")]),
                         ("__setitem__", [slice(0, 5, 2), items]),
                         ("__setitem__", [slice(0, 5, 2), array(b"i", b"")]),
                         ("__setitem__", [slice(0, 5, 2), array(b"h", b"")]),
                         ("__setitem__", [slice(0, 1), array(b"i", b"\1\0\0\0" * 500)]),
                         ("compare_and_swap", [0, 1, 5]), ("compare_and_swap", [0, 7, 5]),
                         ("incr", [0]), ("incr", [0, 1 << 40]), ("incr", [0, 1 << 90]),
                         ("page", []), ("__str__", []), ("__repr__", []), ("#GETVALUE", [])):
        yield Step(f"Array.{method}({args!r:.40})", [["@a", method, args]],
                   {"a": ("Array", ["i", [1, 2, 3, 4, 5]]), "o": ("Array", ["i", [6, 7, 8]])})
    objects = {"l": ("list", [[1, 2, 3]]), "a": ("Array", ["i", [1, 2, 3]]),
               "d": ("dict", [{"k": "@@l", "l": TEXT}])}
    for typeid, args, *kwds in (("Namespace", []), ("Namespace", ["@@d"]), ("Namespace", [[1]]),
                                ("Namespace", [], {"a": TEXT, "b": "@@l", "c": 1}),
                                ("Value", ["i", 1]), ("Value", [TEXT, [TEXT, "@@l"]]),
                                ("Array", ["i", list(range(200))]), ("Array", ["h", "@@l"]),
                                ("Array", ["i", "@@a"]), ("Array", ["d", "@@a"]),
                                ("Array", ["B", bytes(500)]), ("Array", ["u", TEXT]),
                                ("Array", ["i", items]), ("Array", ["b", [1, 1 << 90]]),
                                ("Array", ["x", []]), ("Array", [TEXT, 5])):
        yield Step(f"create({typeid}, {args!r:.30}, {kwds!r:.20})",
                   [[None, "create", [typeid, *args], *kwds]], objects)
    yield Step("list.extend(Array)", [["@l", "extend", ["@@a"]]], objects)
    yield Step("dict.update(Namespace)", [["@d", "update", ["@@n"]]],
               {**objects, "n": ("Namespace", [{"a": TEXT, "b": "@@l"}])})


def _sync_steps():
    """Semaphore, BoundedSemaphore, Event and Barrier. A text tells their state."""
    def numbered(name, method, args, number, **options):
        return [name, method, args, {}, {"i": number, **options}]

    for typeid in ("Semaphore", "BoundedSemaphore"):
        for client in ("native", "plain"):
            for method, args in (("acquire", []), ("acquire", [False]), ("acquire", [True, TEXT]),
                                 ("acquire", [False, 1]), ("release", []), ("release", [2]),
                                 ("release", [0]), ("release", [TEXT]), ("get_value", []),
                                 ("fence", []), ("__str__", []), ("#GETVALUE", [])):
                yield Step(f"{typeid}.{method}({args!r:.30}), {client}", [["@a", method, args]],
                           {"a": (typeid, [2])}, client,
                           prepare=[["@a", "acquire", []]] if method == "release" else ())
            yield Step(f"{typeid} to and fro, {client}",
                       [["@a", "acquire", []], ["@a", "acquire", [False]],
                        ["@a", "acquire", [True, 0.002]], ["@a", "release", []],
                        ["@a", "acquire", [False]], ["@a", "release", [2]]],
                       {"a": (typeid, [2])}, client)
        for args in ([], [5], [-1], [TEXT], [1 << 80]):
            yield Step(f"create({typeid}, {args!r:.20})", [[None, "create", [typeid, *args]]])
    none = {"a": ("Semaphore", [0]), "b": ("Barrier", [2]), "e": ("Event", [])}
    yield Step("acquire is served", [numbered("@a", "acquire", [True, 0.01], 0),
                                     ["@a", "release", []]], none)
    yield Step("acquires are served in order",
               [*(numbered("@a", "acquire", [True, 0.01], i) for i in range(3)),
                ["@a", "release", [2]]], none)
    yield Step("acquire is cancelled", [numbered("@a", "acquire", [True, 0.01], 0),
                                        [None, "cancel", [0]]], none)
    for method, args in (("clear", []), ("is_set", []), ("set", []), ("wait", [0]),
                         ("wait", [0.002]), ("wait", [TEXT]), ("__str__", []), ("#GETVALUE", [])):
        yield Step(f"Event.{method}({args!r:.20})", [["@e", method, args]], none)
    yield Step("all who wait for an event",
               [*(numbered("@e", "wait", [0.01], i) for i in range(3)), ["@e", "set", []],
                ["@e", "clear", []]], none)
    for method, args in (("__getattribute__", ["parties"]), ("__getattribute__", [TEXT]),
                         ("abort", []), ("finish", []), ("reset", []), ("wait", [0]),
                         ("wait", [0.002]), ("wait", [TEXT]), ("__str__", []), ("#GETVALUE", [])):
        yield Step(f"Barrier.{method}({args!r:.20})", [["@b", method, args]], none)
    yield Step("all pass the barrier",
               [numbered("@b", "wait", [0.01], 0), ["@b", "wait", [0.01]]], none)
    yield Step("who waits at a barrier that is reset",
               [numbered("@b", "wait", [0.01], 0), ["@b", "reset", []]], none)
    yield Step("a barrier with an action",
               [["@b", "wait", []], numbered("@b", "wait", [0.01], 1), ["@b", "finish", []]],
               {"b": ("Barrier", [1, TEXT])})
    for args in ([], [3, None, 2.5], [0], [TEXT], [2, None, TEXT]):
        yield Step(f"create(Barrier, {args!r:.20})", [[None, "create", ["Barrier", *args]]])


def _iterator_steps():
    objects = {"d": ("dict", [{key: 1 for key in KEYS}]), "a": ("Iterator", ["@@d"]),
               "l": ("list", [])}
    for method, args in (("__next__", []), ("close", []), ("send", [TEXT]), ("__str__", []),
                         ("#GETVALUE", [])):
        yield Step(f"Iterator.{method}", [["@a", method, args]], objects)
    yield Step("list.extend(Iterator)", [["@l", "extend", ["@@a"]]], objects,
               uses_up="Iterator")
    yield Step("dict.update(Iterator)", [["@d", "update", ["@@a"]]], objects, uses_up="Iterator")
    yield Step("set.update(Iterator)", [["@s", "update", [["new"], "@@a"]]],
               {**objects, "s": ("set", [["key 1"]])}, uses_up="Iterator")
    yield Step("Iterator of a set", [["@i", "__next__", []], ["@i", "__next__", []]],
               {"s": ("set", [KEYS]), "i": ("Iterator", ["@@s"])})
    yield Step("dict.get_many(Iterator)", [["@d", "get_many", ["@@a"]]], objects,
               uses_up="Iterator")
    yield Step("Iterator of a dict that changed",
               [["@d", "__setitem__", ["new", 1]], ["@a", "__next__", []]], objects)


def _server_steps():
    objects = {"a": ("dict", [{"a": 1}]), "b": ("list", [["@@a"]])}
    for typeid, args in (("dict", []), ("dict", [{key: TEXT for key in KEYS}]), ("list", []),
                         ("list", [[TEXT] * 30]), ("list", [["@@a", "@@b"]]), ("list", [5]),
                         ("dict", [["@@a"]]), ("set", []), ("set", [KEYS]), ("set", [["@@a", [5]]]),
                         ("set", [["@@a", (1, "@@b")]]), ("Iterator", ["@@a"]), (TEXT, [])):
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


def _lock_steps():
    """Lock, RLock and Condition. A text tells their state."""
    def numbered(name, method, args, number, **options):
        return [name, method, args, {}, {"i": number, **options}]

    for typeid in ("Lock", "RLock"):
        objects = {"a": (typeid, [])}
        for client in ("native", "plain"):
            for method, args in (("acquire", []), ("acquire", [False]), ("acquire", [True, 0]),
                                 ("acquire", [True, TEXT]), ("acquire", [False, 1]),
                                 ("release", []), ("fence", []), ("holder", []), ("locked", []),
                                 ("__str__", []), ("#GETVALUE", [])):
                for held in (False, True):
                    if (typeid, method, args, held) != ("Lock", "acquire", [], True):
                        yield Step(f"{typeid}.{method}({args!r:.30}), {client}, held: {held}",
                                   [["@a", method, args]], objects, client,
                                   compare=method != "holder",
                                   prepare=[["@a", "acquire", []]] if held else ())
        for args in ([], [False], [True, 1]):
            yield Step(f"create({typeid}, {args!r})", [[None, "create", [typeid, *args]]])
        yield Step(f"{typeid} is waited for and handed over",
                   [numbered("@a", "acquire", [True, 0.01], 0, task=1),
                    numbered("@a", "release", [], 1, task=TEXT[:30])], objects,
                   prepare=[numbered("@a", "acquire", [], 0, task=TEXT[:30])])
        yield Step(f"{typeid} is waited for in vain",
                   [numbered("@a", "acquire", [True, 0.002], 0, task=1)], objects,
                   prepare=[["@a", "acquire", []]])
        yield Step(f"a wait for a {typeid} is cancelled",
                   [numbered("@a", "acquire", [], 0, task=1, alone=True), [None, "cancel", [0]]],
                   objects, prepare=[["@a", "acquire", []]])
    yield from _condition_steps(numbered)


def _condition_steps(numbered):
    for over in ("Lock", "RLock", None):
        objects = {"l": (over or "Lock", []), "c": ("Condition", ["@@l"] if over else [])}
        held = [["@c", "acquire", []]]
        for method, args in (("acquire", [False]), ("release", []), ("wait", [0]), ("wait", [0.002]),
                             ("wait", [TEXT]), ("notify", []), ("notify", [TEXT]),
                             ("notify_all", []), ("lock", []), ("locked", []), ("__str__", []),
                             ("#GETVALUE", [])):
            for prepare in ((), held):
                yield Step(f"Condition({over}).{method}({args!r:.20}), {len(prepare)} held",
                           [["@c", method, args]], objects, prepare=prepare)
        yield Step(f"a wait on Condition({over}) is cancelled",
                   [numbered("@c", "wait", [0.01], 0), [None, "cancel", [0]]], objects,
                   prepare=held)
    for args in ([], [None], ["@@l"], ["@@r"], ["@@x"], [5]):
        yield Step(f"create(Condition, {args!r})", [[None, "create", ["Condition", *args]]],
                   {"l": ("Lock", []), "r": ("RLock", []), "x": ("list", [])})


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


def _queue_steps():
    """Without and with redelivery; with room for no more."""
    items = [1, TEXT, ["@@b", 2], {"k": TEXT}]
    full = [["@a", "put_many", [items]]]
    taken = [*full, ["@a", "get", []], ["@a", "get_many", [2]]]
    objects = {"b": ("list", [[]])}

    def numbered(number, method, *args):
        return ["@a", method, [*args], {}, {"i": number}]

    for args in ([], [0, True], [4, True, 1]):
        wait = [True, 0.002] if args[:1] == [4] else []
        objects = {"b": ("list", [[]]), "a": ("Queue", args)}
        yield Step(f"create(Queue, {args})", [[None, "create", ["Queue", *args]]], objects)
        for method, call in (("put", [TEXT, *wait]), ("put", ["@@b", *wait]), ("put", [BIG, *wait]),
                             ("put_nowait", ["@@a"]), ("put_many", [[TEXT, ["@@b"], 1], *wait]),
                             ("put_many", [["x"] * 200, *wait]), ("put_many", [TEXT]), ("get", []),
                             ("get_delivery", []), ("get_many", [3]), ("get_many", [9]),
                             ("get_nowait", []), ("task_done", []), ("clear", []), ("page", []),
                             ("shutdown", []), ("shutdown", [True]), ("join", [0.002]),
                             ("poll", []), ("poll", [0.002]),
                             ("empty", []), ("full", []), ("qsize", []), ("__str__", []),
                             ("#GETVALUE", []), ("get", [True, -1]), ("get_many", [0])):
            yield Step(f"Queue({args}).{method}({call!r:.30})", [["@a", method, call]], objects,
                       prepare=full)
        for client in ("native", "plain"):
            for method in ("get", "task_done", "clear", "in_flight", "dead_letters"):
                yield Step(f"Queue({args}).{method}() of what is taken, {client}",
                           [["@a", method, []]], objects, client, prepare=taken,
                           compare=method != "in_flight")
        yield Step(f"Queue({args}): gets are served in order",
                   [numbered(0, "get", True, 0.01), numbered(1, "get_many", 2, True, 0.01),
                    ["@a", "put", [TEXT]], ["@a", "put_many", [[1, "@@b"]]]], objects)
        yield Step(f"Queue({args}): get times out", [numbered(0, "get", True, 0.002)], objects)
        yield Step(f"Queue({args}): get is cancelled",
                   [numbered(0, "get"), [None, "cancel", [0]]], objects)
        yield Step(f"Queue({args}): poll waits",
                   [numbered(0, "poll", 0.01), numbered(1, "poll", 0.002),
                    ["@a", "put", [TEXT]], ["@a", "poll", [0]]], objects)
        yield Step(f"Queue({args}): join waits",
                   [numbered(0, "join", 0.02), ["@a", "get", []], ["@a", "task_done", []]],
                   objects, prepare=[["@a", "put", [TEXT]]])
        yield Step(f"Queue({args}): shutdown sends away",
                   [numbered(0, "get", True, 0.01), ["@a", "shutdown", []]], objects)
    objects = {"b": ("list", [[]]), "a": ("JoinableQueue", [1])}
    yield Step("JoinableQueue: put waits for room",
               [numbered(0, "put", TEXT, True, 0.01), numbered(1, "put", ["@@b"], True, 0.02),
                ["@a", "get", []], ["@a", "get", []]], objects, prepare=[["@a", "put", [1]]])


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
    return [*_dict_steps(), *_list_steps(), *_set_steps(), *_cell_steps(), *_sync_steps(),
            *_lock_steps(),
            *_iterator_steps(),
            *_queue_steps(), *_server_steps(), *_waiting_steps(), *_strange_steps()]
