"""The instances as tasks: folders for ``--tasks-path``, rows for ``--data-dir``; the code is the benchmarks' own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from harness.datasource import rows_sha256
from tests.instances.instance import Instance
from tests.instances.rows import multilingual_rows, pro_rows, write_run_scripts

TASKS = {"toy_multilingual": "swe_bench_multilingual", "toy_pro": "swe_bench_pro"}
"""The tasks made here, and whose code and card they take."""

LIMITS = {
    "cpus": 1,
    "memory_gib": 1,
    "disk_gib": 1,
    "pids": 256,
    "agent_hours": 0.05,
    "grading_minutes": 1,
    "grading_network": "none",
}


def tasks_path(folder: Path, instances: Sequence[Instance], limits: Mapping[str, Any] = MappingProxyType({})) -> Path:
    """Write the tasks' folders for these instances below ``folder``, and return what ``--tasks-path`` takes.

    Each card is the benchmark's own, but for the rows, small limits, and a network that is closed in every arm.
    ``limits`` are smaller ones.
    """
    for name, benchmark in TASKS.items():
        place = folder / "tasks" / name
        place.mkdir(parents=True)
        card = yaml.safe_load(Path("tasks", benchmark, "card.yaml").read_text("utf-8"))
        rows = _rows(name, instances)
        card |= {"name": name, "title": f"Toy instances as {card['title']} has them", "eval_results": None}
        card["data"] |= {
            "rows": len(rows),
            "rows_sha256": rows_sha256(rows, card["data"]["columns"]),
            "doors": [{"kind": "file", "path": f"{name}/rows.jsonl"}],
            "beside": {
                column: path.replace(f"{benchmark}/", f"{name}/", 1)
                for column, path in card["data"].get("beside", {}).items()
            },
        }
        card["trial"] |= {**LIMITS, **limits}
        for arm in card["arms"].values():
            if "trial" in arm:
                arm["trial"] |= {"network": "none", "web_tools": False}
        (place / "card.yaml").write_text(yaml.safe_dump(card, sort_keys=False, allow_unicode=True))
        (place / "task.py").write_text(f'from tasks.{benchmark}.task import load\n\n__all__ = ["load"]\n')
    return folder / "tasks"


def data_dir(folder: Path, instances: Sequence[Instance]) -> Path:
    """Write the tasks' rows and scripts below ``folder``, and return what ``--data-dir`` takes."""
    for name in TASKS:
        place = folder / "data" / name
        place.mkdir(parents=True)
        lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in _rows(name, instances))
        (place / "rows.jsonl").write_text(lines, "utf-8")
    write_run_scripts(folder / "data" / "toy_pro", instances)
    return folder / "data"


def _rows(name: str, instances: Sequence[Instance]) -> list[dict[str, Any]]:
    rows = pro_rows(instances) if name == "toy_pro" else multilingual_rows(instances)
    return sorted(rows, key=lambda row: str(row["instance_id"]))
