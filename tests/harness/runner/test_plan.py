from pathlib import Path

import pytest

from harness.contract import Arm, Item
from harness.errors import DataUnavailable, UsageError
from harness.runner.plan import (
    Choice,
    Overrides,
    choose,
    permutation,
    plan_arms,
    plan_output,
    plan_task,
    request_seed,
    requests,
    resized,
)
from harness.runner.registry import read_card
from tests.harness.runner.making import NOTHING, THINKING, named, profile, reported, task_folder, toy_plan, toy_ref

CARD = read_card(toy_ref())[0]
ITEMS = [Item(f"item-{n}", {}) for n in range(50)]
NO_TWINS = "the endpoint has no thinking switch, so it would ask what thinking asks"  # the toy card's primary arm


def test_a_smaller_limit_is_a_prefix_of_every_larger_one() -> None:
    orders = [toy_plan(limit=limit).order for limit in (1, 7, 40, 400)]
    assert [len(order) for order in orders] == [1, 7, 40, 400]
    assert all(orders[-1][: len(order)] == order for order in orders)
    assert toy_plan(limit=5000).order == orders[-1]
    assert toy_plan(limit=7).total == 400


@pytest.mark.parametrize("limit", [3, 10, 37, 60])
def test_a_stratified_prefix_holds_every_category_in_its_share(limit: int) -> None:
    sizes = {"large": 60, "middle": 30, "small": 10}
    items = [Item(f"{name}-{n}", {}, name) for name, size in sizes.items() for n in range(size)]
    order = permutation(items, 0, "toy_sum", stratified=True)
    assert sorted(order, key=lambda item: item.id) == sorted(items, key=lambda item: item.id)
    assert permutation(items[::-1], 0, "toy_sum", stratified=True) == order
    assert permutation(items, 1, "toy_sum", stratified=True) != order
    held = [item.category for item in order[:limit]]
    for name, size in sizes.items():
        assert abs(held.count(name) - limit * size / 100) <= 1


def test_arms_that_are_not_comparable_are_run_only_by_name() -> None:
    odd = CARD.model_copy(update={"arms": CARD.arms | {"odd": Arm(title="Odd", thinking="on", comparable=False)}})
    told = profile(thinking=THINKING)
    arms, skipped = plan_arms(odd, told, ("all",))
    assert "odd" not in arms
    assert skipped["odd"] == "not asked for"
    assert list(plan_arms(odd, told, ("odd",))[0]) == ["odd"]


def test_a_plan_of_another_size_keeps_its_order() -> None:
    plan = toy_plan(limit=7)
    assert resized(plan, 7, 1) == plan
    larger = resized(plan, 40, 3)
    assert (larger.order, larger.repeats) == (toy_plan(limit=40).order, 3)
    assert resized(larger, 7, 1) == plan


def test_the_order_depends_on_the_seed_and_the_task_and_not_on_the_door() -> None:
    order = permutation(ITEMS, 0, "toy_sum")
    assert sorted(item.id for item in order) == sorted(item.id for item in ITEMS)
    assert order != ITEMS
    assert permutation(ITEMS[::-1], 0, "toy_sum") == order
    assert permutation(ITEMS, 1, "toy_sum") != order
    assert permutation(ITEMS, 0, "other") != order


def test_request_seeds_are_fixed_and_fit_31_bits() -> None:
    seeds = {request_seed(seed, item, repeat) for seed in (0, 1) for item in ("a", "b") for repeat in range(50)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert request_seed(7, "a", 3) == request_seed(7, "a", 3)


def test_the_user_goes_before_the_vendor_before_the_card() -> None:
    assert choose(0.0, 0.5, 1.0) == Choice(0.0, "the user")
    assert choose(None, 0.0, 1.0) == Choice(0.0, "the vendor")
    assert choose(None, None, 1.0) == Choice(1.0, "the card")


@pytest.mark.parametrize(
    ("vendor", "user", "endpoint", "sent", "counted"),
    [
        (None, None, None, Choice(4096, "the card"), 4096),
        (2000, None, None, Choice(2000, "the vendor"), 2000),
        (2000, 100, None, Choice(100, "the user"), 2000),
        (None, 9000, None, Choice(9000, "the user"), 4096),
        (None, None, 1000, Choice(1000, "the endpoint's limit"), 4096),
        (8000, None, 1000, Choice(1000, "the endpoint's limit"), 8000),
        (8000, 1000, 1000, Choice(1000, "the user"), 8000),
        (None, None, 4096, Choice(4096, "the card"), 4096),
    ],
)
def test_the_output_limit_and_the_one_that_counts(
    vendor: int | None, user: int | None, endpoint: int | None, sent: Choice, counted: int
) -> None:
    row = reported(max_tokens=vendor).rows["toy_sum"]
    assert plan_output(CARD, profile(max_output_tokens=endpoint), row, user) == (sent, counted)


def test_without_a_vendors_row_the_cards_limit_counts() -> None:
    assert plan_output(CARD, profile(), None, None) == (Choice(4096, "the card"), 4096)


def test_a_limit_above_what_the_endpoint_allows_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--max-tokens 1001 .* toy allows \(1000\)"):
        plan_output(CARD, profile(max_output_tokens=1000), None, 1001)


@pytest.mark.parametrize(
    ("wanted", "run", "skipped"),
    [
        (("all",), {"thinking": "on", "plain": "off"}, {}),
        (("primary",), {"thinking": "on"}, {"plain": "not asked for"}),
        (("quick",), {"thinking": "on", "plain": "off"}, {}),
        (("plain",), {"plain": "off"}, {"thinking": "not asked for"}),
        (("plain", "thinking"), {"thinking": "on", "plain": "off"}, {}),
    ],
)
def test_arms_with_a_thinking_switch(wanted: tuple[str, ...], run: dict[str, str], skipped: dict[str, str]) -> None:
    arms, left = plan_arms(CARD, profile(thinking=THINKING), wanted)
    assert {name: arm.thinking for name, arm in arms.items()} == run
    assert list(arms) == list(run)
    assert left == skipped


def test_without_a_switch_arms_that_would_ask_the_same_are_skipped() -> None:
    arms, skipped = plan_arms(CARD, profile(), ("all",))
    assert {name: arm.thinking for name, arm in arms.items()} == {"thinking": "none"}
    assert skipped == {"plain": NO_TWINS}
    other = Arm(title="other words", thinking="off", prompt="other")
    card = CARD.model_copy(update={"arms": {"other": other, **CARD.arms}})
    arms, skipped = plan_arms(card, profile(), ("all",))
    assert list(arms) == ["thinking", "other"]
    assert skipped == {"plain": NO_TWINS}


def test_quick_leaves_out_what_is_neither_quick_nor_primary() -> None:
    slow = Arm(title="slow", thinking="on", prompt="slow")
    card = CARD.model_copy(update={"arms": {"slow": slow, **CARD.arms}})
    arms, skipped = plan_arms(card, profile(thinking=THINKING), ("quick",))
    assert list(arms) == ["thinking", "plain"]
    assert skipped == {"slow": "not asked for"}


def test_an_unknown_arm_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"toy_sum has no arm 'thinkin'; it has: thinking, plain"):
        plan_arms(CARD, profile(), ("thinkin",))


def test_the_headline_stands_on_the_primary_arm_or_on_the_first_that_is_run() -> None:
    assert toy_plan(endpoint=profile(thinking=THINKING)).primary == "thinking"
    assert toy_plan(endpoint=profile(thinking=THINKING), arms=("plain",)).primary == "plain"


def test_requests_come_primary_arms_first_then_repeat_by_repeat() -> None:
    endpoint = profile(thinking=THINKING)
    one = toy_plan(endpoint=endpoint, limit=2, repeats=2)
    other = named(toy_plan(endpoint=endpoint, limit=1, repeats=1, arms=("primary",)), "other")
    a, b = (item.id for item in one.order)
    slots = [request.slot for request in requests([one, other], endpoint)]
    assert [(slot.arm, slot.repeat, slot.task, slot.item) for slot in slots] == [
        ("thinking", 0, "toy_sum", a),
        ("thinking", 0, "toy_sum", b),
        ("thinking", 0, "other", other.order[0].id),
        ("thinking", 1, "toy_sum", a),
        ("thinking", 1, "toy_sum", b),
        ("plain", 0, "toy_sum", a),
        ("plain", 0, "toy_sum", b),
        ("plain", 1, "toy_sum", a),
        ("plain", 1, "toy_sum", b),
    ]
    assert list(requests([], endpoint)) == []


def test_a_request_says_what_the_plan_says() -> None:
    endpoint = profile(thinking=THINKING, seed=True)
    plan = toy_plan(endpoint=endpoint, limit=1, temperature=0.25, ref=toy_ref(seed=3))
    item = plan.order[0]
    request = plan.request(item, 1, "plain", endpoint)
    assert (request.model, request.thinking, request.max_tokens) == ("toy-model", "off", 4096)
    assert (request.sampling.temperature, request.sampling.top_p, request.sampling.top_k) == (0.25, 1.0, -1)
    assert request.sampling.seed == request_seed(3, item.id, 1)
    assert f"{item.inputs['a']} + {item.inputs['b']}?" in request.messages[0]["content"]
    assert plan.request(item, 1, "plain", profile(thinking=THINKING)).sampling.seed is None
    again = plan.request(item, 1, "plain", endpoint, again=9000)
    assert (again.slot.role, again.max_tokens) == ("again-9000", 9000)
    assert again.keyed() == request.keyed()


def test_a_vendors_sampling_goes_before_the_cards() -> None:
    table = reported(sampling={"temperature": 0.7, "top_p": None, "top_k": 20}, max_tokens=512)
    plan = toy_plan(table=table, limit=1)
    assert (plan.temperature, plan.top_k) == (Choice(0.7, "the vendor"), Choice(20, "the vendor"))
    assert plan.top_p == Choice(1.0, "the card")
    assert (plan.max_tokens, plan.counted_limit) == (Choice(512, "the vendor"), 512)
    assert toy_plan(table=table, limit=1, temperature=0.0).temperature == Choice(0.0, "the user")


def test_sample_items_need_no_data() -> None:
    plan = toy_plan(sample=True)
    assert plan.sample
    assert sorted(item.id for item in plan.order) == ["sample-1", "sample-2", "sample-3"]
    assert plan.rows_sha256 != toy_plan().rows_sha256


def test_data_that_are_not_there_and_a_task_that_cannot_score_stop_before_anything_is_asked(tmp_path: Path) -> None:
    settings = {"profile": profile(), "reported": NOTHING, "overrides": Overrides(), "sample": False}
    with pytest.raises(DataUnavailable):
        plan_task(toy_ref(), data_dir=tmp_path, **settings)
    code = (
        "from harness.errors import UsageError\n"
        "class Task(ToySum):\n    def check(self):\n        raise UsageError('no dictionary here')"
    )
    with pytest.raises(UsageError, match="no dictionary here"):
        plan_task(task_folder(tmp_path, "speller", code), data_dir=tmp_path, **settings)
