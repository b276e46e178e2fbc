"""The vocabulary every floor shares. Imports nothing of ours.

An *item* is a question of a benchmark; a *slot* is the place of one reply in a run; a *request* is what is asked for a
slot; a *reply* is what came back, or an *outcome* where an agent tried the item; a *score* is what the benchmark's
rule makes of either. A *card* states a benchmark's protocol; a *task* turns items into messages and replies into
scores, purely.
"""

from harness.contract.card import (
    Arm,
    Card,
    Data,
    Door,
    Erratum,
    HubBenchmark,
    MetricSpec,
    SamplingSpec,
    Source,
    TrialArm,
    TrialSpec,
    TypicalTokens,
)
from harness.contract.exchange import Item, Message, Outcome, Reply, Request, Sampling, Slot, Thinking, Timing, Usage
from harness.contract.task import Ask, OutcomeTask, Prompt, Score, Task

__all__ = [
    "Arm",
    "Ask",
    "Card",
    "Data",
    "Door",
    "Erratum",
    "HubBenchmark",
    "Item",
    "Message",
    "MetricSpec",
    "Outcome",
    "OutcomeTask",
    "Prompt",
    "Reply",
    "Request",
    "Sampling",
    "SamplingSpec",
    "Score",
    "Slot",
    "Source",
    "Task",
    "Thinking",
    "Timing",
    "TrialArm",
    "TrialSpec",
    "TypicalTokens",
    "Usage",
]
