"""What vendors report: one YAML file a model, read by :func:`load_reported`. Another vendor is another file."""

from harness.reported.load import load_reported, reported_names
from harness.reported.model import Limits, OtherScore, Reported, ReportedRow, Sandbox, SourceLink

__all__ = [
    "Limits",
    "OtherScore",
    "Reported",
    "ReportedRow",
    "Sandbox",
    "SourceLink",
    "load_reported",
    "reported_names",
]
