import random
from importlib.metadata import version
from pathlib import Path

import pytest

from tasks.gpqa_diamond import lm_eval_prompt
from tasks.gpqa_diamond.lm_eval_prompt import lm_eval_choice, lm_eval_wording


def test_the_wording_is_the_installed_packages_own() -> None:
    import lm_eval

    wording = lm_eval_wording()
    assert wording is not None
    assert version("lm_eval") in wording.origin
    assert "gpqa_diamond_cot_zeroshot" in wording.origin
    folder = Path(lm_eval.__file__).parent / "tasks" / "gpqa" / "cot_zeroshot"
    published = (folder / "_gpqa_cot_zeroshot_yaml").read_text("utf-8")
    assert wording.text.replace("\n", "\\n") in published


def test_it_renders_as_lm_eval_renders_it() -> None:
    from lm_eval.utils import apply_template

    wording = lm_eval_wording()
    assert wording is not None
    document = {"Question": " What falls? ", "choice1": "a", "choice2": "b & c", "choice3": "<d>", "choice4": "e\nf"}
    assert wording.render(**document) == apply_template(wording.text, document)


@pytest.mark.parametrize("text", [" 45 m\n", "a  b", "x [title] y", "plain", "a   b    c"])
def test_a_choice_is_prepared_as_lm_eval_prepares_it(text: str) -> None:
    from lm_eval.tasks.gpqa.cot_zeroshot.utils import preprocess

    assert lm_eval_choice(text) == preprocess(text)


def test_a_function_tag_in_the_yaml_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "base_yaml").write_text("doc_to_text: 'Q: {{ q }}'\nprocess_docs: !function utils.process_docs\n")
    (tmp_path / "task.yaml").write_text("include: base_yaml\ntask: t\n")
    state = random.getstate()
    configuration = lm_eval_prompt._configuration(tmp_path / "task.yaml")
    assert configuration["doc_to_text"] == "Q: {{ q }}"
    assert configuration["process_docs"] == "utils.process_docs"
    assert configuration["task"] == "t"
    assert random.getstate() == state
