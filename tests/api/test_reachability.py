import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ibmq_backend.api.reachability import probe
from ibmq_backend.credentials import Credentials

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def service():
    """Answer on a port of its own, and keep the heads of all requests."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(f"{self.requestline}\n{self.headers}")
            self.send_response(self.server.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server, requests
        server.shutdown()
        thread.join()


@pytest.mark.integration
@pytest.mark.parametrize("status", [200, 302, 401, 404, 503])
def test_any_answer_counts_and_the_token_is_not_sent(service, status):
    server, requests = service
    server.status = status
    url = f"http://127.0.0.1:{server.server_port}/api"
    assert probe(Credentials(TOKEN, url)) == (status, None)
    (request,) = requests
    assert request.startswith("GET /api ")
    assert TOKEN not in request
    assert "authorization" not in request.lower()


def test_no_answer_is_a_sentence():
    status, problem = probe(Credentials(TOKEN, "http://127.0.0.1:9/api"))
    assert status is None
    assert problem.endswith("refused.")
