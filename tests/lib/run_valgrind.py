#!/usr/bin/env python3
"""Runs clients under valgrind: nothing is lost, and nothing is touched that must not be.

    run_valgrind.py [--jobs N] [--timeout SECONDS] --shim SHIM PROGRAM…

Each program finds a daemon that was started outside in $TEST_ADDRESS, which is of use where it
does not start its own; $TEST_SLOW tells it that everything takes long.

Blocks count as lost that nothing points to any more, be it directly, by way of another lost block,
or into their middle. Children that were forked do not answer for their parent's, and what they
start by exec is not looked at. The shim, tests/lib/under_valgrind.c, sees to that, and has the
system calls made here that valgrind does not know: those of pidfds.
"""
import argparse
import concurrent.futures
import glob
import os
import shutil
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time

import wire

HERE = os.path.dirname(os.path.abspath(__file__))
VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--num-callers=24", "--fair-sched=try",
            "--show-leak-kinds=definite,indirect,possible",
            "--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=99",
            f"--suppressions={HERE}/valgrind.supp"]
KEY = b"known"  # to tests that choose one

# What valgrind says of system calls that it does not know, of which the library knows the better.
HARMLESS = ("WARNING: unhandled amd64-linux syscall", "You may be able to write your own handler.",
            "Read the file README_MISSING_SYSCALL_OR_IOCTL.",
            "Nevertheless we consider this a bug.", "it at http://valgrind.org/")


class Pidfds(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Makes system calls for those who cannot."""

    daemon_threads = True
    request_queue_size = 128
    OPEN, SEND_SIGNAL = 434, 424  # everywhere

    class RequestHandlerClass(socketserver.BaseRequestHandler):
        def handle(self):
            question, fds, _, _ = socket.recv_fds(self.request, 8, 1)
            number, argument = struct.unpack("=2i", question)
            error = 0
            try:
                if number == Pidfds.OPEN:
                    fds.append(os.pidfd_open(argument))
                else:
                    signal.pidfd_send_signal(fds[0], argument)
            except OSError as failure:
                error = failure.errno
            answer = fds if number == Pidfds.OPEN and not error else []
            socket.send_fds(self.request, [struct.pack("=i", error)], answer)
            for fd in fds:
                os.close(fd)

    def __init__(self, path):
        super().__init__(path, self.RequestHandlerClass)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, *_):
        """Who asked has been killed."""

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def complaints(directory):
    """What valgrind said, in every process."""
    said = []
    for path in sorted(glob.glob(os.path.join(directory, "valgrind.*"))):
        with open(path, errors="replace") as file:
            said += [line for line in file if not any(text in line for text in HARMLESS)]
    return "".join(said)


def make_directory():
    directory = tempfile.mkdtemp(prefix="managerd-valgrind-")
    with open(os.path.join(directory, "authkey"), "wb", opener=lambda path, flags: os.open(
            path, flags, 0o600)) as file:
        file.write(KEY)
    return directory


def run(program, options):
    directory = make_directory()
    begin = time.monotonic()
    try:
        with wire.start_daemon(directory=directory, key=None) as daemon, \
                Pidfds(f"{directory}/pidfds") as pidfds:
            environment = dict(os.environ, LD_PRELOAD=os.path.abspath(options.shim), TEST_SLOW="1",
                               TEST_ADDRESS=daemon.path, PIDFDS=pidfds.server_address)
            done = subprocess.run(
                [*VALGRIND, f"--log-file={directory}/valgrind.%p", program],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=options.timeout, start_new_session=True, env=environment)
        code, output = done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as expired:
        code, output = "timeout", (expired.stdout or b"").decode(errors="replace")
    said = complaints(directory)
    shutil.rmtree(directory, ignore_errors=True)
    # a child that was killed, or whose end nobody looks at, complains without an exit code
    verdict = {0: "passed", 77: "skipped"}.get(code, "failed") if not said.strip() else "failed"
    return program, verdict, f"ended with {code}", said + output, time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=float, default=240)
    parser.add_argument("--shim", required=True)
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()

    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(run, program, options) for program in options.programs]
        for job in concurrent.futures.as_completed(jobs):
            program, verdict, end, output, seconds = job.result()
            counts[verdict] += 1
            print(f"{verdict:8}{seconds:7.1f} s  {program}", flush=True)
            if verdict != "passed":
                print(f"--- {program} {end}:\n{output}---", flush=True)
    print(f"valgrind: {counts['passed']} passed, {counts['failed']} failed"
          + (f", {counts['skipped']} skipped" if counts["skipped"] else ""), flush=True)
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
