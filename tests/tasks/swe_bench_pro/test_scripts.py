import json
import subprocess
from pathlib import Path

import pytest

from harness.agentic.terms import Infrastructure
from harness.datasource import load_rows
from tasks.swe_bench_pro.grading import last_line, statuses_in
from tasks.swe_bench_pro.image import LONGEST_TAG, image_of, tag_of
from tasks.swe_bench_pro.scripts import APPLY, COMMIT, Scripts, base_script, script_of_tests, scripts_of
from tests.data import data_dir, real_data
from tests.tasks.swe_bench_pro.test_task import CARD, task

DOCKERFILE = "FROM debian\n  ENV PATH=/opt/go/bin:$PATH\nRUN true\nENV CI=true\n"


def test_scripts_beside_the_row_are_taken_with_the_environment_of_its_dockerfiles() -> None:
    found = scripts_of("x", {"run_script": "run", "parser": "parse", "base_dockerfile": DOCKERFILE})
    assert found == Scripts("run", "parse", ("export PATH=/opt/go/bin:$PATH", "export CI=true"))
    assert set(found.told()) == {"run_script_sha256", "parser_sha256", "exports_sha256"}


def test_scripts_of_the_data_directory_stand_beside_their_rows(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"instance_id": "a", "repo": "x/y"}\n{"instance_id": "b", "repo": "x/y"}\n')
    place = tmp_path / "swe_bench_pro" / "run_scripts" / "a"
    place.mkdir(parents=True)
    (place / "run_script.sh").write_text("echo é\n", "utf-8")
    (place / "parser.py").write_text("pass\n")
    door = CARD.data.doors[0].model_copy(update={"path": "rows.jsonl"})
    data = CARD.data.model_copy(update={"doors": [door], "rows": 2, "rows_sha256": None})
    found = load_rows(data, data_dir=tmp_path)
    one, other = task().items(found.rows)
    assert scripts_of(one.id, one.inputs).run_script == "echo é\n"
    assert "run_script" not in other.inputs
    assert "does not pin by hash" in found.door


def test_scripts_that_cannot_be_had_are_no_fault_of_the_agents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(Infrastructure, match=f"image: the run scripts of x cannot be had.*{COMMIT}") as fault:
        scripts_of("x", {"run_script": "run"})
    assert fault.value.cause == "image"


def test_the_tests_run_on_restored_files_with_the_dockerfiles_environment(tmp_path: Path) -> None:
    scripts = Scripts("", "", ("export A=b",))
    script = script_of_tests(scripts, "echo restored $A", ["t 1", "t2"])
    script = script.replace("/app", str(tmp_path)).replace("/workspace", str(tmp_path))
    (tmp_path / "run_script.sh").write_text('echo "$#:$1:$2"\n')
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "restored b\n"
    assert (tmp_path / "stdout.log").read_text() == "2:t:1,t2\n"


def test_a_patch_goes_onto_the_base_and_one_that_does_not_apply_is_told(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        who = ["-c", "user.name=A", "-c", "user.email=a@b.invalid"]
        return subprocess.run(
            ["git", *who, *words], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()

    git("init", "-q")
    (tmp_path / "f").write_text("a\n")
    git("add", "-A")
    git("commit", "-q", "-m", "base")
    base = git("rev-parse", "HEAD")
    (tmp_path / "f").write_text("dirty\n")
    script = f"{base_script(base)} && {APPLY}".replace("/app", str(tmp_path)).replace("/workspace", str(tmp_path))
    (tmp_path / "patch.diff").write_text("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n")
    assert subprocess.run(["bash", "-c", script], capture_output=True).returncode == 0
    assert (tmp_path / "f").read_text() == "b\n"
    (tmp_path / "patch.diff").write_text("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-z\n+b\n")
    assert subprocess.run(["bash", "-c", script], capture_output=True).returncode != 0
    assert (tmp_path / "f").read_text() == "a\n"


def test_the_last_line_restores_the_tests() -> None:
    assert last_line("git reset --hard 1\ngit clean -fd\ngit checkout 2 -- a b\n\n") == "git checkout 2 -- a b"
    assert last_line("") == ""


@pytest.mark.parametrize("report", [None, b"", b"[]", b"{}", b'{"tests": 3}', b'{"tests": [{"name": "a"}]}', b"\xff"])
def test_what_is_no_report_gives_no_result(report: bytes | None) -> None:
    assert statuses_in(report) is None


def test_a_test_that_passed_once_has_passed() -> None:
    pairs = [("a", "PASSED"), ("a", "FAILED"), ("b", "SKIPPED")]
    report = {"tests": [{"name": name, "status": status} for name, status in pairs]}
    assert statuses_in(json.dumps(report).encode()) == {"a": "PASSED", "b": "SKIPPED"}
    assert statuses_in(b'{"tests": []}') == {}


@pytest.mark.parametrize(
    ("instance", "repo", "tag"),
    [
        ("instance_NodeBB__NodeBB-00-vnan", "NodeBB/NodeBB", "nodebb.nodebb-NodeBB__NodeBB-00"),
        ("instance_a__b-1-vf2", "A/B", "a.b-a__b-1-vf2"),
        (
            "instance_element-hq__element-web-1-vnan",
            "element-hq/element-web",
            "element-hq.element-element-hq__element-web-1",
        ),
        (
            "instance_element-hq__element-web-ec0f940ef0e8e3b61078f145f34dc40d1938e6c5-vnan",
            "element-hq/element-web",
            "element-hq.element-web-element-hq__element-web-ec0f940ef0e8e3b61078f145f34dc40d1938e6c5-vnan",
        ),
    ],
)
def test_the_tag_by_the_authors_rule(instance: str, repo: str, tag: str) -> None:
    assert tag_of(instance, repo) == tag
    assert image_of(instance, {"repo": repo}) == f"jefzda/sweap-images:{tag}"
    assert image_of(instance, {"repo": repo, "dockerhub_tag": "own"}) == "jefzda/sweap-images:own"


def test_every_real_instance_has_a_tag_of_its_own() -> None:
    real_data("swe_bench_pro/instance_info_731.jsonl")
    items = task().items(load_rows(CARD.data, data_dir=data_dir()).rows)
    tags = {tag_of(item.id, item.category) for item in items}
    assert len(tags) == 731
    assert max(map(len, tags)) <= LONGEST_TAG
