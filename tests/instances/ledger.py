"""Python: sharing a sum loses cents."""

from tests.instances.instance import Edit, Instance
from tests.instances.python_runner import RUNNER

ISSUE = """\
split() loses cents when the sum does not divide evenly

`split(100, 3)` gives `[33, 33, 33]`, which is one cent short. The shares must add up to the sum again: what is left
over goes to the first shares, one cent each, so `split(100, 3)` is `[34, 33, 33]` and `split(11, 4)` is `[3, 3, 3, 2]`.
"""
MONEY = '''\
"""Sums of money in whole cents."""


def split(cents, ways):
    """Share a sum among so many people."""
    if ways < 1:
        raise ValueError("ways must be at least 1")
    share = cents // ways
    return [share] * ways


def total(shares):
    """Add shares up again."""
    return sum(shares)
'''
TESTS = """\
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from ledger.money import split, total


def test_even():
    assert split(90, 3) == [30, 30, 30]


def test_nobody():
    try:
        split(1, 0)
    except ValueError:
        return
    raise AssertionError("a sum cannot be shared among nobody")

"""
NEW_TESTS = """

def test_every_cent():
    assert total(split(100, 3)) == 100


def test_first_shares_take_the_rest():
    assert split(100, 3) == [34, 33, 33]
    assert split(11, 4) == [3, 3, 3, 2]

"""
FAULT = "    share = cents // ways\n    return [share] * ways\n"
TEST_FILE = "tests/test_money.py"

LEDGER = Instance(
    owner="toy",
    name="ledger",
    number=1,
    language="Python",
    issue=ISSUE,
    files={
        ".gitignore": "__pycache__/\n",
        "README.md": "# ledger\n\nSums of money in whole cents.\n",
        "ledger/__init__.py": "",
        "ledger/money.py": MONEY,
        TEST_FILE: TESTS + RUNNER,
    },
    fix=[
        Edit(
            "ledger/money.py",
            FAULT,
            "    share, left = divmod(cents, ways)\n    return [share + 1] * left + [share] * (ways - left)\n",
        )
    ],
    wrong=[
        Edit(
            "ledger/money.py",
            FAULT,
            "    share, left = divmod(cents, ways)\n    return [share] * (ways - 1) + [share + left]\n",
        )
    ],
    test_file=TEST_FILE,
    new_tests=[Edit(TEST_FILE, TESTS, TESTS + NEW_TESTS)],
    run_tests=f"python3 {TEST_FILE}",
    printed="pytest",
    fail_to_pass=[f"{TEST_FILE}::test_every_cent", f"{TEST_FILE}::test_first_shares_take_the_rest"],
    pass_to_pass=[f"{TEST_FILE}::test_even", f"{TEST_FILE}::test_nobody"],
    commands=[
        "cat ledger/money.py",
        r"sed -i 's|    share = cents // ways|    share, left = divmod(cents, ways)|;"
        r" s|    return \[share\] \* ways|    return [share + 1] * left + [share] * (ways - left)|' ledger/money.py",
        "python3 -c 'from ledger.money import split; print(split(100, 3), split(11, 4))'",
        f"python3 {TEST_FILE}",
    ],
)
