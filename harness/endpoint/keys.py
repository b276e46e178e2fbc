"""API keys: from the environment, or from a file that only its owner can read. Never from a command line."""

import os
import stat
from pathlib import Path

from harness.endpoint.profile import Profile
from harness.errors import UsageError

KEYS_VARIABLE = "LONGCAT_REPRO_KEYS"
"""Environment variable that names another key file."""


def keys_file() -> Path:
    """The file looked into when the environment has no key; lines of ``NAME=value``."""
    if named := os.environ.get(KEYS_VARIABLE):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("longcat-repro", appauthor=False) / "keys"


def read_key(profile: Profile) -> str | None:
    """The endpoint's key; None where it needs none and none is set.

    Raises:
        UsageError: the key is missing, or not fit for a header, or the file is open to others.
    """
    variable = profile.api_key_env
    if variable is None:
        return None
    key = (os.environ.get(variable) or "").strip() or _from_file(keys_file(), variable)
    if key is None and not profile.key_optional:
        raise UsageError(
            f"The endpoint {profile.name} needs a key: set the environment variable {variable}, or put the line "
            f"{variable}=... into {keys_file()} and run chmod 600 on it."
        )
    if key is not None and not (key.isascii() and key.isprintable()):
        raise UsageError(f"The key in {variable} holds characters that cannot stand in a header; it was not sent.")
    return key


def _from_file(path: Path, variable: str) -> str | None:
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise UsageError(f"{path} holds keys but others may read it (mode {mode:03o}): run chmod 600 {path}.")
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The key file {path} cannot be read: {error}.") from None
    for line in lines:
        name, equals, value = line.partition("=")
        if equals and name.strip().removeprefix("export ").strip() == variable:
            return value.strip().strip("\"'") or None
    return None
