"""Endpoint profiles: how a provider is addressed, what it understands and what it costs.

A profile is YAML: ``harness/endpoint/profiles/<name>.yaml``, or any file given with ``--profile``.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.errors import UsageError
from harness.yamls import read_yaml

_CUSTOM = "custom"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ThinkingSwitch(_Strict):
    """The request fields that turn thinking on and off."""

    on: dict[str, Any]
    off: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _unquoted(cls, values: Any) -> Any:
        """In YAML 1.1 a bare ``on`` or ``off`` is a truth value; here it means the word."""
        words = {True: "on", False: "off"}
        return {words.get(name, name): value for name, value in values.items()} if isinstance(values, dict) else values


class ListPrices(_Strict):
    """Prices in USD per million tokens, and the day they were read. ``cached_input`` None: as ``input``."""

    input: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    output: float = Field(ge=0)
    as_of: str


class Profile(_Strict):
    """One endpoint.

    ``thinking`` None: it has no switch, so none is sent. ``top_k_off`` is how "no top-k cut" is said; None: the field
    is not documented and not sent. ``reasoning_field`` is the field of an earlier assistant message that takes its
    reasoning; None: it is not sent back. ``unknown_fields``: what the gateway does with fields of a client's that it
    does not know. ``thinking_extra_tokens`` are reasoning tokens that may be charged beyond
    ``max_tokens``. Time-outs are in seconds. ``reported`` names the vendor's table under ``harness/reported``.
    ``key_optional``: a missing key is not an error. ``weights_sha256`` names the model file, where it is known.
    """

    name: str
    base_url: str = Field(pattern=r"^https?://[^/]+")
    api_key_env: str | None = None
    key_optional: bool = False
    model: str
    thinking: ThinkingSwitch | None = None
    think_tags: list[str] = Field(default_factory=lambda: ["think", "longcat_think"])
    temperature: tuple[float, float] = (0.0, 2.0)
    top_k_off: int | None = None
    seed: bool = False
    reasoning_field: str | None = "reasoning_content"
    unknown_fields: Literal["refuse", "pass"] = "refuse"
    extra_body: dict[str, Any] = Field(default_factory=dict)
    max_output_tokens: int | None = None
    context_tokens: int | None = None
    max_tokens_field: str = "max_tokens"
    thinking_extra_tokens: int = 0
    prices: ListPrices | None = None
    live_prices: Literal["openrouter"] | None = None
    concurrency: int = Field(default=16, ge=1)
    first_token_timeout_s: float = Field(default=600.0, gt=0)
    idle_timeout_s: float = Field(default=180.0, gt=0)
    reported: str | None = "longcat-2.0"
    weights_sha256: str | None = None
    notes: list[str] = Field(default_factory=list)


def profile_names() -> list[str]:
    """Names of the profiles that come with the harness, without the base of ``--base-url``."""
    folder = resources.files(__package__) / "profiles"
    names = (file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))
    return sorted(name for name in names if name != _CUSTOM)


def resolve(
    endpoint: str | None = None,
    base_url: str | None = None,
    model: str | None = None,
    api_key_env: str | None = None,
    profile_file: str | Path | None = None,
) -> Profile:
    """Find the endpoint a command means.

    ``endpoint`` names a profile and ``profile_file`` is one; the other arguments override its fields. ``base_url``
    alone needs ``model``.

    Raises:
        UsageError: nothing, or something unknown, was named; the message says what can be.
    """
    if endpoint and profile_file:
        raise UsageError("Both --endpoint and --profile name an endpoint: give one of them.")
    if profile_file:
        profile = _from_file(Path(profile_file))
    elif endpoint and endpoint != _CUSTOM:
        profile = named(endpoint)
    elif base_url and model:
        profile = _shipped(_CUSTOM)
    elif base_url:
        raise UsageError("--base-url also needs --model ID: the name under which that server knows the model.")
    else:
        raise UsageError(_nothing_named())
    changes: dict[str, Any] = {}
    if base_url:
        changes |= {"base_url": base_url.rstrip("/"), "key_optional": api_key_env is None}
    if model:
        changes["model"] = model
    if api_key_env:
        changes |= {"api_key_env": api_key_env, "key_optional": False}
    if model and model != profile.model and not _free(profile):
        changes["prices"] = None
    return _without_secrets(_validated({**profile.model_dump(), **changes}, "The endpoint"))


def _without_secrets(profile: Profile) -> Profile:
    """Refuse a key or password where a name or an address belongs: profiles are written into manifests."""
    if profile.api_key_env is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", profile.api_key_env):
        raise UsageError("--api-key-env takes the NAME of an environment variable that holds the key, not the key.")
    if "@" in urlsplit(profile.base_url).netloc:
        raise UsageError("Put no user or password into the endpoint's address: keys come from the environment.")
    return profile


def named(name: str) -> Profile:
    """The shipped profile of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in profile_names():
        raise UsageError(
            f"There is no endpoint profile {name!r}. Known: {', '.join(profile_names())}; "
            "for any other, --base-url URL --model ID, or --profile FILE."
        )
    return _shipped(name)


def _free(profile: Profile) -> bool:
    """Whether nothing is paid here, whatever the model: a price belongs to one model."""
    return profile.prices is not None and profile.prices.input == profile.prices.output == 0


@cache
def _shipped(name: str) -> Profile:
    text = (resources.files(__package__) / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")
    return Profile.model_validate(read_yaml(text))


def _from_file(path: Path) -> Profile:
    try:
        values = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"The profile {path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"The profile {path} is not YAML: {error}") from None
    if not isinstance(values, Mapping):
        raise UsageError(f"The profile {path} must be a YAML mapping such as name: ..., base_url: ..., model: ...")
    return _validated({"name": path.stem, **values}, f"The profile {path}")


def _validated(values: Mapping[str, Any], what: str) -> Profile:
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise UsageError(f"{what} is not valid: {faults}.") from None


def _nothing_named() -> str:
    ready = [
        f"{name} ({variable})"
        for name in profile_names()
        if (variable := _shipped(name).api_key_env) and os.environ.get(variable)
    ]
    keys = f"Keys found in the environment for: {', '.join(ready)}" if ready else "No key was found in the environment"
    return (
        f"No endpoint was named. {keys}. Name one with --endpoint ({', '.join(profile_names())}), "
        "with --base-url URL --model ID [--api-key-env NAME], or with --profile FILE."
    )
