"""Where a benchmark's rows come from: the card's doors, tried in order, all giving the same rows."""

from harness.datasource.load import load_rows, sample_rows
from harness.datasource.network import network_reachable
from harness.datasource.parse import read_table
from harness.datasource.rows import DoorFailed, Rows, rows_sha256
from harness.datasource.url import fetch

__all__ = ["DoorFailed", "Rows", "fetch", "load_rows", "network_reachable", "read_table", "rows_sha256", "sample_rows"]
