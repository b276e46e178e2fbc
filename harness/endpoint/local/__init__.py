"""A small real model behind a real OpenAI-compatible server on this machine, asked for by name."""

from harness.endpoint.local.model import fetch
from harness.endpoint.local.serving import as_fetched, serve

__all__ = ["as_fetched", "fetch", "serve"]
