"""Shell and awk: a value is cut at its second equals sign, and a key is found in the wrong section."""

from tests.instances.instance import Edit, Instance
from tests.instances.tap_runner import RUNNER

ISSUE = """\
setting cuts values at "=" and looks into the wrong section

`url = http://host/?a=1` in section `[web]` is printed as `http://host/?a` by `bin/setting FILE web url`; everything
after the first equals sign should be. And a key that only a later section has is found all the same: asked for `[web]`
it should print nothing and exit with 1.
"""
SCRIPT = """\
#!/bin/sh
# Print a setting. Usage: setting FILE SECTION KEY
set -eu
exec awk -v section="$2" -v key="$3" '
    $0 == "[" section "]" { inside = 1; next }
    inside {
        split($0, part, "=")
        name = part[1]
        value = part[2]
        gsub(/^[ \\t]+|[ \\t]+$/, "", name)
        gsub(/^[ \\t]+|[ \\t]+$/, "", value)
        if (name == key) { print value; found = 1; exit }
    }
    END { exit !found }
' "$1"
"""
SECTION = """\
    $0 == "[" section "]" { inside = 1; next }
"""
ANY_SECTION = """\
    /^\\[.*\\]$/ { inside = ($0 == "[" section "]"); next }
"""
CUT = """\
        split($0, part, "=")
        name = part[1]
        value = part[2]
"""
WHOLE = """\
        at = index($0, "=")
        name = substr($0, 1, at - 1)
        value = substr($0, at + 1)
"""
FILE = """\
printf '%s\\n' '[web]' 'host = example' 'url = http://host/?a=1' '[mail]' 'host = post' 'port = 25' > "$work/ini"
"""
OLD_TESTS = """\
check "reads a setting" "$(bin/setting "$work/ini" web host)" "example"
check "reads a later section" "$(bin/setting "$work/ini" mail host)" "post"
check "exits with 1 for an unknown key" "$(bin/setting "$work/ini" mail none; echo $?)" "1"
"""
NEW_TESTS = """\
check "keeps equals signs in a value" "$(bin/setting "$work/ini" web url)" "http://host/?a=1"
check "stays in its section" "$(bin/setting "$work/ini" web port; echo $?)" "1"
"""
TEST_FILE = "tests/test_setting.sh"

SETTINGS = Instance(
    owner="toy",
    name="settings",
    number=6,
    language="Shell",
    issue=ISSUE,
    files={"bin/setting": SCRIPT, TEST_FILE: RUNNER.replace("TESTS", FILE + OLD_TESTS)},
    fix=[Edit("bin/setting", SECTION, ANY_SECTION), Edit("bin/setting", CUT, WHOLE)],
    wrong=[Edit("bin/setting", CUT, WHOLE)],
    test_file=TEST_FILE,
    new_tests=[Edit(TEST_FILE, OLD_TESTS, OLD_TESTS + NEW_TESTS)],
    run_tests=f"sh {TEST_FILE}",
    printed="tap",
    fail_to_pass=["keeps equals signs in a value", "stays in its section"],
    pass_to_pass=["reads a setting", "reads a later section", "exits with 1 for an unknown key"],
    commands=[
        "cat bin/setting",
        "python3 - <<'END'\n"
        "from pathlib import Path\n"
        "path = Path('bin/setting')\n"
        "text = path.read_text()\n"
        f"text = text.replace({SECTION!r}, {ANY_SECTION!r}).replace({CUT!r}, {WHOLE!r})\n"
        "path.write_text(text)\n"
        "END",
        f"sh {TEST_FILE}",
    ],
)
