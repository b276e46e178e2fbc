"""lm-eval's own wording of GPQA-diamond, read from the installed package when it is needed."""

import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.grading.wording import Wording
from harness.yamls import read_yaml

TASK = "gpqa_diamond_cot_zeroshot"


def lm_eval_wording() -> Wording | None:
    """The template of lm-eval's zero-shot chain-of-thought task; None where lm-eval is not installed.

    Raises:
        UsageError: the installed version keeps it elsewhere.
    """
    spec = find_spec("lm_eval")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "tasks" / "gpqa" / "cot_zeroshot"
    release = version("lm_eval")
    try:
        text = _configuration(folder / f"{TASK}.yaml")["doc_to_text"]
    except (OSError, KeyError) as error:
        raise UsageError(
            f"lm-eval {release} has no wording of {TASK} where 0.4.13 keeps it ({error}); "
            "install the version in the constraints file"
        ) from error
    return Wording(text, f"lm-eval {release}, task {TASK}, doc_to_text")


def _configuration(path: Path) -> dict[str, Any]:
    """A task's YAML with what it includes; ``!function`` tags are dropped, so nothing of it is ever run."""
    text = re.sub(r"!function\s+", "", path.read_text(encoding="utf-8"))
    configuration: dict[str, Any] = read_yaml(text)
    included = configuration.get("include")
    return {**_configuration(path.with_name(included)), **configuration} if included else configuration


def lm_eval_choice(text: str) -> str:
    """A choice's text as lm-eval's ``process_docs`` shows it: trimmed, ``[title]`` and double spaces replaced."""
    return text.strip().replace(" [title]", ". ").replace("  ", " ")
