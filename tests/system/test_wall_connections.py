#!/usr/bin/python3
"""The limits of connections: the silent, the slow, those who never read, and too many of all."""
import os
import resource
import selectors
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

MIB = 1 << 20
SANITIZED = wire.is_sanitized()
FULL_SIZE = bool(os.environ.get("WALL_FULL_SIZE"))  # takes a gigabyte
TRIES = 3


def watch_until_closed(path, n, say, deadline=20):
    """Opens n connections that never say a word. Says of each (welcomed, seconds until closed)."""
    wire.raise_descriptors()
    selector = selectors.DefaultSelector()
    lives, n_open, end = [], 0, time.monotonic() + deadline

    def look(timeout):
        nonlocal n_open
        for key, _ in selector.select(timeout):
            connection, life = key.data
            try:
                data = connection.socket.recv(4096)
            except ConnectionError:
                data = b""
            now = time.monotonic()
            if data:  # the challenge or the refusal: it has been accepted now
                life[3] += data
                life[0], life[1] = wire.CHALLENGE in life[3], now
            else:
                life[2] = now
                selector.unregister(connection.socket)
                connection.close()
                n_open -= 1

    for _ in range(n):
        connection, life = wire.Connection(path), [False, 0, None, b""]
        lives.append(life)
        connection.socket.setblocking(False)
        selector.register(connection.socket, selectors.EVENT_READ, (connection, life))
        n_open += 1
        look(0)
    say("all connected")
    while n_open and time.monotonic() < end:
        look(0.1)
    # Few lines for many connections: a pipe holds so much, and nobody reads it yet.
    for welcomed in (True, False):
        some = [life for life in lives if life[0] == welcomed]
        say([len(some), *(f([life[2] - life[1] for life in some], default=0) for f in (min, max))]
            if all(life[2] for life in some) else None)


def connect_again_and_again(daemon, seconds, say):
    """An honest client that comes anew for every call: says how long each took."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        with daemon.connect() as client:
            client.server("dummy")
        taken.append(time.monotonic() - begin)
    taken.sort()
    say((len(taken), taken[len(taken) * 99 // 100]))


class Silent(unittest.TestCase):
    """They are closed after five seconds, or at once beyond their process's share."""

    SHARE = 64
    TIMEOUT = 5.0

    def attack(self, daemon, n_processes, n_each):
        """Returns what watch_until_closed() said of each process, and the honest client's p99."""
        children = [wire.Child(lambda say: watch_until_closed(daemon.path, n_each, say))
                    for _ in range(n_processes)]
        try:
            with wire.Child(lambda say: connect_again_and_again(daemon, 4, say)) as honest:
                for child in children:
                    self.assertEqual(child.hear(), "all connected")
                lives = [(child.hear(), child.hear()) for child in children]
                n, p99 = honest.hear()
                self.assertGreater(n, 50)
        finally:
            for child in children:
                child.__exit__()
        return lives, p99

    def check(self, n_processes, n_each):
        most = wire.raise_descriptors()
        if n_each > most - 100:
            n_each = most - 100
            print(f"only {n_each} connections: the limit of descriptors is {most}", file=sys.stderr)
        n_welcome = min(n_each, self.SHARE)
        for attempt in range(TRIES):
            with wire.start_daemon() as daemon:
                bystander = wire.Bystander(daemon)
                lives, p99 = self.attack(daemon, n_processes, n_each)
                stats = bystander.stats()
                bystander.check()
                bystander.close()
            for welcome, refused in lives:
                self.assertIsNotNone(welcome, "some were never closed")
                self.assertIsNotNone(refused, "some were never closed")
                self.assertEqual((welcome[0], refused[0]), (n_welcome, n_each - n_welcome))
                self.assertGreaterEqual(welcome[1], self.TIMEOUT - 0.2)
            self.assertEqual(stats["authentication_timed_out"], n_processes * n_welcome)
            self.assertEqual(stats["refused_unauthenticated_per_process"],
                             n_processes * (n_each - n_welcome))
            longest = max(welcome[2] for welcome, _ in lives)
            told = max(refused[2] for _, refused in lives)
            print(f"{n_processes} x {n_each} silent: closed after {longest:.3f} s, beyond the "
                  f"share after {told:.3f} s; others connect with a p99 of {p99 * 1e3:.1f} ms")
            if longest <= self.TIMEOUT + 0.2 and told <= 0.2 and (p99 <= 0.1 or SANITIZED):
                return
        self.fail(f"closed after {longest:.3f} s, {told:.3f} s beyond the share; p99 {p99:.3f} s")

    def test_64_of_one_process(self):
        self.check(1, 64)

    def test_1000_of_one_process(self):
        self.check(1, 1000)

    def test_5000_of_one_process(self):
        self.check(1, 5000)

    def test_1000_of_40_processes(self):
        self.check(40, 25)


def drip(daemon, n, seconds_between, say):
    """n connections that send a byte of a request now and then. Says how long each lived."""
    clients = [daemon.connect() for _ in range(n)]
    lives = []
    request = wire.pack([None, "dummy", [], {}])
    for client in clients:
        client.began = time.monotonic()
        client.send_bytes(struct.pack("!i", 1000) + request[:1])
    say("dripping")
    while clients:
        time.sleep(seconds_between)  # their own pace
        for client in list(clients):
            try:
                client.send_bytes(b"\0")
                client.socket.setblocking(False)
                while client.socket.recv(4096):
                    pass
                raise ConnectionError
            except BlockingIOError:
                client.socket.setblocking(True)
            except ConnectionError:
                lives.append(time.monotonic() - client.began)
                clients.remove(client)
                client.close()
    say((min(lives), max(lives)))


class Dripping(unittest.TestCase):
    """Who sends a byte a second: the whole frame must be there in time."""

    N = 50

    def test_shortened(self):
        for attempt in range(TRIES):
            with wire.start_daemon("--frame-timeout", "1") as daemon:
                bystander = wire.Bystander(daemon)
                with wire.Child(lambda say: drip(daemon, self.N, 0.1, say)) as child:
                    self.assertEqual(child.hear(), "dripping")
                    shortest, longest = child.hear()
                self.assertEqual(bystander.stats()["closed_frame_timed_out"], self.N)
                bystander.check()
                bystander.close()
            self.assertGreaterEqual(shortest, 0.99)
            if longest <= 1.5:
                return
        self.fail(f"closed after {longest} s only")


class NeverReading(unittest.TestCase):
    N = 100
    REPLY = 64 << 10  # bytes
    QUEUED = 8 * MIB if FULL_SIZE else MIB

    def test_replies_nobody_reads(self):
        for attempt in range(TRIES):
            waited = self.attack()
            if waited <= 11:
                return
        self.fail(f"closed after {waited} s")

    def attack(self):
        with wire.start_daemon("--max-queued", str(self.QUEUED)) as daemon:
            bystander = wire.Bystander(daemon)
            cost = wire.Cost(daemon)
            before = cost.memory()
            ident = bystander.client.create("list", [b"x" * self.REPLY])
            begin = time.monotonic()
            with wire.Child(lambda say: self.never_read(daemon, ident, say)) as child:
                self.assertEqual(child.hear(), "all sent")
                # more often where one came to be read once more
                wire.wait_until(
                    lambda: bystander.stats()["reading_paused_replies"] >= self.N
                    and bystander.stats()["buffered_now"] >= self.N * self.QUEUED)
                filled = time.monotonic()
                taken = cost.memory() - before
                served = bystander.stats()["calls"]
                self.assertEqual(bystander.stats()["closed_stalled"], 0)
                bystander.check()
                print(f"{self.N} that never read: {taken / MIB:.0f} MiB of their replies, in all")
                if not SANITIZED:
                    self.assertGreaterEqual(taken, self.N * self.QUEUED)
                    self.assertLessEqual(taken, self.N * (self.QUEUED + self.REPLY) + 64 * MIB)
                # Each had as many requests applied as fill its queue, and not those behind them.
                self.assertLess(served, self.N * (self.QUEUED // self.REPLY + 32))
                wire.wait_until(lambda: bystander.stats()["closed_stalled"] > 0, pause=0.02)
                self.assertGreaterEqual(time.monotonic() - begin, 10)
                wire.wait_until(lambda: bystander.stats()["closed_stalled"] == self.N, pause=0.02)
                waited = time.monotonic() - filled
            bystander.check()
            # check() has had a connection of its own, whose end may not have been seen yet
            wire.wait_until(lambda: len(bystander.client.server("sessions")) == 1)
            if not SANITIZED:
                wire.wait_until(lambda: cost.memory() - before < 16 * MIB)
            bystander.close()
            return waited

    def never_read(self, daemon, ident, say):
        frame = wire.pack([ident, "__getitem__", [0], {}])
        data = (struct.pack("!i", len(frame)) + frame) * (self.QUEUED // self.REPLY * 4 + 64)
        clients = [daemon.connect() for _ in range(self.N)]
        for client in clients:
            client.socket.setblocking(False)
            try:
                client.socket.send(data)
            except BlockingIOError:
                pass
        say("all sent")
        time.sleep(3600)  # until it is killed


class Descriptors(unittest.TestCase):
    ALLOWED = 64
    N = 500

    def limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.ALLOWED, self.ALLOWED))

    def start(self):
        daemon = wire.start_daemon("--max-unauthenticated-per-process", "1000", preexec=self.limit)
        self.addCleanup(daemon.close)
        return daemon

    def test_budget_is_told(self):
        daemon = self.start()
        bystander = wire.Bystander(daemon)
        self.addCleanup(bystander.close)
        cost = wire.Cost(daemon)
        wire.wait_until(lambda: bystander.stats()["connections_now"] == 1)
        stats = bystander.stats()
        self.assertEqual(stats["descriptors_allowed"], self.ALLOWED)
        self.assertEqual(stats["descriptors_now"], cost.descriptors())
        self.assertEqual(stats["descriptors_own"], cost.descriptors() - 2)
        with wire.Child(lambda say: (wire.Client(daemon.path, daemon.key), say("in"),
                                     time.sleep(3600))) as child:
            self.assertEqual(child.hear(), "in")
            self.assertEqual(bystander.stats()["descriptors_now"], stats["descriptors_now"] + 2)
            self.assertEqual(cost.descriptors(), stats["descriptors_now"] + 2)
        wire.wait_until(
            lambda: bystander.stats()["descriptors_now"] == stats["descriptors_now"])
        left = self.ALLOWED - stats["descriptors_own"]
        self.assertRegex(daemon.log(), f"enough for {left // 2} to {left - 1} connections")

    def test_when_they_run_out_it_is_idle_and_recovers(self):
        for attempt in range(TRIES):
            cpu, recovered = self.exhaust()
            print(f"out of descriptors: {cpu:.4f} s of CPU, recovered after {recovered:.4f} s")
            if cpu <= 0.03 and recovered <= 0.1 or SANITIZED:
                return
        self.fail(f"{cpu} s of CPU, recovered after {recovered} s")

    def exhaust(self):
        daemon = self.start()
        bystander = wire.Bystander(daemon)
        cost = wire.Cost(daemon)
        cpu = cost.cpu_seconds()
        end = time.monotonic() + 3
        silent = [wire.Connection(daemon.path) for _ in range(self.N)]
        for connection in silent:
            connection.told = connection.receive_frame()
        refused = [c for c in silent if not c.told.startswith(wire.CHALLENGE)]
        self.assertEqual({c.told for c in refused}, {b"#REFUSED# too many open descriptors"})
        time.sleep(max(0, end - time.monotonic()))  # in which it must not be busy
        cpu = cost.cpu_seconds() - cpu
        stats = bystander.stats()
        self.assertEqual(stats["refused_descriptors"], len(refused))
        # All but the reserve is in use, and whoever was in is still served.
        self.assertEqual(self.N - len(refused), self.ALLOWED - stats["descriptors_own"] - 2)
        self.assertEqual(stats["descriptors_now"], self.ALLOWED)

        for connection in silent:
            connection.close()
        recovered = wire.wait_until(lambda: self.can_connect(daemon))
        bystander.check()
        bystander.close()
        daemon.close()
        return cpu, recovered

    def test_when_processes_take_them_it_recovers_with_their_end(self):
        daemon = self.start()
        bystander = wire.Bystander(daemon)
        self.addCleanup(bystander.close)
        children = [wire.Child(lambda say: self.stay(daemon, say)) for _ in range(self.ALLOWED)]
        try:
            said = [child.hear() for child in children]
            self.assertEqual(set(said), {"in", b"#REFUSED# too many open descriptors"})
            stats = bystander.stats()
            self.assertEqual(said.count("in"), (self.ALLOWED - stats["descriptors_own"] - 2) // 2)
            self.assertEqual(stats["refused_descriptors"], len(said) - said.count("in"))
        finally:
            for child in children:
                child.__exit__()
        wire.wait_until(lambda: self.can_connect(daemon))
        bystander.check()

    @staticmethod
    def stay(daemon, say):
        try:
            client = daemon.connect()
            say("in")
            time.sleep(3600)
            client.close()
        except wire.Refused as refused:
            say(refused.args[0])

    @staticmethod
    def can_connect(daemon):
        try:
            daemon.connect().close()
            return True
        except (wire.Refused, ConnectionError):
            return False


class Many(unittest.TestCase):
    N_PROCESSES = 4

    def serve_many(self, n):
        with wire.start_daemon("--max-clients", str(n + 100)) as daemon:
            bystander = wire.Bystander(daemon)
            cost = wire.Cost(daemon)
            before = cost.memory()
            go, go_children = os.pipe()
            children = [wire.Child(lambda say: self.connect_many(
                daemon, n // self.N_PROCESSES, bystander.ident, go, say))
                for _ in range(self.N_PROCESSES)]
            try:
                for child in children:
                    self.assertEqual(child.hear(), "connected")
                stats = bystander.stats()
                self.assertEqual(stats["connections_now"], n + 1)
                bystander.check()
                os.write(go_children, b"." * self.N_PROCESSES)
                for child in children:
                    self.assertEqual(child.hear(), n // self.N_PROCESSES)
                each = (cost.memory() - before) / n
                print(f"{n} sessions: {each:.0f} bytes each")
                if not SANITIZED:
                    self.assertLessEqual(each, 2048)
                bystander.check()
            finally:
                for child in children:
                    child.__exit__()
                os.close(go)
                os.close(go_children)
            wire.wait_until(lambda: bystander.stats()["connections_now"] == 1)
            bystander.check()
            bystander.close()

    @staticmethod
    def connect_many(daemon, n, ident, go, say):
        wire.raise_descriptors()
        clients = [daemon.connect() for _ in range(n)]
        say("connected")
        os.read(go, 1)
        say(sum(client.call(ident, "__getitem__", "honest") for client in clients))
        time.sleep(3600)  # until it is killed

    def test_all_are_served_and_cost_little(self):
        most = wire.raise_descriptors()
        n = min(19_500, (most - 100) // 100 * 100)
        if n < 19_500:
            print(f"only {n} sessions: the limit of descriptors is {most}", file=sys.stderr)
        self.serve_many(n)


class ThirtySeconds(unittest.TestCase):
    """The real time a frame has: it passes while the tests above run."""

    def test_a_byte_a_second(self):
        shortest, longest = slow.child.hear()
        self.assertGreaterEqual(shortest, 29.9)
        self.assertLess(longest, 34)  # up to a second until it looks, and a moment
        self.assertEqual(slow.bystander.stats()["closed_frame_timed_out"], slow.N)
        slow.bystander.check()


class Slow:
    N = 50

    def __init__(self):
        self.daemon = wire.start_daemon()
        self.bystander = wire.Bystander(self.daemon)
        self.child = wire.Child(lambda say: drip(self.daemon, self.N, 1, say))
        if self.child.hear() != "dripping":
            raise AssertionError

    def close(self):
        self.child.__exit__()
        self.bystander.close()
        self.daemon.close()


slow = None


def setUpModule():
    global slow
    slow = Slow()


def tearDownModule():
    slow.close()


if __name__ == "__main__":
    unittest.main()
