"""Make requests of the client fail, and collect the secrets of the service from its replies.

This replaces the transport of httpx, so replies and errors are those that the network would give.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

from ibmq_backend.api.classic.calls import OPERATIONS
from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
from tests.secrets.leak_detector import LeakDetector

Send = Callable[[httpx.Request], httpx.Response]
Fault = Callable[[httpx.Request, Send], httpx.Response]

_SECRETS_IN_REPLIES: Final = re.compile(
    r'"(?P<name>id|access_token)":"(?P<token>[0-9a-f]{64}|eyJ[^"]+)"'
    r"|[?&]signature=(?P<signature>[0-9a-f]{64})"
)
STORAGE: Final = {"PUT": "putStoredObject", "GET": "getStoredObject"}


def operation_of(request: httpx.Request) -> str:
    """Return the operation ID of a request of either dialect."""
    if request.url.path.startswith("/storage/"):
        return STORAGE[request.method]
    for table in (PLATFORM_OPERATIONS, CLOUD_OPERATIONS, OPERATIONS):
        if found := table.find(request):
            return found.id
    return "unknown"


class RequestFaults:
    """The faults of requests.

    Attributes:
        operations: IDs of the requested operations, in order.
    """

    def __init__(self, detector: LeakDetector) -> None:
        self._detector = detector
        self._faults: dict[str, Fault] = {}
        self.operations: list[str] = []

    def install(self, patch: Any) -> None:
        """Replace the transport of httpx."""
        original = httpx.HTTPTransport.handle_request

        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> Any:
            def send(request: httpx.Request) -> httpx.Response:
                response = original(transport, request)
                response.read()
                self._collect_secrets(request, response)
                return response

            operation = operation_of(request)
            self.operations.append(operation)
            fault = self._faults.get(operation)
            return send(request) if fault is None else fault(request, send)

        patch.setattr(httpx.HTTPTransport, "handle_request", handle_request)

    @contextmanager
    def failing(self, operation: str, fault: Fault) -> Iterator[None]:
        """Make an operation fail."""
        self._faults[operation] = fault
        try:
            yield
        finally:
            self._faults.clear()

    def _collect_secrets(self, request: httpx.Request, response: httpx.Response) -> None:
        for match in _SECRETS_IN_REPLIES.finditer(response.text):
            if match["signature"]:
                self._detector.add_secret("signature of a URL", match["signature"])
            elif match["name"] == "access_token" or request.url.path.endswith("loginWithToken"):
                self._detector.add_secret("access token", match["token"])


def description_of(request: httpx.Request) -> str:
    """Return all of a request, as a careless server or proxy might repeat it."""
    headers = " ".join(f"{name}: {value}" for name, value in request.headers.items())
    return f"{request.method} {request.url} {headers} {request.read().decode('utf-8', 'replace')}"


def _reply(status: int, request: httpx.Request, **content: Any) -> httpx.Response:
    return httpx.Response(status, request=request, **content)


def error_reply(status: int) -> Fault:
    """Return a fault: an error of the service that repeats the request."""

    def fault(request: httpx.Request, _send: Send) -> httpx.Response:
        text = description_of(request)
        body = {
            "error": {"message": text, "code": 7, "name": text[:40], "solution": text},
            "errors": [{"message": text, "code": 7, "solution": text}],
            "errorMessage": text,
            "trace": "trace-1",
        }
        return _reply(status, request, json=body)

    return fault


def plain_text(request: httpx.Request, _send: Send) -> httpx.Response:
    """Return an error page of plain text."""
    return _reply(502, request, text=description_of(request))


def html_page(request: httpx.Request, _send: Send) -> httpx.Response:
    """Return HTML in place of JSON, with the request in the title."""
    page = f"<!doctype html><html><title>{description_of(request)}</title></html>"
    return _reply(200, request, html=page)


def truncated_json(request: httpx.Request, _send: Send) -> httpx.Response:
    """Return JSON without its end."""
    text = json.dumps({"message": description_of(request)})[:-2]
    headers = {"content-type": "application/json"}
    return _reply(200, request, content=text.encode(), headers=headers)


def replaced_values(request: httpx.Request, send: Send) -> httpx.Response:
    """Return the reply with every value replaced by the request."""
    text = description_of(request)

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(each) for key, each in value.items()}
        return [changed(each) for each in value] if isinstance(value, list) else text

    try:
        document = send(request).json()
    except ValueError:
        document = None
    return _reply(200, request, json=changed(document))


def replaced_keys(request: httpx.Request, send: Send) -> httpx.Response:
    """Return a document whose keys are the request."""
    text = description_of(request)
    return _reply(200, request, json={text: [text], "id": {text: text}, text + "2": text})


def redirected(request: httpx.Request, _send: Send) -> httpx.Response:
    """Return a redirect to a URL that contains the request."""
    target = f"https://elsewhere.invalid/take?all={description_of(request)[:2000]}"
    headers = {"location": httpx.QueryParams({"at": target}).__str__()}
    return _reply(307, request, headers=headers)


def raising(kind: type[httpx.TransportError]) -> Fault:
    """Return a fault: an error of httpx that repeats the request."""

    def fault(request: httpx.Request, _send: Send) -> httpx.Response:
        raise kind(description_of(request), request=request)

    return fault


def lost_reply(request: httpx.Request, send: Send) -> httpx.Response:
    """Send the request and lose the reply."""
    send(request)
    raise httpx.RemoteProtocolError(description_of(request), request=request)


def interrupted(request: httpx.Request, send: Send) -> httpx.Response:
    """Interrupt the main thread, as Ctrl-C does."""
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
    return send(request)


ECHOING_FAULTS: Final = frozenset({html_page, truncated_json, replaced_values, replaced_keys})
"""Faults that are successful replies with secrets in them."""

FAULTS: Final[dict[str, Fault]] = {
    "bad request": error_reply(400),
    "unauthorized": error_reply(401),
    "forbidden": error_reply(403),
    "not found": error_reply(404),
    "server error": error_reply(500),
    "plain text": plain_text,
    "HTML": html_page,
    "truncated JSON": truncated_json,
    "replaced values": replaced_values,
    "replaced keys": replaced_keys,
    "redirected": redirected,
    "no connection": raising(httpx.ConnectError),
    "timeout": raising(httpx.ReadTimeout),
    "not HTTP": raising(httpx.LocalProtocolError),
    "not decodable": raising(httpx.DecodingError),  # type: ignore[arg-type]
    "lost reply": lost_reply,
    "interrupted": interrupted,
}
