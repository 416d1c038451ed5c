#!/usr/bin/python3
"""SIGTERM under load, a hundred times: no acknowledged write is lost, none is applied unheard.

What a daemon held is gone with it, so what it had applied must be concluded from its replies.
Every `incr` of one counter is answered with the counter's new value. The values that all
writers together were told must be 1, 2, … N:
- no value twice: had a write been acknowledged without having been applied, the next one
  would have been told the same value;
- no value missing: a write that was applied was acknowledged, also while the daemon ended.
Readers check it from the other side: what was acknowledged before a read was sent is seen by
it. What is taken from a list was put there once and is taken once.
"""
import array
import contextlib
import os
import random
import signal
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire

ROUNDS = 20 if wire.is_sanitized() else 100
WRITERS, TAKERS = 3, 2
BATCH = 16       # requests of a kind that are sent at once
LONG = 200_000   # bytes of a reply that does not fit into a socket
WARM_UP = 300    # increments before the signal
LONGEST_END = 10


def frames(requests):
    payloads = [wire.pack(request) for request in requests]
    return b"".join(struct.pack("!i", len(payload)) + payload for payload in payloads)


class Pipeline:
    """A client that always has two batches on their way, and reads until the very end."""

    def __init__(self, daemon, batch):
        self.client = wire.Client(daemon.path, daemon.key)
        self.n = len(batch)
        self.batch = frames(batch)
        self.sent = []  # when each batch was

    def send(self):
        self.sent.append(time.monotonic())
        with contextlib.suppress(ConnectionError):  # it has ended, but has said more before
            self.client.send_bytes(self.batch)

    def replies(self, say):
        """(number of its batch, place in it, value) of each, until the daemon closes."""
        self.send()
        is_first = True
        batch = 0
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                self.send()
                for i in range(self.n):
                    _, kind, value = self.client.receive()
                    if kind == "#ERROR" and value.name == "CancelledError":
                        continue  # nothing will come any more for whoever waits
                    if kind != "#RETURN":
                        raise AssertionError(value)
                    if is_first:
                        say("works")
                        is_first = False
                    yield batch, i, value
                batch += 1
        self.client.close()


def tell(say, *columns):
    """Lists of numbers, fast."""
    say([array.array("d", column).tobytes().hex() for column in columns])


def heard(child):
    return [list(array.array("d", bytes.fromhex(column))) for column in child.hear()]


class Load:
    """The processes of one round."""

    def __init__(self, daemon, counter, mailbox):
        self.daemon, self.counter, self.mailbox = daemon, counter, mailbox
        self.stack = contextlib.ExitStack()
        start = self.stack.enter_context
        self.writers = [start(wire.Child(self.writer(number))) for number in range(WRITERS)]
        self.reader = start(wire.Child(self.read))
        self.takers = [start(wire.Child(self.take)) for _ in range(TAKERS)]

    def writer(self, number):
        def write(say):
            # The item is the same in each batch: what counts is how often it is put and taken.
            batch = [[self.counter, "incr", ["n"], {}]] * BATCH
            batch += [[self.mailbox, "append", [number], {}]]
            if number == 0:  # its replies always queue up in the daemon
                batch += [[self.counter, "get", ["long"], {}]] * 2
            pipeline = Pipeline(self.daemon, batch)
            told, when, n_put = [], [], 0
            for _, i, value in pipeline.replies(say):
                if i == BATCH:
                    n_put += 1
                elif i < BATCH:
                    told.append(value)
                    when.append(time.monotonic())
            tell(say, told, when, [n_put, len(pipeline.sent)])
        return write

    def read(self, say):
        pipeline = Pipeline(self.daemon, [[self.counter, "get", ["n"], {}]])
        seen = [(pipeline.sent[batch], value) for batch, _, value in pipeline.replies(say)]
        tell(say, [when for when, _ in seen], [value for _, value in seen])

    def take(self, say):
        pipeline = Pipeline(self.daemon, [[self.mailbox, "take", [], {}]])
        tell(say, [value for _, _, value in pipeline.replies(say)])

    def wait(self):
        for child in (*self.writers, self.reader, *self.takers):
            child.hear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()


class Sigterm(unittest.TestCase):
    def test_no_acknowledged_write_is_lost_and_none_is_applied_unheard(self):
        random.seed(1)
        longest = total = 0
        for i in range(ROUNDS):
            with self.subTest(round=i), wire.start_daemon() as daemon:
                seconds, n = self.one_round(daemon)
                longest, total = max(longest, seconds), total + n
        print(f"{ROUNDS} times SIGTERM: {total} increments, the slowest end took {longest:.3f} s",
              file=sys.stderr)

    def test_nobody_is_handed_what_others_believe_to_hold(self):
        for holder_first in (True, False):
            with self.subTest(holder_first=holder_first), wire.start_daemon() as daemon, \
                    daemon.connect() as first, daemon.connect() as second:
                holder, waiter = (first, second) if holder_first else (second, first)
                for client in (holder, waiter):
                    client.hello(own="session")
                lock, semaphore, queue = (holder.create("Lock"), holder.create("Semaphore", 1),
                                          holder.create("Queue", redeliver=True))
                holder.call(queue, "put", "job")
                for ident, method in ((lock, "acquire"), (semaphore, "acquire"), (queue, "get")):
                    holder.call(ident, method)
                    waiter.send(ident, method, options={"i": ident})
                waiter.send(lock, "acquire")
                waiter.send(lock, "acquire")  # behind the other: it is told the same
                wire.wait_until(lambda: holder.server("stats")["calls_parked"] == 4)
                daemon.process.send_signal(signal.SIGTERM)
                for _ in range(5):
                    _, kind, value = waiter.receive()
                    self.assertEqual((kind, value.name, value.arguments),
                                     ("#ERROR", "CancelledError", ("the manager ends",)))
                self.assertEqual(daemon.process.wait(LONGEST_END), 0, daemon.log())

    def one_round(self, daemon):
        observer = daemon.connect()
        counter = observer.create("dict", {"n": 0, "long": b"x" * LONG})
        mailbox = observer.create("list")
        parked = daemon.connect()  # a call that nobody would ever answer
        parked.send(observer.create("list"), "take")
        with Load(daemon, counter, mailbox) as load:
            load.wait()
            wire.wait_until(lambda: observer.call(counter, "get", "n") > WARM_UP)
            time.sleep(random.random() * 0.02)  # so that it comes at any moment of a batch
            begin = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            self.assertEqual(daemon.process.wait(LONGEST_END), 0, daemon.log())
            seconds = time.monotonic() - begin
            writers = [heard(writer) for writer in load.writers]
            seen = list(zip(*heard(load.reader)))
            taken = [heard(taker)[0] for taker in load.takers]
        observer.close()
        self.assertEqual(parked.receive()[1:2], ("#ERROR",))
        parked.close()
        acknowledged = self.check_counter(writers)
        self.check_reads(seen, acknowledged)
        self.check_mailbox(writers, taken)
        self.assertNotIn("are cut", daemon.log())
        return seconds, len(acknowledged)

    def check_counter(self, writers):
        for told, _, _ in writers:
            self.assertTrue(told == sorted(told))
            self.assertGreater(len(told), 0)
        acknowledged = sorted((value, when) for told, whens, _ in writers
                              for value, when in zip(told, whens))
        values = [value for value, _ in acknowledged]
        self.assertEqual(len(set(values)), len(values))
        self.assertEqual((values[0], values[-1]), (1, len(values)))  # none is missing
        return acknowledged

    def check_reads(self, seen, acknowledged):
        """A read sees at least what was acknowledged before it was sent, and no more than all."""
        self.assertGreater(len(seen), 0)
        events = sorted([(when, 0, value) for value, when in acknowledged]
                        + [(when, 1, value) for when, value in seen])
        newest = 0
        for _, is_read, value in events:
            if is_read:
                self.assertGreaterEqual(value, newest)
            else:
                newest = max(newest, value)
        self.assertLessEqual(max(value for _, value in seen), len(acknowledged))

    def check_mailbox(self, writers, taken):
        for number, (_, _, (n_put, n_batches)) in enumerate(writers):
            n_taken = sum(items.count(number) for items in taken)
            self.assertLessEqual(n_put, n_batches)
            self.assertLessEqual(n_taken, n_put)  # all that was applied has been acknowledged
        self.assertGreater(sum(map(len, taken)), 0)


if __name__ == "__main__":
    unittest.main()
