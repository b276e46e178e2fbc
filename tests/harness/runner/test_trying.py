"""Trials from the command line: real scaffolds, real containers, a scripted model behind a real endpoint."""

from collections.abc import Iterator

import pytest

from harness.agentic.scaffold import scaffold
from harness.errors import UsageError
from tests.agents import CompetentAgent
from tests.containers import Podman
from tests.instances import COMMANDS, INSTANCES
from tests.instances.place import Bench
from tests.needs import missing, package

pytestmark = pytest.mark.xdist_group("agents")
package("swebench")


@pytest.fixture(scope="module")
def bench(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOCKER_HOST", podman.address)
        yield Bench.lay(folder, INSTANCES, podman.address)


@pytest.fixture(scope="module")
def agent() -> Iterator[CompetentAgent]:
    with CompetentAgent(COMMANDS) as served:
        yield served


def need(name: str) -> None:
    try:
        scaffold(name).ready()
    except UsageError as error:
        missing(str(error))


def test_gold_says_what_this_machine_can_judge(bench: Bench) -> None:
    done = bench("gold", "toy_pro", "--run-id", "gold", "--limit", 2)
    assert done.code == 0, done.text
    assert "2 of 2 solutions are judged right on this machine" in done.err
    assert "toy_pro resolved: 100.00 (2 of 2)" in done.out
    assert bench.place.task("gold", "toy_pro")["verdict"]["label"] == "nothing reported"
    again = bench("gold", "toy_pro", "--run-id", "gold", "--limit", 2)
    assert "2 of 2 answered on" in again.err

    out = bench.place.folder / "published"
    published = bench("publish", "gold", "--to", out, "--local-paths")
    assert published.code == 0, published.text
    logs = sorted(path.name for path in (bench.place.results / "gold" / "trajectories").iterdir())
    assert sorted(path.name for path in out.rglob("trajectories/*")) == logs != []
    assert bench("verify", out).code == 0
    next(out.rglob("trajectories/*")).write_text("changed")
    assert "was changed" in bench("verify", out).text


@pytest.mark.parametrize(
    ("name", "task", "arm"),
    [("mini-swe-agent", "toy_pro", "mini-swe-agent"), ("claude-code", "toy_multilingual", "hardened")],
)
def test_a_scaffold_solves_all_instances_through_the_gateway(
    bench: Bench, agent: CompetentAgent, name: str, task: str, arm: str
) -> None:
    need(name)
    before = len(agent.requests)
    words = bench.run(agent, name, task, "--arms", arm, "--sandboxes", 2)
    done = bench(*words)
    assert done.code == 0, done.text
    summary = bench.place.task(name, task)
    assert (summary["headline"]["k"], summary["headline"]["n"]) == (6, 6), done.text
    assert set(bench.outcomes(name).values()) == {1}
    asked = [request.body for request in agent.requests[before:] if request.path.endswith("/chat/completions")]
    assert {(body["temperature"], body["top_p"], body["top_k"]) for body in asked} == {(1.0, 1.0, -1)}
    turns = bench.bodies(name, "reply", "turn")
    assert len(turns) == len(asked) >= 18
    outcomes = bench.bodies(name, "outcome", "answer")
    assert sum(body["outcome"]["turns"] for body in outcomes) == len(turns)
    prepared = bench.bodies(name, "trial", "prepare")
    assert {body["scaffold"] for body in prepared} == {name}
    assert all(body["digest"] and body["hardened"] for body in prepared)

    again = bench(*words)
    assert again.code == 0
    assert "nothing asked" in again.err
    assert len(agent.requests) == before + len(asked)
    verified = bench("verify", name)
    assert verified.code == 0, verified.text
    assert summary["ended"] == {"all tests passed": 6}
    page = (bench.place.reports / name / "rows" / f"{task}.html").read_text("utf-8")
    assert "What became of 6 planned trials" in page
    assert "ended: all tests passed" in page
    assert "Turns of a trial" in page
    assert "cut by the output limit" not in page
