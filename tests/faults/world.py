"""A daemon with a few clients, and what can be seen of its state from outside.

The state is written down without idents and without numbers of sessions, so that it can be
compared with that of another moment, in which the same objects have been made again.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import memory
import wire
from wire import Token

LOST = "lost"  # the connection was closed before the reply
NO_MEMORY = "no memory"


class World:
    def __init__(self, *options):
        self.memory = memory.Memory()
        self.image = os.urandom(16)
        self.options = options
        self.daemon = self.native = self.plain = self.witness = None
        self.start()

    def start(self):
        self.memory.disarm()
        self.daemon = memory.Daemon(self.memory, *self.options)
        self.witness = self.daemon.connect()
        self.renew()

    def renew(self):
        """Connects anew those whose connection was closed."""
        for name in ("native", "plain"):
            if getattr(self, name) is None:
                setattr(self, name, self.daemon.connect())
                if name == "native":
                    self.native.hello(token=self.image)

    def lose(self, name):
        getattr(self, name).close()
        setattr(self, name, None)

    def end(self):
        """Returns how many blocks were left by main()."""
        for name in ("native", "plain", "witness"):
            if getattr(self, name):
                self.lose(name)
        status = self.daemon.terminate()
        self.daemon.close()
        if status:
            raise AssertionError(f"ended with {status}")
        return self.memory.n_live_at_end

    def restart(self):
        n_live = self.end()
        self.start()
        return n_live

    def has_crashed(self):
        """Whether it has, or is about to: a witness would be told of the end of its connection."""
        try:
            self.witness.server("dummy")
            return False
        except (EOFError, OSError):
            self.daemon.process.wait(wire.PATIENCE)
            return True

    # --- state

    def objects(self):
        return self.witness.server("objects", 0, 1000)

    def stats(self):
        return self.witness.server("stats")

    def unpin(self):
        """Shows the daemon that all replies were read: how long it pins what is in them is chance."""
        for client in (self.native, self.plain):
            if client:
                client.send(None, "dummy", options={"i": 1 << 32})  # past one that is parked
                client.receive()

    def state(self, without=None):
        """As seen(); an object may end while it is looked at: then once more."""
        self.unpin()
        for _ in range(10):
            try:
                return self.seen(without)
            except wire.RemoteError as error:
                if not str(error).startswith("NoSuchObject"):
                    raise
        raise AssertionError("the objects do not settle")

    def content(self, o):
        """Its value; of what has none to be sent, what there is to be told."""
        if o["typeid"] not in ("Queue", "JoinableQueue"):
            try:
                return self.witness.call(o["ident"], "#GETVALUE")
            except wire.RemoteError as error:
                if "cannot pickle" not in str(error):
                    raise
                return self.witness.call(o["ident"], "__str__")
        told = [self.witness.call(o["ident"], "page", 0, 10000),
                self.witness.call(o["ident"], "unfinished")]
        for name in ("in_flight", "dead_letters"):
            told.append([(row["item"], row["deliveries"])
                         for row in self.witness.call(o["ident"], name, 0, 10000)[1]])
        return told

    def seen(self, without):
        """All that anybody can know about the objects and whose they are.

        Not how much memory they take: a list may keep room that it has made in vain. And not
        what is in those of the type `without`.
        """
        objects = self.objects()
        labels = {o["ident"]: f"object {i}" for i, o in enumerate(objects)}
        lines = []
        for o in objects:
            value = self.content(o)
            lines.append((o["typeid"], o["name"], o["references"], o["stored"], o["waiters"],
                          o["length"],
                          o["typeid"] != without and self.shown(value, labels)))
        self.witness.server("dummy")  # so that nothing is pinned for us
        stats = self.stats()
        lines += [(name, stats[name]) for name in
                  ("objects", "objects_referenced", "names", "calls_parked", "tickets",
                   "sessions", "processes")]
        lines += [(lock["typeid"], lock["count"], lock["abandoned"])
                  for lock in self.witness.server("locks")]
        processes = self.witness.server("processes")
        lines.append([(p["references"], p["objects"]) for p in processes])
        return tuple(map(str, lines))

    @classmethod
    def shown(cls, value, labels):
        """As text: the same for the same value, whatever the idents are."""
        if isinstance(value, Token):
            return labels.get(value.ident, "new object")
        if isinstance(value, dict):
            return {cls.shown(k, labels): cls.shown(v, labels) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(cls.shown(element, labels) for element in value)
        if isinstance(value, (set, frozenset)):
            return type(value).__name__, str(sorted(str(cls.shown(e, labels)) for e in value))
        if isinstance(value, int) and not isinstance(value, bool) and value >> 40:
            return labels.get(value, "new ident")
        if isinstance(value, str):
            return re.sub("0x[0-9a-f]+", "0x", value)
        if isinstance(value, bytes):
            return value
        if isinstance(value, wire.Extension):
            return value.code, value.payload
        return repr(value)

    def clear(self):
        """Gives up all objects."""
        for i in range(3):
            if i and self.objects():
                # what it made before it said hello can be given up by one that says none
                self.lose("plain")
                self.renew()
            for o in self.objects():
                if o["name"]:
                    self.witness.server("unlink", o["name"])
                if o["waiters"]:
                    self.native = self.native and self.lose("native")
                    self.plain = self.plain and self.lose("plain")
                    self.renew()
                for client in (self.native, self.plain):
                    while self.give_up(client, o["ident"]):
                        pass
            if not self.objects():
                break
        return not self.objects()

    @staticmethod
    def give_up(client, ident):
        try:
            client.server("decref", ident)
            return True
        except wire.RemoteError:
            return False
