import pytest

from harness.grading.think import visible

TAGS = ["think", "longcat_think"]


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ("plain answer", "plain answer"),
        ("\n  as it came, no tag  \n", "\n  as it came, no tag  \n"),
        ("<think>reasons</think>\n\nanswer\n", "answer\n"),
        ("<longcat_think>a\nb</longcat_think>answer", "answer"),
        ("opened by the template</think>answer", "answer"),
        ("first</think>second</longcat_think> answer", "answer"),
        ("<think>a</think>one <think>b</think>two", "one two"),
        ("<think>outer <think>inner</think> outer</think>answer", "answer"),
        ("<longcat_think>crossed</think>answer", "answer"),
        ("<think></think>", ""),
        ("reasons</think>", ""),
        ("1 < 2 and <b>bold</b> stay", "1 < 2 and <b>bold</b> stay"),
        ("a <thinking> tag is another tag", "a <thinking> tag is another tag"),
    ],
)
def test_reasoning_goes_and_the_answer_stays(content: str, answer: str) -> None:
    assert visible(content, TAGS) == (answer, False)


@pytest.mark.parametrize(
    "content",
    ["<think>still at it", "text before <longcat_think>cut off", "<think>a</think><think>b", "a</think><think>b"],
)
def test_an_unclosed_tag_leaves_no_answer(content: str) -> None:
    assert visible(content, TAGS) == ("", True)


def test_only_the_profiles_tags_count() -> None:
    assert visible("<think>kept</think>answer", []) == ("<think>kept</think>answer", False)
    assert visible("<think>kept</think>answer", ["longcat_think"]) == ("<think>kept</think>answer", False)


def test_a_tag_name_is_taken_literally() -> None:
    assert visible("<a.c>x</a.c>y <abc>z</abc>", ["a.c"]) == ("y <abc>z</abc>", False)
