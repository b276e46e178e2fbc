from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from harness.datasource import DoorFailed, fetch


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


def test_a_file_of_a_commit_is_fetched_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "run.sh").write_text("echo one\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_address[1]}/run.sh"
            assert fetch(address) == b"echo one\n"
            (tmp_path / "run.sh").unlink()
            assert fetch(address) == b"echo one\n"
            with pytest.raises(DoorFailed, match="404"):
                fetch(address.replace("run", "none"))
        finally:
            server.shutdown()
            thread.join()
