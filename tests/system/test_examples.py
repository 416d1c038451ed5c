"""The examples print what they promise, and so does the README's first program."""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import wire  # noqa: E402

BUILD = os.environ.get("BUILD", "build")
ROOT = os.path.join(os.path.dirname(__file__), "..", "..")


def run(program, *arguments):
    done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=wire.PATIENCE, text=True)
    if done.returncode or done.stderr:
        raise AssertionError(f"{program} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def example(name, *arguments):
    return run(os.path.join(BUILD, "examples", name), *arguments)


class Examples(unittest.TestCase):
    def test_shared_dict_list_prints_what_the_child_did(self):
        self.assertEqual(example("shared_dict_list"),
                         "{'胡旺': '牛皮', 'lalal': '大美女'}\n[0, 1, 2, 3, 4, 11, 22, 33]\n")

    def test_counter_loses_no_increment(self):
        self.assertEqual(example("counter"), "40000\n")

    def test_nested_is_filled_by_another_process(self):
        self.assertEqual(example("nested"), "3 ['Ann', 'Bob', 'Cleo']\n")

    def test_work_queue_loses_no_job_with_a_worker(self):
        self.assertEqual(example("work_queue"),
                         "job 5 is tried again\n"
                         "19 jobs are done: the sum of their squares is 2701\n"
                         "job 13 was given up\n4 workers crashed\n")

    def test_survivors_get_the_lock_of_the_dead_and_out_of_a_deadlock(self):
        self.assertEqual(example("survivors"),
                         "the lock is mine, though its holder died: balance 80, mended to 100\n"
                         "DeadlockError: one of two gave way, both are done\n")

    def test_two_programs_meet_by_name(self):
        with wire.start_daemon(key=None) as daemon:
            self.assertEqual(example("meet_writer", daemon.path), "")
            self.assertEqual(example("meet_reader", daemon.path), "hello\nhow are you?\n")

    def test_reader_waits_for_a_writer_that_comes_later(self):
        with wire.start_daemon(key=None) as daemon:
            reader = subprocess.Popen([os.path.join(BUILD, "examples", "meet_reader"), daemon.path],
                                      stdout=subprocess.PIPE, text=True)
            with open(os.path.join(daemon.directory, "authkey"), "rb") as file:
                daemon.key = file.read()
            with daemon.connect() as client:
                wire.wait_until(lambda: client.call(None, "stats")["calls_parked"] == 1)
            example("meet_writer", daemon.path)
            self.assertEqual(reader.communicate(timeout=wire.PATIENCE)[0],
                             "hello\nhow are you?\n")


class Readme(unittest.TestCase):
    def test_first_program_compiles_and_runs(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            program = re.search(r"```c\n(#include <manager.h>.*?)```", file.read(), re.S).group(1)
        flags = shlex.split(os.environ.get("TEST_CFLAGS", ""))
        libs = subprocess.run(["pkg-config", "--libs", "libsodium"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.split()
        with tempfile.TemporaryDirectory() as directory:
            source, binary = (os.path.join(directory, name) for name in ("first.c", "first"))
            with open(source, "w", encoding="utf-8") as file:
                file.write(program)
            subprocess.run(["cc", "-Wall", "-Werror", f"-I{ROOT}/client", *flags, "-o", binary,
                            source, os.path.join(BUILD, "libmanager.a"), "-lmsgpackc", *libs,
                            "-pthread", "-lm"], check=True, timeout=wire.PATIENCE)
            self.assertEqual(run(binary), "total is 40\n")


if __name__ == "__main__":
    unittest.main()
