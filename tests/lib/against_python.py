"""What the comparisons of a type with Python's own share: the tool that drives the type, and the run.

The tool reads a method's name and the notation of its arguments, and answers with two
lines: the result or the failure, and the whole value afterwards.
"""
import os
import random
import subprocess
import sys


class Tool:
    def __init__(self, path, typeid):
        self.process = subprocess.Popen([path, typeid], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        encoding="utf-8")

    def ask(self, name, notation):
        self.process.stdin.write(f"{name}\t{notation}\n")
        self.process.stdin.flush()
        lines = [self.process.stdout.readline() for _ in range(2)]
        if not lines[1].endswith("\n"):
            raise SystemExit(f"the tool ended at {name}({notation}): {self.process.wait()}")
        return [line[:-1] for line in lines]


def compare(what, expected, found, history):
    if expected == found:
        return
    print("differs:", *history, sep="\n    ")
    print(f"  {what}\n    Python:   {expected}\n    managerd: {found}")
    raise SystemExit(1)


def notation_of(args, kwds):
    return ", ".join([repr(arg) for arg in args] + [f"{k}={v!r}" for k, v in kwds.items()])


def run(typeid, check, n_objects):
    """check(tool, rng) compares one object and returns the number of calls it made."""
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.environ.get("BUILD", "build"), "tests/unit/object_tool")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    print("seed", seed, flush=True)
    rng = random.Random(seed)
    tool = Tool(path, typeid)
    n_calls = sum(check(tool, rng) for _ in range(n_objects))
    tool.process.stdin.close()
    if tool.process.wait():
        raise SystemExit(f"the tool ended with {tool.process.returncode}")
    print(f"{n_calls} calls, no difference")
