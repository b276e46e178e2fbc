"""Scores in Every Eval Ever's words: every metric of every arm, and the vendor's rows beside them."""

from typing import Any

from harness.contract import Card
from harness.exports.counting import is_mean, rule
from harness.exports.noise import standard_error
from harness.exports.source import Source
from harness.reported import ReportedRow
from harness.runner.measure import headline_metric

VERSION = "0.3.0"
NOISE = "over items, clustered by item; a ratio linearised"


def result_id(task: str, arm: str, metric: str) -> str:
    """Names one score within the log; the samples point to it."""
    return f"{task}/{arm}/{metric}"


def arm_results(source: Source) -> list[dict[str, Any]]:
    """One result for each metric of each arm that has a score, the headline with its interval."""
    return [
        _result(source, task, arm, metric)
        for task, arm in source.arms()
        if source.facts(task, arm)["headline"] is not None
        for metric in source.facts(task, arm)["metrics"]
    ]


def vendor_results(source: Source) -> list[dict[str, Any]]:
    """The vendor's rows of the benchmarks that the run asked, as printed."""
    found = []
    for task in source.summary["tasks"]:
        row = source.reported.rows.get(task)
        if row is not None:
            found.append(_reported(source.cards[task], row))
    return found


def _result(source: Source, task: str, arm: str, metric: str) -> dict[str, Any]:
    card, facts = source.cards[task], source.facts(task, arm)
    score = facts["metrics"][metric]
    noise = standard_error(source, task, arm, metric)
    uncertainty: dict[str, Any] = {"num_samples": len(source.scored(task, arm))}
    if noise is not None:
        uncertainty["standard_error"] = {"value": noise, "method": NOISE}
    head = facts["headline"]
    if metric == head["metric"]:
        low, high = head["interval"]
        uncertainty["confidence_interval"] = {
            "lower": low / 100,
            "upper": high / 100,
            "confidence_level": 0.95,
            "method": head["interval_kind"],
        }
    return {
        "evaluation_result_id": result_id(task, arm, metric),
        "evaluation_name": task,
        "source_data": _source_data(card),
        **({} if source.imported else {"evaluation_timestamp": source.ended}),
        "metric_config": _metric(card, metric, is_mean(source, task, arm, metric)),
        "score_details": {
            "score": score["score"] / 100,
            "details": _score_details(source, task, arm, metric),
            "uncertainty": uncertainty,
        },
        "generation_config": _generation(source, task, arm),
    }


def _score_details(source: Source, task: str, arm: str, metric: str) -> dict[str, str]:
    facts = source.facts(task, arm)
    counts = {name: str(number) for name, number in facts["counts"].items()}
    verdict = {"verdict": str(facts["verdict"]["sentence"])} if metric == facts["headline"]["metric"] else {}
    bounds = facts["bounds"]
    open_ends = {"bounds": f"{bounds[0] / 100:.4f} to {bounds[1] / 100:.4f}"} if bounds and verdict else {}
    return {"arm": arm, "primary_arm": str(arm == source.primary(task)).lower()} | counts | verdict | open_ends


def _metric(card: Card, metric: str, mean: bool = True) -> dict[str, Any]:
    """The metric; where it is no ``mean`` of the samples' own scores, with its rule."""
    how = "" if mean else f" The score is the {rule(card.metrics[metric])}, not the mean of the samples' scores."
    return {
        "evaluation_description": f"{card.title}: {card.scoring}{how}",
        "metric_id": f"{card.name}.{metric}",
        "metric_name": card.metrics[metric].title,
        "metric_kind": "accuracy",
        "metric_unit": "proportion",
        "lower_is_better": False,
        "score_type": "continuous",
        "min_score": 0,
        "max_score": 1,
    }


def _generation(source: Source, task: str, arm: str) -> dict[str, Any]:
    asked, told = source.asked(task), source.manifest["tasks"][task]
    prompt = told["prompts"].get(source.cards[task].arms[arm].prompt)
    arguments: dict[str, Any] = dict(asked["sampling"])
    if asked["max_tokens"] is not None:
        arguments["max_tokens"] = asked["max_tokens"]
    if asked["arms"][arm] in ("on", "off") and not source.imported:
        arguments["reasoning"] = asked["arms"][arm] == "on"
    details = {
        "thinking_switch": str(asked["arms"][arm]),
        "repeats": str(asked["repeats"]),
        "seed": str(source.manifest["identity"]["seed"]),
        "task_version": str(source.cards[task].version),
    }
    if prompt is not None:
        details |= {"prompt_origin": str(prompt["origin"]), "prompt_sha256": str(prompt["sha256"])}
    return {"generation_args": arguments, "additional_details": details}


def _source_data(card: Card) -> dict[str, Any]:
    details = {"rows_sha256": card.data.rows_sha256 or "not pinned"}
    hub = next((door for door in card.data.doors if door.kind == "hub" and door.id), None)
    if hub is None:
        return {
            "dataset_name": card.name,
            "source_type": "url",
            "url": [card.source.code],
            "additional_details": details,
        }
    return {
        "dataset_name": card.name,
        "source_type": "hf_dataset",
        "hf_repo": hub.id,
        **({"hf_split": hub.split} if hub.split else {}),
        "samples_number": card.data.rows,
        "additional_details": details | ({"revision": hub.revision} if hub.revision else {}),
    }


def _reported(card: Card, row: ReportedRow) -> dict[str, Any]:
    metric = headline_metric(card, row)
    protocol = {
        "repeats": row.repeats,
        "max_tokens": row.max_tokens,
        "judge": row.judge,
        "thinking": row.thinking,
        "metric": row.metric,
        "corrections": row.corrections,
    }
    sampling = {name: value for name, value in row.sampling.model_dump().items() if value is not None}
    return {
        "evaluation_result_id": f"{row.name}/reported",
        "evaluation_name": row.name,
        "source_data": _source_data(card),
        "metric_config": _metric(card, metric),
        "score_details": {"score": round(row.score / 100, 6), "details": {"printed": f"{row.score:g}"}},
        "generation_config": {
            "generation_args": sampling,
            "additional_details": {
                name: "not disclosed" if value is None else str(value) for name, value in protocol.items()
            },
        },
    }
