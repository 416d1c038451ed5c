"""The comparison's other side: managerd, behind proxies that send what Python's own send.

They are the standard library's proxy classes with another way to make a call. The same
rows run over two kinds of connections: *sessions*, one for each actor, with plain requests,
as Python's clients have; and *tasks*, one session for all, with numbered requests.
"""
import array
import builtins
import queue
import struct
import threading
from multiprocessing import managers

import cpython_manager
import wire
from wire import Token


# --- values

def to_wire(value):
    if isinstance(value, Remote):
        return value._token
    if isinstance(value, array.array):
        code = value.typecode
        if code == "u":
            items = value.tounicode().encode("utf-32-le")
        else:
            wide = {"l": "q", "L": "Q"}.get(code, code)
            items = struct.pack(f"<{len(value)}{wide}", *value)
        return wire.Extension(wire.EXT_TYPED_ARRAY, code.encode() + items)
    if value is NotImplemented:
        return wire.Extension(wire.EXT_NOT_IMPLEMENTED, b"")
    if isinstance(value, dict):
        return {to_wire(key): to_wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(map(to_wire, value))
    return value


def array_of(payload):
    code, items = payload[:1].decode(), payload[1:]
    if code == "u":
        return array.array("u", items.decode("utf-32-le"))
    result = array.array(code)
    result.frombytes(items)
    return result


def exception_of(error):
    """Python's own, where there is one of that name."""
    for module in (builtins, queue, threading):
        known = getattr(module, error.name, None)
        if isinstance(known, type) and issubclass(known, Exception):
            return known(*error.arguments)
    return error


# --- connections

def patient(client):
    client.socket.settimeout(None)
    return client


class Sessions:
    """Each actor's own connection, plain requests."""

    def __init__(self, daemon):
        self.daemon, self.clients = daemon, {}

    def exchange(self, ident, method, args, kwds):
        actor = threading.current_thread().name
        if actor not in self.clients:
            self.clients[actor] = patient(self.daemon.connect())
        client = self.clients[actor]
        client.send(ident, method, args, kwds)
        return client.receive()[1:]

    def count(self, ident):
        """A token in a result: its referent is kept until the next request."""
        self.exchange(None, "incref", (ident,), {})

    def close(self):
        for client in self.clients.values():
            client.close()


class Tasks:
    """One connection for all, numbered requests; a thread hands out the replies."""

    def __init__(self, daemon):
        self.client = patient(daemon.connect())
        self.client.hello()
        self.mutex, self.n, self.replies = threading.Lock(), 0, {}
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            while True:
                number, *reply = self.client.receive()
                self.replies[number].put(reply)
        except (OSError, EOFError):
            pass

    def exchange(self, ident, method, args, kwds):
        with self.mutex:
            self.n += 1
            number = self.n
            self.replies[number] = queue.SimpleQueue()
            self.client.send(ident, method, args, kwds,
                             {"i": number, "task": threading.current_thread().name})
        reply = self.replies[number].get()
        del self.replies[number]
        return reply

    def count(self, ident):
        """Who has said hello gets tokens counted."""

    def close(self):
        self.client.socket.shutdown(2)
        self.client.close()


# --- proxies

class Remote:
    """What stands before a proxy class of the standard library: calls go to managerd."""

    def __init__(self, side, token):
        self._side, self._token, self._id = side, token, token.ident

    def _callmethod(self, methodname, args=(), kwds={}):
        return self._side.call(self._token.ident, methodname, args, kwds)


PROXIES = {typeid: entry[-1] for typeid, entry in cpython_manager.Manager._registry.items()}
PROXIES = {typeid: type(proxy.__name__, (Remote, proxy), {})
           for typeid, proxy in PROXIES.items() if isinstance(proxy, type)}


class Manager:
    """m.dict(), m.Lock() …"""

    def __init__(self, side):
        self._side = side

    def __getattr__(self, typeid):
        return lambda *args, **kwds: self._side.create(typeid, args, kwds)


class Managerd:
    """The side."""

    def __init__(self, daemon, connections):
        self.name = connections.__name__.lower()
        self.connections, self.watch = connections(daemon), daemon.connect()
        self.manager, self.tokens = Manager(self), []

    def create(self, typeid, args, kwds):
        ident, _ = self.call(None, "create", (typeid, *args), kwds)
        return self.proxy(Token(typeid, ident))

    def proxy(self, token):
        """For a token that is counted."""
        self.tokens.append(token)
        return PROXIES[token.typeid](self, token)

    def call(self, ident, method, args, kwds):
        kind, value = self.connections.exchange(ident, method, to_wire(args), to_wire(kwds))
        if kind == "#PROXY":
            return self.proxy(value[1])
        if kind == "#ERROR":
            raise exception_of(value)
        return self.from_wire(wire.Client.result(kind, value))

    def from_wire(self, value):
        if isinstance(value, Token):
            self.connections.count(value.ident)
            return self.proxy(value)
        if isinstance(value, wire.Extension):
            return array_of(value.payload)
        if isinstance(value, dict):
            return {key: self.from_wire(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return type(value)(map(self.from_wire, value))
        return value

    def waits(self, _, n_under_way):
        return self.watch.server("stats")["calls_parked"] == n_under_way

    def row_ended(self):
        while self.tokens:
            self.call(None, "decref", (self.tokens.pop().ident,), {})

    def n_objects(self):
        return self.watch.server("stats")["objects"]

    def close(self):
        self.connections.close()
        self.watch.close()
