"""One prompt with the issue and the files it is about, one reply with a patch: no tools, no second try.

For endpoints without tool calls and for cheap looks. SWE-bench's authors ask this way in their "oracle" setting
(Jimenez et al. 2024, arXiv 2310.06770, section 4.1), which tells the model which files the solution changes; nothing it
scores can be compared with an agent's score. The wording is ours.
"""

import http.client
import json
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from harness.agentic.scaffold import Finished
from harness.agentic.scaffolds.single_turn_reply import patch_in
from harness.agentic.terms import Infrastructure, Trial, Way
from harness.contract import TrialArm
from harness.endpoint.gateway.route import Rewrite
from harness.grading.think import visible
from harness.grading.wording import Wording
from harness.sandbox import Box, Mount

PATCH = "/tmp/longcat-repro.patch"
THINK_TAGS = ("think", "longcat_think")
"""Tags of thoughts that leak into replies: a patch that was only thought of is not the answer."""
APPLY: tuple[tuple[str, ...], ...] = (("--whitespace=nowarn",), ("--whitespace=nowarn", "--recount"))
"""Options of ``git apply``, tried in order: ``--recount`` mends hunks whose lines were counted wrongly."""


class SingleTurn:
    """The scaffold called ``single-turn``."""

    name = "single-turn"
    version = "1"
    rewrites: Sequence[Rewrite] = ()

    def settings(self, arm: TrialArm) -> Mapping[str, Any]:
        """The wordings' hashes, and how a patch is applied."""
        return {
            "version": self.version,
            "prompt_sha256": _wording("single_turn").prompt.sha256,
            "files_prompt_sha256": _wording("single_turn_files").prompt.sha256,
            "git_apply": [list(options) for options in APPLY],
        }

    def ready(self) -> None:
        """It is part of this package."""

    def install(self, say: Callable[[str], None]) -> None:
        """It is part of this package."""
        say(f"{self.name}: part of longcat-repro, there is nothing to install")

    def mounts(self) -> Sequence[Mount]:
        """None."""
        return []

    def run(self, box: Box, instruction: str, folder: str, trial: Trial) -> Finished:
        """Ask once, and apply the reply's patch in ``folder``; where that fails the folder stays as it is.

        Raises:
            Infrastructure: the trial has no way to the model, or the gateway cannot be reached.
        """
        if trial.way is None:
            raise Infrastructure("scaffold", "the trial has no way to the model")
        start = time.monotonic()
        prompt = _wording("single_turn").render(instruction=instruction)
        try:
            status, answer = _ask(trial.way, prompt, trial.agent_s)
        except TimeoutError:
            return Finished("time", "the reply did not come in time", time.monotonic() - start, prompt.encode())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Infrastructure("scaffold", f"the gateway could not be asked: {error!r}") from error
        log = f"{prompt}\n\n{json.dumps(answer, ensure_ascii=False, indent=1)}\n".encode()
        if status != http.HTTPStatus.OK:
            said = answer.get("error", {}).get("message", "")
            return Finished("crashed", f"HTTP {status}: {said}", time.monotonic() - start, log)
        detail, told = _applied(box, folder, answer["choices"][0])
        return Finished("done", detail, time.monotonic() - start, log + told)


def with_files(instruction: str, given: Mapping[str, str]) -> str:
    """The instruction and, below it, the text of files by their paths."""
    return f"{instruction.rstrip()}\n\n{_wording('single_turn_files').render(files=given)}" if given else instruction


def _ask(way: Way, prompt: str, seconds: float) -> tuple[int, dict[str, Any]]:
    """Send the request and wait ``seconds`` for the whole reply: its status and its JSON."""
    connection = http.client.HTTPConnection(way.host, way.port, timeout=seconds)
    body = {"model": way.model, "messages": [{"role": "user", "content": prompt}]}
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {way.token}"}
    try:
        connection.request("POST", f"/{way.path}/v1/chat/completions", json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def _applied(box: Box, folder: str, choice: Mapping[str, Any]) -> tuple[str, bytes]:
    """Apply the patch of a reply: what to say of it, and git's own words for the log."""
    cut = " (the reply was cut at its output limit)" if choice["finish_reason"] == "length" else ""
    answer, _ = visible(choice["message"].get("content") or "", THINK_TAGS)
    patch = patch_in(answer)
    if patch is None:
        return f"the reply holds no patch{cut}", b""
    box.put(PATCH, patch.encode())
    said = b""
    for options in APPLY:
        ran = box.run(["git", "-c", "safe.directory=*", "apply", *options, PATCH], folder=folder)
        if ran.code == 0:
            return f"the patch was applied{cut}", said
        said += ran.output
    return f"the patch does not apply{cut}", said


def _wording(name: str) -> Wording:
    text = files("harness.agentic.scaffolds").joinpath(f"{name}.j2").read_text("utf-8")
    return Wording(text, "our own wording")


SCAFFOLD = SingleTurn()
