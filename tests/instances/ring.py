"""C: a full ring counts beyond its size; the fix touches two files."""

from tests.instances.c_runner import runner
from tests.instances.instance import Edit, Instance

ISSUE = """\
ring_push on a full ring makes ring_count larger than the ring

After four pushes into a ring of three, `ring_count` says 4, and `ring_pop` gives the values in the wrong order. A push
into a full ring should overwrite the oldest value and leave the count at three. Please offer
`int ring_full(const struct ring *)` in ring.h too: 1 if the next push will overwrite something, else 0.
"""
HEADER = """\
#ifndef RING_H
#define RING_H

#define RING_SIZE 3

struct ring {
    int values[RING_SIZE];
    int first;
    int count;
};

void ring_push(struct ring *ring, int value);
int ring_pop(struct ring *ring, int *value);
int ring_count(const struct ring *ring);

#endif
"""
SOURCE = """\
#include "ring.h"

void ring_push(struct ring *ring, int value)
{
    ring->values[(ring->first + ring->count) % RING_SIZE] = value;
    ring->count++;
}

int ring_pop(struct ring *ring, int *value)
{
    if (ring->count == 0)
        return 0;
    *value = ring->values[ring->first];
    ring->first = (ring->first + 1) % RING_SIZE;
    ring->count--;
    return 1;
}

int ring_count(const struct ring *ring)
{
    return ring->count;
}
"""
INCLUDE = '#include "../src/ring.h"\n'
OLD_TESTS = {
    "ring: pops in order": """\
    struct ring ring = {0};
    int one = 0, two = 0;
    ring_push(&ring, 1);
    ring_push(&ring, 2);
    return ring_pop(&ring, &one) && ring_pop(&ring, &two) && one == 1 && two == 2;
""",
    "ring: empty gives nothing": """\
    struct ring ring = {0};
    int value = 0;
    return !ring_pop(&ring, &value);
""",
}
NEW_TESTS = {
    "ring: overwrites the oldest": """\
    struct ring ring = {0};
    int value = 0;
    for (int n = 1; n <= 4; n++)
        ring_push(&ring, n);
    return ring_count(&ring) == 3 && ring_pop(&ring, &value) && value == 2;
""",
    "ring: says when it is full": """\
    struct ring ring = {0};
    int before = ring_full(&ring);
    for (int n = 1; n <= 3; n++)
        ring_push(&ring, n);
    return before == 0 && ring_full(&ring) == 1;
""",
}
PUSH = "    ring->count++;\n"
FULL = """
int ring_full(const struct ring *ring)
{
    return ring->count == RING_SIZE;
}
"""
COUNT = "int ring_count(const struct ring *ring);\n"
DECLARED = Edit("src/ring.h", COUNT, COUNT + "int ring_full(const struct ring *ring);\n")
LAST = "    return ring->count;\n}\n"
DEFINED = Edit("src/ring.c", LAST, LAST + FULL)
MENDED = """\
    if (ring->count == RING_SIZE)
        ring->first = (ring->first + 1) % RING_SIZE;
    else
        ring->count++;
"""
TEST_FILE = "tests/test_ring.c"
RUN = f"tcc src/ring.c -run {TEST_FILE}"

RING = Instance(
    owner="toy",
    name="ring",
    number=3,
    language="C",
    issue=ISSUE,
    files={"src/ring.h": HEADER, "src/ring.c": SOURCE, TEST_FILE: runner(INCLUDE, OLD_TESTS)},
    fix=[DECLARED, Edit("src/ring.c", PUSH, MENDED), DEFINED],
    wrong=[
        DECLARED,
        Edit("src/ring.c", PUSH, "    if (ring->count < RING_SIZE)\n        ring->count++;\n"),
        DEFINED,
    ],
    test_file=TEST_FILE,
    new_tests=[Edit(TEST_FILE, runner(INCLUDE, OLD_TESTS), runner(INCLUDE, OLD_TESTS | NEW_TESTS))],
    run_tests=RUN,
    printed="pass-fail",
    fail_to_pass=list(NEW_TESTS),
    pass_to_pass=list(OLD_TESTS),
    commands=[
        "cat src/ring.h src/ring.c",
        f"cat > /tmp/push <<'END'\n{MENDED}END",
        "sed -i -e '/^    ring->count++;$/{r /tmp/push' -e 'd}' src/ring.c",
        f"cat >> src/ring.c <<'END'\n{FULL}END",
        "sed -i 's/^int ring_count.*;$/&\\nint ring_full(const struct ring *ring);/' src/ring.h",
        RUN,
    ],
)
