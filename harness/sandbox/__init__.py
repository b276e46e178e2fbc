"""Containers to let an agent work in: limited, without network but where one is given, and gone afterwards."""

from harness.sandbox.box import Box, Mount, Ran
from harness.sandbox.engine import Engine
from harness.sandbox.limits import Limits
from harness.sandbox.owner import Owner
from harness.sandbox.sweep import sweep

__all__ = ["Box", "Engine", "Limits", "Mount", "Owner", "Ran", "sweep"]
