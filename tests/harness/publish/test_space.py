"""A publication in a Space, on a stand-in of the hub."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.harness.publish.making import contents, small_publication
from tests.harness.publish.space_standin import TOKEN, Hub, space_standin
from tests.place import REPOSITORY

STRANGER = "hf_another0123456789"
CODE = """
import json, os, sys
from pathlib import Path
from harness.errors import UsageError
from harness.publish.space import Space
for line in sys.stdin:
    name, source, os.environ["HF_TOKEN"] = json.loads(line)
    try:
        print(Space(name).write(Path(source)), flush=True)
    except UsageError as error:
        print("refused:", *str(error).split(), flush=True)
"""


@dataclass(frozen=True)
class Writer:
    """Writes to a Space in a process of its own: the hub's client reads its settings when it is imported."""

    process: "subprocess.Popen[str]"

    def __call__(self, name: str, source: Path, token: str = TOKEN) -> str:
        """What it said, on one line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([name, str(source), token]) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def writer(hub: Hub, home: Path) -> Iterator[Writer]:
    """A writer to ``hub``, which ends well and tells no secret."""
    settings = {"HF_ENDPOINT": hub.address, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    quiet = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", CODE],
        cwd=REPOSITORY,
        env={**os.environ, **settings, **quiet},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield Writer(process)
        _, told = process.communicate()
        assert process.returncode == 0, told
        assert not [secret for secret in (TOKEN, STRANGER) if secret in told]


def test_a_space_is_made_static_filled_and_replaced(tmp_path: Path) -> None:
    first = small_publication(tmp_path / "one", **{"old.html": "old"})
    second = small_publication(tmp_path / "two")
    with space_standin() as hub, writer(hub, tmp_path / "hub") as write:
        made = write("me/verdicts", first)
        assert hub.address + "/spaces/me/verdicts" in made
        assert [(new["type"], new["sdk"]) for new in hub.created] == [("space", "static")]
        files = hub.spaces["me/verdicts"]
        assert files.items() >= contents(first).items()
        assert b"sdk: static" in files["README.md"]
        assert b"PAR1\x00\xff" in hub.stored.values()
        again = write("me/verdicts", second)
        assert hub.address + "/spaces/me/verdicts" in again
        assert "old.html" not in files
        assert files.items() >= contents(second).items()
        assert b"sdk: static" in files["README.md"]
        files["README.md"] = b"---\nsdk: static\n---\nmine"
        assert "refused" not in write("me/verdicts", small_publication(tmp_path / "three"))
        assert files["README.md"].endswith(b"mine")
        assert TOKEN not in made + again


def test_what_the_hub_refuses_is_told(tmp_path: Path) -> None:
    source = small_publication(tmp_path / "one")
    with space_standin() as hub, writer(hub, tmp_path / "hub") as write:
        hub.spaces["me/blog"] = {"README.md": b"---\nsdk: static\n---\n", "post.html": b"mine"}
        assert "post.html" in write("me/blog", source)
        assert hub.spaces["me/blog"]["post.html"] == b"mine"
        assert "set HF_TOKEN" in write("me/verdicts", source, token="")
        assert "OWNER/NAME" in write("verdicts", source)
        stranger = write("me/verdicts", source, token=STRANGER)
        assert "the hub did not take it" in stranger
        assert STRANGER not in stranger
        hub.full = True
        full = write("me/verdicts", source)
        assert "refused" in full
