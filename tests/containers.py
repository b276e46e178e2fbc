"""A container engine of the tests' own: podman over a folder, and an image out of this machine's packages."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.sandbox.engine import Engine, EngineUnavailable
from tests.needs import missing

IMAGE = "localhost/longcat-repro-base:1"
TOOLS = ("podman", "runc", "dpkg", "apt-cache")
ROOTFS = Path(__file__).with_name("make_rootfs.sh")
SETTINGS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=8192:8192"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
"""What podman needs as root in a virtual machine that lacks CAP_SYS_RESOURCE."""
STARTS_WITHIN_S = 30


def need_engine() -> None:
    """Skip, or fail in CI, where an engine of our own cannot be had."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        missing(f"containers need {', '.join(absent)} (Debian: apt-get install podman runc iptables)")
    if os.geteuid() != 0:
        missing("the tests' own podman needs root")


class Podman:
    """Podman over a folder of its own. :meth:`serve` runs its service, which speaks Docker's API."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "containers.conf"
        settings.write_text(SETTINGS)
        self.address = f"unix://{folder / 'podman.sock'}"
        self._environment = {**os.environ, "CONTAINERS_CONF": str(settings)}
        self._base = ["podman", "--root", str(folder / "storage"), "--runroot", str(folder / "run")]
        self._base += ["--tmpdir", str(folder / "tmp")]

    def __call__(self, *words: str, stdin: bytes | None = None) -> str:
        """Run a podman command and return what it printed."""
        done = subprocess.run(
            [*self._base, *words], env=self._environment, input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def load(self, *packages: str) -> None:
        """Make the base image, with further Debian packages of this machine in it."""
        made = subprocess.run(["bash", str(ROOTFS), *packages], capture_output=True, check=True)
        self("import", "--quiet", "-", IMAGE, stdin=made.stdout)

    @contextmanager
    def serve(self) -> "Iterator[subprocess.Popen[bytes]]":
        """The running service."""
        process = subprocess.Popen(
            [*self._base, "system", "service", "--time=0", self.address],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait(process)
            yield process
        finally:
            process.terminate()
            process.wait()

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < end and process.poll() is None:
            try:
                self.connect().client.close()
            except EngineUnavailable:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("podman's service did not start")

    def connect(self) -> Engine:
        """The engine, found as the program finds it: by DOCKER_HOST."""
        before = os.environ.get("DOCKER_HOST")
        os.environ["DOCKER_HOST"] = self.address
        try:
            return Engine.connect()
        finally:
            if before is None:
                del os.environ["DOCKER_HOST"]
            else:
                os.environ["DOCKER_HOST"] = before

    def remove(self) -> None:
        """Remove every container and the storage."""
        self("system", "reset", "--force")
