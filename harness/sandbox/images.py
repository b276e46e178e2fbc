"""Images: pulled when they are not here, and removed again when those pulled take more disk than they may."""

import platform
import time
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.sandbox.engine import Engine, failing
from harness.sandbox.ledger import Ledger, Pulled
from harness.sandbox.limits import GIB
from harness.sandbox.owner import default_folder

PLATFORM = "linux/amd64"
"""What the benchmarks' images are built for."""
KEPT_S = 120.0
"""So long an image is kept after it was asked for, used or not: its container may be about to start."""


class ImageUnavailable(HarnessError):
    """An image is not here and could not be pulled."""


def ensure(engine: Engine, image: str, *, most_gib: float | None = None, folder: Path | None = None) -> str:
    """Have an image here, pulled if need be, and return what identifies it: its registry digest, else its id.

    Args:
        engine: where.
        image: its name, with a tag or a digest.
        most_gib: the disk that images pulled by this function may take. Beyond it those that were asked for longest
            ago are removed, and never one that was here before, has a container, or was asked for just now. Layers
            that images share are counted for each. None: nothing is removed.
        folder: where the record of pulled images is kept.

    Raises:
        ImageUnavailable: it could not be pulled; the message has the registry's words.
        SandboxFailed: the engine failed.
    """
    ledger = _ledger(engine, folder)
    with failing(f"the image {image}"):
        if not _touch(engine, ledger, image):
            with ledger.pulling(image):
                if not _touch(engine, ledger, image):
                    _pull(engine.client, image)
                    with ledger.changing() as pulled:
                        found = engine.client.api.inspect_image(image)
                        pulled[image] = Pulled(found["Id"], int(found["Size"]), time.time())
            if most_gib is not None:
                _evict(engine, ledger, round(most_gib * GIB))
        return engine.digest(image)


def evict(engine: Engine, most_gib: float, folder: Path | None = None) -> list[str]:
    """Remove images that :func:`ensure` pulled, by its rules, down to this limit; returns their names.

    The engine is asked nothing where they take no more than that.

    Raises:
        SandboxFailed: the engine failed.
    """
    ledger, most = _ledger(engine, folder), round(most_gib * GIB)
    with ledger.changing() as pulled:
        if sum(each.size for each in pulled.values()) <= most:
            return []
    with failing("images could not be removed"):
        return _evict(engine, ledger, most)


def _ledger(engine: Engine, folder: Path | None) -> Ledger:
    """The engine's ledger. Machines that share a home have engines at the same address."""
    return Ledger((folder or default_folder()) / "images", f"{platform.node()} {engine.address}")


def _evict(engine: Engine, ledger: Ledger, most: int) -> list[str]:
    """Remove pulled images, the least recently used first, until they take ``most`` bytes; returns their names."""
    from docker.errors import APIError

    removed = []
    with ledger.changing() as pulled:
        for name in [name for name, known in pulled.items() if _id(engine, name) != known.id]:
            del pulled[name]
        used = {each["ImageID"] for each in engine.client.api.containers(all=True)}
        for name, known in sorted(pulled.items(), key=lambda each: each[1].used):
            if sum(each.size for each in pulled.values()) <= most:
                break
            if known.id in used or time.time() - known.used < KEPT_S:
                continue
            try:
                engine.client.api.remove_image(name)
            except APIError:
                continue
            del pulled[name]
            removed.append(name)
    return removed


def _touch(engine: Engine, ledger: Ledger, image: str) -> bool:
    """Note that an image is asked for; whether it is here."""
    with ledger.changing() as pulled:
        found = _id(engine, image)
        if found is not None and image in pulled:
            pulled[image] = Pulled(pulled[image].id, pulled[image].size, time.time())
    return found is not None


def _id(engine: Engine, image: str) -> str | None:
    from docker.errors import ImageNotFound

    try:
        return str(engine.client.api.inspect_image(image)["Id"])
    except ImageNotFound:
        return None


def _pull(client: Any, image: str) -> None:
    from docker.errors import DockerException

    try:
        for line in client.api.pull(image, platform=PLATFORM, stream=True, decode=True):
            if "error" in line:
                raise ImageUnavailable(_message(image, str(line["error"])))
    except (DockerException, OSError) as error:
        raise ImageUnavailable(_message(image, str(getattr(error, "explanation", None) or error))) from error


def _message(image: str, words: str) -> str:
    hint = ""
    if "toomanyrequests" in words.lower().replace(" ", ""):
        hint = " The registry limits pulls by time: log in (`docker login`), wait, or use a mirror."
    return f"the image {image} is not here and could not be pulled: {words.strip()}.{hint}"
