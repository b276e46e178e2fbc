"""A row's protocol side by side: the vendor's as far as it is disclosed, and each run's."""

from collections.abc import Mapping
from typing import Any

from harness.contract import Card
from harness.report.rows import Row
from harness.report.views import RunView

UNKNOWN = "unknown"
FIELDS = ("metric", "items", "repeats", "temperature", "top_p", "top_k", "thinking", "output limit, tokens", "prompt")
TRIED = ("scaffold", "sandbox", "agent's time", "network", "history of the repository", "most cost of a trial")
"""What matters of trials besides."""
DISCLOSED = ("scaffold", "context_management")
"""What a vendor may tell of an agentic row."""


def protocol(row: Row) -> list[tuple[str, str, list[str]]]:
    """(what, theirs, what each of the row's runs did); "unknown" where the vendor says nothing."""
    ours = [_ours(row, run) for run in row.runs]
    theirs = _theirs(row)
    return [(what, theirs[what], [one.get(what, "–") for one in ours]) for what in theirs]


def _theirs(row: Row) -> dict[str, str]:
    vendor, card = row.vendor, row.card
    tried = TRIED if card is not None and card.trial is not None else ()
    if vendor is None:
        return dict.fromkeys((*FIELDS, "judge", "corrections", *tried), "–")
    whole = str(card.data.rows) if card else UNKNOWN
    told = {
        "metric": vendor.metric,
        "items": vendor.public_items or whole,
        "repeats": vendor.repeats,
        **vendor.sampling.model_dump(),
        "thinking": vendor.thinking,
        "output limit, tokens": vendor.max_tokens,
        "prompt": None,
        "judge": vendor.judge,
        "corrections": vendor.corrections,
    }
    told |= {name.replace("_", " "): value for name in DISCLOSED if (value := getattr(vendor, name)) is not None}
    if vendor.sandbox:
        told["sandbox"] = f"{vendor.sandbox.cpus} CPUs, {vendor.sandbox.memory_gib:g} GiB"
    told = dict.fromkeys(tried) | told
    return {what: UNKNOWN if value is None else str(value) for what, value in told.items()}


def _ours(row: Row, run: RunView) -> dict[str, str]:
    task, card = run.summary["tasks"][row.name], run.cards[row.name]
    head, planned = task["headline"], task["planned"]
    made_elsewhere = dict.fromkeys(
        ("temperature", "top_p", "top_k", "thinking", "output limit, tokens", "prompt"), UNKNOWN
    )
    return {
        "metric": head["metric"] if head else card.headline,
        "items": f"{planned['items']} of {planned['of']}",
        "repeats": str(head["repeats"] if head else planned["repeats"]),
        "judge": card.judge or "none: scored by rule",
        "corrections": _corrections(card),
    } | (made_elsewhere if run.imported else _asked(run, row.name))


def _corrections(card: Card) -> str:
    if card.corrections is not None:
        return f"none in the headline; by our list, see resolved_corrected (sha256 {card.corrections[:12]}…)"
    return "none applied; disputed items are listed below" if card.errata else "none applied"


def _asked(run: RunView, name: str) -> dict[str, str]:
    """How a run that this harness asked drew its replies, and who chose that."""
    facts, told = run.manifest["identity"]["tasks"][name], run.manifest["tasks"][name]
    by, sampling, primary = told["chosen_by"], facts["sampling"], run.summary["tasks"][name]["primary_arm"]
    unsent = sampling["top_k"] == -1 and run.manifest["identity"]["endpoint"]["top_k_off"] is None
    arm = run.cards[name].arms.get(primary)
    prompt = told["prompts"].get(arm.prompt) if arm else None
    return {
        **{name: f"{sampling[name]} (chosen by {by[name]})" for name in ("temperature", "top_p")},
        "top_k": "none sent" if unsent else f"{sampling['top_k']} (chosen by {by['top_k']})",
        "thinking": str(facts["arms"][primary]),
        "output limit, tokens": f"{facts['max_tokens']} (chosen by {by['max_tokens']})",
        "prompt": f"{prompt['origin']} (sha256 {prompt['sha256'][:12]}…)" if prompt else UNKNOWN,
        **(_tried(trial, primary, told["cap_usd"]) if (trial := facts.get("trial")) else {}),
    }


def _tried(trial: Mapping[str, Any], primary: str, cap_usd: float) -> dict[str, str]:
    """How a run's trials were made, in its primary arm."""
    limits, arm = trial["limits"], trial["arms"][primary]
    tools = ", web tools" if arm["web_tools"] else ""
    return {
        "scaffold": f"{arm['scaffold']} {arm.get('version', '')}".strip(),
        "sandbox": f"{limits['cpus']:g} CPUs, {limits['memory_gib']:g} GiB",
        "agent's time": f"{limits['agent_hours']:g} h",
        "network": (f"open{tools}" if arm["network"] == "open" else "the model alone"),
        "history of the repository": "up to the base commit" if arm["hardened"] else "as the image has it",
        "most cost of a trial": f"${cap_usd:g}",
    }
