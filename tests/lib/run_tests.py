#!/usr/bin/env python3
"""Runs test programs, a few at a time, and counts.

    run_tests.py [--jobs N] [--timeout SECONDS] PROGRAM…

A program passes when it exits with 0; 77 means skipped, as its output explains. What a
failing one printed is shown. Programs ending in .py are run by this same Python.
"""
import argparse
import concurrent.futures
import os
import subprocess
import sys
import time


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
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()

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

    title = options.title + ": " if options.title else ""
    print(f"{title}{counts['passed']} passed, {counts['failed']} failed"
          + (f", {counts['skipped']} skipped" if counts["skipped"] else ""), flush=True)
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
