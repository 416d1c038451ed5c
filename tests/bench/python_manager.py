#!/usr/bin/python3
"""Python's own manager and pool, measured as the others are.

Reads lines "run WORKERS SECONDS" and answers each with a line
"done CALLS N_PAIRS", followed by N_PAIRS lines "NANOSECONDS COUNT": the
latencies, rounded. Ends at the end of its input or at "quit". The workers are
forked processes that use one managed dict; a proxy connects anew in each.

To "map WORKERS TASKS CHUNK SECONDS" the answer is "mapped TASKS NANOSECONDS N_PAIRS",
which all took, and the pairs. The pool of so many workers stays.
"""

import collections
import multiprocessing
import signal
import sys
import time

KEYS = 1000
N_DRAWN = 8192
LATENCY_STEP = 256
MASK = (1 << 64) - 1

fork = multiprocessing.get_context("fork")


def make_items():
    return [("key:%06d" % n, "value:%010d" % (n * 2654435761 % (1 << 32))) for n in range(KEYS)]


def draw_calls(worker, items):
    """The worker's stream of calls, drawn in advance: in C that costs nothing, here it would."""
    state = 0x9E3779B97F4A7C15 * (worker + 1) & MASK
    calls = []
    for i in range(N_DRAWN + 16):
        state ^= state << 13 & MASK
        state ^= state >> 7
        state ^= state << 17 & MASK
        if i >= 16:
            key, value = items[(state & 0xFFFFFFFF) * KEYS >> 32]
            calls.append((state >> 63, key, value))
    return calls


def measure(shared, worker, items, barrier, deadline):
    calls = draw_calls(worker, items)
    get, put, clock = shared.__getitem__, shared.__setitem__, time.monotonic_ns
    get(items[0][0])  # connects
    latencies = []
    n = 0
    barrier.wait()
    end = deadline.value
    before = clock()
    while True:
        is_set, key, value = calls[n % N_DRAWN]
        if is_set:
            put(key, value)
        elif get(key) != value:
            raise RuntimeError("a wrong reply")
        after = clock()
        latencies.append(after - before)
        if after > end:
            break
        n += 1
        before = after
    return n, collections.Counter(ns // LATENCY_STEP for ns in latencies)


def work(shared, worker, items, barrier, deadline, results):
    try:
        result = measure(shared, worker, items, barrier, deadline)
    except BaseException:
        barrier.abort()
        results.put(None)
        raise
    results.put(result)


def run(shared, items, n_workers, seconds):
    deadline = fork.Value("q", 0, lock=False)

    def set_deadline():
        deadline.value = time.monotonic_ns() + int(seconds * 1e9)

    barrier = fork.Barrier(n_workers, action=set_deadline)
    results = fork.SimpleQueue()
    workers = [
        fork.Process(target=work, args=(shared, i, items, barrier, deadline, results))
        for i in range(n_workers)
    ]
    for process in workers:
        process.start()
    n_calls = 0
    latencies = collections.Counter()
    for _ in workers:
        result = results.get()
        if result is None:
            raise SystemExit("a worker failed")
        n, counts = result
        n_calls += n
        latencies += counts
    for process in workers:
        process.join()
    return n_calls, latencies


def square(x):
    return x * x


def run_map(pool, n_tasks, chunk, seconds):
    """Maps as often as fits into the time, at least once: tasks, nanoseconds, latencies."""
    items = range(n_tasks)
    clock = time.monotonic_ns
    if pool.map(square, items, chunk) != [x * x for x in items]:
        raise RuntimeError("a wrong result")
    latencies = collections.Counter()
    n = 0
    begin = before = clock()
    end = begin + int(seconds * 1e9)
    while before < end:
        pool.map(square, items, chunk)
        after = clock()
        latencies[(after - before) // LATENCY_STEP] += 1
        n += n_tasks
        before = after
    return n, before - begin, latencies


def print_latencies(latencies):
    for step, count in latencies.items():
        print(step * LATENCY_STEP + LATENCY_STEP // 2, count)
    sys.stdout.flush()


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the benchmark decides when to end
    items = make_items()
    pools = {}
    with fork.Manager() as manager:
        shared = manager.dict(items)
        print("ready python %s" % sys.version.split()[0], flush=True)
        for line in sys.stdin:
            words = line.split()
            if words[:1] == ["map"]:
                n_workers = int(words[1])
                if n_workers not in pools:
                    pools[n_workers] = fork.Pool(n_workers)
                n_tasks, ns, latencies = run_map(
                    pools[n_workers], int(words[2]), int(words[3]) or None, float(words[4])
                )
                print("mapped", n_tasks, ns, len(latencies))
                print_latencies(latencies)
                continue
            if words[:1] != ["run"]:
                break
            n_calls, latencies = run(shared, items, int(words[1]), float(words[2]))
            print("done", n_calls, len(latencies))
            print_latencies(latencies)
    for pool in pools.values():
        pool.terminate()


if __name__ == "__main__":
    main()
