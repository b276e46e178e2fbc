"""Shell: names with blanks are torn apart."""

from tests.instances.instance import Edit, Instance
from tests.instances.tap_runner import RUNNER

ISSUE = """\
rotate fails on backups with a blank in their name

With `monday night.tar` in the folder, `bin/rotate FOLDER 1` says that `night.tar` cannot be removed and removes
nothing. Names with blanks, also several in a row, should be rotated as any others.
"""
SCRIPT = """\
#!/bin/sh
# Keep the newest files of a folder and remove the others. Usage: rotate FOLDER HOW-MANY
set -eu
folder=$1
keep=$2
cd "$folder"
for name in $(ls -t | tail -n +$((keep + 1))); do
    rm -- "$name"
    echo "removed $name"
done
"""
LOOP = """\
for name in $(ls -t | tail -n +$((keep + 1))); do
"""
MENDED = """\
ls -t | tail -n +$((keep + 1)) | while IFS= read -r name; do
"""
MAKING = """\
fill() {
    rm -rf "$work/kept"
    mkdir "$work/kept"
    day=1
    for name in "$@"; do
        touch -d "2026-01-0$day" "$work/kept/$name"
        day=$((day + 1))
    done
}
left() { ls "$work/kept" | tr '\\n' ','; }
"""
OLD_TESTS = """\
fill a b c
bin/rotate "$work/kept" 2 >/dev/null 2>&1
check "keeps the newest" "$(left)" "b,c,"
fill a b
bin/rotate "$work/kept" 5 >/dev/null 2>&1
check "removes nothing if there are few" "$(left)" "a,b,"
"""
NEW_TESTS = """\
fill "monday night.tar" tuesday.tar
bin/rotate "$work/kept" 1 >/dev/null 2>&1
check "takes a name with a blank" "$(left)" "tuesday.tar,"
fill "two  blanks" " first" last
bin/rotate "$work/kept" 1 >/dev/null 2>&1
check "takes blanks in a row and at the start" "$(left)" "last,"
"""
TEST_FILE = "tests/test_rotate.sh"

ROTATE = Instance(
    owner="toy",
    name="rotate",
    number=5,
    language="Shell",
    issue=ISSUE,
    files={"bin/rotate": SCRIPT, TEST_FILE: RUNNER.replace("TESTS", MAKING + OLD_TESTS)},
    fix=[Edit("bin/rotate", LOOP, MENDED)],
    wrong=[Edit("bin/rotate", LOOP, MENDED.replace("IFS= ", "").replace("name; do", "name rest; do"))],
    test_file=TEST_FILE,
    new_tests=[Edit(TEST_FILE, OLD_TESTS, OLD_TESTS + NEW_TESTS)],
    run_tests=f"sh {TEST_FILE}",
    printed="tap",
    fail_to_pass=["takes a name with a blank", "takes blanks in a row and at the start"],
    pass_to_pass=["keeps the newest", "removes nothing if there are few"],
    commands=[
        "cat bin/rotate",
        "sed -i 's/^for name in $(\\(.*\\)); do$/\\1 | while IFS= read -r name; do/' bin/rotate",
        "grep -n 'while' bin/rotate",
        f"sh {TEST_FILE}",
    ],
)
