"""Prism processes, and one server in front of them that collects the violations they report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from processes import stop

_SPEC = Path(__file__).resolve().parents[3] / "spec"
_HOP_HEADERS = {"connection", "content-encoding", "content-length", "host", "transfer-encoding"}
_VIOLATION = "stoplight.io/prism"
_ADDRESS = re.compile(r"is listening on (http://[\d.]+:\d+)")


@contextmanager
def running_prism(description: str, upstream: str) -> Iterator[str]:
    """Run prism between its clients and a service.

    Args:
        description: the file in ``spec`` that requests and replies are validated against.
        upstream: the base URL of the service.

    Yields:
        The base URL of the proxy.
    """
    command = ["node", os.environ["PRISM"], "proxy", str(_SPEC / description), upstream]
    process = subprocess.Popen(
        [*command, "--errors", "--host", "127.0.0.1", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        output = process.stdout
        address = next(filter(None, map(_ADDRESS.search, output)), None)
        assert address, f"prism did not start with {description}"
        # Prism logs every request and would wait for a reader.
        threading.Thread(target=output.read, daemon=True).start()
        yield address[1]
    finally:
        stop(process)


class Front:
    """One server for the platform and the cloud services, each behind its own prism.

    Args:
        platform: the base URL for ``/api/...``, without that prefix.
        cloud: the base URL for everything else.

    Attributes:
        url: its own base URL.
        exchanges: ``(method, path, status)`` of each request so far.
    """

    def __init__(self, platform: str, cloud: str) -> None:
        self.exchanges: list[tuple[str, str, int]] = []
        self._violations: list[str] = []
        self._platform = platform
        self._cloud = cloud
        self._client = httpx.Client(trust_env=False, timeout=60.0)
        front = self

        class Handler(BaseHTTPRequestHandler):
            """Forwards every request."""

            protocol_version = "HTTP/1.1"

            def _forward(self) -> None:
                front.forward(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _forward

            def log_message(self, format: str, *args: Any) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def take_violations(self) -> list[str]:
        """Return what prism reported about requests and replies since the last call."""
        taken, self._violations = self._violations, []
        return taken

    def forward(self, handler: BaseHTTPRequestHandler) -> None:
        """Send a request to its proxy and the reply to the client."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() not in _HOP_HEADERS
        }
        target = self._target(handler.path)
        reply = self._client.request(handler.command, target, headers=headers, content=body)
        path = handler.path.partition("?")[0]
        self.exchanges.append((handler.command, path, reply.status_code))
        self._collect_violations(f"{handler.command} {path}", reply)
        handler.send_response(reply.status_code)
        for name, value in reply.headers.items():
            if name.lower() not in _HOP_HEADERS:
                handler.send_header(name, value)
        if reply.status_code != httpx.codes.NO_CONTENT:
            handler.send_header("Content-Length", str(len(reply.content)))
        handler.end_headers()
        handler.wfile.write(reply.content)

    def _target(self, path: str) -> str:
        inner = path.removeprefix("/api")
        # The global catalog has paths below /api too: /api/v1/ and the UUID of a plan.
        plan = inner.removeprefix("/v1/").partition("?")[0]
        if inner == path or ("/" not in plan and plan.count("-") == 4):
            return self._cloud + path
        return self._platform + inner

    def _collect_violations(self, request: str, reply: httpx.Response) -> None:
        if _VIOLATION in reply.text:
            document = json.loads(reply.text)
            details = document.get("validation") or [document.get("detail")]
            self._violations += [f"{request}: {json.dumps(detail)}" for detail in details]
        elif reported := reply.headers.get("sl-violations"):
            self._violations.append(f"{request}: {reported}")
