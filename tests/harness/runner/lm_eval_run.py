"""``python -m tests.harness.runner.lm_eval_run BASE_URL MODEL MAX_TOKENS ROWS OUT``: IFEval by lm-eval alone.

ROWS is a JSONL file of IFEval's rows; OUT receives lm-eval's samples as JSON. The key is in ``OPENAI_API_KEY``.
"""

import json
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import yaml

from harness.grading import punkt


def main(base_url: str, model: str, max_tokens: str, rows: str, out: str) -> None:
    punkt.ensure()
    spec = find_spec("lm_eval")
    assert spec is not None
    assert spec.origin is not None
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HF_HOME"] = folder
        os.environ["HF_HUB_OFFLINE"] = "1"
        task = {
            "include": str(Path(spec.origin).parent / "tasks" / "ifeval" / "ifeval.yaml"),
            "task": "ifeval_local",
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"train": rows}},
        }
        Path(folder, "ifeval_local.yaml").write_text(yaml.safe_dump(task))

        from lm_eval import simple_evaluate
        from lm_eval.tasks import TaskManager

        results = simple_evaluate(
            model="local-chat-completions",
            model_args={"base_url": f"{base_url}/chat/completions", "model": model, "num_concurrent": 1},
            tasks=["ifeval_local"],
            task_manager=TaskManager(include_path=folder, include_defaults=False),
            apply_chat_template=True,
            gen_kwargs={"max_gen_toks": int(max_tokens)},
            bootstrap_iters=0,
            log_samples=True,
        )
    assert results is not None
    Path(out).write_text(json.dumps(results["samples"]["ifeval_local"], default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
