"""A process that records replies until it is killed, and says on stdout which of them were acknowledged.

``python -m tests.harness.journal.appender DIRECTORY BEGIN [BYTES]``: appends ``item-BEGIN`` and on, eight at a time.
With BYTES no file may grow beyond that size, as on a full disk; the process then tells of the error and ends.
"""

import itertools
import json
import os
import resource
import sys
import threading
from pathlib import Path

from harness.errors import JournalError
from harness.journal import Journal
from tests.harness.journal.making import KEY, MANIFEST, slot

THREADS = 8


def tell(what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def append_on(journal: Journal, numbers: "itertools.count[int]") -> None:
    for n in numbers:
        try:
            journal.append(
                "reply", slot(n), KEY, "ok", {"reply": f"reply {n}", "padding": "x" * (n * 977 % 9000)}
            ).result()
        except JournalError as error:
            tell({"error": str(error)})
            return
        tell(n)


def main() -> None:
    directory, begin = Path(sys.argv[1]), int(sys.argv[2])
    numbers = itertools.count(begin)
    with Journal.open(directory, MANIFEST) as journal:
        tell("open")
        if len(sys.argv) > 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
        threads = [threading.Thread(target=append_on, args=(journal, numbers)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell({"lines": journal.lines, "known": [entry.slot.item for entry in journal.entries()]})


if __name__ == "__main__":
    main()
