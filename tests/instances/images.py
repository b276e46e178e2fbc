"""Images of the instances in the names of both data sets, made from the tests' base image."""

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tests.containers import IMAGE, Podman
from tests.instances.history import history
from tests.instances.instance import Instance

Format = Literal["multilingual", "pro"]
FORMATS: tuple[Format, ...] = ("multilingual", "pro")
FOLDERS = {"multilingual": "testbed", "pro": "app"}
"""Where the images of a data set have the repository."""

REGISTRY = "docker.io"
"""What the engines put before a name that says no registry, so the images are found by the names in the rows."""


def pro_tag(instance: Instance) -> str:
    """The tag in the manner of SWE-bench Pro."""
    return f"{instance.owner}.{instance.name}-{instance.owner}__{instance.name}-{history(instance).base}"


def image(instance: Instance, kind: Format) -> str:
    """The image's name as the data set has it."""
    if kind == "pro":
        return f"jefzda/sweap-images:{pro_tag(instance)}"
    return f"swebench/sweb.eval.x86_64.{instance.owner}_1776_{instance.name}-{instance.number}:latest"


def build(podman: Podman, instances: Sequence[Instance], formats: Sequence[Format] = FORMATS) -> None:
    """Build what is not there of the instances' images. Each is the base image and one layer."""
    there = set(podman("images", "--format", "{{.Repository}}:{{.Tag}}").split())
    for kind in formats:
        for instance in instances:
            if (name := f"{REGISTRY}/{image(instance, kind)}") not in there:
                with TemporaryDirectory() as folder:
                    _context(Path(folder), instance, kind)
                    podman("build", "--quiet", "--tag", name, folder)


def _context(folder: Path, instance: Instance, kind: Format) -> None:
    """What is added to the base image: the repository, and ``python``, which SWE-bench Pro's evaluation calls."""
    place = FOLDERS[kind]
    with tarfile.open(fileobj=io.BytesIO(history(instance).archive)) as archive:
        archive.extractall(folder / "root" / place, filter="tar")
    bins = folder / "root" / "usr" / "local" / "bin"
    bins.mkdir(parents=True)
    (bins / "python").symlink_to("/usr/bin/python3")
    entry = 'ENTRYPOINT ["/bin/bash"]\n' if kind == "pro" else ""
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY root /\nWORKDIR /{place}\n{entry}")
