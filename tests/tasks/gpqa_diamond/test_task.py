import pickle
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import yaml

from harness.contract import Arm, Card, Item, Reply, Score
from harness.datasource import load_rows, sample_rows
from harness.errors import UsageError
from tasks.gpqa_diamond.task import GPQADiamond, load
from tests.data import REPOSITORY, data_dir, real_data

FOLDER = REPOSITORY / "tasks" / "gpqa_diamond"
CARD = Card.model_validate(yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8")))
ROW = {
    "Record ID": "made-up",
    "Question": " Which is the largest? \n",
    "Correct Answer": " 8 \n",
    "Incorrect Answer 1": "2",
    "Incorrect Answer 2": "4  m",
    "Incorrect Answer 3": "six\nand no more",
    "High-level domain": "Arithmetic",
}


def _task(seed: int = 0, prompt: str | None = None) -> GPQADiamond:
    return load(CARD, seed, prompt)


def _item(**changes: str) -> Item:
    [item] = _task().items([ROW | changes])
    return item


def _arm(name: str) -> Arm:
    return CARD.arms[name]


def _score(task: GPQADiamond, item: Item, repeat: int, content: str) -> Score:
    score = task.score(item, repeat, _arm("contract-thinking"), Reply(content=content))
    assert isinstance(score, Score)
    return score


def _real_items(task: GPQADiamond) -> list[Item]:
    real_data("gpqa_diamond/gpqa_diamond.zip")
    return task.items(load_rows(CARD.data, data_dir=data_dir()).rows)


def test_items_go_by_record_id_and_domain() -> None:
    item = _item()
    assert (item.id, item.category) == ("made-up", "Arithmetic")
    assert item.inputs == {
        "question": " Which is the largest? \n",
        "correct": " 8 \n",
        "incorrect": ["2", "4  m", "six\nand no more"],
    }


def test_the_real_benchmark_opens_from_the_zip_with_its_three_domains() -> None:
    items = _real_items(_task())
    assert Counter(item.category for item in items) == {"Chemistry": 93, "Physics": 86, "Biology": 19}
    assert len({item.id for item in items}) == 198
    assert {name for erratum in CARD.errata for name in erratum.items} <= {item.id for item in items}


@pytest.mark.parametrize("seed", [0, 7])
def test_the_right_choice_stands_once_at_each_place_in_any_four_repeats(seed: int) -> None:
    task = _task(seed)
    for number in range(50):
        item = _item(**{"Record ID": f"item-{number}"})
        letters = [task.choices(item, repeat)[1] for repeat in range(12)]
        assert all(set(letters[start : start + 4]) == set("ABCD") for start in range(9))
        for repeat, letter in enumerate(letters):
            shown, _ = task.choices(item, repeat)
            assert shown["ABCD".index(letter)] == item.inputs["correct"]
            assert sorted(shown) == sorted([item.inputs["correct"], *item.inputs["incorrect"]])


def test_the_wrong_choices_keep_their_order_over_repeats() -> None:
    item, task = _item(), _task()
    orders = [[text for text in task.choices(item, repeat)[0] if text != item.inputs["correct"]] for repeat in range(8)]
    assert all(left == right for left, right in pairwise(orders))


def test_the_first_place_and_the_order_vary_with_item_and_seed() -> None:
    items = [_item(**{"Record ID": f"item-{number}"}) for number in range(400)]
    task, other = _task(0), _task(1)
    firsts = Counter(task.choices(item, 0)[1] for item in items)
    assert set(firsts) == set("ABCD")
    assert min(firsts.values()) > 60
    orders = {tuple(text for text in task.choices(item, 0)[0] if text != item.inputs["correct"]) for item in items}
    assert len(orders) == 6
    assert any(task.choices(item, 0) != other.choices(item, 0) for item in items)


ORDER = """
import random, sys
random.seed(int(sys.argv[1]))
from tests.tasks.gpqa_diamond.test_task import _item, _task
task = _task(3)
print([task.choices(_item(**{"Record ID": str(number)}), number) for number in range(20)])
"""


def test_another_process_shows_the_same_order() -> None:
    orders = {
        subprocess.run([sys.executable, "-c", ORDER, seed], cwd=REPOSITORY, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    task = _task(3)
    assert orders == {f"{[task.choices(_item(**{'Record ID': str(n)}), n) for n in range(20)]}\n".encode()}


def test_asking_and_scoring_leave_the_global_random_state_alone() -> None:
    state = random.getstate()
    task, item = _task(), _item()
    task.messages(item, 0, _arm("contract-thinking"))
    _score(task, item, 0, "Answer: A")
    assert random.getstate() == state


def test_our_prompt_shows_trimmed_choices_in_order_and_states_the_contract() -> None:
    task, item = _task(), _item()
    for repeat in range(4):
        [message] = task.messages(item, repeat, _arm("contract-plain"))
        shown, _ = task.choices(item, repeat)
        lines = "\n".join(f"{letter}) {text.strip()}" for letter, text in zip("ABCD", shown, strict=True))
        assert message["role"] == "user"
        assert message["content"].endswith(f"\nWhich is the largest?\n\nChoices:\n{lines}")
        assert '"Answer: X"' in message["content"]


def test_thinking_does_not_change_what_is_asked() -> None:
    task, item = _task(), _item()
    on, off = (task.messages(item, 1, _arm(name)) for name in ("contract-thinking", "contract-plain"))
    assert on == off


def test_lm_evals_arm_asks_in_lm_evals_words() -> None:
    from lm_eval.utils import apply_template

    task, item = _task(), _item()
    shown, _ = task.choices(item, 2)
    document = {"Question": item.inputs["question"]}
    document |= {f"choice{place}": text.strip().replace("  ", " ") for place, text in enumerate(shown, start=1)}
    [message] = task.messages(item, 2, _arm("lm-eval-thinking"))
    assert message["content"] == apply_template(task.wordings["lm-eval"].text, document)
    assert message["content"].startswith("What is the correct answer to this question: Which is the largest? ")
    assert task.prompts()["lm-eval"].origin.startswith("lm-eval ")


def test_without_lm_eval_only_its_arm_is_refused() -> None:
    task = _task()
    bare = replace(task, wordings={"contract": task.wordings["contract"]})
    assert bare.messages(_item(), 0, _arm("contract-plain")) == task.messages(_item(), 0, _arm("contract-plain"))
    with pytest.raises(UsageError, match="lm-eval is not installed"):
        bare.messages(_item(), 0, _arm("lm-eval-thinking"))


def test_the_users_prompt_replaces_ours_and_not_lm_evals() -> None:
    task = _task(prompt="{{ question }} / {{ A }} / {{ B }} / {{ C }} / {{ D }}")
    [message] = task.messages(_item(), 0, _arm("contract-thinking"))
    assert message["content"].startswith("Which is the largest? / ")
    assert "given by the user" in task.prompts()["contract"].origin
    assert task.prompts()["lm-eval"] == _task().prompts()["lm-eval"]
    with pytest.raises(UsageError, match=r"\{\{ question \}\}, \{\{ A \}\}"):
        _task(prompt="{{ prompt }}")


def test_a_letter_is_scored_by_the_place_of_the_right_choice() -> None:
    task, item = _task(), _item()
    for repeat in range(4):
        gold = task.choices(item, repeat)[1]
        for letter in "ABCD":
            score = _score(task, item, repeat, f"Some reasoning.\nAnswer: {letter}")
            assert score.counts["correct"] == score.counts["simple_evals"] == (float(letter == gold), 1.0)
            assert (score.extracted, score.parsed, score.detail["gold"]) == (letter, True, gold)


def test_a_choice_that_repeats_another_is_told_by_its_place() -> None:
    item = _item(**{"Incorrect Answer 1": "8"})
    task = _task()
    gold = task.choices(item, 0)[1]
    right = [letter for letter in "ABCD" if _score(task, item, 0, f"Answer: {letter}").counts["correct"][0]]
    assert right == [gold]


@pytest.mark.parametrize(
    "content", ["", "It is hard to say.", "Answer: Cannot be determined", "cut off between (A) and"]
)
def test_what_states_no_letter_is_unparsed_and_scores_nothing(content: str) -> None:
    score = _score(_task(), _item(), 0, content)
    assert (score.extracted, score.parsed) == (None, False)
    assert score.counts["correct"] == (0.0, 1.0)


def test_the_four_rules_are_counted_apart() -> None:
    task, item = _task(), _item()
    rules = ("correct", "simple_evals", "inspect", "lm_eval_flexible")
    gold = task.choices(item, 0)[1]
    wrong = "ABCD"[("ABCD".index(gold) + 1) % 4]
    dressed = _score(task, item, 0, f"**Answer:** {gold}")
    assert [dressed.counts[name][0] for name in rules] == [1.0, 0.0, 0.0, 0.0]
    corrected = _score(task, item, 0, f"Answer: {wrong}? No.\nAnswer: {gold}")
    assert [corrected.counts[name][0] for name in rules[:3]] == [1.0, 0.0, 1.0]
    mentioned = _score(task, item, 0, f"Of ({wrong}) and ({gold})")
    assert [mentioned.counts[name][0] for name in rules] == [0.0, 0.0, 0.0, 1.0]
    assert mentioned.detail == {"gold": gold, "simple_evals": None, "inspect": None, "lm_eval_flexible": gold}


def test_the_card_and_the_task_name_the_same_things() -> None:
    task = _task()
    counts = set(_score(task, _item(), 0, "").counts)
    assert {name for metric in CARD.metrics.values() for name in metric.of} == counts
    assert {arm.prompt for arm in CARD.arms.values()} == set(task.prompts())
    assert CARD.redact


def test_no_score_and_no_id_tells_a_question() -> None:
    task = _task()
    items = _real_items(task)
    for item in items[:20]:
        told = str(_score(task, item, 0, "Answer: A")) + item.id + item.category
        words: list[Any] = [item.inputs["question"], item.inputs["correct"].strip(), *item.inputs["incorrect"]]
        assert not any(text in told for text in words if len(text) > 12)


def test_sample_items_are_our_own_and_answerable() -> None:
    task = _task()
    items = task.items(sample_rows(FOLDER / "sample.jsonl", CARD.data).rows)
    assert len(items) == 5
    for item in items:
        texts = [item.inputs["correct"], *item.inputs["incorrect"]]
        assert len(set(texts)) == 4
        gold = task.choices(item, 0)[1]
        assert _score(task, item, 0, f"Answer: {gold}").counts["correct"] == (1.0, 1.0)
    real = {item.inputs["question"] for item in _real_items(task)}
    shared = len(real & {item.inputs["question"] for item in items})
    assert shared == 0


def test_the_task_travels_to_other_processes_and_needs_nothing_warm() -> None:
    task = pickle.loads(pickle.dumps(_task(5)))
    task.check()
    task.warm()
    assert task.choices(_item(), 3) == _task(5).choices(_item(), 3)
