"""Whether a host answers, asked once and for two seconds, so that nothing retries for a minute without a network."""

import os
import threading
import urllib.error
import urllib.request
from functools import lru_cache
from urllib.parse import urlsplit

SECONDS = 2.0
HUB = "https://huggingface.co"


def hub_endpoint() -> str:
    """The hub's address: ``HF_ENDPOINT``, as Hugging Face's own libraries read it, else the public hub."""
    return os.environ.get("HF_ENDPOINT", HUB).rstrip("/")


def network_reachable(url: str | None = None) -> bool:
    """Whether the host of ``url`` (by default the hub) answers HTTP at all within two seconds; cached per process."""
    parts = urlsplit(url or hub_endpoint())
    return _answers(f"{parts.scheme}://{parts.netloc}/")


@lru_cache(maxsize=32)
def _answers(origin: str) -> bool:
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(origin, method="HEAD"), timeout=SECONDS):
                answered.set()
        except urllib.error.HTTPError as refusal:
            refusal.close()
            answered.set()
        except (OSError, ValueError):
            return

    # Looking a name up has no time limit of its own, hence the thread.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return answered.is_set()
