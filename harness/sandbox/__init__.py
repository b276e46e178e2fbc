"""Containers to let an agent work in: limited, without network but where one is given, and gone afterwards."""

from harness.sandbox.box import Box, Mount
from harness.sandbox.command import Ended, Ran
from harness.sandbox.engine import Engine, EngineUnavailable, SandboxFailed
from harness.sandbox.images import ImageUnavailable, ensure, evict
from harness.sandbox.limits import Limits
from harness.sandbox.netns import NoWayIn
from harness.sandbox.owner import Owner, owner_of_this_process, retired_owner
from harness.sandbox.relay import Relay, relay
from harness.sandbox.sweep import sweep

__all__ = [
    "Box",
    "Ended",
    "Engine",
    "EngineUnavailable",
    "ImageUnavailable",
    "Limits",
    "Mount",
    "NoWayIn",
    "Owner",
    "Ran",
    "Relay",
    "SandboxFailed",
    "ensure",
    "evict",
    "owner_of_this_process",
    "relay",
    "retired_owner",
    "sweep",
]
