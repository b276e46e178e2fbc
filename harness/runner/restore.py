"""Plans of an existing run, from its manifest instead of a command."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from harness.contract import Card
from harness.errors import UsageError
from harness.runner.plan import ArmPlan, Choice, Settings, TaskPlan, in_order, load_items
from harness.runner.registry import find_task, load_task, read_card


def restore_plans(manifest: Mapping[str, Any], data_dir: Path | None, extra: Sequence[Path] = ()) -> list[TaskPlan]:
    """The plans that the manifest describes, over the rows that it names.

    Cards and scorers may have changed since: that is what scoring again is for. The rows may not.

    Raises:
        UsageError: an arm is gone from the card, or the data has other rows than the run asked.
        DataUnavailable: no door of the data opens.
    """
    return [_restore(name, manifest, data_dir, extra) for name in manifest["identity"]["tasks"]]


def _restore(name: str, manifest: Mapping[str, Any], data_dir: Path | None, extra: Sequence[Path]) -> TaskPlan:
    facts, told = manifest["identity"]["tasks"][name], manifest["tasks"][name]
    folders = [*extra, Path(told["folder"]).parent] if told["folder"] else list(extra)
    ref = replace(find_task(name, folders), seed=manifest["identity"]["seed"], prompt=told["prompt_text"])
    card, card_sha256 = read_card(ref)
    settings = settings_of(manifest, name, card)
    task = load_task(ref)
    task.check()
    items, door, rows_sha256 = load_items(ref, card, data_dir, facts["sample_data"])
    if rows_sha256 != facts["rows_sha256"]:
        raise UsageError(
            f"{name}: the run asked the rows with hash {facts['rows_sha256']}, and this data has {rows_sha256}; "
            "give the same data with --data-dir"
        )
    return TaskPlan(
        ref=ref,
        card=card,
        card_sha256=card_sha256,
        prompts=task.prompts(),
        order=tuple(in_order(items, ref, card)[: facts["items"]]),
        total=len(items),
        rows_sha256=rows_sha256,
        door=door,
        sample=facts["sample_data"],
        items={item.id: item for item in items},
        **settings,
    )


def settings_of(manifest: Mapping[str, Any], name: str, card: Card) -> dict[str, Any]:
    """The choices of a task that the manifest settled: the fields of :class:`~harness.runner.plan.Settings`.

    Raises:
        UsageError: an arm is gone from the card.
    """
    facts, told = manifest["identity"]["tasks"][name], manifest["tasks"][name]
    if gone := [arm for arm in facts["arms"] if arm not in card.arms]:
        raise UsageError(
            f"the card of {name} has no arm {gone[0]} any more; the run needs the version it was made with"
        )
    by = told["chosen_by"]
    settings = Settings(
        arms={arm: ArmPlan(card.arms[arm], thinking) for arm, thinking in facts["arms"].items()},
        skipped_arms=told["skipped_arms"],
        temperature=Choice(facts["sampling"]["temperature"], by["temperature"]),
        top_p=Choice(facts["sampling"]["top_p"], by["top_p"]),
        top_k=Choice(facts["sampling"]["top_k"], by["top_k"]),
        max_tokens=Choice(facts["max_tokens"], by["max_tokens"]),
        counted_limit=facts["counted_limit"],
        repeats=facts["repeats"],
        cap_usd=told.get("cap_usd"),
    )
    return {choice.name: getattr(settings, choice.name) for choice in fields(settings)}
