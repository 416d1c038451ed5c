"""A minimal client of managerd, for tests, and a daemon to talk to.

Written from PROTOCOL.md alone: framing, handshake, messages, extension types. It does
what it is told, right or wrong, one frame at a time, so that tests can misbehave.
Python 3.11 and msgpack; HMAC-SHA256 is done here, because Python's own needs 3.12.
"""
import ast
import contextlib
import glob
import hashlib
import hmac
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

import msgpack

MANAGERD = os.environ.get("MANAGERD", "build/managerd")
PATIENCE = float(os.environ.get("TEST_PATIENCE", "20"))  # seconds until a condition must hold

EXT_TUPLE, EXT_TOKEN, EXT_EXCEPTION, EXT_SET, EXT_FROZENSET, EXT_SLICE = range(1, 7)
EXT_NOT_IMPLEMENTED, EXT_BIG_INTEGER, EXT_TYPED_ARRAY, EXT_OPAQUE = range(7, 11)

CHALLENGE, WELCOME, FAILURE = b"#CHALLENGE#", b"#WELCOME#", b"#FAILURE#"


# --- values

class Token:
    def __init__(self, typeid, ident, address=None):
        self.typeid, self.ident, self.address = typeid, ident, address

    def __eq__(self, other):
        return isinstance(other, Token) and self.ident == other.ident

    def __hash__(self):
        return hash(self.ident)

    def __repr__(self):
        return f"Token({self.typeid!r}, {self.ident:#x})"


class Extension:
    """Any extension, as code and payload."""

    def __init__(self, code, payload):
        self.code, self.payload = code, payload


def _pack_unknown(value):
    if isinstance(value, tuple):
        return msgpack.ExtType(EXT_TUPLE, pack(list(value)))
    if isinstance(value, Token):
        return msgpack.ExtType(EXT_TOKEN, pack([value.typeid, value.address, value.ident]))
    if isinstance(value, frozenset):
        return msgpack.ExtType(EXT_FROZENSET, pack(list(value)))
    if isinstance(value, set):
        return msgpack.ExtType(EXT_SET, pack(list(value)))
    if isinstance(value, slice):
        return msgpack.ExtType(EXT_SLICE, pack([value.start, value.stop, value.step]))
    if isinstance(value, Extension):
        return msgpack.ExtType(value.code, value.payload)
    if isinstance(value, int):
        n = (value.bit_length() + 8) // 8
        return msgpack.ExtType(EXT_BIG_INTEGER, value.to_bytes(n, "big", signed=True))
    raise TypeError(type(value))


def pack(value):
    return msgpack.packb(value, default=_pack_unknown, strict_types=True)


class RemoteException(Exception):
    """What a method raised: its name and arguments."""

    def __init__(self, name, args):
        super().__init__(name, *args)
        self.name, self.arguments = name, tuple(args)


def _unpack_ext(code, payload):
    if code == EXT_BIG_INTEGER:
        return int.from_bytes(payload, "big", signed=True)
    if code == EXT_NOT_IMPLEMENTED:
        return NotImplemented
    if code == EXT_TYPED_ARRAY:
        return Extension(code, payload)
    content = unpack(payload)
    if code == EXT_TUPLE:
        return tuple(content)
    if code == EXT_TOKEN:
        return Token(content[0], content[2], content[1])
    if code == EXT_EXCEPTION:
        return RemoteException(*content)
    if code == EXT_SET:
        return set(content)
    if code == EXT_FROZENSET:
        return frozenset(content)
    if code == EXT_SLICE:
        return slice(*content)
    return Extension(code, payload)


def unpack(data):
    return msgpack.unpackb(data, ext_hook=_unpack_ext, strict_map_key=False)


# --- connection

class RemoteError(Exception):
    """A reply of kind #TRACEBACK."""


class Refused(Exception):
    """The handshake failed: what the daemon said instead, or b'' where it just closed."""


def answer(key, message):
    return b"{sha256}" + hmac.new(key, message, hashlib.sha256).digest()


class Connection:
    """Frames over a socket."""

    def __init__(self, path, timeout=PATIENCE):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.socket.connect(path)
                return
            except BlockingIOError:  # the backlog is full
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.001)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send_frame(self, payload):
        self.send_bytes(struct.pack("!i", len(payload)) + payload)

    def receive_bytes(self, n):
        data = bytearray()
        while len(data) < n:
            piece = self.socket.recv(min(n - len(data), 1 << 20))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def receive_frame(self):
        n, = struct.unpack("!i", self.receive_bytes(4))
        return self.receive_bytes(n)

    def wait_closed(self):
        """Returns all that still comes until the daemon closes."""
        data = bytearray()
        with contextlib.suppress(ConnectionError):
            while True:
                piece = self.socket.recv(1 << 20)
                if not piece:
                    break
                data += piece
        return bytes(data)

    # --- handshake

    def receive_challenge(self):
        frame = self.receive_frame()
        if not frame.startswith(CHALLENGE):
            raise Refused(frame)
        return frame[len(CHALLENGE):]

    def prove(self, key):
        """Answers the daemon's challenge."""
        self.send_frame(answer(key, self.receive_challenge()))
        try:
            verdict = self.receive_frame()
        except (EOFError, ConnectionError):
            raise Refused(b"") from None
        if verdict != WELCOME:
            raise Refused(verdict)

    def challenge(self, key, nonce=None):
        """Asks the daemon to prove itself."""
        message = b"{sha256}" + (nonce or os.urandom(32))
        self.send_frame(CHALLENGE + message)
        if self.receive_frame() != answer(key, message):
            raise Refused(b"the daemon does not know the key")
        self.send_frame(WELCOME)

    def authenticate(self, key):
        self.prove(key)
        self.challenge(key)


class Client(Connection):
    """Calls."""

    def __init__(self, path, key, timeout=PATIENCE):
        super().__init__(path, timeout)
        try:
            self.authenticate(key)
        except BaseException:
            self.close()
            raise

    def send(self, ident, method, args=(), kwds=None, options=None):
        request = [ident, method, list(args), kwds or {}]
        if options is not None:
            request.append(options)
        self.send_frame(pack(request))

    def receive(self):
        """The next reply: (number or None, kind, value)."""
        reply = unpack(self.receive_frame())
        return (reply[2]["i"] if len(reply) > 2 else None), reply[0], reply[1]

    @staticmethod
    def result(kind, value):
        if kind == "#ERROR":
            raise value
        if kind in ("#TRACEBACK", "#UNSERIALIZABLE"):
            raise RemoteError(value)
        return value

    def call(self, ident, method, *args, **kwds):
        self.send(ident, method, args, kwds)
        _, kind, value = self.receive()
        return self.result(kind, value)

    def server(self, method, *args, **kwds):
        return self.call(None, method, *args, **kwds)

    def create(self, typeid, *args, **kwds):
        return self.server("create", typeid, *args, **kwds)[0]

    def hello(self, **info):
        return self.server("hello", {"version": 1, "token": os.urandom(16), **info})


# --- conditions

def wait_until(condition, timeout=PATIENCE, pause=0.0005):
    """Returns the seconds that it took until the condition held."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > timeout:
            raise AssertionError(f"did not happen within {timeout} s")
        time.sleep(pause)
    return time.monotonic() - begin


# --- processes

class Child:
    """A forked process that runs `function(say)`; what it says is read by hear()."""

    def __init__(self, function):
        self.reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            status = 1
            try:
                os.close(self.reading)
                function(lambda value: os.write(writing, repr(value).encode() + b"\n"))
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        self.lines = os.fdopen(self.reading)
        self.status = None

    def hear(self):
        line = self.lines.readline()
        if not line:
            raise AssertionError("the child has ended")
        return ast.literal_eval(line)

    def kill(self, signum=signal.SIGKILL):
        os.kill(self.pid, signum)

    def wait(self):
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            self.lines.close()
        return self.status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            self.kill()
            self.wait()


# --- daemon

class Daemon:
    """A running managerd with a directory of its own."""

    KEY = b"supadupasecretkey"

    def __init__(self, *options, directory=None, key=KEY, pass_fds=(), environment=None,
                 wait=True, preexec=None):
        self.own_directory = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="managerd-test-")
        self.path = os.path.join(self.directory, "manager.sock")
        self.key = key
        self.log_path = os.path.join(self.directory, "log")
        ready, ready_daemon = os.pipe()
        key_daemon = self._key_pipe(key)
        command = [MANAGERD, "--socket", self.path, "--ready-fd", str(ready_daemon)]
        if key_daemon is not None:
            command += ["--authkey-fd", str(key_daemon)]
        fds = [fd for fd in (ready_daemon, key_daemon, *pass_fds) if fd is not None]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command + list(options), stderr=log, pass_fds=fds,
                                            env=environment, preexec_fn=preexec)
        os.close(ready_daemon)
        if key_daemon is not None:
            os.close(key_daemon)
        with os.fdopen(ready) as pipe:
            self.ready = pipe.readline() if wait else None
        if wait and self.ready != self.path + "\n":
            self.process.wait()
            raise AssertionError(f"managerd did not start:\n{self.log()}")

    @staticmethod
    def _key_pipe(key):
        if key is None:
            return None
        reading, writing = os.pipe()
        os.write(writing, key)
        os.close(writing)
        return reading

    def log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def connect(self, **options):
        return Client(self.path, self.key, **options)

    def terminate(self, signum=signal.SIGTERM):
        """Ends it, and returns its exit status."""
        self.process.send_signal(signum)
        return self.process.wait(PATIENCE)

    def close(self):
        """Ends it cleanly: a test fails where that does not work, and where a sanitizer spoke."""
        try:
            if self.process.poll() is None and self.terminate() != 0:
                raise AssertionError(f"managerd ended with {self.process.returncode}:\n{self.log()}")
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self.own_directory:
                shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def start_daemon(*options, **more):
    return Daemon(*options, **more)


# --- what the daemon costs

def is_sanitized():
    """Whether the daemon is a build whose memory and speed say nothing about the real one's."""
    with open(MANAGERD, "rb") as program:
        return b"__asan_init" in program.read()


class Cost:
    """Memory, processor time and descriptors of a running daemon, as the kernel counts them."""

    def __init__(self, daemon):
        self.directory = f"/proc/{daemon.process.pid}"

    def _status(self, name):
        with open(f"{self.directory}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))

    def memory(self):
        """Bytes that it occupies now."""
        return self._status("VmRSS:")

    def forget_peak(self):
        with open(f"{self.directory}/clear_refs", "w") as clear:
            clear.write("5")

    def peak(self):
        """The most bytes that it ever occupied, or since forget_peak()."""
        return self._status("VmHWM:")

    def cpu_seconds(self):
        with contextlib.suppress(FileNotFoundError):
            with open(f"{self.directory}/schedstat") as stat:  # of its one thread
                return int(stat.read().split()[0]) / 1e9
        with open(f"{self.directory}/stat") as stat:  # in ticks of a hundredth
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"{self.directory}/fd"))


class Bystander:
    """An honest client: knows how fast it is served, and checks that this has not changed."""

    TRIES = 3
    PAUSE = 0.3     # seconds between them
    SLACK = 0.0002  # seconds by which the median of a noisy machine may differ

    def __init__(self, daemon):
        self.daemon = daemon
        self.client = daemon.connect()
        self.ident = self.client.create("dict", {"honest": 1})
        self.normal = min(self.latency() for _ in range(3))

    def latency(self, n=200):
        """The median of the seconds that a call takes, on a connection made for it."""
        taken = []
        with self.daemon.connect() as client:
            for _ in range(n):
                begin = time.perf_counter()
                if client.call(self.ident, "__getitem__", "honest") != 1:
                    raise AssertionError("the daemon has forgotten a value")
                taken.append(time.perf_counter() - begin)
        return sorted(taken)[n // 2]

    def check(self):
        """After an attack: it is let in and served as before. Three tries: machines are noisy."""
        latencies = []
        for _ in range(self.TRIES):
            latencies.append(self.latency())
            if latencies[-1] <= 2 * self.normal + self.SLACK:
                return
            time.sleep(self.PAUSE)  # others' noise may have ended then
        raise AssertionError(f"a call took {self.normal * 1e6:.0f} us, and now {latencies}")

    def stats(self):
        return self.client.server("stats")

    def close(self):
        self.client.close()


def raise_descriptors():
    """Lets this process have as many descriptors as it may; returns how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def run_managerd(*options, environment=None, timeout=PATIENCE):
    """Runs it where it is expected to end by itself. Returns (status, stdout, stderr)."""
    done = subprocess.run([MANAGERD, *options], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout, env=environment)
    return done.returncode, done.stdout, done.stderr


def newer_pythons():
    """Pythons from 3.12 on, whose multiprocessing speaks SHA-256: paths, perhaps none."""
    candidates = [shutil.which(f"python3.{minor}") for minor in range(12, 20)]
    candidates += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))
    test = "import sys; sys.exit(sys.version_info < (3, 12))"
    return [path for path in candidates
            if path and not subprocess.run([path, "-c", test], check=False,
                                           stderr=subprocess.DEVNULL).returncode]
