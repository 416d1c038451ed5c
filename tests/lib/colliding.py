"""Keys that collide under uthash's default hash: see colliding.h, of which this is the Python.

tests/unit/test_collisions.c proves for the keys of colliding.c that they collide; this makes the
same ones, as the bytes whose packed form is hashed.
"""
import struct

_TARGET = (0x6d616e61, 0x67657264, 0x00c0ffee)
_WORD = 0xffffffff


def _stir(a, b, c, right, left, right_again):
    a = ((a - b - c) & _WORD) ^ c >> right
    b = (((b - c - a) & _WORD) ^ a << left) & _WORD
    return a, b, ((c - a - b) & _WORD) ^ b >> right_again


def colliding(n):
    """The n-th key: 22 bytes."""
    first = struct.pack("<BBI6x", 0xc4, 22, n)
    a, b, c = struct.unpack("<3I", first)
    state = ((0x9e3779b9 + a) & _WORD, (0x9e3779b9 + b) & _WORD, (0xfeedbeef + c) & _WORD)
    for shifts in (13, 8, 13), (12, 16, 5), (3, 10, 15):
        state = _stir(*state, *shifts)
    second = struct.pack("<3I", *((t - s) & _WORD for t, s in zip(_TARGET, state)))
    return (first + second)[2:]
