"""C: capital hexadecimal digits are refused."""

from tests.instances.c_runner import runner
from tests.instances.instance import Edit, Instance

ISSUE = """\
hex_read refuses capital digits

`hex_read("FF", bytes, 4)` returns -1, though `hex_read("ff", bytes, 4)` returns 1 and reads 255. Both spellings, also
mixed as in "dEaD", should be read. Characters that are no hexadecimal digits must still give -1.
"""
SOURCE = """\
#include <stddef.h>

#include "hex.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int hex_read(const char *text, unsigned char *bytes, size_t most)
{
    size_t n = 0;
    while (*text != '\\0') {
        int high = digit(text[0]);
        int low = high < 0 ? -1 : digit(text[1]);
        if (low < 0 || n == most)
            return -1;
        bytes[n++] = (unsigned char)(high * 16 + low);
        text += 2;
    }
    return (int)n;
}
"""
HEADER = """\
#ifndef HEX_H
#define HEX_H

#include <stddef.h>

/* How many bytes the digits stand for, or -1 if they are no digits, an odd number or too many. */
int hex_read(const char *text, unsigned char *bytes, size_t most);

#endif
"""
INCLUDE = '#include "../src/hex.h"\n'
BYTES = "    unsigned char bytes[4] = {0};\n"
OLD_TESTS = {
    "hex: small letters": f'{BYTES}    return hex_read("00ff", bytes, 4) == 2 && bytes[1] == 255;\n',
    "hex: no digits": f'{BYTES}    return hex_read("0g", bytes, 4) == -1 && hex_read("0G", bytes, 4) == -1;\n',
    "hex: odd number": f'{BYTES}    return hex_read("abc", bytes, 4) == -1;\n',
}
NEW_TESTS = {
    "hex: capital letters": f'{BYTES}    return hex_read("FF", bytes, 4) == 1 && bytes[0] == 255;\n',
    "hex: mixed letters": f'{BYTES}    return hex_read("dEaD", bytes, 4) == 2 && !memcmp(bytes, "\\xde\\xad", 2);\n',
}
SMALL = "        return c - 'a' + 10;\n"
CAPITAL = "    if (c >= 'A' && c <= 'F')\n        return c - 'A' + 10;\n"
TEST_FILE = "tests/test_hex.c"
RUN = f"tcc src/hex.c -run {TEST_FILE}"

HEXES = Instance(
    owner="toy",
    name="hexes",
    number=4,
    language="C",
    issue=ISSUE,
    files={"src/hex.c": SOURCE, "src/hex.h": HEADER, TEST_FILE: runner(INCLUDE, OLD_TESTS)},
    fix=[Edit("src/hex.c", SMALL, SMALL + CAPITAL)],
    wrong=[Edit("src/hex.c", SMALL, SMALL + CAPITAL.replace("'A' + 10", "'a' + 10"))],
    test_file=TEST_FILE,
    new_tests=[Edit(TEST_FILE, runner(INCLUDE, OLD_TESTS), runner(INCLUDE, OLD_TESTS | NEW_TESTS))],
    run_tests=RUN,
    printed="pass-fail",
    fail_to_pass=list(NEW_TESTS),
    pass_to_pass=list(OLD_TESTS),
    commands=[
        "grep -n digit -A 7 src/hex.c",
        "python3 - <<'END'\n"
        "from pathlib import Path\n"
        "path = Path('src/hex.c')\n"
        f"path.write_text(path.read_text().replace({SMALL!r}, {SMALL + CAPITAL!r}))\n"
        "END",
        RUN,
    ],
)
