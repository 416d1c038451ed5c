"""A new type takes one file and one row: a daemon is built with one more than it has."""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import wire  # noqa: E402

OBJECTS = os.path.join(os.path.dirname(wire.MANAGERD), "objects")  # the daemon's own
COUNTER = os.path.join(ROOT, "tests", "lib", "counter_type.c")


def pkg_config(*arguments):
    return shlex.split(subprocess.check_output(["pkg-config", *arguments], encoding="utf-8"))


def first_package(*names):
    return next(name for name in names
                if subprocess.run(["pkg-config", "--exists", name], check=False).returncode == 0)


class NewType(unittest.TestCase):
    def build(self, directory):
        types = os.path.join(directory, "managerd", "types")
        os.makedirs(types)
        with open(os.path.join(ROOT, "managerd", "types", "types.h"), encoding="utf-8") as file:
            header, n = re.subn(r"(#define TYPES_LIST\(X\) +\\\n)", r"\1        X(counter) \\\n", file.read())
        self.assertEqual(n, 1)
        with open(os.path.join(types, "types.h"), "w", encoding="utf-8") as file:
            file.write(header)
        objects = [path for pattern in ("proto/*.o", "managerd/*.o", "managerd/*/*.o")
                   for path in glob.glob(os.path.join(OBJECTS, pattern))
                   if not path.endswith("managerd/types/types.o")]
        msgpack = first_package("msgpack-c", "msgpack")
        # the directory first: its types.h stands for the real one
        program = os.path.join(directory, "managerd-with-counter")
        subprocess.check_call([
            os.environ.get("CC", "cc"), "-I", directory, "-I", ROOT, "-D_GNU_SOURCE", "-std=gnu11",
            *shlex.split(os.environ.get("TEST_CFLAGS", "")), "-o", program, COUNTER,
            self.copy(types, "types.c"), *objects,
            *pkg_config("--libs", msgpack, "libsodium", "libuv", "libseccomp"), "-lm", "-pthread"])
        return program

    @staticmethod
    def copy(types, name):
        with open(os.path.join(ROOT, "managerd", "types", name), encoding="utf-8") as file:
            source = file.read()
        path = os.path.join(types, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        return path

    def test_one_file_and_one_row_are_all(self):
        with tempfile.TemporaryDirectory(prefix="managerd-type-") as directory:
            wire.MANAGERD = self.build(directory)
            with wire.start_daemon() as daemon, daemon.connect() as client:
                counter = client.create("Counter", begin=41)
                self.assertEqual([client.call(counter, "next") for _ in range(3)], [41, 42, 43])
                self.assertEqual(client.call(counter, "#GETVALUE"), 44)
                self.assertEqual(client.call(counter, "__str__"), "44")
                self.assertEqual(client.server("describe", counter)["methods"], ("next",))
                named, _ = client.server("open", "Counter", "invoices", 1)
                self.assertEqual(client.call(named, "next"), 1)
                with self.assertRaisesRegex(wire.RemoteError, "a counter begins at 0"):
                    client.create("Counter", -1)


if __name__ == "__main__":
    unittest.main()
