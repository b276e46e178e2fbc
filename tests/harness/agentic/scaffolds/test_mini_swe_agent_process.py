"""The agent's process, here in a Python that has not got the package."""

import sys
from pathlib import Path

from harness.agentic.scaffolds.mini_swe_agent_process import AgentProcess

PYTHON = Path(sys.executable)
GIVEN = {"task": "x", "output": "record.json", "agent": {}, "model": {}, "environment": {}}


def test_a_program_that_does_not_start_says_why(tmp_path: Path) -> None:
    with AgentProcess(PYTHON, {"LANG": "C.UTF-8"}, tmp_path, 60) as agent:
        agent.tell(GIVEN | {"task": "Ä" * 100_000})
        assert list(agent.asks()) == []
        agent.tell({"output": "nobody listens"})
    assert not agent.out_of_time
    assert 0 < agent.seconds_left <= 60
    assert "minisweagent" in agent.last_words


def test_a_program_whose_time_is_over_is_ended(tmp_path: Path) -> None:
    with AgentProcess(PYTHON, {}, tmp_path, 0.2) as agent:
        assert list(agent.asks()) == []
    assert agent.out_of_time
    assert agent.seconds_left > 0


def test_a_program_goes_when_it_is_left(tmp_path: Path) -> None:
    with AgentProcess(PYTHON, {}, tmp_path, 60) as agent:
        pass
    assert not agent.out_of_time
