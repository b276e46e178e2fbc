"""The local model as an endpoint: a profile whose address has port 0 is one that is served here while it is used."""

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from harness.endpoint.local.model import ENGINE, FETCH, MODEL_SHA256, model_in_use
from harness.endpoint.local.process import CONTEXT_TOKENS, LocalServer
from harness.endpoint.profile import Profile
from harness.errors import UsageError


def as_fetched(profile: Profile) -> Profile:
    """The profile with the model in use filled in, so that a run says by what it was answered; others unchanged.

    A model of the user's own has no vendor's table unless one is named.

    Raises:
        UsageError: engine or model is missing; says what to run.
    """
    if not _served_here(profile):
        return profile
    model = model_in_use()
    engine = f"Engine: {ENGINE} {importlib.metadata.version(ENGINE)}."
    reported = profile.reported if model.sha256 == MODEL_SHA256 else None
    filled = {"model": model.name, "weights_sha256": model.sha256, "reported": reported}
    return profile.model_copy(update=filled | {"notes": [*profile.notes, engine]})


@contextmanager
def serve(profile: Profile, key: str | None) -> Iterator[tuple[Profile, str | None]]:
    """Profile and key that can be asked: for a local profile a server runs for the length of the block.

    Raises:
        UsageError: engine or model is missing, or the model in use is not the one that the profile names.
        HarnessError: the server did not come up.
    """
    if not _served_here(profile):
        yield profile, key
        return
    model = model_in_use()
    if (profile.model, profile.weights_sha256 or model.sha256) != (model.name, model.sha256):
        raise UsageError(
            f"the run asks for the local model {profile.model} (SHA-256 {profile.weights_sha256 or 'not given'}), but "
            f"{model.name} ({model.sha256}) is in use; to change it, {FETCH}, with --gguf FILE for a model of your own"
        )
    context = profile.context_tokens or CONTEXT_TOKENS
    with LocalServer.start(model, slots=profile.concurrency, context=context) as server:
        yield profile.model_copy(update={"base_url": server.base_url}), server.api_key


def _served_here(profile: Profile) -> bool:
    return urlsplit(profile.base_url).port == 0
