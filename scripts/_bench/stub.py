"""A stub of the service that answers from prepared bytes; only the standard library.

It first forwards every request to an emulator and remembers the replies; the first ``POST /stub``
with ``"replay": true`` ends that. From then on it answers by itself: each created job gets an id of
its own, and lists of jobs have 200 entries. It refuses websockets.

``POST /stub`` takes ``latency`` (seconds before each reply), ``job_seconds`` (from the first
request about a job to its end) and ``result`` (a file), and returns the number of requests since
the last one.

    python stub.py URL    prints its own URL
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

DEVICES: Final = 30
JOBS: Final = 200
DEVICE: Final = "ibmq_vigo"
PLATFORM_DEVICE: Final = "ibm_sherbrooke"
SIMULATOR: Final = "ibmq_qasm_simulator"

_JOB: Final = re.compile(r"(.*/[Jj]obs/|/storage/\w+-)([0-9a-z]{20,24})(?![0-9a-z])(.*)")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_NOT_FORWARDED: Final = {"connection", "accept-encoding", "content-length"}


class Replies:
    """The replies, as they were recorded from an emulator.

    Args:
        source: URL of the emulator.
        origin: URL of the stub, which replaces that of the emulator in the replies.
    """

    def __init__(self, source: str, origin: str) -> None:
        self._source, self._origin = source, origin
        self._prepared: dict[str, tuple[bytes, str]] = {}
        self._lists: dict[tuple[str, str], bytes] = {}
        self._ends: dict[str, float] = {}
        self._created = 0
        self.replaying = False
        self.job_seconds = 0.0
        self.result_file = ""

    def answer(self, method: str, target: str, headers: list[str], body: bytes) -> bytes:
        """Return the whole reply to a request."""
        if any(line.lower().startswith("upgrade:") for line in headers):
            return _reply(b"", "404 Not Found")
        path, _, query = target.partition("?")
        path = path.removeprefix("/api")
        found = _JOB.fullmatch(path)
        key = f"{method} {found[1]}ID{found[3]}" if found else f"{method} {path}"
        is_list = method == "GET" and re.search(r"/[Jj]obs(/status/v/1|/v/1)?$", path)
        if not (found or is_list) and query:
            key += f"?{query}"
        if not self.replaying:
            return self._forward(key, method, target, headers, body)
        if is_list:
            return self._list(key, query)
        if key not in self._prepared:
            sys.stderr.write(f"not recorded: {key}\n")
            return _reply(b'{"error": {"message": "not recorded"}}', "404 Not Found")
        reply, recorded = self._prepared[key]
        if found is None and recorded:
            self._created += 1
            job_id = f"{self._created:0{len(recorded)}x}"
        elif found is None:
            return reply
        else:
            job_id = found[2]
        if self.result_file and key.startswith("GET /storage/result"):
            text = Path(self.result_file).read_bytes()
            return _reply(
                text.replace(b'"job_id":"' + b"J" * 24, f'"job_id":"{job_id}'.encode(), 1)
            )
        reply = reply.replace(recorded.encode(), job_id.encode())
        now = time.monotonic()
        if self.job_seconds and self._ends.setdefault(job_id, now + self.job_seconds) > now:
            body = _body(reply).replace(b'"COMPLETED"', b'"RUNNING"')
            return _reply(body.replace(b'"Completed"', b'"Running"'))
        return reply

    def _forward(
        self, key: str, method: str, target: str, headers: list[str], body: bytes
    ) -> bytes:
        sent = dict(line.split(": ", 1) for line in headers)
        sent = {name: value for name, value in sent.items() if name.lower() not in _NOT_FORWARDED}
        connection = HTTPConnection(urlsplit(self._source).netloc)
        connection.request(method, target, body or None, sent)
        received = connection.getresponse()
        content = received.read().replace(self._source.encode(), self._origin.encode())
        connection.close()
        kind = received.headers.get("Content-Type", "application/json")
        if method == "GET" and key.endswith(("/devices/v/1", "/v1/backends")):
            content = _chosen_devices(content)
        reply = _reply(content, f"{received.status} {received.reason}", kind)
        if received.status < 300:
            found = _JOB.search(target.partition("?")[0])
            job_id = found[2] if found else ""
            if method == "POST" and key.lower().endswith("/jobs"):
                job_id = json.loads(content)["id"]
            if job_id or key not in self._prepared:  # of a job the last reply, when it is done
                self._prepared[key] = (reply, job_id)
        return reply

    def _list(self, key: str, query: str) -> bytes:
        if (key, query) not in self._lists:
            asked = {name: values[0] for name, values in parse_qs(query).items()}
            text = asked.get("filter", "{}")
            asked |= json.loads(text)
            limit = int(asked.get("limit", 10))
            skip = int(asked.get("skip", asked.get("offset", 0)))
            newest = re.search(r'"lte": ?"([^"]+)"', text)
            recorded = json.loads(_body(self._prepared[key][0]))
            first = (recorded if isinstance(recorded, list) else recorded["jobs"])[0]
            jobs: Any = [
                job
                for job in (_copy(first, number) for number in range(JOBS))
                if job["id"] not in text and (newest is None or job["creationDate"] <= newest[1])
            ][skip : skip + limit]
            if isinstance(recorded, dict):
                jobs = {**recorded, "jobs": jobs, "count": JOBS, "limit": limit, "offset": skip}
            self._lists[key, query] = _reply(json.dumps(jobs, separators=(",", ":")).encode())
        return self._lists[key, query]


def _copy(job: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a job of the list: the higher the number, the older it is."""
    moment = f"2026-11-{28 - number // 60:02}T12:{59 - number % 60:02}:00.000Z"
    times = {name: moment for name in ("creationDate", "created") if name in job}
    return {**job, **times, "id": f"{0xF00000 + number:0{len(job['id'])}x}"}


def _chosen_devices(content: bytes) -> bytes:
    document = json.loads(content)
    listed = document["devices"] if isinstance(document, dict) else document
    wanted = (DEVICE, PLATFORM_DEVICE, SIMULATOR)
    listed.sort(key=lambda one: one.get("backend_name", one.get("name")) not in wanted)
    del listed[DEVICES:]
    return json.dumps(document, separators=(",", ":")).encode()


def _reply(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _body(reply: bytes) -> bytes:
    return reply.partition(b"\r\n\r\n")[2]


class Stub:
    """The state of the server: its replies, their latency, and the number of requests.

    Args:
        replies: gives the reply to each request.
    """

    def __init__(self, replies: Replies) -> None:
        self.replies = replies
        self.latency = 0.0
        self.requests = 0

    def configure(self, body: bytes) -> bytes:
        """Apply settings and return the number of requests since the last call."""
        wanted = json.loads(body)
        self.latency = wanted.get("latency", self.latency)
        self.replies.job_seconds = wanted.get("job_seconds", self.replies.job_seconds)
        self.replies.result_file = wanted.get("result", self.replies.result_file)
        self.replies.replaying = wanted.get("replay", self.replies.replaying)
        seen = self.requests
        if not wanted.get("keep"):
            self.requests = 0
        return _reply(str(seen).encode())


class Connection(asyncio.Protocol):
    """One connection of a client.

    Args:
        stub: the state of the server.
    """

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when a request is complete; clients wait for the reply before the next one."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or (length and len(body) < int(length[1])):
            return
        self._received = b""
        first, *headers = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        if target == "/stub":
            self._transport.write(self._stub.configure(body))
            return
        self._stub.requests += 1
        reply = self._stub.replies.answer(method, target, headers, body)
        if self._stub.latency:
            loop = asyncio.get_running_loop()
            loop.call_later(self._stub.latency, self._transport.write, reply)
        else:
            self._transport.write(reply)


async def serve(source: str) -> None:
    """Serve on a free port until the process is ended."""
    loop = asyncio.get_running_loop()
    stub: Stub
    server = await loop.create_server(lambda: Connection(stub), "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    stub = Stub(Replies(source, origin))
    print(f"at {origin}/api", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
