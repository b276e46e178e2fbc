"""A shell test file: it compares what is there with what should be, and reports in TAP."""

RUNNER = """\
#!/bin/sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0
check() {
    number=$((number + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $number $1"
    else
        failed=1
        echo "not ok $number $1"
    fi
}
TESTS\
echo "1..$number"
exit $failed
"""
