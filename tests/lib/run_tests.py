#!/usr/bin/env python3
"""Runs test programs, a few at a time, and counts.

    run_tests.py [--jobs N] [--timeout SECONDS] [--faulty-io SHIM] PROGRAM…

A program passes when it exits with 0; 77 means skipped, as its output explains. What a
failing one printed is shown. Programs ending in .py are run by this same Python.

With --faulty-io they and all that they start are preloaded with tests/lib/faulty_io.c. Its
seed is FAULTY_IO_SEED from the environment, else drawn and shown where something fails.
"""
import argparse
import concurrent.futures
import os
import random
import struct
import subprocess
import sys
import tempfile
import time


class FaultyIO:
    """The shim's environment, and what it says in the end that it has done."""

    # processes, calls, interrupted, not ready, cut; of the library and of the daemon
    COUNTS = struct.Struct("10Q")

    def __init__(self, shim):
        self.file = tempfile.NamedTemporaryFile(prefix="managerd-faults-")
        self.file.truncate(self.COUNTS.size)
        os.environ.setdefault("FAULTY_IO_SEED", str(random.randrange(1 << 32)))
        os.environ["FAULTY_IO_COUNTS"] = self.file.name
        os.environ["LD_PRELOAD"] = os.path.abspath(shim)

    def report(self):
        """Whether there were enough faults; says how many."""
        with open(self.file.name, "rb") as file:
            counts = self.COUNTS.unpack(file.read())
        enough = True
        for who, (_, n, *done) in (("library", counts[:5]), ("daemon", counts[5:])):
            print(f"{who}: {n} system calls, {done[0]} interrupted, {done[1]} not ready, "
                  f"{done[2]} cut, seed {os.environ['FAULTY_IO_SEED']}")
            enough = enough and n and min(done) and sum(done) >= 0.3 * n
        return enough


def run(program, timeout):
    command = [sys.executable, program] if program.endswith(".py") else [program]
    begin = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, start_new_session=True)
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        code, output = "timeout", expired.stdout or b""
    return program, code, output.decode(errors="replace"), time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--title", default="")
    parser.add_argument("--faulty-io")
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()
    faults = FaultyIO(options.faulty_io) if options.faulty_io else None

    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(run, program, options.timeout) for program in options.programs]
        for job in concurrent.futures.as_completed(jobs):
            program, code, output, seconds = job.result()
            verdict = {0: "passed", 77: "skipped"}.get(code, "failed")
            counts[verdict] += 1
            print(f"{verdict:8}{seconds:7.1f} s  {program}", flush=True)
            if verdict != "passed":
                print(f"--- {program} ended with {code} and had printed:\n{output}---", flush=True)

    if faults and not faults.report():
        print("too few faults: is what is tested what the shim looks for?")
        counts["failed"] += 1
    title = options.title + ": " if options.title else ""
    print(f"{title}{counts['passed']} passed, {counts['failed']} failed"
          + (f", {counts['skipped']} skipped" if counts["skipped"] else ""), flush=True)
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
