import json
from pathlib import Path
from typing import Any

import pytest

from tests.data import data_dir
from tests.needs import long_run
from tests.place import Place

FIELDS = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"}
HASHES = {"doc_hash", "prompt_hash", "target_hash"}


def exported(place: Place, run: str, out: Path) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]], list[Path]]:
    """The results file, the samples by task name as lm-eval reads it from the file's, and the files."""
    from lm_eval.utils import get_file_task_name

    done = place("export", run, "--format", "lm-eval", "-o", out)
    assert done.code == 0, done.text
    files = [Path(line) for line in done.out.splitlines()]
    results, *samples = files
    found = {
        get_file_task_name(path.name): [json.loads(line) for line in path.read_text().splitlines()] for path in samples
    }
    return json.loads(results.read_text()), found, files


def test_the_files_are_named_and_shaped_as_lm_eval_names_and_shapes_them(runs: Place, tmp_path: Path) -> None:
    from lm_eval.utils import (
        get_file_datetime,
        get_latest_filename,
        get_results_filenames,
        get_sample_results_filenames,
    )

    results, samples, files = exported(runs, "toy", tmp_path)
    names = [str(path) for path in files]
    assert get_results_filenames(names) == names[:1]
    assert get_sample_results_filenames(names) == names[1:]
    assert get_latest_filename(names[1:]) in names[1:]
    assert len({get_file_datetime(name).removesuffix(".json") for name in names}) == 1
    assert set(samples) == set(results["results"]) == {"toy_sum", "toy_sum-plain"}
    for name, rows in samples.items():
        assert len(rows) == 40
        assert results["n-samples"][name] == {"original": 400, "effective": 40}
        assert all(set(row) >= FIELDS | HASHES for row in rows)
        assert all(row[metric] in (0.0, 1.0) for row in rows for metric in row["metrics"])
        mean = sum(row["accuracy"] for row in rows) / len(rows)
        assert results["results"][name]["accuracy,none"] == pytest.approx(mean)
        assert results["configs"][name]["metadata"]["version"] == results["versions"][name] == 1
        assert results["higher_is_better"][name] == {"accuracy": True}
    assert results["longcat_repro"]["warnings"] == []


def test_lm_eval_prints_the_results_as_its_own_table(runs: Place, tmp_path: Path) -> None:
    from lm_eval.utils import make_table

    results, samples, _ = exported(runs, "toy", tmp_path)
    table = make_table(results)
    score = sum(row["accuracy"] for row in samples["toy_sum"]) / 40
    spread = (score * (1 - score) / 39) ** 0.5
    line = next(line for line in table.splitlines() if line.startswith("|toy_sum "))
    cells = [cell.strip() for cell in line.split("|")]
    assert "accuracy" in cells
    assert f"{score:g}" in cells
    assert f"{spread:.4f}" in cells


def test_the_hashes_are_those_lm_eval_makes(runs: Place, tmp_path: Path) -> None:
    from lm_eval.utils import hash_string

    results, samples, _ = exported(runs, "toy", tmp_path)
    for name, rows in samples.items():
        for row in rows:
            assert row["doc_hash"] == hash_string(json.dumps(row["doc"], indent=2, ensure_ascii=False))
            assert row["prompt_hash"] == hash_string(row["arguments"]["gen_args_0"]["arg_0"][0])
        together = "".join(row["doc_hash"] + row["prompt_hash"] + row["target_hash"] for row in rows)
        assert results["task_hashes"][name] == hash_string(together)


def test_the_datasets_library_loads_the_samples(runs: Place, tmp_path: Path) -> None:
    from datasets import load_dataset

    _, samples, files = exported(runs, "wild", tmp_path)
    loaded = load_dataset("json", data_files=str(files[1]), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["filtered_resps"] == [row["filtered_resps"] for row in samples["toy_sum"]]


@pytest.mark.parametrize("run", ["toy", "twice", "wild"])
def test_our_own_import_of_the_samples_gives_the_same_scores(runs: Place, place: Place, run: str) -> None:
    results, _, files = exported(runs, run, place.folder / "out")
    done = place("import", "toy_sum", files[1], "--run-id", "back", "--model", "toy-model")
    assert done.code == 0, done.text
    ours, back = runs.task(run), place.task("back")
    assert back["metrics"] == ours["metrics"]
    assert (back["headline"]["k"], back["headline"]["n"]) == (ours["headline"]["k"], ours["headline"]["n"])
    assert back["headline"]["repeats"] == ours["headline"]["repeats"]
    assert results["results"]["toy_sum"]["accuracy,none"] == pytest.approx(back["headline"]["score"] / 100)


def test_a_ratio_is_lists_of_booleans_as_lm_eval_has_it(shares: Place, tmp_path: Path) -> None:
    done = shares("export", "shares", "--format", "lm-eval", "-o", tmp_path, "--tasks-path", shares.folder / "tasks")
    assert done.code == 0, done.text
    results, samples = (Path(line) for line in done.out.splitlines())
    told = json.loads(results.read_text())
    scores, rows = told["results"]["shares"], [json.loads(line) for line in samples.read_text().splitlines()]
    assert all(row["metrics"] == ["accuracy", "parts"] for row in rows)
    flat = [one for row in rows for one in row["parts"]]
    assert scores["parts,none"] == pytest.approx(sum(flat) / len(flat), abs=1e-6)
    assert scores["accuracy,none"] == pytest.approx(sum(row["accuracy"] for row in rows) / 400, abs=1e-6)
    counts = [row["counts"] for row in rows]
    ratios = [
        sum(one[f"num_{name}"] for one in counts) / sum(one[f"den_{name}"] for one in counts)
        for name in ("right", "parts")
    ]
    assert scores["both,none"] == pytest.approx(sum(ratios) / 2, abs=1e-6)
    by_item = sum((row["accuracy"] + sum(row["parts"]) / len(row["parts"])) / 2 for row in rows) / 400
    assert abs(by_item - scores["both,none"]) > 0.001
    rules = {one["metric"]: one["aggregation"] for one in told["configs"]["shares"]["metric_list"]}
    assert rules["accuracy"] == "mean"
    assert rules["parts"] == "sum of num_parts / sum of den_parts (an item's repeats averaged first)"
    assert rules["both"].startswith("mean of 2 ratios: sum of num_right / sum of den_right, sum of num_parts")


def test_what_the_run_lacks_is_flagged(runs: Place, tmp_path: Path) -> None:
    sample, _, _ = exported(runs, "sample", tmp_path / "sample")
    part, _, _ = exported(runs, "part", tmp_path / "part")
    assert sample["longcat_repro"]["sample_data"] is True
    assert sample["longcat_repro"]["warnings"][0].startswith("SAMPLE")
    assert part["longcat_repro"]["interim"] == ["toy_sum/thinking"]
    assert part["longcat_repro"]["warnings"][0].startswith("INTERIM")


def test_recorded_replies_to_ifeval_go_out_and_come_back_with_the_same_scores(gpt4: Place, place: Place) -> None:
    long_run()
    done = gpt4("export", "gpt4", "--format", "lm-eval", "-o", place.folder / "out", "--data-dir", data_dir())
    assert done.code == 0, done.text
    assert "IMPORTED" in done.err
    results, samples = map(Path, done.out.splitlines())
    assert place("import", "ifeval", samples, "--run-id", "back", "--data-dir", data_dir()).code == 0
    there = gpt4.task("gpt4", "ifeval")
    assert place.task("back", "ifeval")["metrics"] == there["metrics"]
    k = there["headline"]["k"]
    scores = json.loads(results.read_text())["results"]["ifeval"]
    assert scores["prompt_level_strict,none"] == pytest.approx(k / 541, abs=1e-6)
    assert scores["prompt_level_strict_stderr,none"] == pytest.approx((k * (541 - k) / 541**2 / 540) ** 0.5)
