"""A container engine of the tests' own: podman over a folder, and an image out of this machine's packages."""

import gc
import os
import shutil
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.sandbox.engine import Engine
from tests.needs import missing

IMAGE = "localhost/longcat-repro-base:1"
TOOLS = ("podman", "runc", "dpkg", "apt-cache", "tcc")
ROOTFS = Path(__file__).with_name("make_rootfs.sh")
SETTINGS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=8192:8192"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
exit_command_delay = 3600
"""
"""What podman needs as root in a virtual machine that lacks CAP_SYS_RESOURCE; locks of its own, apart from those of
the machine's podman; and no podman process after each command, minutes later: :meth:`Podman.remove` cleans up."""
REGISTRIES = """\
[[registry]]
location = "127.0.0.1:{port}"
insecure = true
"""
STARTS_WITHIN_S = 180


def need_engine() -> None:
    """Skip, or fail in CI, where an engine of our own cannot be had."""
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        missing(f"containers need {', '.join(absent)} (Debian: apt-get install podman runc iptables tcc libc6-dev)")
    if os.geteuid() != 0:
        missing("the tests' own podman needs root")


class Podman:
    """Podman over a folder of its own. :meth:`serve` runs its service, which speaks Docker's API.

    ``registry`` listens where it looks for a registry of images without TLS; who needs one accepts from it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder / "containers.conf"
        settings.write_text(SETTINGS)
        self.address = f"unix://{folder / 'podman.sock'}"
        self.registry = socket.create_server(("127.0.0.1", 0))
        registries = folder / "registries.conf"
        registries.write_text(REGISTRIES.format(port=self.registry.getsockname()[1]))
        self._environment = {
            **os.environ,
            "CONTAINERS_CONF": str(settings),
            "CONTAINERS_REGISTRIES_CONF": str(registries),
        }
        self._storage = folder / "storage"
        self._base = ["podman", "--root", str(self._storage), "--runroot", str(folder / "run")]
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

    def give(self, folder: Path) -> Path:
        """Copy its images into a folder, and return the copy, from which others :meth:`take` them."""
        images = folder / "storage"
        subprocess.run(["cp", "-a", self._storage, images], check=True)
        # Podman's own record of where it stands.
        shutil.rmtree(images / "libpod")
        return images

    def take(self, images: Path) -> None:
        """Begin with the images that another gave."""
        subprocess.run(["cp", "-a", images, self._storage], check=True)

    @contextmanager
    def serve(self, name: str = "podman.sock") -> "Iterator[subprocess.Popen[bytes]]":
        """The running service; several may serve one storage, each at a socket of its own."""
        path = self.folder / name
        process = subprocess.Popen(
            [*self._base, "system", "service", "--time=0", f"unix://{path}"],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(process, path)
            yield process
        finally:
            process.terminate()
            process.wait()
            path.unlink(missing_ok=True)

    def connect(self, name: str = "podman.sock") -> Engine:
        """The engine, found as the program finds it: by DOCKER_HOST."""
        before = os.environ.get("DOCKER_HOST")
        os.environ["DOCKER_HOST"] = f"unix://{self.folder / name}"
        try:
            return Engine.connect()
        finally:
            if before is None:
                del os.environ["DOCKER_HOST"]
            else:
                os.environ["DOCKER_HOST"] = before

    def processes(self) -> list[int]:
        """The processes that name its folder: services, and podman's monitors of containers and commands."""
        named, found = os.fsencode(self.folder), []
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if named in place.read_bytes() and place.parent.name != str(os.getpid()):
                    found.append(int(place.parent.name))
        return found

    def mounts(self) -> list[str]:
        """The mounts under its folder, the innermost first."""
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
        return sorted((at for line in lines if (at := line.split()[4]).startswith(f"{self.folder}/")), reverse=True)

    def remove(self) -> None:
        """Remove every container, process, mount and file of it; its service has ended."""
        self.registry.close()
        self("rm", "--all", "--force", "--time=0", "--volumes")
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for place in self.mounts():
            subprocess.run(["umount", place], check=True)
        shutil.rmtree(self.folder)


@contextmanager
def failing_connections() -> Iterator[None]:
    """For tests in which the service dies: the Docker client leaves open what it could not connect, until collected."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            yield
        finally:
            gc.collect()


def _wait(process: "subprocess.Popen[bytes]", path: Path) -> None:
    """Return when the service accepts connections."""
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            if path.exists() and probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("podman's service did not start")
