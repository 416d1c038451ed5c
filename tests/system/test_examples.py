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

    def test_pool_of_two_does_ten_tasks(self):
        self.assertEqual(example("pool"),
                         "results: 100 101 102 103 104 105 106 107 108 109\n"
                         "our own process did none: True\n")

    def test_start_join_runs_a_function_in_a_process(self):
        self.assertEqual(example("start_join"), "hello bob\nexit code 0\n")

    def test_pids_tells_who_is_who(self):
        self.assertEqual(example("pids"),
                         "main\n  name: MainProcess\n  parent: None\n"
                         "function work\n  name: Process-1\n  parent: MainProcess\n"
                         "  the parent's process id is that of getppid()\nhello bob\n"
                         "the child had another process id than we, and its handle knows it\n")

    def test_several_processes_run_at_once(self):
        self.assertEqual(example("several"),
                         "".join(f"Process-{n + 1} ended with {n * n}\n" for n in range(4)) +
                         "0 left\n")

    def test_isolation_leaves_the_parents_globals_alone(self):
        self.assertEqual(example("isolation"),
                         "in the child: 5 numbers\nin the parent: 0 numbers\n"
                         "in the manager: [0, 1, 2, 3, 4]\n")

    def test_daemon_ends_with_its_parent(self):
        self.assertEqual(example("daemon"),
                         "daemonic processes are not allowed to have children\n"
                         "the parent ended with -9\nthe daemon is gone, too\n")

    def test_in_flight_has_a_thousand_consumers_in_one_loop(self):
        self.assertEqual(example("in_flight"),
                         "1000 consumers wait\n"
                         "332833500 is the sum of the squares of 0 to 999\n"
                         "the loop ran on meanwhile\n")

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

    def test_array_is_what_the_child_made_of_it(self):
        self.assertEqual(example("array"), "3.1415927\n[0, -1, -2, -3, -4, -5, -6, -7, -8, -9]\n")

    def test_rlock_keeps_the_lines_of_each_worker_together(self):
        self.assertEqual(example("rlock_file"),
                         "12 lines, every 3 of them in a row by one worker\n")

    def test_producer_finds_the_queue_full_and_consumer_finds_it_empty(self):
        self.assertEqual(example("producer_consumer"),
                         "the queue is full, item 4 waits\ngot 1\ngot 2\ngot 3\ngot 4\ngot 5\n"
                         "the queue is empty\n")

    def test_event_lets_all_cars_pass(self):
        self.assertEqual(example("event"),
                         "red: 0 cars have passed\ngreen: 3 cars have passed\n")

    def test_semaphore_lets_two_in(self):
        self.assertEqual(example("semaphore"), "6 were inside, never more than 2 at once\n")

    def test_condition_puts_stages_in_order(self):
        self.assertEqual(example("condition"),
                         "the first stage is done\n" + 2 * "the second stage runs\n")

    def test_barrier_keeps_steps_together(self):
        self.assertEqual(example("barrier"),
                         "".join(f"after step {n} the sum is {6 * n}\n" for n in (1, 2, 3)))

    def test_pipe_carries_a_list_and_ends(self):
        self.assertEqual(example("pipe"), "[42, None, 'hello']\nthat was all\n")

    def test_upper_server_answers_whole_messages(self):
        self.assertEqual(example("upper_server"),
                         "".join(f"{how}: HELLO | WHOLE MESSAGES | HOWEVER THE BYTES ARRIVE\n"
                                 for how in ("byte by byte", "all at once", "in odd pieces")) +
                         "served by 3 processes\n")


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
