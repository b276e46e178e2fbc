"""Lists of strings that a data set keeps as text: JSON or a Python literal, read and never run."""

import ast
import json
from typing import Any

from harness.errors import UsageError


def strings(value: Any, what: str) -> list[str]:
    """``value`` as a list of strings: a list already, or the text of one.

    Raises:
        UsageError: it is neither; ``what`` says in the message what it should have been.
    """
    found = value
    if isinstance(value, str):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            found = _literal(value, what)
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) for each in found):
        raise UsageError(f"{what} is no list of strings: {str(value)[:80]!r}")
    return list(found)


def _literal(text: str, what: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise UsageError(f"{what} is neither JSON nor a Python literal: {text[:80]!r}") from error


def unquoted(value: Any) -> str:
    """A text that some revisions of a data set keep as a JSON string, quotation marks and all; None is ""."""
    text = "" if value is None else str(value)
    if text.lstrip().startswith('"'):
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return inner if isinstance(inner, str) else text
    return text
