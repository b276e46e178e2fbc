import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.canonical import sha256_hex
from harness.errors import HarnessError
from harness.grading import punkt
from tests.data import real_data

ENGLISH = Path("tokenizers") / "punkt_tab" / "english"


@pytest.fixture(autouse=True)
def _nltk_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLTK_DATA", "elsewhere")


def test_the_files_are_written_once_and_repaired_when_damaged(tmp_path: Path) -> None:
    assert punkt.ensure(tmp_path) == tmp_path
    files = {path.name: sha256_hex(path.read_bytes()) for path in (tmp_path / ENGLISH).iterdir()}
    assert files == punkt.SHA256
    kept = (tmp_path / ENGLISH / "sent_starters.txt").stat().st_mtime_ns
    punkt.ensure(tmp_path)
    assert (tmp_path / ENGLISH / "sent_starters.txt").stat().st_mtime_ns == kept
    (tmp_path / ENGLISH / "ortho_context.tab").write_text("cut off")
    punkt.ensure(tmp_path)
    assert sha256_hex((tmp_path / ENGLISH / "ortho_context.tab").read_bytes()) == punkt.SHA256["ortho_context.tab"]


def test_the_folder_comes_first_and_only_once(tmp_path: Path) -> None:
    punkt.ensure(tmp_path)
    punkt.ensure(tmp_path)
    assert os.environ["NLTK_DATA"].split(os.pathsep) == [str(tmp_path), "elsewhere"]


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(HarnessError, match="cannot be written"):
        punkt.ensure(blocked)


COUNT = """
import json, sys
from pathlib import Path
from harness.grading import punkt
punkt.ensure(Path(sys.argv[1]))
from lm_eval.tasks.ifeval import instructions_util
from nltk.tokenize.punkt import PunktTokenizer, PunktSentenceTokenizer, PunktParameters
import punkt.data.english as model
parameters = PunktParameters()
parameters.abbrev_types, parameters.sent_starters = set(model.ABBREV_TYPES), set(model.SENT_STARTERS)
parameters.collocations = set(model.COLLOCATIONS)
parameters.ortho_context.update(model.ORTHO_CONTEXT)
own, direct = PunktTokenizer("english"), PunktSentenceTokenizer(parameters)
texts = json.load(open(sys.argv[2]))
counters = instructions_util.count_sentences, lambda t: len(own.tokenize(t)), lambda t: len(direct.tokenize(t))
print(json.dumps([[count(text) for count in counters] for text in texts]))
"""


def test_nltks_own_loader_counts_the_same_sentences_and_nothing_is_downloaded(tmp_path: Path) -> None:
    texts = ["One. Two? Three!", "Mr. Smith of the U.S. Senate left. He was late.", "No end", "At 5 p.m. we ate. Etc."]
    replies = real_data("ifeval/input_response_data_gpt4_20231107_145030.jsonl").read_bytes().split(b"\n")
    texts += [json.loads(line)["response"] for line in replies[:100] if line]
    asked = tmp_path / "texts.json"
    asked.write_text(json.dumps(texts))
    done = subprocess.run(
        [sys.executable, "-c", COUNT, str(tmp_path / "nltk_data"), str(asked)],
        capture_output=True,
        text=True,
        check=True,
    )
    counts = json.loads(done.stdout)
    assert [len(set(counted)) for counted in counts] == [1] * len(texts)
    assert [counted[0] for counted in counts[:4]] == [3, 2, 1, 2]
    assert "ownload" not in done.stdout + done.stderr
