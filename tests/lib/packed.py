"""Python's values as the protocol packs them, for tests that ask a program about them.

In the shortest form, or in any form that is allowed. Two classes stand for what Python's
own types cannot: Token for a proxy, Opaque for an object of which only the pickle travels.
"""

import array
import struct
import sys

import msgpack

PROXIES = {
    "dict": "DictProxy", "list": "ListProxy", "set": "SetProxy", "Namespace": "NamespaceProxy",
    "Value": "ValueProxy", "Array": "ArrayProxy", "Iterator": "IteratorProxy",
    "Pool": "PoolProxy", "Lock": "AcquirerProxy", "RLock": "AcquirerProxy",
    "Semaphore": "AcquirerProxy", "BoundedSemaphore": "AcquirerProxy",
    "Condition": "ConditionProxy", "Event": "EventProxy", "Barrier": "BarrierProxy",
}


class Token:
    """A proxy: equal by ident, shown as Python's BaseProxy shows itself."""

    def __init__(self, typeid, address, ident):
        self.typeid, self.address, self.ident = typeid, address, ident

    def __repr__(self):
        name = PROXIES.get(self.typeid, f"AutoProxy[{self.typeid}]")
        return f"<{name} object, typeid {self.typeid!r} at {self.ident:#x}>"

    def __eq__(self, other):
        return isinstance(other, Token) and self.ident == other.ident

    def __hash__(self):
        return hash(self.ident)


class Opaque:
    def __init__(self, codec, payload, hashable):
        self.codec, self.payload, self.hashable = codec, payload, hashable

    def __repr__(self):
        return f"<{self.codec} object of {len(self.payload)} bytes>"

    def __eq__(self, other):
        return (isinstance(other, Opaque) and self.codec == other.codec and
                self.payload == other.payload)

    def __hash__(self):
        if not self.hashable:
            raise TypeError("unhashable type: 'object'")
        return hash(self.payload)


def big_bytes(number):
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return number.to_bytes(size, "big", signed=True)


def array_bytes(value):
    if value.typecode == "u":
        return value.tounicode().encode("utf-32-le", "surrogatepass")
    if sys.byteorder != "little":
        value = value[:]
        value.byteswap()
    return value.tobytes()


class Packer:
    """With rng, every head may be wider than it needs to be."""

    def __init__(self, rng=None):
        self.rng = rng

    def head(self, n, fixed, wide):
        """fixed: (limit, byte) or None; wide: [(limit, byte, struct format)]."""
        forms = [struct.pack(">B" + form, byte, n) for limit, byte, form in wide if n < limit]
        if fixed and n < fixed[0]:
            forms.insert(0, bytes([fixed[1] | n]))
        return self.rng.choice(forms) if self.rng else forms[0]

    def ext(self, code, payload):
        if self.rng and self.rng.random() < 0.5:
            return struct.pack(">BIb", 0xc9, len(payload), code) + payload
        return msgpack.packb(msgpack.ExtType(code, payload))

    def sequence(self, value):
        head = self.head(len(value), (16, 0x90), [(1 << 16, 0xdc, "H"), (1 << 32, 0xdd, "I")])
        return head + b"".join(self.pack(item) for item in value)

    def integer(self, value):
        forms = []
        if -32 <= value < 128:
            forms.append(struct.pack(">b", value))
        for byte, form, low, high in (
                (0xcc, "B", 0, 1 << 8), (0xcd, "H", 0, 1 << 16), (0xce, "I", 0, 1 << 32),
                (0xcf, "Q", 0, 1 << 64), (0xd0, "b", -1 << 7, 1 << 7),
                (0xd1, "h", -1 << 15, 1 << 15), (0xd2, "i", -1 << 31, 1 << 31),
                (0xd3, "q", -1 << 63, 1 << 63)):
            if low <= value < high:
                forms.append(struct.pack(">B" + form, byte, value))
        if not forms:
            return self.ext(8, big_bytes(value))
        return self.rng.choice(forms) if self.rng else msgpack.packb(value)

    def real(self, value):
        if self.rng and self.rng.random() < 0.5:
            try:
                if struct.unpack(">f", struct.pack(">f", value))[0] == value:
                    return struct.pack(">Bf", 0xca, value)
            except OverflowError:
                pass
        return struct.pack(">Bd", 0xcb, value)

    def pack(self, value):
        kind = type(value)
        if value is None or kind is bool:
            return msgpack.packb(value)
        if kind is int:
            return self.integer(value)
        if kind is float:
            return self.real(value)
        if kind is str:
            text = value.encode("utf-8", "surrogatepass")
            return self.head(len(text), (32, 0xa0), [(1 << 8, 0xd9, "B"), (1 << 16, 0xda, "H"),
                                                     (1 << 32, 0xdb, "I")]) + text
        if kind is bytes:
            return self.head(len(value), None, [(1 << 8, 0xc4, "B"), (1 << 16, 0xc5, "H"),
                                                (1 << 32, 0xc6, "I")]) + value
        if kind is list:
            return self.sequence(value)
        if kind is dict:
            head = self.head(len(value), (16, 0x80), [(1 << 16, 0xde, "H"), (1 << 32, 0xdf, "I")])
            return head + b"".join(self.pack(k) + self.pack(v) for k, v in value.items())
        if kind is tuple:
            return self.ext(1, self.sequence(value))
        if kind is Token:
            return self.ext(2, self.sequence([value.typeid, value.address, value.ident]))
        if isinstance(value, BaseException):
            return self.ext(3, self.sequence([kind.__name__, list(value.args)]))
        if kind is set:
            return self.ext(4, self.sequence(list(value)))
        if kind is frozenset:
            return self.ext(5, self.sequence(list(value)))
        if kind is slice:
            return self.ext(6, self.sequence([value.start, value.stop, value.step]))
        if value is NotImplemented:
            return self.ext(7, b"")
        if kind is array.array:
            return self.ext(9, value.typecode.encode() + array_bytes(value))
        if kind is Opaque:
            return self.ext(10, self.sequence([value.codec, value.payload, value.hashable]))
        raise TypeError(kind)


def unpack_number(data):
    def ext(code, payload):
        assert code == 8, code
        number = int.from_bytes(payload, "big", signed=True)
        assert not -1 << 63 <= number < 1 << 64 and big_bytes(number) == payload
        return number

    number = msgpack.unpackb(data, ext_hook=ext)
    if type(number) is int and -1 << 63 <= number < 1 << 64:
        assert msgpack.packb(number) == data, "not the shortest form"
    return number
