"""Prism processes, and one address in front of them that notes what they object to."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from ending import end

_START_SECONDS = 60.0
_HOP_HEADERS = {"connection", "content-encoding", "content-length", "host", "transfer-encoding"}
_OBJECTION = "stoplight.io/prism"


class Prism:
    """A prism proxy on a free port of this machine.

    Args:
        program: The program of prism.
        spec: The description to hold requests and replies to.
        upstream: The base URL of the service behind it.

    Attributes:
        url: The base URL of the proxy.
    """

    def __init__(self, program: Path, spec: Path, upstream: str) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [
                *("node", str(program), "proxy", str(spec), upstream, "--errors"),
                *("--host", "127.0.0.1", "--port", str(port)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._ready = threading.Event()
        self._said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self) -> None:
        """Return when it listens.

        Raises:
            RuntimeError: It does not.
        """
        if not self._ready.wait(_START_SECONDS) or self._process.poll() is not None:
            raise RuntimeError(f"prism did not start: {''.join(self._said[-5:])}")

    def stop(self) -> None:
        """End the process."""
        end(self._process)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line)
            if "is listening" in line:
                self._ready.set()
        self._ready.set()  # it has ended


class Front:
    """One origin for all services: what begins with ``/api`` and no plan, and all the rest.

    Args:
        platform: The base URL for ``/api/...``, which is cut off.
        cloud: The base URL for the rest.

    Attributes:
        url: Its own origin.
        exchanges: ``(method, path, status)`` of each request so far.
        violations: What prism said of requests or replies that are not as described.
    """

    def __init__(self, platform: str, cloud: str) -> None:
        self.exchanges: list[tuple[str, str, int]] = []
        self.violations: list[str] = []
        self._platform = platform
        self._cloud = cloud
        self._client = httpx.Client(trust_env=False, timeout=60.0)
        front = self

        class Handler(BaseHTTPRequestHandler):
            """Passes on every request."""

            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                front.pass_on(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _pass

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the exchanges are kept."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        """Send a request to its proxy and give back the reply."""
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        headers = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() not in _HOP_HEADERS
        }
        target = self._target(handler.path)
        reply = self._client.request(handler.command, target, headers=headers, content=body)
        path = handler.path.partition("?")[0]
        self.exchanges.append((handler.command, path, reply.status_code))
        self._note_violations(f"{handler.command} {path}", reply)
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
        # The catalogue of plans has paths under /api too: a UUID follows.
        plan = inner.removeprefix("/v1/").partition("?")[0]
        if inner == path or ("/" not in plan and plan.count("-") == 4):
            return self._cloud + path
        return self._platform + inner

    def _note_violations(self, what: str, reply: httpx.Response) -> None:
        if _OBJECTION in reply.text:
            document = json.loads(reply.text)
            details = document.get("validation") or [document.get("detail")]
            self.violations += [f"{what}: {json.dumps(detail)}" for detail in details]
        elif noted := reply.headers.get("sl-violations"):
            self.violations.append(f"{what}: {noted}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
