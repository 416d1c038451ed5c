#!/usr/bin/python3
"""Sessions, processes and the end of a daemon, seen from outside."""
import os
import signal
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire
from wire import Client, RemoteError, RemoteException, Token


class ServerTest(unittest.TestCase):
    OPTIONS = ()

    def setUp(self):
        self.daemon = wire.start_daemon(*self.OPTIONS)
        self.addCleanup(self.daemon.close)

    def connect(self, daemon=None):
        client = (daemon or self.daemon).connect()
        self.addCleanup(client.close)
        return client


class Calls(ServerTest):
    def test_calls_of_two_sessions_meet_in_one_object(self):
        a, b = self.connect(), self.connect()
        ident = a.create("list", [1, 2])
        b.call(ident, "append", "three")
        self.assertEqual(a.call(ident, "#GETVALUE"), [1, 2, "three"])

    def test_requests_sent_at_once_are_answered_in_order(self):
        client = self.connect()
        ident = client.create("list")
        n = 20000
        frame = [wire.pack([ident, "append", [i], {}]) for i in range(n)]
        frame += [wire.pack([ident, "__getitem__", [i], {}]) for i in range(n)]
        client.send_bytes(b"".join(struct.pack("!i", len(f)) + f for f in frame))
        for _ in range(n):
            self.assertEqual(client.receive(), (None, "#RETURN", None))
        for i in range(n):
            self.assertEqual(client.receive(), (None, "#RETURN", i))

    def test_request_byte_by_byte(self):
        client = self.connect()
        request = wire.pack([None, "number_of_objects", [], {}])
        for byte in struct.pack("!i", len(request)) + request:
            client.send_bytes(bytes([byte]))
        self.assertEqual(client.receive(), (None, "#RETURN", 0))

    def test_values_nest_sixteen_deep_and_no_deeper(self):
        client = self.connect()
        ident = client.create("dict")

        def nested(depth):
            value = 1
            for _ in range(depth):
                value = [value]
            return value

        client.call(ident, "__setitem__", "k", nested(16))
        self.assertEqual(client.call(ident, "__getitem__", "k"), nested(16))
        for depth in (17, 18, 1000, 100000):
            # put together by hand: one byte a level
            client.send_frame(b"\x94" + wire.pack(ident) + wire.pack("__setitem__") + b"\x92"
                              + wire.pack("k") + b"\x91" * depth + b"\x01" + b"\x80")
            _, kind, text = client.receive()
            self.assertEqual((kind, text[:9]), ("#TRACEBACK", "TooLarge:"))
        self.assertEqual(client.call(ident, "__getitem__", "k"), nested(16))

    def test_large_values_travel_both_ways(self):
        client = self.connect()
        ident = client.create("list", [None])
        for n in (15_000, 16_384, 65_536, 100_000, 1 << 20, 20 << 20):
            value = os.urandom(n)
            client.call(ident, "__setitem__", 0, value)
            self.assertEqual(client.call(ident, "__getitem__", 0), value)

    def test_large_and_small_requests_in_one_stream(self):
        client = self.connect()
        ident = client.create("list")
        sizes = [n for i in range(40) for n in (1, 70_000 + i, 10, 16_300 + i, 300)]
        for n in sizes:
            client.send(ident, "append", [b"x" * n])
        for _ in sizes:
            self.assertEqual(client.receive(), (None, "#RETURN", None))
        lengths = [len(item) for item in client.call(ident, "#GETVALUE")]
        self.assertEqual(lengths, sizes)

    def test_bytes_that_are_no_request_are_refused_and_the_session_stays(self):
        client = self.connect()
        for payload in (b"", b"\xc1", b"\x94", wire.pack([1, 2]), wire.pack({}), b"\xdd\x10\0\0\0",
                        wire.pack([None, "dummy", [], {}]) + b"\0", b"\x91" * 100):
            client.send_frame(payload)
            _, kind, text = client.receive()
            self.assertEqual(kind, "#TRACEBACK")
            self.assertRegex(text, "^(BadRequest|TooLarge): ")
        self.assertIsNone(client.server("dummy"))

    def test_replies_are_read_after_the_client_has_finished_sending(self):
        client = self.connect()
        ident = client.create("list")
        for i in range(100):
            client.send(ident, "append", [i])
        client.socket.shutdown(socket.SHUT_WR)
        for _ in range(100):
            self.assertEqual(client.receive(), (None, "#RETURN", None))
        self.assertEqual(client.wait_closed(), b"")

    def test_proxy_in_a_reply_lives_until_the_next_request(self):
        a, b = self.connect(), self.connect()
        outer = a.create("list", [Token("list", a.create("list", ["inner"]))])
        inner = a.call(outer, "__getitem__", 0).ident
        a.server("decref", inner)
        a.send(outer, "__getitem__", [0])
        a.receive()
        b.call(outer, "clear")
        a.server("incref", inner)
        self.assertEqual(a.call(inner, "#GETVALUE"), ["inner"])

    def test_request_that_began_before_the_reply_does_not_end_the_life_of_its_proxy(self):
        a, b = self.connect(), self.connect()
        outer = a.create("list", [Token("list", a.create("list", ["inner"]))])
        inner = a.call(outer, "__getitem__", 0).ident
        a.server("incref", inner)
        a.server("decref", inner)
        a.server("decref", inner)
        frames = [wire.pack([outer, "__getitem__", [0], {}]), wire.pack([None, "dummy", [], {}])]
        data = b"".join(struct.pack("!i", len(frame)) + frame for frame in frames)
        a.send_bytes(data[:-5])
        self.assertEqual(a.receive()[2], Token("list", inner))
        b.call(outer, "clear")
        a.send_bytes(data[-5:])
        self.assertEqual(a.receive(), (None, "#RETURN", None))
        a.server("incref", inner)
        self.assertEqual(a.call(inner, "#GETVALUE"), ["inner"])


class Waiting(ServerTest):
    def setUp(self):
        super().setUp()
        self.client, self.other = self.connect(), self.connect()
        self.ident = self.client.create("list")

    def parked(self):
        return self.other.server("describe", self.ident)["waiters"]

    def park(self, *args, **more):
        n = self.parked()
        self.client.send(self.ident, "take", *args, **more)
        wire.wait_until(lambda: self.parked() == n + 1)

    def test_plain_requests_wait_behind_a_parked_one_and_keep_their_order(self):
        self.park()
        for i in range(10):
            self.client.send(self.ident, "append", [i])
        self.client.send(self.ident, "#GETVALUE")
        self.other.call(self.ident, "append", "first")
        self.assertEqual(self.client.receive(), (None, "#RETURN", "first"))
        for _ in range(10):
            self.assertEqual(self.client.receive(), (None, "#RETURN", None))
        self.assertEqual(self.client.receive(), (None, "#RETURN", list(range(10))))

    def test_numbered_requests_overtake(self):
        self.park()
        self.client.send(self.ident, "__len__")
        self.client.send(self.ident, "__len__", options={"i": 7})
        self.assertEqual(self.client.receive(), (7, "#RETURN", 0))
        self.client.send(self.ident, "append", ["mine"], options={"i": 8})
        self.assertEqual({self.client.receive() for _ in range(3)},
                         {(8, "#RETURN", None), (None, "#RETURN", "mine"), (None, "#RETURN", 0)})

    def test_malformed_request_keeps_its_place_behind_a_parked_one(self):
        self.park()
        self.client.send_frame(b"\xc1")
        self.client.send(self.ident, "__len__")
        self.other.call(self.ident, "append", "first")
        self.assertEqual(self.client.receive(), (None, "#RETURN", "first"))
        self.assertEqual(self.client.receive()[1], "#TRACEBACK")
        self.assertEqual(self.client.receive(), (None, "#RETURN", 0))

    def test_more_requests_than_the_backlog_holds(self):
        self.park()
        n = 5000
        requests = b"".join(struct.pack("!i", len(f)) + f for f in (
            wire.pack([self.ident, "append", [i], {}]) for i in range(n)))
        self.client.send_bytes(requests)
        wire.wait_until(lambda: self.other.server("stats")["reading_paused_backlog"] == 1)
        self.other.call(self.ident, "append", "first")
        self.assertEqual(self.client.receive(), (None, "#RETURN", "first"))
        for _ in range(n):
            self.assertEqual(self.client.receive(), (None, "#RETURN", None))
        self.assertEqual(self.client.call(self.ident, "#GETVALUE"), list(range(n)))

    def test_backlog_of_parking_requests(self):
        for _ in range(5):
            self.client.send(self.ident, "take")
        self.client.send(self.ident, "__len__")
        for i in range(5):
            self.other.call(self.ident, "append", i)
        for i in range(5):
            self.assertEqual(self.client.receive(), (None, "#RETURN", i))
        self.assertEqual(self.client.receive(), (None, "#RETURN", 0))

    def test_what_waited_behind_a_parked_request_keeps_nobody_else_waiting(self):
        n = 900
        long = self.other.create("list", list(range(100000)))
        self.park()
        for _ in range(n):
            self.client.send(long, "count", [-1])
        self.client.send(None, "dummy", options={"i": 1})
        self.assertEqual(self.client.receive(), (1, "#RETURN", None))  # so all others were read
        before = self.other.server("stats")["calls"]
        self.other.call(self.ident, "append", "first")
        self.assertLess(self.other.server("stats")["calls"] - before, n / 2)
        self.assertEqual(self.client.receive(), (None, "#RETURN", "first"))
        for _ in range(n):
            self.assertEqual(self.client.receive(), (None, "#RETURN", 0))

    def test_what_waited_behind_a_parked_request_is_applied_though_its_process_ends(self):
        long, other = self.other.create("list", list(range(100000))), self.other.create("list")

        def send(say):
            with self.daemon.connect() as client:
                client.send(self.ident, "take")
                for _ in range(200):
                    client.send(long, "count", [-1])
                client.send(other, "append", ["mine"])
                client.send(None, "dummy", options={"i": 1})
                client.receive()
                say("sent")
                client.wait_closed()

        with wire.Child(send) as child:
            child.hear()
            self.other.call(self.ident, "append", "first")
            child.kill()
            child.wait()
        wire.wait_until(lambda: len(self.other.server("sessions")) == 2)
        self.assertEqual(self.other.call(other, "#GETVALUE"), ["mine"])

    def test_what_waited_is_applied_though_its_replies_are_left_unread(self):
        long, other = self.other.create("list", list(range(100000))), self.other.create("list")
        with self.daemon.connect() as client:
            client.send(self.ident, "take")
            for _ in range(3):
                client.send(long, "#GETVALUE")  # more than a socket takes unread
            for _ in range(200):
                client.send(long, "count", [-1])
            client.send(other, "append", ["mine"])
            client.send(None, "dummy", options={"i": 1})
            client.receive()  # so all others were read
            self.other.call(self.ident, "append", "first")
            wire.wait_until(lambda: len(client.socket.recv(1 << 16, socket.MSG_PEEK)) > 1 << 15)
        wire.wait_until(lambda: len(self.other.server("sessions")) == 2)
        self.assertEqual(self.other.call(other, "#GETVALUE"), ["mine"])

    def test_what_a_process_sent_before_its_end_is_applied_and_keeps_nobody_waiting(self):
        long, other = self.other.create("list", list(range(100000))), self.other.create("list")
        n = 1000
        requests = [wire.pack([long, "count", [-1], {}])] * n
        requests.append(wire.pack([other, "append", ["mine"], {}]))

        def send(say):
            client = self.daemon.connect()
            client.send_bytes(b"".join(struct.pack("!i", len(r)) + r for r in requests))
            say("sent")

        before = self.other.server("stats")["calls"]
        with wire.Child(send) as child:
            child.hear()
            child.wait()
            self.other.server("dummy")  # the daemon has heard of the end
            self.assertLess(self.other.server("stats")["calls"] - before, n / 2)
        wire.wait_until(lambda: len(self.other.server("processes")) == 1)
        self.assertEqual(self.other.call(other, "#GETVALUE"), ["mine"])

    def test_deadline_of_a_waiting_request_runs_from_its_turn(self):
        self.park()
        self.client.send(self.ident, "take", [0.3])
        self.assertEqual(self.parked(), 1)
        time.sleep(0.4)  # nothing to wait for: this is about what must not happen meanwhile
        self.other.call(self.ident, "append", "first")
        begin = time.monotonic()
        self.assertEqual(self.client.receive(), (None, "#RETURN", "first"))
        self.assertEqual(self.client.receive()[1], "#ERROR")
        self.assertGreaterEqual(time.monotonic() - begin, 0.25)

    def test_timeout_ends_a_wait_in_time(self):
        begin = time.monotonic()
        with self.assertRaises(RemoteException):
            self.client.call(self.ident, "take", 0.2)
        self.assertGreaterEqual(time.monotonic() - begin, 0.19)
        self.assertLess(time.monotonic() - begin, 1)
        self.assertEqual(self.parked(), 0)

    def test_cancel_ends_a_wait_with_one_reply(self):
        self.park(options={"i": 1})
        self.assertTrue(self.client_cancel(1))
        self.assertFalse(self.client_cancel(1))
        self.other.call(self.ident, "append", "kept")
        self.assertEqual(self.client.call(self.ident, "__len__"), 1)

    def client_cancel(self, number):
        """Also reads the reply of the cancelled call, which may come on either side."""
        self.client.send(None, "cancel", [number], options={"i": 99})
        replies = {}
        while 99 not in replies or (replies[99] and number not in replies):
            i, _, replies[i] = self.client.receive()
        if number in replies:
            self.assertEqual(replies[number].name, "CancelledError")
        return replies[99]

    def test_waits_of_a_closed_connection_are_withdrawn(self):
        self.park()
        self.client.close()
        wire.wait_until(lambda: self.parked() == 0)
        self.other.call(self.ident, "append", "kept")
        self.assertEqual(self.other.call(self.ident, "__len__"), 1)

    def test_who_has_finished_sending_still_gets_the_reply_it_waits_for(self):
        for options in (None, {"i": 3}):
            with self.subTest(options=options), self.daemon.connect() as client:
                client.send(self.ident, "take", options=options)
                client.send(self.ident, "__len__")
                wire.wait_until(lambda: self.parked() == 1)
                client.socket.shutdown(socket.SHUT_WR)
                for _ in range(3):  # as long as it takes to notice
                    self.other.server("dummy")
                self.assertEqual(self.parked(), 1)
                self.other.call(self.ident, "append", "late")
                self.assertCountEqual([client.receive() for _ in range(2)],
                                      [((options or {}).get("i"), "#RETURN", "late"),
                                       (None, "#RETURN", 0)])
                self.assertEqual(client.wait_closed(), b"")

    def test_what_was_sent_behind_a_full_backlog_before_the_end_is_applied(self):
        self.park()
        n = 5000
        request = wire.pack([self.ident, "append", ["more"], {}])
        self.client.send_bytes((struct.pack("!i", len(request)) + request) * n)
        self.client.socket.shutdown(socket.SHUT_WR)
        wire.wait_until(lambda: self.other.server("stats")["reading_paused_backlog"] == 1)
        turns = self.other.server("stats")["turns"]
        self.assertEqual(self.parked(), 1)
        self.assertLess(self.other.server("stats")["turns"] - turns, 20)  # and nothing spins
        self.other.call(self.ident, "append", "first")
        self.assertEqual(self.client.receive(), (None, "#RETURN", "first"))
        for _ in range(n):
            self.assertEqual(self.client.receive(), (None, "#RETURN", None))
        self.assertEqual(self.client.wait_closed(), b"")
        self.assertEqual(self.other.call(self.ident, "__len__"), n)

    def test_who_finished_sending_and_then_closed_waits_no_longer(self):
        self.park()
        self.client.socket.shutdown(socket.SHUT_WR)
        self.other.server("dummy")
        self.assertEqual(self.parked(), 1)
        self.client.close()
        wire.wait_until(lambda: self.parked() == 0)

    def test_waits_of_a_closed_connection_with_a_full_backlog_are_withdrawn(self):
        self.park()
        request = wire.pack([self.ident, "__len__", [], {}])
        self.client.send_bytes((struct.pack("!i", len(request)) + request) * 3000)
        wire.wait_until(lambda: self.other.server("stats")["reading_paused_backlog"] == 1)
        self.client.close()
        wire.wait_until(lambda: self.parked() == 0)
        self.assertEqual(len(self.other.server("sessions")), 1)


class Limits(unittest.TestCase):
    def start(self, *options):
        daemon = wire.start_daemon(*options)
        self.addCleanup(daemon.close)
        honest = daemon.connect()
        self.addCleanup(honest.close)
        return daemon, honest

    def send_until_full(self, client, frame):
        """Sends requests until nobody takes them any more. Returns how many went out whole."""
        data = struct.pack("!i", len(frame)) + frame
        sent = 0
        client.socket.settimeout(0.3)
        try:
            while True:
                client.socket.sendall(data)
                sent += 1
        except TimeoutError:
            return sent

    def test_frame_over_the_limit_is_refused_and_the_session_closed(self):
        daemon, honest = self.start("--max-frame", "64K")
        for n in (65537, 0x7fffffff, 0x80000000, 0xffffffff):
            with daemon.connect() as client:
                client.send_bytes(n.to_bytes(4, "big"))
                self.assertRegex(client.wait_closed(), b"TooLarge: |BadRequest: ")
        client = daemon.connect()
        client.send_frame(wire.pack([None, "dummy", [], {}]).ljust(65536, b"\0"))
        self.assertEqual(client.receive()[1], "#TRACEBACK")  # too long a value, but not a frame
        client.close()
        self.assertEqual(honest.server("stats")["closed_frame_too_large"], 4)

    def test_frame_must_arrive_whole_in_time(self):
        daemon, honest = self.start("--frame-timeout", "0.3")
        client = daemon.connect()
        request = wire.pack([None, "dummy", [], {}])
        client.send_bytes(struct.pack("!i", len(request)) + request[:-1])
        begin = time.monotonic()
        client.wait_closed()
        self.assertGreaterEqual(time.monotonic() - begin, 0.25)
        client.close()
        self.assertEqual(honest.server("stats")["closed_frame_timed_out"], 1)

    def test_drop_by_drop_does_not_extend_the_time(self):
        daemon, honest = self.start("--frame-timeout", "0.4")
        client = daemon.connect()
        client.send_bytes(struct.pack("!i", 1000))
        begin = time.monotonic()
        with self.assertRaises(ConnectionError):
            while time.monotonic() - begin < wire.PATIENCE:
                client.send_bytes(b"x")
                time.sleep(0.02)  # the client's own pace
        self.assertLess(time.monotonic() - begin, 5)
        client.close()
        self.assertEqual(honest.server("stats")["closed_frame_timed_out"], 1)

    def test_idle_session_is_not_timed_out(self):
        daemon, honest = self.start("--frame-timeout", "0.1", "--stall-timeout", "0.1",
                                    "--auth-timeout", "0.1")
        begin = daemon.connect()
        time.sleep(0.5)  # about what must not happen meanwhile
        begin.server("dummy")
        honest.server("dummy")
        begin.close()

    def test_client_that_never_reads_is_stopped_and_then_closed(self):
        daemon, honest = self.start("--max-queued", "256K", "--stall-timeout", "0.5")
        client = daemon.connect()
        ident = client.create("list", [b"x" * 10000])
        self.send_until_full(client, wire.pack([ident, "__getitem__", [0], {}]))
        wire.wait_until(lambda: honest.server("stats")["closed_stalled"] == 1)
        stats = honest.server("stats")
        self.assertGreaterEqual(stats["reading_paused_replies"], 1)
        self.assertEqual(len(honest.server("sessions")), 1)
        client.close()

    def test_slow_reader_gets_all_replies(self):
        daemon, _ = self.start("--max-queued", "64K")
        client = daemon.connect()
        ident = client.create("list", [b"x" * 10000])
        n = self.send_until_full(client, wire.pack([ident, "__getitem__", [0], {}]))
        client.socket.settimeout(wire.PATIENCE)
        client.socket.shutdown(socket.SHUT_WR)
        replies = client.wait_closed()
        self.assertGreaterEqual(n, 50)
        self.assertGreaterEqual(replies.count(b"#RETURN"), n)
        client.close()

    def test_out_of_descriptors_it_refuses_and_recovers(self):
        def limit():
            import resource
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        daemon = wire.start_daemon("--max-unauthenticated-per-process", "1000", preexec=limit)
        self.addCleanup(daemon.close)
        honest = daemon.connect()
        self.addCleanup(honest.close)
        connections = [wire.Connection(daemon.path) for _ in range(500)]
        wire.wait_until(lambda: honest.server("stats")["refused_descriptors"] > 400)
        cpu = self.cpu_seconds(daemon)
        told = 0
        for connection in connections:
            try:
                connection.receive_challenge()
            except wire.Refused as refused:
                self.assertIn(b"descriptors", refused.args[0])
                told += 1
        self.assertGreater(told, 400)
        time.sleep(0.5)  # in which it must not be busy
        self.assertLess(self.cpu_seconds(daemon) - cpu, 0.1)
        for connection in connections:
            connection.close()
        begin = time.monotonic()
        wire.wait_until(lambda: self.can_connect(daemon))
        self.assertLess(time.monotonic() - begin, 1)

    @staticmethod
    def can_connect(daemon):
        try:
            daemon.connect().close()
            return True
        except wire.Refused:
            return False

    @staticmethod
    def cpu_seconds(daemon):
        with open(f"/proc/{daemon.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Damage(ServerTest):
    """Broken frames harm nobody but their sender."""

    OPTIONS = ("--log-level", "warning")

    def setUp(self):
        super().setUp()
        self.bystander = self.connect()
        self.ident = self.bystander.create("list", ["untouched"])
        request = wire.pack([self.ident, "__getitem__", [0], {}, {"i": 5}])
        self.frame = struct.pack("!i", len(request)) + request

    def send_and_close(self, data):
        with self.daemon.connect() as client:
            client.send_bytes(data)
            client.socket.shutdown(socket.SHUT_WR)
            client.wait_closed()

    def assert_untouched(self):
        self.assertEqual(self.bystander.call(self.ident, "#GETVALUE"), ["untouched"])

    def test_frames_cut_off_anywhere(self):
        for n in range(len(self.frame)):
            self.send_and_close(self.frame[:n])
            self.assert_untouched()

    def test_frames_with_any_bit_flipped(self):
        for at in range(len(self.frame)):
            for bit in range(8):
                damaged = bytearray(self.frame)
                damaged[at] ^= 1 << bit
                self.send_and_close(bytes(damaged))
            self.assert_untouched()

    def test_flipped_bits_in_the_middle_of_a_stream(self):
        for at in range(4, len(self.frame)):
            damaged = bytearray(self.frame)
            damaged[at] ^= 0xff
            with self.daemon.connect() as client:
                client.send_bytes(self.frame + bytes(damaged) + self.frame)
                replies = [client.receive() for _ in range(3)]
            self.assertGreaterEqual(replies.count((5, "#RETURN", "untouched")), 2)
            self.assert_untouched()


class Death(ServerTest):
    def test_references_of_a_killed_process_are_dropped(self):
        self.check_killed_holder(leaves_a_child=False)

    def test_a_child_that_holds_the_descriptors_does_not_keep_the_references(self):
        self.check_killed_holder(leaves_a_child=True)

    def check_killed_holder(self, leaves_a_child):
        observer = self.connect()
        keep = observer.create("dict")

        def hold(say):
            client = self.daemon.connect()
            for _ in range(100):
                client.create("dict")
            child = os.fork() if leaves_a_child else 0
            if child or not leaves_a_child:
                say(child)
            signal.pause()

        best = float("inf")
        for _ in range(3):
            with wire.Child(hold) as holder:
                child = holder.hear()
                if child:
                    self.addCleanup(os.kill, child, signal.SIGKILL)
                self.assertEqual(observer.server("number_of_objects"), 101)
                holder.kill()
                best = min(best, wire.wait_until(
                    lambda: observer.server("number_of_objects") == 1))
        self.assertLess(best, 0.05)
        self.assertEqual(observer.call(keep, "__len__"), 0)

    def test_references_belong_to_the_process_and_not_to_the_connection(self):
        observer = self.connect()

        def short_connections(say):
            with self.daemon.connect() as client:
                ident = client.create("list")
            with self.daemon.connect() as client:
                client.server("incref", ident)
            with self.daemon.connect() as client:
                client.server("decref", ident)
            say(ident)
            signal.pause()

        with wire.Child(short_connections) as child:
            ident = child.hear()
            wire.wait_until(lambda: len(observer.server("sessions")) == 1)
            self.assertEqual(observer.call(ident, "__len__"), 0)
            child.kill()
            wire.wait_until(lambda: observer.server("number_of_objects") == 0)

    def test_what_was_sent_before_the_end_is_applied(self):
        observer = self.connect()
        ident = observer.create("list")
        go, go_child = os.pipe()

        def send_and_exit(say):
            client = self.daemon.connect()
            say("connected")
            os.read(go, 1)
            request = wire.pack([ident, "append", [b"x" * 10000], {}])
            client.send_bytes((struct.pack("!i", len(request)) + request) * 9)

        with wire.Child(send_and_exit) as child:
            self.assertEqual(child.hear(), "connected")
            self.daemon.process.send_signal(signal.SIGSTOP)  # so that all of it waits to be read
            os.write(go_child, b".")
            child.wait()
            self.daemon.process.send_signal(signal.SIGCONT)
        os.close(go)
        os.close(go_child)
        wire.wait_until(lambda: len(observer.server("sessions")) == 1)
        self.assertEqual(observer.call(ident, "__len__"), 9)

    def test_processes_that_never_authenticate_are_forgotten(self):
        observer = self.connect()
        with wire.Child(lambda say: (wire.Connection(self.daemon.path).close(), say(1),
                                     signal.pause())) as child:
            child.hear()
            wire.wait_until(lambda: observer.server("stats")["processes_now"] == 1)

    def test_lend_carries_references_to_another_process(self):
        observer = self.connect()

        def lend(say):
            client = self.daemon.connect()
            ident = client.create("list", ["lent"])
            say((ident, client.server("lend", [ident])))

        with wire.Child(lend) as child:
            ident, ticket = child.hear()
            child.wait()
        wire.wait_until(lambda: len(observer.server("processes")) == 1)
        self.assertEqual(observer.call(ident, "#GETVALUE"), ["lent"])
        observer.server("claim", ticket)
        with self.assertRaises((RemoteException, RemoteError)):
            observer.server("claim", ticket)
        observer.server("decref", ident)
        self.assertEqual(observer.server("number_of_objects"), 0)


class End(unittest.TestCase):
    def start(self, *options, **more):
        daemon = wire.start_daemon(*options, **more)
        self.addCleanup(daemon.close)
        return daemon

    def assert_gone(self, daemon):
        self.assertEqual(daemon.process.wait(wire.PATIENCE), 0, daemon.log())
        self.assertFalse(os.path.lexists(daemon.path))

    def test_signals_end_it_cleanly(self):
        for signum in (signal.SIGTERM, signal.SIGINT):
            daemon = self.start()
            with daemon.connect() as client, wire.Connection(daemon.path):
                client.create("list")
                daemon.process.send_signal(signum)
                self.assert_gone(daemon)
                self.assertEqual(client.wait_closed(), b"")

    def test_what_has_been_read_is_answered_before_the_end(self):
        daemon = self.start()
        with daemon.connect() as client:
            ident = client.create("list")
            for i in range(20000):
                client.send(ident, "append", [i])
            client.receive()
            daemon.process.send_signal(signal.SIGTERM)
            rest = client.wait_closed()
            size = 4 + len(wire.pack(["#RETURN", None]))
            self.assertEqual(len(rest) % size, 0)
            self.assert_gone(daemon)

    def test_parked_calls_do_not_delay_the_end(self):
        daemon = self.start()
        with daemon.connect() as client:
            client.send(client.create("list"), "take")
            client.send(None, "dummy")
            begin = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            self.assert_gone(daemon)
            self.assertLess(time.monotonic() - begin, 3)

    def test_client_that_does_not_read_delays_the_end_by_seconds_only(self):
        daemon = self.start()
        with daemon.connect() as client:
            ident = client.create("list", [b"x" * 1000000])
            for _ in range(3):
                client.send(ident, "__getitem__", [0])
            with daemon.connect() as other:
                other.server("dummy")
            begin = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            self.assert_gone(daemon)
            self.assertLess(time.monotonic() - begin, 8)

    def test_second_signal_ends_it_at_once(self):
        daemon = self.start()
        with daemon.connect() as client:
            ident = client.create("list", [b"x" * 1000000])
            for _ in range(3):
                client.send(ident, "__getitem__", [0])
            with daemon.connect() as other:
                other.server("dummy")
            begin = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            wire.wait_until(lambda: not os.path.lexists(daemon.path))
            daemon.process.send_signal(signal.SIGINT)
            self.assert_gone(daemon)
            self.assertLess(time.monotonic() - begin, 3)

    def test_shutdown_is_answered_first(self):
        daemon = self.start()
        with daemon.connect() as client:
            self.assertIsNone(client.server("shutdown"))
            self.assert_gone(daemon)

    def test_it_ends_under_load_and_every_reply_that_came_was_whole(self):
        daemon = self.start()
        observer = daemon.connect()
        ident = observer.create("dict", {"n": 0})

        def count(say):
            client = Client(daemon.path, daemon.key)
            numbers = []
            say("counting")
            try:
                while True:
                    client.send(ident, "incr", ["n"])
                    numbers.append(client.receive()[2])
            except (EOFError, ConnectionError):
                say(numbers)

        with wire.Child(count) as a, wire.Child(count) as b:
            self.assertEqual((a.hear(), b.hear()), ("counting", "counting"))
            wire.wait_until(lambda: observer.call(ident, "get", "n") > 1000)
            daemon.process.send_signal(signal.SIGTERM)
            numbers = sorted(a.hear() + b.hear())
            self.assert_gone(daemon)
        observer.close()
        # Each was applied once; at most the last of each counter was applied without an answer.
        self.assertEqual(len(set(numbers)), len(numbers))
        self.assertLessEqual(numbers[-1] - len(numbers), 1)

    def test_it_ends_with_the_process_it_follows(self):
        with wire.Child(lambda say: signal.pause()) as parent:
            pidfd = os.pidfd_open(parent.pid)
            daemon = self.start("--follow-fd", str(pidfd), pass_fds=[pidfd])
            os.close(pidfd)
            with daemon.connect() as client:
                client.server("dummy")
                parent.kill()
                begin = time.monotonic()
                self.assert_gone(daemon)
                self.assertLess(time.monotonic() - begin, 1)

    def test_it_ends_at_once_if_whom_it_follows_has_ended_already(self):
        with wire.Child(lambda say: signal.pause()) as parent:
            pidfd = os.pidfd_open(parent.pid)
            parent.kill()
            parent.wait()
            daemon = self.start("--follow-fd", str(pidfd), pass_fds=[pidfd])
            os.close(pidfd)
            self.assert_gone(daemon)


if __name__ == "__main__":
    unittest.main()
