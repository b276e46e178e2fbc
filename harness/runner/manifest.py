"""``manifest.json``: what a run was asked for. Its identity names the run; its hash starts the journal's chain."""

import os
import platform
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import harness
from harness.agentic.scaffold import GOLD, scaffold
from harness.canonical import digest, readable_json, sha256_hex
from harness.contract import TrialArm
from harness.differences import differences
from harness.endpoint.profile import Profile
from harness.errors import JournalError, UsageError
from harness.reported import Reported
from harness.runner.plan import TaskPlan

SCHEMA = 1
NOT_ASKED = ("items", "repeats", "version", "card_sha256", "counted_limit")
"""Fields of a task's identity that shape no question."""
PACKAGES = (
    "openai",
    "datasets",
    "lm_eval",
    "pandas",
    "tenacity",
    "jinja2",
    "langdetect",
    "nltk",
    "xllamacpp",
    "swebench",
)


def endpoint_facts(profile: Profile) -> dict[str, Any]:
    """What of the endpoint belongs to a run's identity: the address, the model and everything sent, no secret."""
    return {
        "profile": profile.name,
        "base_url": profile.base_url,
        "model": profile.model,
        "thinking": profile.thinking.model_dump() if profile.thinking else None,
        "think_tags": list(profile.think_tags),
        "extra_body": profile.extra_body,
        "top_k_off": profile.top_k_off,
        "seed_sent": profile.seed,
        "weights_sha256": profile.weights_sha256,
    }


def task_facts(plan: TaskPlan) -> dict[str, Any]:
    """What of a task belongs to a run's identity."""
    return {
        "version": plan.card.version,
        "card_sha256": plan.card_sha256,
        "prompts": {name: prompt.sha256 for name, prompt in plan.prompts.items()},
        "rows_sha256": plan.rows_sha256,
        "sample_data": plan.sample,
        "items": len(plan.order),
        "of": plan.total,
        "arms": {name: arm.thinking for name, arm in plan.arms.items()},
        "sampling": {
            "temperature": plan.temperature.value,
            "top_p": plan.top_p.value,
            "top_k": plan.top_k.value,
        },
        "max_tokens": plan.max_tokens.value,
        "counted_limit": plan.counted_limit,
        "repeats": plan.repeats,
    } | ({"trial": trial_facts(plan)} if plan.card.trial and not plan.imported else {})


def trial_facts(plan: TaskPlan) -> dict[str, Any]:
    """What of a task's trials belongs to a run's identity: limits, and each arm's scaffold with all its settings."""
    spec = plan.card.trial
    if spec is None:
        return {}
    arms = {name: arm.arm.trial for name, arm in plan.arms.items() if arm.arm.trial}
    kept = [
        [item.id, {name: value for name, value in item.inputs.items() if name not in plan.card.data.beside}]
        for item in sorted(plan.items.values(), key=lambda item: item.id)
    ]
    return {
        "rows_sha256": digest(kept),
        "limits": spec.model_dump(mode="json", exclude={"cap_usd", "infrastructure", "why"}),
        "arms": {name: arm.model_dump(mode="json") | _agent(arm) for name, arm in arms.items()},
    }


def _agent(arm: TrialArm) -> dict[str, Any]:
    if arm.scaffold == GOLD:
        return {}
    agent = scaffold(arm.scaffold)
    return {"version": agent.version, "settings": dict(agent.settings(arm))}


def build(
    plans: Sequence[TaskPlan],
    *,
    endpoint: Mapping[str, Any],
    profile: Mapping[str, Any] | None,
    reported: Reported,
    seed: int,
    attempt: int,
    command: Sequence[str],
    imported: Mapping[str, Any] | None = None,
    table_named: bool = False,
    gateway: Mapping[str, Any] | None = None,
    looks: int = 1,
) -> dict[str, Any]:
    """The manifest of a run; what of ``identity`` is :func:`asked` decides the run id, all else is for the reader.

    ``table_named``: the user named the vendor's table, and so says that the model asked is the one it is about.
    ``gateway``: how replies are drawn for the clients of a gateway, which has no plans.
    ``looks``: how often a verdict is planned to be read as the run grows; extensions beyond it count as unplanned.
    """
    identity = {
        "endpoint": dict(endpoint),
        "reported": digest(reported.model_dump(mode="json")),
        "seed": seed,
        "attempt": attempt,
        "tasks": {plan.name: task_facts(plan) for plan in plans},
        "imported": dict(imported) if imported else None,
    } | ({"gateway": dict(gateway)} if gateway else {})
    return {
        "schema": SCHEMA,
        "identity": identity,
        "identity_sha256": digest(asked(identity)),
        "model": endpoint.get("model"),
        "profile": dict(profile) if profile else None,
        "reported": reported.model_dump(mode="json"),
        "table_named": table_named,
        "looks": looks,
        "family": sorted(plan.name for plan in plans if plan.name in reported.rows and not plan.sample),
        "tasks": {
            plan.name: {
                "folder": None if plan.ref.packaged else plan.ref.folder,
                "prompt_text": plan.ref.prompt,
                "title": plan.card.title,
                "prompts": {name: asdict(prompt) for name, prompt in plan.prompts.items()},
                "door": plan.door,
                "skipped_arms": dict(plan.skipped_arms),
                **({"cap_usd": plan.cap_usd} if plan.cap_usd is not None else {}),
                "chosen_by": {
                    "temperature": plan.temperature.by,
                    "top_p": plan.top_p.by,
                    "top_k": plan.top_k.by,
                    "max_tokens": plan.max_tokens.by,
                },
            }
            for plan in plans
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": without_places(command),
        "software": software(),
    }


def without_places(command: Sequence[str]) -> list[str]:
    """A command as it may be published: a path from this machine's root as its last name.

    What goes on with a run is the command that was given, never the recorded one.
    """
    return [_without_place(word) for word in command]


def _without_place(word: str) -> str:
    option, equals, value = word.rpartition("=")
    path = Path(value)
    return option + equals + path.name if path.is_absolute() and path.name else word


def software() -> dict[str, Any]:
    """Versions of everything that could move a number, and the commit when run from a checkout."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    root = Path(harness.__file__).parent.parent
    commit = None
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        with suppress(OSError):
            commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None
    return {
        "longcat-repro": harness.__version__,
        "commit": commit,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
    }


def run_id(manifest: Mapping[str, Any]) -> str:
    """Readable words and eight digits of the identity, such as ``longcat-2.0-ifeval-1f0c2a9b``."""
    model = str(manifest["model"] or "imported").rsplit("/", 1)[-1].lower()
    words = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in model)
    sample = ["sample"] if any(task["sample_data"] for task in manifest["identity"]["tasks"].values()) else []
    tasks = list(manifest["identity"]["tasks"]) or ["gateway"]
    names = tasks if len(tasks) <= 3 else [f"{len(tasks)}-tasks"]
    return "-".join([*sample, words, *names, manifest["identity_sha256"][:8]])


def resume_command(command: Sequence[str], name: str) -> str:
    """The command that goes on with run ``name``, from the ``command`` that made it."""
    words = [word for word in command if word != "--new"]
    return shlex.join(words if words == list(command) else [*words, "--run-id", name])


def write(directory: Path, manifest: Mapping[str, Any]) -> str:
    """Create the run directory with its manifest and return the hash of the file's bytes."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "manifest.json"
    data = readable_json(manifest)
    temporary = directory / f"manifest.json.{os.getpid()}"
    temporary.write_bytes(data)
    try:
        os.link(temporary, path)
    except FileExistsError as error:
        raise JournalError(f"{path} exists already: the same run was started twice at once") from error
    finally:
        temporary.unlink()
    return sha256_hex(data)


def asked(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What of an identity decides which run it is: all that shapes a question, and not how many are asked.

    More items or repeats, another scorer or another margin make no other run: no reply is bought twice for them.
    """
    tasks = {
        name: {field: value for field, value in facts.items() if field not in NOT_ASKED}
        for name, facts in identity["tasks"].items()
    }
    return {name: value for name, value in identity.items() if name != "reported"} | {"tasks": tasks}


def refuse_differences(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> None:
    """Refuse to go on with run ``name`` under another identity.

    Raises:
        UsageError: naming every field that differs, with both values.
    """
    same_attempt = {"attempt": old["identity"]["attempt"]}
    found = differences(asked(old["identity"]), asked(new["identity"] | same_attempt))
    if found:
        lines = "\n".join(f"  {phrase}" for phrase in found)
        raise UsageError(
            f"run {name} was started for something else:\n{lines}\n"
            "Leave out --run-id for a run of its own, or repeat the run's own settings."
        )
