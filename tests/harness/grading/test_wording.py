import pickle

import pytest

from harness.canonical import sha256_hex
from harness.errors import UsageError
from harness.grading.wording import Wording


def test_a_template_is_filled_without_escaping_and_without_its_last_line_break() -> None:
    assert Wording("Q: {{ question }}\n", "here").render(question="1 < 2 & \u2028") == "Q: 1 < 2 & \u2028"


def test_the_record_names_the_origin_and_hashes_the_text() -> None:
    prompt = Wording("Q: {{ question }}\n", "from here").prompt
    assert prompt.origin == "from here"
    assert prompt.sha256 == sha256_hex(b"Q: {{ question }}\n")


@pytest.mark.parametrize("text", ["{{ qestion }}", "{{ question", "{% for %}"])
def test_a_faulty_template_is_told_with_the_names_there_are(text: str) -> None:
    with pytest.raises(UsageError, match=r"given by the user.*\{\{ question \}\}"):
        Wording(text, "given by the user").checked(["question"])


def test_a_sound_template_comes_back_and_travels_to_other_processes() -> None:
    wording = Wording("{{ question }}", "here")
    assert wording.checked(["question"]) is wording
    assert pickle.loads(pickle.dumps(wording)) == wording
