"""The whole table of retrying: every operation of every description under every fault.

The expected answers are derived from the descriptions alone (``x-retry-safe``), not from what the
client believes of its operations.
"""

from __future__ import annotations

import re
import ssl
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.retry_transport import RetryTransport
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.calls import OPERATIONS as CLASSIC
from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
from tests.support.any_operation import safe
from tests.support.virtual_time import VirtualTime

TABLES = {"classic": CLASSIC, "platform": PLATFORM_OPERATIONS, "cloud": CLOUD_OPERATIONS}
SPEC = Path(__file__).parents[2] / "spec"
PACED = ("platform", "createJob")  # the caller handles 429 itself
POLICY = RetryPolicy()
BACKOFF = [0.5, 1.0, 2.0, 4.0, 8.0]  # upper limits of the jitter


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def tls(reason: str) -> Exception:
    failure = ssl.SSLError(1, f"[SSL: {reason}]")
    failure.reason = reason
    return caused_by(httpx.ConnectError(reason), failure)


SEEN, UNSEEN, LASTING = "may have been seen", "certainly not seen", "asking again changes nothing"
FAULTS: dict[str, tuple[str, object]] = {
    "connection refused": (UNSEEN, httpx.ConnectError("refused")),
    "connect timeout": (UNSEEN, httpx.ConnectTimeout("slow")),
    "no free connection": (UNSEEN, httpx.PoolTimeout("busy")),
    "proxy error": (UNSEEN, httpx.ProxyError("502 of the proxy")),
    "TLS cut off": (UNSEEN, caused_by(httpx.ConnectError("EOF"), ssl.SSLEOFError(8, "EOF"))),
    "429": (UNSEEN, 429),
    "read timeout": (SEEN, httpx.ReadTimeout("stalled")),
    "write timeout": (SEEN, httpx.WriteTimeout("slow")),
    "reset while reading": (SEEN, httpx.ReadError("reset")),
    "reset while writing": (SEEN, httpx.WriteError("broken pipe")),
    "reset before a reply": (SEEN, httpx.RemoteProtocolError("disconnected")),
    "408": (SEEN, 408),
    "500": (SEEN, 500),
    "502": (SEEN, 502),
    "503": (SEEN, 503),
    "504": (SEEN, 504),
    "520": (SEEN, 520),
    "522": (SEEN, 522),
    "524": (SEEN, 524),
    "certificate": (
        LASTING,
        caused_by(httpx.ConnectError("verify failed"), ssl.SSLCertVerificationError("self-signed")),
    ),
    "no TLS there": (LASTING, tls("WRONG_VERSION_NUMBER")),
    "old TLS": (LASTING, tls("TLSV1_ALERT_PROTOCOL_VERSION")),
    "broken gzip": (LASTING, httpx.DecodingError("incorrect header check")),
    "bad address": (LASTING, httpx.UnsupportedProtocol("ftp")),
    **{str(status): (LASTING, status) for status in (400, 401, 403, 404, 409, 413, 422, 501, 505)},
}


MALFORMED: dict[str, bytes] = {
    "HTML page": b"<!doctype html><title>Please log in</title>",
    "empty body": b"",
    "half a document": b'{"id": ',
    "text": b"Try again later.",
}
"""Bodies of replies with status 200."""


class Always(httpx.BaseTransport):
    """A transport that replies to every request with the same fault."""

    def __init__(self, fault: object) -> None:
        self.fault = fault
        self.attempts = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.attempts += 1
        if isinstance(self.fault, Exception):
            raise self.fault
        if isinstance(self.fault, bytes):
            return httpx.Response(200, content=self.fault)
        assert isinstance(self.fault, int)
        return httpx.Response(self.fault)


def described() -> list[tuple[str, str, str, str, bool]]:
    """Yield dialect, operation id, method, path and safety of each described operation."""
    return [
        (dialect, document["operationId"], method.upper(), path, document["x-retry-safe"])
        for dialect in TABLES
        for path, methods in _paths(dialect).items()
        for method, document in methods.items()
        if isinstance(document, dict) and "operationId" in document
    ]


@cache
def _paths(dialect: str) -> dict[str, dict[str, Any]]:
    text = (SPEC / f"{dialect}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)["paths"]


def send(dialect: str, method: str, path: str, fault: object, *, expected: bool = True):
    """Send a request with the real retry decision; return the attempts and pauses."""
    time, leaf = VirtualTime(), Always(fault)
    transport = RetryTransport(
        leaf,
        NetworkSettings(retry=POLICY),
        TABLES[dialect].find,
        clock=time,
        sleep=time.sleep,
        jitter=lambda: 1.0,
        expected=expected,
    )
    request = httpx.Request(method, f"http://127.0.0.1/base{filled(path)}")
    with suppress(httpx.HTTPError):
        transport.handle_request(request)
    return leaf.attempts, time.sleeps


def filled(path: str) -> str:
    """Return a path with a value for each variable part."""
    return re.sub(r"\{[^}]*\}", "one", path)


@pytest.mark.parametrize("name", FAULTS)
def test_every_operation_with_this_fault(name):
    fate, fault = FAULTS[name]
    wrong = []
    rows = described()
    assert len(rows) > 50
    for dialect, operation, method, path, is_safe in rows:
        again = fate == UNSEEN or (fate == SEEN and is_safe)
        if fault == 429 and (dialect, operation) == PACED:
            again = False
        expected = (6, BACKOFF) if again else (1, [])
        found = send(dialect, method, path, fault)
        if found != expected:
            wrong.append((dialect, operation, found, expected))
    assert wrong == []


@pytest.mark.parametrize("name", MALFORMED)
def test_every_operation_with_a_malformed_reply(name):
    body = MALFORMED[name]
    wrong = []
    for dialect, operation, method, path, is_safe in described():
        promised = promised_types(dialect, path, method)
        may_be_so = not promised or ("text/plain" in promised and name == "text")
        again = is_safe and (name == "HTML page" or not may_be_so)
        for expected in (True, False):
            found = send(dialect, method, path, body, expected=expected)
            waits = (BACKOFF if expected else BACKOFF[:1]) if again else []
            if found != (len(waits) + 1, waits):
                wrong.append((dialect, operation, found, waits))
    assert wrong == []


def promised_types(dialect: str, path: str, method: str) -> set[str]:
    """Return the described media types of the success replies of an operation."""
    replies = _paths(dialect)[path][method.lower()]["responses"]
    return {
        kind
        for status, reply in replies.items()
        if str(status).startswith("2")
        for kind in reply.get("content", {})
    }


def test_only_operations_that_create_something_are_unsafe():
    unsafe = {(dialect, operation) for dialect, operation, _, _, safe in described() if not safe}
    assert unsafe == {
        ("classic", "createJob"),
        ("platform", "createJob"),
        ("platform", "createSession"),
    }


@pytest.mark.parametrize("name", FAULTS)
def test_a_service_without_any_reply_is_given_up_sooner(name):
    fate, fault = FAULTS[name]
    attempts, waits = send("classic", "GET", "/version", fault, expected=False)
    if fate == LASTING:
        assert (attempts, waits) == (1, [])
    elif fate == UNSEEN and name != "429":
        assert (attempts, waits) == (2, [0.5])
    else:
        assert (attempts, waits) == (6, BACKOFF)


def test_one_reply_enables_all_attempts():
    time = VirtualTime()
    script = iter([503, 200])

    def answer(request: httpx.Request) -> httpx.Response:
        status = next(script, None)
        if status is None:
            raise httpx.ConnectError("gone")
        return httpx.Response(status)

    leaf = httpx.MockTransport(answer)
    transport = RetryTransport(
        leaf, NetworkSettings(), safe, clock=time, sleep=time.sleep, expected=False
    )
    with httpx.Client(transport=transport) as client:
        assert client.get("http://127.0.0.1/").status_code == 200
        time.sleeps.clear()
        with pytest.raises(httpx.ConnectError):
            client.get("http://127.0.0.1/")
    assert len(time.sleeps) == 5


def test_a_request_matches_its_operation():
    for dialect, operation, method, path, _ in described():
        found = TABLES[dialect].find(httpx.Request(method, f"http://127.0.0.1{filled(path)}"))
        assert found is not None
        assert found.id == operation
