#!/usr/bin/env python3
"""Runs fuzz targets, two at a time, and prints a table.

    run_fuzz.py --build DIR [--seconds N] [--fresh] TARGET…     fuzz
    run_fuzz.py --build DIR --keep TARGET…                      renew the kept corpus

A target is DIR/programs/TARGET. It starts from tests/fuzz/corpus/TARGET and from what
earlier runs found, which grows in DIR/TARGET/corpus (--fresh: forgotten afterwards). What
made it crash stays in DIR/TARGET.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
MAX_LEN = {"fuzz_scan": 256, "fuzz_frame": 256, "fuzz_auth": 512}
DEFAULT_MAX_LEN = 768
KEPT_LEN = 320  # bytes of one input that is kept
KEPT_MOST = 150  # inputs of a target; the longest do most
SLACK = 60  # seconds that a program may take beyond what it was given
ASAN = ("allocator_may_return_null=1:detect_leaks=1:quarantine_size_mb=16:"
        "malloc_context_size=5")


class Run:
    """One target at work."""

    def __init__(self, target, options):
        self.target = target
        self.options = options
        self.program = options.build / "programs" / target
        self.kept = HERE / "corpus" / target
        self.artifacts = options.build / target
        self.tail = []  # of what it printed
        self.cov = self.edges = self.units = self.corpus = self.rate = self.cpu_rate = 0
        self.seconds = 0.0
        self.result = "not run"

    def command(self, corpora):
        return [str(self.program), f"-max_total_time={self.options.seconds}",
                f"-max_len={MAX_LEN.get(self.target, DEFAULT_MAX_LEN)}",
                "-len_control=20", "-entropic=0",
                "-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1", "-reload=0",
                f"-artifact_prefix={self.artifacts}/"] + [str(path) for path in corpora]

    def read(self, line):
        self.tail = self.tail[-200:] + [line]
        found = re.search(r"Loaded \d+ modules +\((\d+) inline 8-bit counters\)", line)
        if found:
            self.edges = int(found[1])
        found = re.match(r"#(\d+)\s.* cov: (\d+) ft: \d+ corp: (\d+)/", line)
        if found:
            self.units, self.cov, self.corpus = (int(n) for n in found.groups())
        found = re.match(r"stat::number_of_executed_units: (\d+)", line)
        if found:
            self.units = int(found[1])

    def run(self):
        if not self.program.exists():
            self.result = "not built"
            return self
        work = self.artifacts / "corpus"
        if self.options.fresh:
            work = pathlib.Path(tempfile.mkdtemp(prefix=self.target))
        work.mkdir(parents=True, exist_ok=True)
        self.artifacts.mkdir(parents=True, exist_ok=True)
        try:
            self.attend([path for path in (work, self.kept) if path.is_dir()])
        finally:
            if self.options.fresh:
                shutil.rmtree(work, ignore_errors=True)
        return self

    def attend(self, corpora):
        environment = dict(os.environ, ASAN_OPTIONS=ASAN)
        begin = time.monotonic()
        process = subprocess.Popen(self.command(corpora), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env=environment, text=True, errors="replace")
        watchdog = threading.Timer(self.options.seconds + SLACK, process.kill)
        watchdog.start()
        try:
            for line in process.stdout:
                self.read(line.rstrip("\n"))
        except BaseException:
            process.kill()
            raise
        finally:
            _, status, usage = os.wait4(process.pid, 0)
            watchdog.cancel()
        code = process.returncode = os.waitstatus_to_exitcode(status)
        self.seconds = time.monotonic() - begin
        self.rate = self.units / max(self.seconds, 0.001)
        self.cpu_rate = self.units / max(usage.ru_utime + usage.ru_stime, 0.001)
        self.result = "ok" if code == 0 else f"FAILED ({code})"

    def tell(self):
        print(f"--- {self.target} {self.result} and had printed at last:", file=sys.stderr)
        print("\n".join(self.tail[-60:]), file=sys.stderr)
        for line in self.tail:
            found = re.search(r"Test unit written to (\S+)", line)
            if found:
                print(f"To reproduce: ASAN_OPTIONS=allocator_may_return_null=1 "
                      f"{self.program} {found[1]}", file=sys.stderr)


def print_table(runs):
    rows = [("target", "executions", "per second", "per CPU s", "edges", "of", "%", "corpus", "result")]
    for run in runs:
        percent = f"{100 * run.cov / run.edges:.1f}" if run.edges else "-"
        rows.append((run.target, f"{run.units:,}", f"{run.rate:,.0f}", f"{run.cpu_rate:,.0f}", str(run.cov),
                     str(run.edges), percent, str(run.corpus), run.result))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) if i in (0, len(row) - 1) else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def report_progress(runs, done):
    while not done.wait(60):
        print("; ".join(f"{run.target}: {run.units:,}, {run.cov} edges" for run in runs
                        if run.result == "not run" and run.units), flush=True)


def fuzz(options):
    runs = [Run(target, options) for target in options.targets]
    done = threading.Event()
    threading.Thread(target=report_progress, args=(runs, done), daemon=True).start()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(Run.run, runs))
    done.set()
    for run in runs:
        if run.result != "ok":
            run.tell()
    print_table(runs)
    print("Among the edges are those to a sanitizer's report, about half of them, that nothing "
          "should reach.")
    return 0 if all(run.result == "ok" for run in runs) else 1


def keep(options):
    """Few inputs that cover most of what all known ones do."""
    for target in options.targets:
        run = Run(target, options)
        with tempfile.TemporaryDirectory() as chosen:
            sources = [str(path) for path in (run.kept, run.artifacts / "corpus")
                       if path.is_dir()]
            subprocess.run([str(run.program), "-set_cover_merge=1", f"-max_len={KEPT_LEN}",
                            chosen] + sources, check=True, stderr=subprocess.DEVNULL,
                           env=dict(os.environ, ASAN_OPTIONS=ASAN))
            run.kept.mkdir(parents=True, exist_ok=True)
            for path in run.kept.iterdir():
                # what has a name stays: it once was a crash
                if re.fullmatch("[0-9a-f]{40}", path.name):
                    path.unlink()
            found = sorted(pathlib.Path(chosen).iterdir(), key=lambda path: path.stat().st_size)
            for path in found[-KEPT_MOST:]:
                shutil.copy(path, run.kept)
        sizes = [path.stat().st_size for path in run.kept.iterdir()]
        print(f"{target}: {len(sizes)} inputs, {sum(sizes)} bytes")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("targets", nargs="+", metavar="TARGET")
    options = parser.parse_args()
    options.build = options.build.resolve()
    return keep(options) if options.keep else fuzz(options)


if __name__ == "__main__":
    sys.exit(main())
