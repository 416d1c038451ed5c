"""managerctl against a real daemon: what its tests have in common.

encode() and decode() are the notation of client/managerctl/json.h, written from its
description: what Python's json module reads and writes, and tags for the rest.
"""
import base64
import json
import math
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire  # noqa: E402

MANAGERCTL = os.path.join(os.environ.get("BUILD", "build"), "managerctl")

OK, NEGATIVE, USAGE, CONNECT, AUTHENTICATION, SERVER = range(6)


def is_object(value):
    return (all(isinstance(key, str) and "\0" not in key and is_text(key) for key in value)
            and not (len(value) == 1 and next(iter(value)).startswith("$")))


def is_text(value):
    return not any(0xd800 <= ord(c) <= 0xdfff for c in value)


def base64_of(data):
    return base64.b64encode(data).decode()


def encode(value):
    """A value as managerctl writes and reads it, for json.dumps()."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -2**63 <= value < 2**63 else {"$int": str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, str) and is_text(value):
        return value
    if isinstance(value, bytes):
        return {"$bytes": base64_of(value)}
    if isinstance(value, dict):
        if is_object(value):
            return {key: encode(element) for key, element in value.items()}
        return {"$dict": [[encode(key), encode(element)] for key, element in value.items()]}
    if isinstance(value, list):
        return [encode(element) for element in value]
    for kind, tag in ((tuple, "$tuple"), (set, "$set"), (frozenset, "$frozenset")):
        if isinstance(value, kind):
            return {tag: [encode(element) for element in value]}
    if isinstance(value, wire.Token):
        return {"$proxy": {"typeid": value.typeid, "ident": str(value.ident)}}
    if value is NotImplemented:
        value = wire.Extension(wire.EXT_NOT_IMPLEMENTED, b"")
    if isinstance(value, wire.RemoteException):
        value = wire.Extension(wire.EXT_EXCEPTION, wire.pack([value.name, list(value.arguments)]))
    return {"$packed": base64_of(wire.pack(value))}


TAGS = {
    "$tuple": lambda content: tuple(map(decode, content)),
    "$set": lambda content: set(map(decode, content)),
    "$frozenset": lambda content: frozenset(map(decode, content)),
    "$dict": lambda content: {decode(key): decode(value) for key, value in content},
    "$int": int,
    "$float": float,
    "$bytes": base64.b64decode,
    "$proxy": lambda content: wire.Token(content["typeid"], int(content["ident"])),
    "$packed": lambda content: wire.unpack(base64.b64decode(content)),
}


def decode(content):
    """The value that json.loads() of managerctl's output stands for."""
    if isinstance(content, list):
        return [decode(element) for element in content]
    if not isinstance(content, dict):
        return content
    if len(content) == 1:
        (tag, inside), = content.items()
        if tag.startswith("$"):
            return TAGS[tag](inside)
    return {key: decode(value) for key, value in content.items()}


def ordered(content):
    """The same with the elements of sets in one order: Python's own varies."""
    if isinstance(content, list):
        return [ordered(element) for element in content]
    if not isinstance(content, dict):
        return content
    return {key: sorted(ordered(value), key=json.dumps) if key in ("$set", "$frozenset")
            and isinstance(value, list) else ordered(value) for key, value in content.items()}


def run(*arguments, **options):
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
               "stderr": subprocess.PIPE, "timeout": wire.PATIENCE, **options}
    return subprocess.run([MANAGERCTL, *arguments], **options)


class CtlTest(unittest.TestCase):
    OPTIONS = ()

    def setUp(self):
        self.daemon = wire.start_daemon(*self.OPTIONS, key=None)
        self.addCleanup(self.daemon.close)
        with open(os.path.join(self.daemon.directory, "authkey"), "rb") as file:
            self.daemon.key = file.read()
        self.client = self.daemon.connect()
        self.addCleanup(self.client.close)

    def run_ctl(self, *arguments, **options):
        return run("--socket", self.daemon.path, *arguments, **options)

    def ctl(self, *arguments, code=OK, says=None):
        """What it prints. Messages are only expected where `says` is part of them."""
        done = self.run_ctl(*arguments)
        message = done.stderr.decode()
        self.assertEqual(done.returncode, code, message)
        if says is None:
            self.assertEqual(message, "")
        else:
            self.assertIn(says, message)
            for line in message.splitlines():
                self.assertTrue(line.startswith("managerctl: "), line)
        if code != OK:
            self.assertEqual(done.stdout, b"")
        return done.stdout.decode()

    def fails(self, code, says, *arguments):
        self.ctl(*arguments, code=code, says=says)

    def json(self, *arguments, says=None):
        return json.loads(self.ctl(*arguments, "--json", says=says))

    def value(self, *arguments, says=None):
        return decode(self.json(*arguments, says=says))

    def open(self, typeid, name, *content):
        return self.client.server("open", typeid, name, *content)[0]

    def raw(self, ident, method, *arguments):
        """A reply byte by byte."""
        self.client.send(ident, method, arguments)
        return self.client.receive_frame()
