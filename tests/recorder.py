"""A loopback proxy that keeps what a client asks."""

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

NOT_PASSED_ON = {"host", "connection", "accept-encoding", "content-length"}


class Recorder:
    """Passes every request on to ``base_url`` (``http://HOST:PORT/v1``) and its answer back; a context manager."""

    def __init__(self, base_url: str) -> None:
        upstream = urlsplit(base_url).netloc
        self.bodies: list[dict[str, Any]] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bodies.append(json.loads(body))
                self.pass_on(body)

            def do_GET(self) -> None:
                self.pass_on(None)

            def pass_on(self, body: bytes | None) -> None:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
                connection = http.client.HTTPConnection(upstream)
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.end_headers()
                while piece := answer.read1():
                    self.wfile.write(piece)
                connection.close()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> "Recorder":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
