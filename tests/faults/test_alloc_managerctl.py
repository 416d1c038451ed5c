"""Every allocation of managerctl fails once: it says so, shows nothing wrong, and leaks nothing."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import ctl
from memory import Memory

VALUE = '{"$dict": [[1, {"$bytes": "AAAA"}], [{"$tuple": [2]}, {"$int": "9999999999999999999999"}],' \
        ' ["p", {"$packed": "AQ=="}], ["f", 0.1]]}'

# what they print is the same every time
SAME = [("get", "d"), ("get", "d", "--json"), ("get", "l"), ("get", "l", "--json"), ("info", "d"),
        ("info", "l", "--json"), ("get", "l", "0", "1", "--json"), ("set", "d", "k", VALUE, "--json"),
        ("set", "--create", "d", VALUE, "5"), ("call", "d", "update", "--kw", "a=1"), ("help", "ls"),
        ("get", "d", "nothing"), ("get", "nothing"), ("set", "d", "k", '{"$int": 5}'), ("nonsense",),
        ("ls", "d*", "--json")]
OTHERS = [("ls",), ("stats",), ("stats", "--json"), ("sessions",), ("peers", "--json"), ("ping",)]


class Sweep(ctl.CtlTest):
    def setUp(self):
        super().setUp()
        d = self.open("dict", "d", {"a": 1, 5: [1, 2], "p": b"x", "k": None})
        self.open("list", "l", [1, ctl.wire.Token("dict", d), 2**70, 1.5, (), slice(1, 2)])

    def attempt(self, memory, k, arguments):
        memory.words[Memory.N_LIVE] = 0
        memory.words[Memory.N_LIVE_AT_END] = -1
        memory.arm(k)
        done = self.run_ctl(*arguments, env=memory.environment())
        return done, memory.disarm(), memory.n_live_at_end

    def sweep(self, memory, arguments):
        well, _, live = self.attempt(memory, 1 << 40, arguments)
        n = 0
        while True:
            n += 1
            done, n_failed, live_now = self.attempt(memory, n, arguments)
            if not n_failed:
                return n
            with self.subTest(arguments, k=n):
                said = done.stderr.decode()
                if done.returncode == ctl.CONNECT:
                    self.assertEqual(said, "managerctl: system call failed\n")
                elif done.returncode == ctl.SERVER:
                    self.assertRegex(said, "^managerctl: .*memory")
                else:
                    self.assertEqual(done.returncode, well.returncode, said)
                    if arguments in SAME:
                        self.assertEqual(done.stdout, well.stdout)
                    # an error may have lost its words
                    if said != well.stderr.decode():
                        self.assertRegex(said, "^managerctl: (error|out of memory)$")
                self.assertLessEqual(live_now, live)

    def test_every_command(self):
        with Memory() as memory:
            for arguments in SAME + OTHERS:
                self.assertGreater(self.sweep(memory, arguments), 20 if arguments[0] in
                                   ("get", "set", "ls", "call") else 1, arguments)


if __name__ == "__main__":
    unittest.main()
