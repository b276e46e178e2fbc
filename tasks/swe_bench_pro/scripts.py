"""What SWE-bench Pro publishes beside its rows, one folder to the instance: how its tests are run and read.

From the data directory, where the card's ``beside`` finds it; else from the authors' repository at a pinned commit,
kept in the user's cache.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.agentic.terms import Infrastructure
from harness.canonical import sha256_hex
from harness.datasource import DoorFailed, fetch

COMMIT = "ca10a60a5fcae51e6948ffe1485d4153d421e6c5"
PUBLISHED = f"https://raw.githubusercontent.com/scaleapi/SWE-bench_Pro-os/{COMMIT}"
FILES = {
    "run_script": "run_scripts/{id}/run_script.sh",
    "parser": "run_scripts/{id}/parser.py",
    "base_dockerfile": "dockerfiles/base_dockerfile/{id}/Dockerfile",
    "instance_dockerfile": "dockerfiles/instance_dockerfile/{id}/Dockerfile",
}
SCRIPTS = ("run_script", "parser")


@dataclass(frozen=True, slots=True)
class Scripts:
    """How one instance's tests are run and read; ``exports`` are the ENV lines of its Dockerfiles as shell lines."""

    run_script: str
    parser: str
    exports: tuple[str, ...]

    def told(self) -> dict[str, str]:
        """The hashes, for the record."""
        return {
            "run_script_sha256": sha256_hex(self.run_script.encode()),
            "parser_sha256": sha256_hex(self.parser.encode()),
            "exports_sha256": sha256_hex("\n".join(self.exports).encode()),
        }


def scripts_of(instance: str, inputs: Mapping[str, Any]) -> Scripts:
    """The instance's scripts: those beside its row, else the published ones.

    Where the user gives scripts without Dockerfiles, the environment is the image's own, which was made from them.

    Raises:
        Infrastructure: they are not here and cannot be fetched.
    """
    if all(name in inputs for name in SCRIPTS):
        found = {name: str(inputs.get(name, "")) for name in FILES}
    else:
        try:
            found = {name: fetch(f"{PUBLISHED}/{path.format(id=instance)}").decode() for name, path in FILES.items()}
        except (DoorFailed, UnicodeDecodeError) as error:
            raise Infrastructure(
                "image",
                f"the run scripts of {instance} cannot be had: {error}; put the authors' folder run_scripts at "
                "swe_bench_pro/run_scripts in the data directory",
            ) from error
    exports = [line for name in ("base_dockerfile", "instance_dockerfile") for line in _exports(found[name])]
    return Scripts(found["run_script"], found["parser"], tuple(exports))


def _exports(dockerfile: str) -> list[str]:
    """The ENV lines as the authors' evaluation repeats them: ``ENV A=b`` becomes ``export A=b``."""
    lines = (line.strip() for line in dockerfile.split("\n"))
    return [line.replace("ENV", "export", 1) for line in lines if line.startswith("ENV")]


def script_of_tests(scripts: Scripts, last_set_up: str, files: list[str]) -> str:
    """The shell script that restores the tests and runs them, as the authors' evaluation does after the patch.

    ``files`` stand on its command line as they stand there, joined by commas and not quoted: what their run script is
    given, and so what it runs, depends on it.
    """
    return "\n".join(
        [
            *scripts.exports,
            "cd /app",
            last_set_up,
            f"bash /workspace/run_script.sh {','.join(files)} > /workspace/stdout.log 2> /workspace/stderr.log",
            "",
        ]
    )


def base_script(base_commit: str) -> str:
    """The shell script that puts the repository at its base; it ends with git's own code."""
    base = shlex.quote(base_commit)
    return f"cd /app && git reset --hard {base} && git checkout {base}"


APPLY = "cd /app && git apply -v /workspace/patch.diff"


def parser_script(scripts: Scripts) -> str:
    """The shell script that reads what the tests printed into /workspace/output.json."""
    command = "python /workspace/parser.py /workspace/stdout.log /workspace/stderr.log /workspace/output.json"
    return "\n".join([*scripts.exports, "cd /app", command, ""])
