"""How mini-swe-agent is configured: as its package publishes for SWE-bench, but for what belongs to the run.

The published configuration is the package's ``config/benchmarks/swebench.yaml``
(https://mini-swe-agent.com/latest/usage/swebench/), read from the installed package.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.agentic.environments import environment
from harness.canonical import sha256_hex
from harness.contract import TrialArm
from harness.yamls import read_yaml

NAME = "mini-swe-agent"
VERSION = "2.4.6"
REQUIREMENTS = (
    "jinja2==3.1.6",
    "litellm==1.77.7",
    "openai==2.54.0",
    "platformdirs==4.14.7",
    "pydantic==2.14.3",
    "PyYAML==6.0.3",
    "rich==15.0.0",
    "tenacity==9.2.1",
)
"""What its agent and its LiteLLM model import. All that the package asks for (data sets, screens, clouds) is four times
as much, and serves programs that are not used here. Of the LiteLLM that the package allows, later ones send each reply
back to the model with fields of their own (``provider_specific_fields``), and some cannot call tools without a further
package; this one adds nothing, and starts fastest."""
BARE = (f"{NAME}=={VERSION}",)

PUBLISHED = Path("config", "benchmarks", "swebench.yaml")
LIMITLESS_S = 86400
"""A day: how long a reply may take, and how often it is asked for, is ``ask``'s to say."""

ENVIRONMENT: Mapping[str, str] = {
    "LANG": "C.UTF-8",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT": "1",
    "MSWEA_SILENT_STARTUP": "1",
}
"""All that its process is told, besides its way to the model and folders of its own: nothing is fetched, no ``.env``
file is read, nothing is asked twice."""


def published() -> bytes:
    """The published configuration as the installed package has it."""
    (package,) = environment(NAME).glob("lib/python3.*/site-packages/minisweagent")
    return (package / PUBLISHED).read_bytes()


def effective(arm: TrialArm, model: str, folder: str | None = None) -> dict[str, dict[str, Any]]:
    """The options of the package's ``agent``, ``model`` and ``environment`` in a trial.

    The prompt names the item's own folder where the published one names SWE-bench's. Costs are counted, and sampling
    is set, at the gateway.

    Args:
        arm: whose turn limit holds, if it has one.
        model: the name to give at the gateway.
        folder: where the item's repository is; None leaves SWE-bench's.
    """
    found: dict[str, dict[str, Any]] = read_yaml(published())
    agent, chosen, place = found["agent"], found["model"], found["environment"]
    if folder is not None:
        agent["instance_template"] = agent["instance_template"].replace(place["cwd"], folder)
        place["cwd"] = folder
    agent["cost_limit"] = 0.0
    if arm.turns is not None:
        agent["step_limit"] = arm.turns
    del place["environment_class"]
    chosen["model_name"] = f"openai/{model}"
    chosen["cost_tracking"] = "ignore_errors"
    chosen["model_kwargs"] |= {"max_retries": 0, "num_retries": 0, "timeout": LIMITLESS_S}
    return {"agent": agent, "model": chosen, "environment": place}


def settings(arm: TrialArm) -> dict[str, Any]:
    """Everything for the manifest; templates stand as their SHA-256."""
    options = effective(arm, "the model measured")
    return {
        "version": VERSION,
        "packages": [*REQUIREMENTS, *BARE],
        "published": {"file": f"minisweagent/{PUBLISHED.as_posix()}", "sha256": sha256_hex(published())},
        "effective": {part: _short(each) for part, each in options.items()},
        "process": dict(ENVIRONMENT),
        "differs": [
            "costs are counted and capped at the gateway, so the published cost limit is off",
            "the prompt names the item's own folder",
            "a command that takes too long is ended, not only left alone",
        ],
    }


def _short(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: f"sha256:{sha256_hex(value.encode())}" if name.endswith("_template") else value
        for name, value in options.items()
    }
