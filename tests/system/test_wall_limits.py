#!/usr/bin/python3
"""PROTOCOL.md's table of limits is the daemon's: options, defaults, and figures that count."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import wire
from wire import RemoteError

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "s": 10 ** 9}


def table():
    """Rows of (limit, option or "", default, what happens, figures)."""
    with open(os.path.join(ROOT, "proto", "PROTOCOL.md"), encoding="utf-8") as file:
        section = file.read().split("\n## 9. Limits\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] != "limit" and not cells[0].startswith("---"):
            limit, option, default, beyond, figures = cells
            match = re.search("--([a-z-]+)", option)
            yield (limit, match.group(1) if match else "", default, beyond,
                   re.findall("`([a-z_]+)`", figures))


def number(default):
    """What "8 MiB" is in bytes, "30 s" in nanoseconds, "1,024" and "16 levels" in ones."""
    digits, _, unit = default.partition(" ")
    return int(digits.replace(",", "")) * UNITS.get(unit, 1)


class Table(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.help = wire.run_managerd("--help")[1]
        with wire.start_daemon() as daemon, daemon.connect() as client:
            cls.stats = client.server("stats")

    def test_rows_name_options_figures_and_defaults_that_are_there(self):
        rows = list(table())
        self.assertGreater(len(rows), 12)
        for limit, option, default, _, figures in rows:
            with self.subTest(limit=limit):
                self.assertTrue(figures)
                for figure in figures:
                    self.assertIn(figure, self.stats)
                if not option:
                    continue
                self.assertRegex(self.help, rf"--{option} ")
                key = option.replace("-", "_")
                if key not in ("max_memory", "allow_uid"):
                    self.assertEqual(self.stats.get(key, self.stats.get(key + "_ns")),
                                     number(default))

    def test_every_option_of_a_limit_has_a_row(self):
        options = set(re.findall(r"--((?:max-[a-z-]+)|(?:[a-z]+-timeout)) ", self.help))
        self.assertGreater(len(options), 9)
        self.assertEqual(options - {option for _, option, *_ in table()}, set())


class Figures(unittest.TestCase):
    """Those that no other test waits for."""

    def check_counted(self, figure, attack, *options):
        with wire.start_daemon(*options) as daemon:
            with daemon.connect() as client:
                before = client.server("stats")
                attack(daemon, client)
                after = client.server("stats")
            self.assertEqual(after[figure], before[figure] + 1)

    def test_depth(self):
        def nest(_, client):
            value = 1
            for _ in range(5):
                value = [value]
            with self.assertRaisesRegex(RemoteError, "TooLarge"):
                client.server("create", "list", [value])
            client.server("create", "list", value[0])

        self.check_counted("refused_depth", nest, "--max-depth", "5")

    def test_large_result(self):
        def multiply(_, client):
            ident = client.create("list", [b"x" * 1000])
            with self.assertRaisesRegex(RemoteError, "TooLarge"):
                client.call(ident, "__mul__", 5)
            client.call(ident, "__mul__", 3)

        self.check_counted("results_too_large", multiply, "--max-frame", "4K")

    def test_clients(self):
        def connect(daemon, _):
            with daemon.connect(), self.assertRaises(wire.Refused):
                daemon.connect()

        self.check_counted("refused_clients", connect, "--max-clients", "2")

    def test_malformed_requests_are_told_from_those_beyond_a_limit(self):
        def send(_, client):
            client.send_frame(b"\xc1")
            self.assertEqual(client.receive()[1], "#TRACEBACK")

        self.check_counted("malformed_requests", send)


if __name__ == "__main__":
    unittest.main()
