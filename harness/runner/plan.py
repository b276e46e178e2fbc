"""What a run will ask: items in one seeded order, arms, sampling and limits, each with where it comes from."""

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from harness.contract import Arm, Card, Item, Prompt, Request, Sampling, Slot, Thinking
from harness.datasource import load_rows, sample_rows
from harness.endpoint.profile import Profile
from harness.errors import UsageError
from harness.reported import Reported, ReportedRow
from harness.runner.registry import TaskRef, load_task, read_card, sample_file


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the user set by hand; None leaves the choice to the vendor's disclosure, then to the card."""

    limit: int | None = None
    repeats: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    arms: tuple[str, ...] = ("all",)
    cap_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A value and who chose it: ``the user``, ``the vendor``, ``the card`` or ``the endpoint's limit``."""

    value: Any
    by: str


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """An arm of the card as this endpoint can run it."""

    arm: Arm
    thinking: Thinking


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice of a task that its card, the endpoint, the vendor and the user settle; the data have no say in it.

    A reply cut at ``counted_limit`` tokens or more is the model's own outcome, one cut below it is unresolved.
    """

    arms: Mapping[str, ArmPlan]
    skipped_arms: Mapping[str, str]
    temperature: Choice
    top_p: Choice
    top_k: Choice
    max_tokens: Choice
    counted_limit: int
    repeats: int
    cap_usd: float | None
    """What one trial may cost; None where nothing is tried."""


@dataclass(frozen=True)
class TaskPlan(Settings):
    """One task of a run.

    ``order`` holds the planned items in asking order; ``total`` is the benchmark's size; for the choices see
    :class:`Settings`.
    """

    ref: TaskRef
    card: Card
    card_sha256: str
    prompts: Mapping[str, Prompt]
    order: tuple[Item, ...]
    total: int
    rows_sha256: str
    door: str
    sample: bool
    items: Mapping[str, Item] = field(repr=False, default_factory=dict)

    @property
    def name(self) -> str:
        """The task's name."""
        return self.card.name

    @property
    def imported(self) -> bool:
        """Whether its replies or outcomes were made elsewhere, with settings nobody here knows."""
        return self.max_tokens.value is None

    @property
    def primary(self) -> str:
        """The arm whose score is the headline: the card's primary one, else the first that is run."""
        return self.card.primary_arm if self.card.primary_arm in self.arms else next(iter(self.arms))

    def request(self, item: Item, repeat: int, arm: str, profile: Profile, *, again: int | None = None) -> Request:
        """The request of one slot; ``again`` asks it a second, diagnostic time under that output limit."""
        plan = self.arms[arm]
        seed = request_seed(self.ref.seed, item.id, repeat) if profile.seed else None
        return Request(
            slot=Slot(self.name, arm, item.id, repeat, "answer" if again is None else f"again-{again}"),
            model=profile.model,
            messages=tuple(load_task(self.ref).messages(item, repeat, plan.arm)),
            sampling=Sampling(self.temperature.value, self.top_p.value, self.top_k.value, seed),
            thinking=plan.thinking,
            max_tokens=self.max_tokens.value if again is None else again,
        )


def request_seed(seed: int, item: str, repeat: int) -> int:
    """The seed sent with a request: a pure function of the run's seed, the item and the repeat."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{item}/{repeat}".encode()).digest()[:4], "big") >> 1


def permutation(items: Sequence[Item], seed: int, name: str, *, stratified: bool = False) -> list[Item]:
    """All items in the run's one order, so that a smaller ``--limit`` is a prefix of a larger one.

    ``stratified``: every prefix holds each category in about its share of the whole, which takes noise out of a sample.
    """
    order = sorted(items, key=lambda item: item.id)
    draw = random.Random(f"{seed}/{name}")
    draw.shuffle(order)
    if not stratified:
        return order
    strata: dict[str, list[Item]] = {}
    for item in order:
        strata.setdefault(item.category, []).append(item)
    placed = [
        ((rank + start) / len(stratum), item)
        for start, stratum in ((draw.random(), strata[name]) for name in sorted(strata))
        for rank, item in enumerate(stratum)
    ]
    return [item for _, item in sorted(placed, key=lambda pair: (pair[0], pair[1].id))]


def in_order(items: Sequence[Item], ref: TaskRef, card: Card) -> list[Item]:
    """A task's items in the run's order; in strata where a trial costs so much that few items are tried."""
    return permutation(items, ref.seed, card.name, stratified=card.trial is not None)


def resized(plan: TaskPlan, items: int, repeats: int) -> TaskPlan:
    """The plan with so many of its items, in their order, and so many repeats."""
    order = in_order(list(plan.items.values()), plan.ref, plan.card)[:items]
    return replace(plan, order=tuple(order), repeats=repeats)


def plan_task(
    ref: TaskRef,
    *,
    profile: Profile,
    reported: Reported,
    overrides: Overrides,
    data_dir: Path | None,
    sample: bool,
) -> TaskPlan:
    """Load a task and its rows and settle every choice.

    Raises:
        UsageError: an override that the card or the endpoint does not allow.
        DataUnavailable: no door of the data opens.
    """
    card, card_sha256 = read_card(ref)
    task = load_task(ref)
    task.check()
    items, door, rows_sha256 = load_items(ref, card, data_dir, sample)
    order = in_order(items, ref, card)
    if overrides.limit is not None:
        order = order[: overrides.limit]
    settings = settle(card, profile, reported.rows.get(card.name), overrides)
    return TaskPlan(
        ref=ref,
        card=card,
        card_sha256=card_sha256,
        prompts=task.prompts(),
        order=tuple(order),
        total=len(items),
        rows_sha256=rows_sha256,
        door=door,
        sample=sample,
        items={item.id: item for item in items},
        **{choice.name: getattr(settings, choice.name) for choice in fields(settings)},
    )


def settle(card: Card, profile: Profile, row: ReportedRow | None, overrides: Overrides) -> Settings:
    """Settle every choice that needs no data.

    Raises:
        UsageError: an override that the card or the endpoint does not allow.
    """
    arms, skipped = plan_arms(card, profile, overrides.arms)
    max_tokens, counted_limit = plan_output(card, profile, row, overrides.max_tokens)
    vendor = row.sampling if row else None
    return Settings(
        arms=arms,
        skipped_arms=skipped,
        temperature=choose(overrides.temperature, vendor and vendor.temperature, card.sampling.temperature),
        top_p=choose(overrides.top_p, vendor and vendor.top_p, card.sampling.top_p),
        top_k=choose(None, vendor and vendor.top_k, -1 if card.sampling.top_k is None else card.sampling.top_k),
        max_tokens=max_tokens,
        counted_limit=counted_limit,
        repeats=overrides.repeats or card.repeats,
        cap_usd=(overrides.cap_usd or card.trial.cap_usd) if card.trial else None,
    )


def load_items(ref: TaskRef, card: Card, data_dir: Path | None, sample: bool) -> tuple[list[Item], str, str]:
    """A task's items with the door they came through and the hash of their rows; or its sample items."""
    loaded = sample_rows(sample_file(ref), card.data) if sample else load_rows(card.data, data_dir=data_dir)
    return load_task(ref).items(loaded.rows), loaded.door, loaded.sha256


def choose(user: Any, vendor: Any, card: Any) -> Choice:
    """The user's value, else the one the vendor disclosed, else the card's."""
    if user is not None:
        return Choice(user, "the user")
    if vendor is not None:
        return Choice(vendor, "the vendor")
    return Choice(card, "the card")


def plan_output(card: Card, profile: Profile, row: ReportedRow | None, user: int | None) -> tuple[Choice, int]:
    """The output limit that is sent, and the limit at which a cut reply counts as the model's own outcome."""
    limit = choose(user, row.max_tokens if row else None, card.output_limit)
    counted = row.max_tokens if row and row.max_tokens else card.output_limit
    if profile.max_output_tokens is not None and limit.value > profile.max_output_tokens:
        if limit.by == "the user":
            raise UsageError(
                f"--max-tokens {limit.value} is above what the endpoint {profile.name} allows "
                f"({profile.max_output_tokens})"
            )
        limit = Choice(profile.max_output_tokens, "the endpoint's limit")
    return limit, counted


def plan_arms(card: Card, profile: Profile, wanted: Sequence[str]) -> tuple[dict[str, ArmPlan], dict[str, str]]:
    """The arms that are run, primary first, and those that are not, with the reason.

    ``wanted`` names arms, or says ``all`` (that are comparable), ``primary`` or ``quick``.
    """
    known = {"all", "primary", "quick", *card.arms}
    if unknown := sorted(set(wanted) - known):
        raise UsageError(
            f"{card.name} has no arm {unknown[0]!r}; it has: {', '.join(card.arms)} (or all, primary, quick)"
        )
    arms: dict[str, ArmPlan] = {}
    skipped: dict[str, str] = {}
    taken: dict[tuple[Any, ...], str] = {}
    for name, arm in sorted(card.arms.items(), key=lambda pair: not pair[1].primary):
        chosen = name in wanted or ("all" in wanted and arm.comparable) or (arm.primary and "primary" in wanted)
        if not (chosen or ((arm.quick or arm.primary) and "quick" in wanted)):
            skipped[name] = "not asked for"
            continue
        thinking: Thinking = arm.thinking if profile.thinking is not None else "none"
        twin = taken.setdefault((arm.prompt, thinking, arm.trial), name)
        if twin != name:
            skipped[name] = f"the endpoint has no thinking switch, so it would ask what {twin} asks"
            continue
        arms[name] = ArmPlan(arm, thinking)
    return arms, skipped


def requests(plans: Sequence[TaskPlan], profile: Profile) -> Iterator[Request]:
    """All requests of a run in asking order: primary arms of all tasks first, repeat by repeat.

    Items that are tried by an agent are not asked.
    """
    plans = [plan for plan in plans if plan.card.scored == "replies"]
    ranks = max((len(plan.arms) for plan in plans), default=0)
    for rank in range(ranks):
        for repeat in range(max((plan.repeats for plan in plans), default=0)):
            for plan in plans:
                if rank < len(plan.arms) and repeat < plan.repeats:
                    for item in plan.order:
                        yield plan.request(item, repeat, list(plan.arms)[rank], profile)
