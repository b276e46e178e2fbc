from pathlib import Path

import pytest

from harness.canonical import sha256_hex
from harness.errors import UsageError
from harness.runner.registry import find_task, load_task, parse_prompts, read_card, sample_file, task_folders
from tests import toy
from tests.harness.runner.making import task_folder, toy_ref

SAME = "class Task(ToySum):\n    pass"


def test_packaged_tasks_and_those_of_further_folders_are_found() -> None:
    assert {"ifeval", "gpqa_diamond"} <= set(task_folders())
    found = task_folders([toy.TASKS])
    assert set(found) == {*task_folders(), "toy_sum"}
    assert found["ifeval"].packaged
    assert not found["toy_sum"].packaged
    assert sample_file(found["toy_sum"]).is_file()


def test_the_first_folder_goes_before_the_second_and_before_the_package(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for root in (first, second):
        task_folder(root, "ifeval", SAME)
    assert task_folders([first, second])["ifeval"].folder == str(first / "ifeval")
    assert not find_task("ifeval", [first, second]).packaged


def test_what_is_not_there_is_named_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'toy'; there are: gpqa_diamond, ifeval, swe_bench_.*, toy_sum"):
        find_task("toy", [toy.TASKS])
    with pytest.raises(UsageError, match="no such folder"):
        task_folders([tmp_path / "absent"])


def test_a_card_comes_with_the_hash_of_its_file() -> None:
    card, hashed = read_card(toy_ref())
    assert card.primary_arm == "thinking"
    assert hashed == sha256_hex((toy.TASKS / "toy_sum" / "card.yaml").read_bytes())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("headline: accuracy", "headline: elegance", "elegance"),
        ("    primary: true\n", "", "primary"),
        ("version: 1", "version: 1\nmotto: more", "motto"),
        ("arms:", "arms: [", "card.yaml"),
    ],
)
def test_a_card_that_breaks_the_schema_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    ref = task_folder(tmp_path, "broken", SAME, **{old: new})
    with pytest.raises(UsageError, match=said) as caught:
        read_card(ref)
    assert str(tmp_path) in str(caught.value)


def test_a_task_is_built_once_for_each_seed_and_prompt() -> None:
    task = load_task(toy_ref())
    assert load_task(toy_ref()) is task
    own = load_task(toy_ref(prompt="Add {{ a }} and {{ b }}."))
    item = task.items([{"id": "x", "a": 2, "b": 3}])[0]
    arm = task.card.arms["plain"]
    assert own.messages(item, 0, arm)[0]["content"] == "Add 2 and 3."
    assert task.messages(item, 0, arm)[0]["content"].startswith("What is 2 + 3?")
    assert own.prompts()["default"].sha256 != task.prompts()["default"].sha256


def test_a_folder_without_code_is_refused(tmp_path: Path) -> None:
    ref = task_folder(tmp_path, "hollow", SAME)
    Path(ref.folder, "task.py").unlink()
    with pytest.raises(UsageError, match=r"has no task\.py"):
        load_task(ref)


def test_prompts_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "a=b.j2"
    file.write_text("Größe {{ a }}", "utf-8")
    assert parse_prompts([f"toy_sum={file}"]) == {"toy_sum": "Größe {{ a }}"}
    assert parse_prompts([]) == {}


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_prompts_that_cannot_be_read_are_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "mine.j2"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=r"--prompt toy_sum=.*mine\.j2"):
        parse_prompts([f"toy_sum={file}"])
    with pytest.raises(UsageError, match="TASK=FILE"):
        parse_prompts([str(file)])
