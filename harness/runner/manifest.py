"""``manifest.json``: what a run was asked for. Its identity names the run; its hash starts the journal's chain."""

import os
import platform
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import harness
from harness.canonical import digest, readable_json, sha256_hex
from harness.endpoint.profile import Profile
from harness.errors import JournalError, UsageError
from harness.reported import Reported
from harness.runner.plan import TaskPlan

SCHEMA = 1
PACKAGES = ("openai", "datasets", "lm_eval", "pandas", "tenacity", "jinja2", "langdetect", "nltk", "xllamacpp")


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
    }


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
) -> dict[str, Any]:
    """The manifest of a run; ``identity`` decides the run id, all else is for the reader."""
    identity = {
        "endpoint": dict(endpoint),
        "reported": digest(reported.model_dump(mode="json")),
        "seed": seed,
        "attempt": attempt,
        "tasks": {plan.name: task_facts(plan) for plan in plans},
        "imported": dict(imported) if imported else None,
    }
    return {
        "schema": SCHEMA,
        "identity": identity,
        "identity_sha256": digest(identity),
        "model": endpoint.get("model"),
        "profile": dict(profile) if profile else None,
        "reported": reported.model_dump(mode="json"),
        "family": sorted(plan.name for plan in plans if plan.name in reported.rows and not plan.sample),
        "tasks": {
            plan.name: {
                "folder": None if plan.ref.packaged else plan.ref.folder,
                "prompt_text": plan.ref.prompt,
                "title": plan.card.title,
                "prompts": {name: asdict(prompt) for name, prompt in plan.prompts.items()},
                "door": plan.door,
                "skipped_arms": dict(plan.skipped_arms),
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
        "command": list(command),
        "software": software(),
    }


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
        result = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            check=False,
        )
        commit = result.stdout.strip() or None
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
    tasks = list(manifest["identity"]["tasks"])
    names = tasks if len(tasks) <= 3 else [f"{len(tasks)}-tasks"]
    return "-".join([*sample, words, *names, manifest["identity_sha256"][:8]])


def resume_command(manifest: Mapping[str, Any], name: str) -> str:
    """The command that makes run ``name``, or goes on with it."""
    words = [word for word in manifest["command"] if word != "--new"]
    return shlex.join(words if words == manifest["command"] else [*words, "--run-id", name])


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


def differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any, Any]]:
    """The fields in which two identities differ: (dotted name, old value, new value)."""
    found: list[tuple[str, Any, Any]] = []
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        name = f"{prefix}{key}"
        if isinstance(before, Mapping) and isinstance(after, Mapping) and before and after:
            found += differences(before, after, f"{name}.")
        elif before != after:
            found.append((name, before, after))
    return found


def refuse_differences(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> None:
    """Refuse to go on with run ``name`` under another identity.

    Raises:
        UsageError: naming every field that differs, with both values.
    """
    same_attempt = {"attempt": old["identity"]["attempt"]}
    found = differences(old["identity"], new["identity"] | same_attempt)
    if found:
        lines = "\n".join(
            f"  {field}: the run has {before!r}, this command asks for {after!r}" for field, before, after in found
        )
        raise UsageError(
            f"run {name} was started for something else:\n{lines}\n"
            "Leave out --run-id for a run of its own, or repeat the run's own settings."
        )
