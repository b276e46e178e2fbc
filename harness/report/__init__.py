"""The HTML report of a run: reads a finished summary and manifest, never a model."""

from harness.report.page import write_report

__all__ = ["write_report"]
