"""Between the client and the emulated service: learns its secrets, and breaks what it is told.

Every attempt over a connection passes here, so what is returned or raised is what the network
would have given.
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
from tests.secrets.watch import Watch

Send = Callable[[httpx.Request], httpx.Response]
Fault = Callable[[httpx.Request, Send], httpx.Response]

_GIVEN: Final = re.compile(
    r'"(?P<name>id|access_token)":"(?P<token>[0-9a-f]{64}|eyJ[^"]+)"'
    r"|[?&]signature=(?P<signature>[0-9a-f]{64})"
)
STORAGE: Final = {"PUT": "putStoredObject", "GET": "getStoredObject"}


def operation_of(request: httpx.Request) -> str:
    """The operation id of a request of either dialect."""
    if request.url.path.startswith("/storage/"):
        return STORAGE[request.method]
    for table in (PLATFORM_OPERATIONS, CLOUD_OPERATIONS, OPERATIONS):
        if found := table.find(request):
            return found.id
    return "unknown"


class Wire:
    """What happens to requests.

    Attributes:
        asked: operation ids, in order.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._faults: dict[str, Fault] = {}
        self.asked: list[str] = []

    def install(self, patch: Any) -> None:
        """Get between httpx and the network."""
        original = httpx.HTTPTransport.handle_request

        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> Any:
            def send(request: httpx.Request) -> httpx.Response:
                response = original(transport, request)
                response.read()
                self._learn(request, response)
                return response

            operation = operation_of(request)
            self.asked.append(operation)
            fault = self._faults.get(operation)
            return send(request) if fault is None else fault(request, send)

        patch.setattr(httpx.HTTPTransport, "handle_request", handle_request)

    @contextmanager
    def broken(self, operation: str, fault: Fault) -> Iterator[None]:
        """Let an operation fail."""
        self._faults[operation] = fault
        try:
            yield
        finally:
            self._faults.clear()

    def _learn(self, request: httpx.Request, response: httpx.Response) -> None:
        for match in _GIVEN.finditer(response.text):
            if match["signature"]:
                self._watch.learn("signature of an address", match["signature"])
            elif match["name"] == "access_token" or request.url.path.endswith("loginWithToken"):
                self._watch.learn("access token", match["token"])


def everything_about(request: httpx.Request) -> str:
    """What a careless server, or a proxy on the way, repeats of a request."""
    headers = " ".join(f"{name}: {value}" for name, value in request.headers.items())
    return f"{request.method} {request.url} {headers} {request.read().decode('utf-8', 'replace')}"


def _reply(status: int, request: httpx.Request, **content: Any) -> httpx.Response:
    return httpx.Response(status, request=request, **content)


def refused(status: int) -> Fault:
    """An error in IBM's form whose words repeat the request."""

    def fault(request: httpx.Request, _send: Send) -> httpx.Response:
        said = everything_about(request)
        body = {
            "error": {"message": said, "code": 7, "name": said[:40], "solution": said},
            "errors": [{"message": said, "code": 7, "solution": said}],
            "errorMessage": said,
            "trace": "trace-1",
        }
        return _reply(status, request, json=body)

    return fault


def plain_text(request: httpx.Request, _send: Send) -> httpx.Response:
    """An error page of plain text."""
    return _reply(502, request, text=everything_about(request))


def html_page(request: httpx.Request, _send: Send) -> httpx.Response:
    """A page where JSON was promised; its title repeats the request."""
    page = f"<!doctype html><html><title>{everything_about(request)}</title></html>"
    return _reply(200, request, html=page)


def half_json(request: httpx.Request, _send: Send) -> httpx.Response:
    """A body that breaks off."""
    text = json.dumps({"message": everything_about(request)})[:-2]
    headers = {"content-type": "application/json"}
    return _reply(200, request, content=text.encode(), headers=headers)


def retyped(request: httpx.Request, send: Send) -> httpx.Response:
    """The true reply, every word and number of it replaced by the request's own words."""
    said = everything_about(request)

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(each) for key, each in value.items()}
        return [changed(each) for each in value] if isinstance(value, list) else said

    try:
        document = send(request).json()
    except ValueError:
        document = None
    return _reply(200, request, json=changed(document))


def renamed(request: httpx.Request, send: Send) -> httpx.Response:
    """The true reply under keys that repeat the request."""
    said = everything_about(request)
    return _reply(200, request, json={said: [said], "id": {said: said}, said + "2": said})


def redirected(request: httpx.Request, _send: Send) -> httpx.Response:
    """A redirect to an address that holds what was sent."""
    target = f"https://elsewhere.invalid/take?all={everything_about(request)[:2000]}"
    headers = {"location": httpx.QueryParams({"at": target}).__str__()}
    return _reply(307, request, headers=headers)


def raising(kind: type[httpx.TransportError]) -> Fault:
    """An exception of httpx whose words repeat the request."""

    def fault(request: httpx.Request, _send: Send) -> httpx.Response:
        raise kind(everything_about(request), request=request)

    return fault


def lost(request: httpx.Request, send: Send) -> httpx.Response:
    """Done, and the answer lost."""
    send(request)
    raise httpx.RemoteProtocolError(everything_about(request), request=request)


def interrupted(request: httpx.Request, send: Send) -> httpx.Response:
    """The user presses Ctrl-C, which only the main thread notices."""
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
    return send(request)


ECHOING: Final = frozenset({html_page, half_json, retyped, renamed})
"""Replies that count as answered, in the service's own words."""

FAULTS: Final[dict[str, Fault]] = {
    "bad request": refused(400),
    "unauthorized": refused(401),
    "forbidden": refused(403),
    "not found": refused(404),
    "server error": refused(500),
    "plain text": plain_text,
    "page": html_page,
    "half": half_json,
    "retyped": retyped,
    "renamed": renamed,
    "redirected": redirected,
    "no connection": raising(httpx.ConnectError),
    "too late": raising(httpx.ReadTimeout),
    "not HTTP": raising(httpx.LocalProtocolError),
    "not readable": raising(httpx.DecodingError),  # type: ignore[arg-type]
    "lost": lost,
    "interrupted": interrupted,
}
