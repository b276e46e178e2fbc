"""What can be reached from a box."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.sandbox import Engine, NoWayIn, Owner, relay
from harness.sandbox.netns import listen
from tests.harness.sandbox.boxes import box

pytestmark = pytest.mark.xdist_group("containers")
ASK = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for _ in range(2):
    connection.request("POST", "/v1", body=b"x" * 300000)
    print(connection.getresponse().read().decode())
"""


class Counts(BaseHTTPRequestHandler):
    """Answers with the length of what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        data = str(len(self.rfile.read(int(self.headers["Content-Length"])))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def test_only_the_relay_answers_in_a_box_without_network(engine: Engine, owner: Owner) -> None:
    with (
        box(engine, owner) as mine,
        ThreadingHTTPServer(("127.0.0.1", 0), Counts) as server,
        socket.create_server(("0.0.0.0", 0)) as other,
    ):
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        with relay(mine, *server.server_address) as made:
            mine.put("/tmp/ask.py", ASK.encode())
            assert mine.run(["python3", "/tmp/ask.py", str(made.port)]).text == "300000\n300000\n"
            assert mine.run(
                ["bash", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1; tail -n +2 /proc/net/route"]
            ).text.split() == ["lo"]
            outside = other.getsockname()[1]
            for host in ("127.0.0.1", "10.88.0.1", "1.1.1.1"):
                assert mine.run(["bash", "-c", f"exec 3<>/dev/tcp/{host}/{outside}"], seconds=20).code == 1
        assert mine.run(["python3", "/tmp/ask.py", str(made.port)]).text.count("Connection refused") == 1
        server.shutdown()
        serving.join()


def test_a_process_that_is_not_here_cannot_be_entered() -> None:
    with pytest.raises(NoWayIn, match=r"process 999999999 cannot be entered: .*No such file"):
        listen(999999999)
