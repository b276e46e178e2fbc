"""Read a reported table, and refuse one that contradicts itself, naming file and line."""

import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from harness.errors import UsageError
from harness.reported.model import OtherScore, Reported, ReportedRow, RowFacts, TableFacts

Where = tuple[str | int, ...]

_CITED = re.compile(r"\d+(\.\d+)?\*", re.ASCII)


class _Conflict(Exception):
    """What is wrong with a table, and where in it."""

    def __init__(self, where: Where, what: str) -> None:
        super().__init__(what)
        self.where = where


def _score(value: Any) -> Any:
    """A starred score ("70.7*" in the vendor's table) is cited, a plain one measured, null missing."""
    if isinstance(value, str):
        if not _CITED.fullmatch(value):
            raise ValueError(f"{value!r} is no score: a number, a number followed by *, or null")
        return {"score": float(value[:-1]), "measured": False}
    return value if value is None else {"score": value, "measured": True}


Cell = Annotated[OtherScore | None, BeforeValidator(_score)]


class _Row(RowFacts):
    scores: list[Cell]


class _Table(TableFacts):
    rows: Annotated[dict[str, _Row], Field(min_length=1)]


def reported_names() -> list[str]:
    """Names of the tables in the package."""
    return sorted(entry.name[:-5] for entry in files(__package__).iterdir() if entry.name.endswith(".yaml"))


def load_reported(name_or_path: str | Path) -> Reported:
    """Read a packaged table by its name, or any file of the same form.

    Raises:
        UsageError: if there is none, or it is not of that form, or contradicts itself: a score outside 0 to 100, an
            unknown key, a row or column listed twice, the model missing from its own columns or without a score of its
            own, or a row with more or fewer scores than columns.
    """
    name = str(name_or_path)
    if name in reported_names():
        source, text = f"{name}.yaml", (files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")
    else:
        source = name
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            known = ", ".join(reported_names())
            raise UsageError(
                f"No reported table {name}: it is neither one of {known} nor a file that can be read ({error})."
            ) from error
    return _parse(text, source, Path(source).name.removesuffix(".yaml"))


def _parse(text: str, source: str, name: str) -> Reported:
    lines: dict[Where, int] = {(): 1}
    try:
        lines.update(_lines(yaml.compose(text, Loader=yaml.SafeLoader), (), set()))
        table = _Table.model_validate(yaml.safe_load(text))
        return _checked(table, name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{source}, line {line}: not YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{source}: not YAML: {error}.") from error
    except ValidationError as error:
        problems = [_located(source, lines, issue["loc"], issue["msg"]) for issue in error.errors()]
        raise UsageError("\n".join(problems)) from error
    except _Conflict as error:
        raise UsageError(_located(source, lines, error.where, str(error))) from error


def _located(source: str, lines: dict[Where, int], where: Where, what: str) -> str:
    known = next(where[:end] for end in range(len(where), -1, -1) if where[:end] in lines)
    place = ".".join(str(step) for step in where) or "the table"
    return f"{source}, line {lines[known]}: {place}: {what}"


def _lines(node: yaml.Node | None, where: Where, seen: set[int]) -> Iterator[tuple[Where, int]]:
    """Every key's and element's line, counted from 1; a key listed twice is a conflict."""
    if isinstance(node, yaml.CollectionNode):
        if id(node) in seen:
            raise _Conflict(where, "aliases (*name) are not used in a reported table; write it out")
        seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: dict[str | int, int] = {}
        for key, value in node.value:
            here, line = (*where, str(key.value)), key.start_mark.line + 1
            yield here, line
            if here[-1] in keys:
                raise _Conflict(here, f"listed twice, on lines {keys[here[-1]]} and {line}")
            keys[here[-1]] = line
            yield from _lines(value, here, seen)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*where, index), value.start_mark.line + 1
            yield from _lines(value, (*where, index), seen)


def _checked(table: _Table, name: str) -> Reported:
    for left, right in pairwise(sorted(table.models)):
        if left == right:
            raise _Conflict(("models",), f"{left} is listed twice")
    if table.model not in table.models:
        raise _Conflict(("models",), f"the model itself, {table.model}, is not among the columns")
    titles: dict[str, str] = {}
    for key, row in table.rows.items():
        if row.title in titles:
            raise _Conflict(("rows", key), f"{row.title} is listed twice, also as {titles[row.title]}")
        titles[row.title] = key
    rows = {key: _row(key, row, table) for key, row in table.rows.items()}
    facts = table.model_dump(exclude={"rows"})
    return Reported.model_validate({**facts, "name": name, "rows": rows})


def _row(key: str, row: _Row, table: _Table) -> ReportedRow:
    if len(row.scores) != len(table.models):
        found = "1 entry" if len(row.scores) == 1 else f"{len(row.scores)} entries"
        raise _Conflict(("rows", key, "scores"), f"{found}, but the table has {len(table.models)} columns")
    for field in row.inferred:
        if field not in RowFacts.model_fields:
            raise _Conflict(("rows", key, "inferred", field), "not a field of a row")
    scores = dict(zip(table.models, row.scores, strict=True))
    own = scores.pop(table.model)
    if own is None:
        raise _Conflict(("rows", key, "scores"), f"no score for the model itself, {table.model}")
    if not own.measured:
        raise _Conflict(("rows", key, "scores"), f"{table.model}'s own score is marked as cited from another report")
    others = {model: other for model, other in scores.items() if other is not None}
    facts = {field: getattr(row, field) for field in RowFacts.model_fields}
    return ReportedRow.model_validate({**facts, "name": key, "score": own.score, "others": others})
