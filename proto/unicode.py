#!/usr/bin/python3
"""Writes unicode_table.c: the code points that Python's repr() shows as they are.

Run with the Python whose repr() is to be matched (3.11, Unicode 14):
    /usr/bin/python3 proto/unicode.py > proto/unicode_table.c
"""

import sys
import unicodedata

HEAD = """\
/*
 * unicode_table - the code points that str.isprintable() accepts
 *
 * Written by proto/unicode.py from Unicode {version}; do not edit by hand.
 */
#include "proto/unicode.h"

const struct unicode_range unicode_printable_ranges[UNICODE_N_PRINTABLE_RANGES] = {{
        /* clang-format off */
"""
TAIL = """\
        /* clang-format on */
};

_Static_assert(sizeof(unicode_printable_ranges) / sizeof(unicode_printable_ranges[0]) ==
                       %d,
               "UNICODE_N_PRINTABLE_RANGES is not that of the table");
"""


def printable_ranges():
    ranges = []
    for code in range(sys.maxunicode + 1):
        if not chr(code).isprintable():
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges


def main():
    ranges = printable_ranges()
    sys.stdout.write(HEAD.format(version=unicodedata.unidata_version))
    for i in range(0, len(ranges), 4):
        row = (f"{{ 0x{first:04x}, 0x{last:04x} }}," for first, last in ranges[i:i + 4])
        sys.stdout.write("        " + " ".join(row) + "\n")
    sys.stdout.write(TAIL % len(ranges))


main()
