"""A daemon whose memory runs out when it is told to: see tests/lib/fail_alloc.c."""
import mmap
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

BUILD = os.environ.get("BUILD", "build")
SHIM = os.path.join(os.path.abspath(BUILD), "tests", "lib", "fail_alloc.so")

DEPTH = 16
FOR_EVER = 1 << 63


class Memory:
    """The struct fail_alloc of tests/lib/fail_alloc.h, shared with the daemon."""

    N_CALLS, FIRST, LAST, N_FAILED, N_LIVE, N_LIVE_AT_END, PROGRAM, TRACE = range(8)
    SIZE = 8 * (TRACE + DEPTH)

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="managerd-memory-")
        self.file.truncate(self.SIZE)
        self.map = mmap.mmap(self.file.fileno(), self.SIZE)
        self.addresses = []
        self.words = memoryview(self.map).cast("q")

    def close(self):
        self.words.release()
        self.map.close()
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def environment(self):
        return {**os.environ, "LD_PRELOAD": SHIM, "FAIL_ALLOC": self.file.name}

    def arm(self, k, last=None):
        """The k-th allocation from now on fails, or all from that one up to `last`."""
        self.words[self.FIRST] = 0
        self.words[self.N_FAILED] = 0
        self.words[self.N_CALLS] = 0
        self.words[self.LAST] = min(last or k, FOR_EVER - 1)
        self.words[self.FIRST] = k

    def disarm(self):
        """Returns how many allocations failed."""
        self.words[self.FIRST] = 0
        program = self.words[self.PROGRAM]
        self.addresses = [hex(at - program - 1) for at in self.words[self.TRACE:] if at]
        return self.words[self.N_FAILED]

    @property
    def n_calls(self):
        return self.words[self.N_CALLS]

    @property
    def n_live(self):
        return self.words[self.N_LIVE]

    @property
    def n_live_at_end(self):
        return self.words[self.N_LIVE_AT_END]

    def trace(self):
        """Where the allocation that failed first before disarm() was asked for."""
        shown = subprocess.run(["addr2line", "-fpsi", "-e", wire.MANAGERD, *self.addresses],
                               capture_output=True, text=True, check=False).stdout
        lines = [line for line in shown.splitlines() if not line.startswith("??")]
        return "the allocation that failed first:\n    " + "\n    ".join(lines)


class Daemon(wire.Daemon):
    """One that may refuse to start: then `ready` is empty and `process` has ended."""

    def __init__(self, memory, *options, **more):
        self.ready = None
        try:
            super().__init__(*options, environment=memory.environment(), **more)
        except AssertionError:
            if self.ready:
                raise
