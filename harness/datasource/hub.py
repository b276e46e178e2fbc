"""The door to a dataset on the Hugging Face hub, at a pinned revision."""

import os
from typing import Any

from harness.contract import Door
from harness.datasource.network import hub_endpoint, network_reachable
from harness.datasource.rows import DoorFailed


def open_hub(door: Door, columns: list[str]) -> tuple[list[dict[str, Any]], str]:
    """Rows of the dataset ``door.id``, and a sentence on it.

    Without a network the libraries are set offline before they are imported: a copy in their cache still opens, and
    nothing retries. Whoever imports ``datasets`` earlier in the process decides that instead.

    Raises:
        DoorFailed: the dataset cannot be loaded; for a gated one the message says how to get access.
    """
    if door.id is None:
        raise DoorFailed("the card gives this door no dataset id")
    online = os.environ.get("HF_HUB_OFFLINE", "0") in ("", "0") and network_reachable()
    _prepare(online=online)

    from datasets import DatasetDict, load_dataset
    from datasets.exceptions import DatasetsError
    from httpx2 import HTTPError

    try:
        dataset = load_dataset(door.id, door.config, split=door.split, revision=door.revision)
    except (DatasetsError, HTTPError, OSError, ValueError, RuntimeError) as error:
        raise DoorFailed(_why(door, error, online=online)) from error
    if isinstance(dataset, DatasetDict):
        raise DoorFailed(f"{door.id}: the card names no split of {', '.join(dataset)}")
    used = [column for column in columns if column in dataset.column_names]
    rows = list(dataset.select_columns(used))
    where = "the Hugging Face hub" if online else "the local copy of the Hugging Face hub"
    return rows, f"{door.id} on {where} at revision {door.revision}"


def _prepare(*, online: bool) -> None:
    if not online:
        os.environ["HF_HUB_OFFLINE"] = "1"
    for name, value in {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_VERBOSITY": "error",
        "DATASETS_VERBOSITY": "error",
    }.items():
        os.environ.setdefault(name, value)


def _why(door: Door, error: Exception, *, online: bool) -> str:
    if not online:
        offline = "HF_HUB_OFFLINE is set" if network_reachable() else f"{hub_endpoint()} does not answer"
        return f"{door.id}: {offline}, and the hub's cache on this machine has no copy of revision {door.revision}"
    said = " ".join(str(error).split()) or type(error).__name__
    if door.gated:
        page = f"{hub_endpoint()}/datasets/{door.id}"
        said += f" (a gated dataset: accept its terms at {page}, make a read token there, and set HF_TOKEN to it)"
    return f"{door.id}: {said}"
