"""IFEval's checkers, taken from lm-eval, built once for each instruction and made to score the same reply the same way.

The checkers are the authors' own (Zhou et al. 2023, arXiv 2311.07911) as ``lm_eval.tasks.ifeval`` carries them. What
is done differently here, each because the published procedure gives another number on another run:

- language detection is seeded (``langdetect`` is random otherwise);
- one checker serves the strict and the eight loose readings of a reply, so that loose is never below strict;
- a letter to count that is no letter ('#' of key 1122, '!' of key 1129) is counted as the prompt asks; the checker
  itself would draw a random letter in its place at every build;
- of the keyword arguments only missing ones (None) are dropped, not every false one.
"""

import importlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from harness.errors import HarnessError
from harness.grading import punkt

LETTER_FREQUENCY = "keywords:letter_frequency"


@dataclass(frozen=True, slots=True)
class Followed:
    """Which instructions a reply follows, by position. ``crashed`` maps a position to what its checker raised."""

    strict: list[bool]
    loose: list[bool]
    crashed: dict[int, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def registry() -> Mapping[str, Any]:
    """lm-eval's checker classes by instruction id. Importing them takes seconds the first time in a process."""
    punkt.ensure()
    # A text without a detectable language counts as following (the authors' choice); lm-eval also logs the whole text.
    logging.getLogger("lm_eval.tasks.ifeval.instructions").setLevel(logging.CRITICAL)
    importlib.import_module("langdetect").DetectorFactory.seed = 0
    if find_spec("nltk.redos"):
        # NLTK gives up on a text after five seconds by the clock, so a busy machine could score a reply differently.
        redos: Any = importlib.import_module("nltk.redos")
        redos.DEFAULT_TIMEOUT = None
    classes: Mapping[str, Any] = importlib.import_module("lm_eval.tasks.ifeval.instructions_registry").INSTRUCTION_DICT
    return classes


def build(instruction_id: str, kwargs: Mapping[str, Any]) -> Any:
    """The checker of one instruction.

    Raises:
        HarnessError: the rows name an instruction or an argument that the installed lm-eval does not know.
    """
    arguments = {name: value for name, value in kwargs.items() if value is not None}
    letter = arguments.get("letter") if instruction_id == LETTER_FREQUENCY else None
    fixed = isinstance(letter, str) and len(letter) == 1 and not (letter.isascii() and letter.isalpha())
    if fixed:
        arguments["letter"] = "a"
    try:
        checker = registry()[instruction_id](instruction_id)
        checker.build_description(**arguments)
    except (KeyError, TypeError, ValueError) as error:
        raise HarnessError(f"lm-eval has no checker for {instruction_id} with {arguments}: {error}") from error
    if fixed:
        checker._letter = letter
    return checker


def readings(response: str) -> list[str]:
    """The eight texts of which one has to follow an instruction loosely (section 2.2 of the paper).

    As it is, without its first line, without its last, without both, and each of these without asterisks; equal and
    blank ones are left out, since a blank text follows nothing.
    """
    lines = response.split("\n")
    shortened = (lines[1:], lines[:-1], lines[1:-1])
    texts = [response, *("\n".join(part).strip() for part in shortened)]
    texts += [text.replace("*", "") for text in texts]
    return [text for text in dict.fromkeys(texts) if text.strip()]


def judge(instruction_ids: Sequence[str], kwargs: Sequence[Mapping[str, Any]], response: str) -> Followed:
    """Which of a prompt's instructions ``response`` follows, strictly and loosely.

    A checker that raises on a text does not find its instruction followed there; what it raised is kept.

    Raises:
        HarnessError: the checkers cannot be built or their sentence data is missing.
    """
    texts = readings(response)
    followed = Followed([], [])
    for position, (instruction_id, arguments) in enumerate(zip(instruction_ids, kwargs, strict=True)):
        checker = build(instruction_id, arguments)
        verdicts: list[bool] = []
        for text in texts:
            verdict, fault = _follows(checker, text)
            verdicts.append(verdict)
            if fault:
                followed.crashed.setdefault(position, fault)
            if verdict:
                break
        followed.strict.append(bool(verdicts) and texts[0] == response and verdicts[0])
        followed.loose.append(any(verdicts))
    return followed


def _follows(checker: Any, text: str) -> tuple[bool, str | None]:
    try:
        return bool(checker.check_following(text)), None
    except (ArithmeticError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
        return False, f"{type(error).__name__}: {error}"
    except LookupError as error:
        raise HarnessError(f"NLTK's sentence data went missing while scoring ({checker.id}); run again") from error
