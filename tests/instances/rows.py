"""The instances as rows of both data sets, and the scripts that SWE-bench Pro publishes beside its rows."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.instances.history import history
from tests.instances.images import image, pro_tag
from tests.instances.instance import Instance, Printed

PARSERS: dict[Printed, str] = {
    "pytest": "parse_log_pytest",
    "pass-fail": "parse_log_jq",
    "tap": "parse_log_tap",
}
"""Which of swebench's parsers reads a way of reporting."""

PATTERNS: dict[Printed, str] = {
    "pytest": r"^(PASSED|FAILED) (\S+)",
    "pass-fail": r"^(PASS|FAIL): (.+)$",
    "tap": r"^(ok|not ok) \d+ (.+)$",
}
EVAL_SCRIPT = """\
#!/bin/bash
set -uxo pipefail
git config --global --add safe.directory /testbed
cd /testbed
git checkout {base} {test_file}
git apply --verbose - <<'EOF_OF_THE_TESTS'
{test_patch}EOF_OF_THE_TESTS
: '>>>>> Start Test Output'
{run_tests}
: '>>>>> End Test Output'
git checkout {base} {test_file}
"""
RUN_SCRIPT = """\
#!/bin/bash
[ "$TOY_TESTS" = "on in the image" ] || exit 1
cd /app
IFS=, read -r -a files <<< "$1"
for file in "${{files[@]}}"; do
    {run}"$file"
done
"""
PARSER = '''\
"""Reads what the tests printed. Usage: parser.py STDOUT STDERR OUTPUT"""

import json
import re
import sys
from pathlib import Path

PASSED = ("PASSED", "PASS", "ok")
found = re.findall(r"{pattern}", Path(sys.argv[1]).read_text(), re.MULTILINE)
tests = [{{"name": name, "status": "PASSED" if word in PASSED else "FAILED"}} for word, name in found]
Path(sys.argv[3]).write_text(json.dumps({{"tests": tests}}))
'''


def multilingual_rows(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """The instances as SWE-bench Multilingual has them from swebench 5 on."""
    return [
        {
            "repo": f"{instance.owner}/{instance.name}",
            "instance_id": instance.id,
            "base_commit": history(instance).base,
            "patch": history(instance).gold,
            "test_patch": history(instance).test_patch,
            "problem_statement": instance.issue,
            "hints_text": "",
            "created_at": "2026-01-07 12:00:00",
            "version": "1.0",
            "FAIL_TO_PASS": json.dumps(list(instance.fail_to_pass)),
            "PASS_TO_PASS": json.dumps(list(instance.pass_to_pass)),
            "image": image(instance, "multilingual"),
            "log_parser": PARSERS[instance.printed],
            "eval_type": "pass_and_fail",
            "eval_script": EVAL_SCRIPT.format(
                base=history(instance).base,
                test_file=instance.test_file,
                test_patch=history(instance).test_patch,
                run_tests=instance.run_tests,
            ),
        }
        for instance in instances
    ]


def pro_id(instance: Instance) -> str:
    """The id in the manner of SWE-bench Pro."""
    return f"instance_{instance.owner}__{instance.name}-{history(instance).base}"


def pro_rows(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """The instances as SWE-bench Pro has them: lists are strings, of Python or of JSON, as there."""
    rows = []
    for instance in instances:
        written = json.dumps if instance.number % 2 else repr
        made, test_file = history(instance), instance.test_file
        commands = [f"git reset --hard {made.base}", "git clean -fd ", f"git checkout {made.base} "]
        rows.append(
            {
                "repo": f"{instance.owner}/{instance.name}",
                "instance_id": pro_id(instance),
                "base_commit": made.base,
                "patch": made.gold,
                "test_patch": made.test_patch,
                "problem_statement": instance.issue,
                "requirements": "- What works now must go on working.",
                "interface": "Names and arguments of what is there stay as they are.",
                "repo_language": instance.language.lower(),
                "fail_to_pass": written(list(instance.fail_to_pass)),
                "pass_to_pass": written(list(instance.pass_to_pass)),
                "issue_specificity": '["minor_bug"]',
                "issue_categories": '["api_knowledge"]',
                "before_repo_set_cmd": "\n".join([*commands, f"git checkout {made.fixed} -- {test_file}"]),
                "selected_test_files_to_run": json.dumps([test_file]),
                "dockerhub_tag": pro_tag(instance),
            }
        )
    return rows


def write_run_scripts(folder: Path, instances: Sequence[Instance]) -> None:
    """Write what SWE-bench Pro's repository holds of each instance: run script, parser and two Dockerfiles.

    The run script needs a variable that only a Dockerfile sets: the evaluation must repeat it.
    """
    for instance in instances:
        written = {
            "run_scripts/{}/run_script.sh": RUN_SCRIPT.format(run=instance.run_tests.removesuffix(instance.test_file)),
            "run_scripts/{}/parser.py": PARSER.format(pattern=PATTERNS[instance.printed]),
            "dockerfiles/base_dockerfile/{}/Dockerfile": "FROM base\nENV LC_ALL=C.UTF-8\n",
            "dockerfiles/instance_dockerfile/{}/Dockerfile": 'FROM base\nENV TOY_TESTS="on in the image"\n',
        }
        for path, text in written.items():
            place = folder / path.format(pro_id(instance))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
