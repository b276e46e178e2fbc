"""``run --like``: somebody's design, from their manifest, on an endpoint of one's own."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.endpoint.profile import Profile, named, profile_names
from harness.errors import UsageError
from harness.reported import Reported
from harness.runner import manifest as manifests
from harness.runner.plan import Choice, Overrides, TaskPlan, plan_task
from harness.runner.published import FILES, runs_at
from harness.runner.registry import find_task
from harness.runner.run import OpenRun, open_run, reported_of

BY = "the run it repeats"
SETTLED = (
    "tasks",
    "limit",
    "repeats",
    "arms",
    "max_tokens",
    "temperature",
    "top_p",
    "prompt",
    "sample",
    "reported",
    "looks",
    "cap_usd",
)
"""Options of ``run`` that the other run has settled."""


@dataclass(frozen=True)
class Design:
    """What a run asks, whoever settled it; ``like`` names the run it repeats, ``remarks`` how it differs from it."""

    plans: list[TaskPlan]
    reported: Reported
    seed: int
    table_named: bool
    looks: int = 1
    like: Mapping[str, str] | None = None
    remarks: Sequence[str] = ()


def refuse_contradictions(arguments: Namespace) -> None:
    """Refuse options that say what the other run has said.

    Raises:
        UsageError: naming them.
    """
    given = [name for name in SETTLED if getattr(arguments, name)]
    if any(word.partition("=")[0] == "--seed" for word in arguments.command_line) or arguments.seed:
        given.append("seed")
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" if name != "tasks" else "TASK" for name in given)
        raise UsageError(f"--like repeats another run's design, which settles {options} too: leave that out")


def other_run(name: str, results: Path) -> OpenRun:
    """The run that a manifest file, a run's or a publication's folder, or an address names; only its manifest is read.

    Raises:
        UsageError: there is none, or there are several, or its replies were imported, so that nothing was asked.
    """
    if Path(name).is_file():
        runs = [open_run(Path(name).parent, Path(name).name, foreign=True)]
    else:
        with runs_at(name, results, {"manifest.json": FILES["manifest.json"]}) as found:
            runs = found
    if len(runs) > 1:
        ids = ", ".join(run.id for run in runs)
        raise UsageError(f"{name} holds several runs: name one of their folders under runs/ ({ids})")
    [run] = runs
    try:
        imported = run.manifest["identity"]["imported"] is not None or not run.manifest["identity"]["tasks"]
    except (KeyError, TypeError) as error:
        raise UsageError(f"{name} is no manifest of a run ({type(error).__name__}: {error})") from error
    if imported:
        raise UsageError(f"{run.id} asked no endpoint: its design cannot be repeated")
    return run


def its_profile(run: OpenRun) -> tuple[Profile, list[str]]:
    """The endpoint that the other run used, and what to say of it.

    A shipped profile of the same name, address and key is taken as it is shipped, but for the model: prices, limits and
    what is sent besides are not a stranger's to say. Any other is taken only if it sends no key.

    Raises:
        UsageError: another endpoint must be named.
    """
    try:
        profile = Profile.model_validate(run.manifest["profile"])
    except ValidationError as error:
        raise UsageError(f"{run.id}: its endpoint cannot be read; name one with --endpoint") from error
    shipped = named(profile.name) if profile.name in profile_names() else None
    same = shipped is not None and (shipped.base_url, shipped.api_key_env) == (profile.base_url, profile.api_key_env)
    if profile.api_key_env is not None and not same:
        raise UsageError(
            f"{run.id} asked {profile.base_url} with a key, and no key is sent to an address that only a manifest "
            "names: say --endpoint NAME, --base-url URL --model ID, or --profile FILE"
        )
    if shipped is None or not same:
        return profile, [f"asking {profile.model} at {profile.base_url}, as the manifest says; no key is sent"]
    return _as_shipped(shipped, profile)


def _as_shipped(shipped: Profile, theirs: Profile) -> tuple[Profile, list[str]]:
    """The shipped profile with the other run's model, whose price is known only if it is the shipped one."""
    changed: dict[str, Any] = {"model": theirs.model}
    free = shipped.prices is not None and shipped.prices.input == shipped.prices.output == 0
    if theirs.model != shipped.model and not free:
        changed["prices"] = None
    remarks = [f"asking {theirs.model} with the endpoint {shipped.name} as it is shipped; only the model is the run's"]
    if theirs.extra_body.get("provider") != shipped.extra_body.get("provider"):
        remarks.append(
            f"that run's router was told {theirs.extra_body.get('provider')}, this one is told "
            f"{shipped.extra_body.get('provider')}: to pin a provider, name the endpoint with --provider"
        )
    return shipped.model_copy(update=changed), remarks


def repeat(run: OpenRun, profile: Profile, data_dir: Path | None, extra: Sequence[Path]) -> Design:
    """The other run's tasks, arms, items, repeats, seed, sampling, limits, prompts and table, on this endpoint.

    Raises:
        UsageError: a task or an arm is unknown here, the data has other rows, or the manifest cannot be read.
        DataUnavailable: no door of the data opens.
    """
    try:
        name = manifests.run_id(run.manifest)
        reported = reported_of(run.manifest)
        seed = int(run.manifest["identity"]["seed"])
        pairs = [
            _plan(task, run.manifest, profile, reported, data_dir, extra) for task in run.manifest["identity"]["tasks"]
        ]
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise UsageError(
            f"{run.id}: this version cannot read its manifest ({type(error).__name__}: {error})"
        ) from error
    return Design(
        plans=[plan for plan, _ in pairs],
        reported=reported,
        seed=seed,
        table_named=bool(run.manifest.get("table_named", False)),
        looks=int(run.manifest.get("looks", 1)),
        like={"run": name, "manifest_sha256": run.manifest_hash},
        remarks=[remark for _, remarks in pairs for remark in remarks],
    )


def _plan(
    name: str,
    manifest: Mapping[str, Any],
    profile: Profile,
    reported: Reported,
    data_dir: Path | None,
    extra: Sequence[Path],
) -> tuple[TaskPlan, list[str]]:
    facts, told = manifest["identity"]["tasks"][name], manifest["tasks"][name]
    sampling, most = facts["sampling"], profile.max_output_tokens
    cut = most is not None and facts["max_tokens"] > most
    limit = Choice(most, "the endpoint's limit") if cut else Choice(facts["max_tokens"], BY)
    plan = plan_task(
        replace(find_task(name, extra), seed=manifest["identity"]["seed"], prompt=told["prompt_text"]),
        profile=profile,
        reported=reported,
        overrides=Overrides(
            limit=facts["items"],
            repeats=facts["repeats"],
            max_tokens=limit.value,
            temperature=sampling["temperature"],
            top_p=sampling["top_p"],
            arms=tuple(facts["arms"]),
            cap_usd=told.get("cap_usd"),
        ),
        data_dir=data_dir,
        sample=facts["sample_data"],
    )
    if plan.rows_sha256 != facts["rows_sha256"]:
        raise UsageError(
            f"{name}: that run asked the rows with hash {facts['rows_sha256']}, and this data has {plan.rows_sha256}; "
            "give the same data with --data-dir"
        )
    plan = replace(
        plan,
        temperature=Choice(sampling["temperature"], BY),
        top_p=Choice(sampling["top_p"], BY),
        top_k=Choice(sampling["top_k"], BY),
        max_tokens=limit,
        counted_limit=facts["counted_limit"],
    )
    return plan, list(_remarks(plan, facts))


def _remarks(plan: TaskPlan, facts: Mapping[str, Any]) -> list[str]:
    """How this task differs from the one that was run."""
    found = []
    if plan.card.version != facts["version"]:
        found.append(
            f"task version {plan.card.version}, theirs {facts['version']}: scores may differ by the rule alone"
        )
    elif plan.card_sha256 != facts["card_sha256"]:
        found.append("the card's text differs from theirs")
    for prompt, sha256 in facts["prompts"].items():
        if prompt not in plan.prompts or plan.prompts[prompt].sha256 != sha256:
            found.append(f"the wording of the prompt {prompt} differs from theirs")
    for arm, thinking in facts["arms"].items():
        if arm not in plan.arms:
            found.append(f"arm {arm} is not run: {plan.skipped_arms[arm]}")
        elif plan.arms[arm].thinking != thinking:
            found.append(f"arm {arm} has thinking {plan.arms[arm].thinking}, theirs {thinking}")
    if plan.max_tokens.value != facts["max_tokens"]:
        found.append(
            f"output limit {plan.max_tokens.value} tokens ({plan.max_tokens.by}), theirs {facts['max_tokens']}"
        )
    return [f"{plan.name}: {remark}" for remark in found]
