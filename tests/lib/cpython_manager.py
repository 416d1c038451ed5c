"""The comparison's CPython side: SyncManager as it is, and what later versions added to it.

What Python 3.14 exposes more than 3.11 are methods that the referents have had all along,
so they are registered here. Whether a call waits is seen from inside the manager's process.
"""
import contextlib
import ctypes
import glob
import re
import signal
import sys
import threading
from multiprocessing import connection, managers
from multiprocessing.managers import MakeProxyType, SyncManager


class DictProxy(MakeProxyType("BaseDictProxy", managers.DictProxy._exposed_ + (
        "__or__", "__ror__", "__ior__", "__reversed__", "fromkeys"))):
    _method_to_typeid_ = {"__iter__": "Iterator"}

    def __ior__(self, value):
        self._callmethod("__ior__", (value,))
        return self


class ListProxy(MakeProxyType("BaseListProxy", managers.BaseListProxy._exposed_ + (
        "clear", "copy"))):
    def __iadd__(self, value):
        self._callmethod("extend", (value,))
        return self

    def __imul__(self, value):
        self._callmethod("__imul__", (value,))
        return self


SET_METHODS = """__and__ __contains__ __iand__ __ior__ __isub__ __iter__ __ixor__ __len__
    __or__ __rand__ __ror__ __rsub__ __rxor__ __sub__ __xor__ __ge__ __gt__ __le__ __lt__
    add clear copy difference difference_update discard intersection intersection_update
    isdisjoint issubset issuperset pop remove symmetric_difference
    symmetric_difference_update union update"""


class SetProxy(MakeProxyType("BaseSetProxy", tuple(SET_METHODS.split()))):
    _method_to_typeid_ = {"__iter__": "Iterator"}

    def __ior__(self, value):
        self._callmethod("__ior__", (value,))
        return self

    def __iand__(self, value):
        self._callmethod("__iand__", (value,))
        return self

    def __ixor__(self, value):
        self._callmethod("__ixor__", (value,))
        return self

    def __isub__(self, value):
        self._callmethod("__isub__", (value,))
        return self


class AcquirerProxy(managers.AcquirerProxy):
    _exposed_ = managers.AcquirerProxy._exposed_ + ("locked",)

    def locked(self):
        return self._callmethod("locked")


class QueueProxy(MakeProxyType("BaseQueueProxy", (
        "empty", "full", "get", "get_nowait", "join", "put", "put_nowait", "qsize",
        "task_done", "shutdown"))):
    """As AutoProxy makes it, without asking the server for the names each time."""


class Watch:
    """Lives in the manager's process, and sees what its threads do."""

    RECEIVE = connection.Connection.recv.__code__
    SEND = connection.Connection.send.__code__

    def look(self, name):
        """Where the thread that serves the client thread `name` is inside a call, or None."""
        frames = sys._current_frames()
        for thread in threading.enumerate():
            if thread.name == name and thread.ident in frames:
                return self.place(frames[thread.ident])
        return None

    def place(self, frame):
        codes, place = [], []
        while frame and frame.f_code is not managers.Server.serve_client.__code__:
            codes.append(frame.f_code)
            place.append(frame.f_lasti)
            frame = frame.f_back
        if not frame or codes[-1:] in ([self.RECEIVE], [self.SEND]):
            return None
        return [*place, frame.f_lasti, frame.f_locals.get("methodname")]


class Manager(SyncManager):
    """A registry of our own: SyncManager's stays as it is."""


for _typeid, _proxy in (("dict", DictProxy), ("list", ListProxy), ("set", SetProxy),
                        ("Lock", AcquirerProxy), ("Queue", QueueProxy),
                        ("JoinableQueue", QueueProxy)):
    _callable = set if _typeid == "set" else SyncManager._registry[_typeid][0]
    Manager.register(_typeid, _callable, _proxy)
Manager.register("Watch", Watch)


def die_with_parent():
    """A manager outlives whom it serves where that one is killed; here it shall not."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class CPython:
    """The side."""

    name = "CPython"

    def __init__(self):
        self.manager = Manager()
        self.manager.start(die_with_parent)
        self.watch = self.manager.Watch()

    def waits(self, actor, _):
        """It is inside a call, before and after a moment when the whole process sleeps."""
        name = f"MainProcess|{actor}"
        place = self.watch.look(name)
        return place is not None and self.sleeps() and place == self.watch.look(name)

    def sleeps(self):
        switches = self.switches()
        return switches is not None and switches == self.switches()

    def switches(self):
        """How often each thread of the manager has been switched, or None if one can run."""
        result = {}
        for path in glob.glob(f"/proc/{self.manager._process.pid}/task/*/status"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path) as file:
                status = file.read()
                if "\nState:\tS" not in status:
                    return None
                result[path] = re.findall("ctxt_switches:\t(.*)", status)
        return result

    def row_ended(self):
        pass

    def close(self):
        self.manager.shutdown()
