"""Stands between the HTTP libraries and the network: ``httpx``, and ``requests`` where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Protocol
from unittest.mock import patch

from ibmq_backend.testing.exchanges import Answer, Question

Takes = Callable[[str], bool]
"""Of an address: whether requests to it are looked at; all others pass untouched."""


class Tape(Protocol):
    """What a recorder and a player have in common."""

    def answer(self, question: Question, send: Callable[[], Answer]) -> Answer:
        """The reply to a request; ``send`` gets it from the network."""


@contextmanager
def intercepted(tape: Tape, takes: Takes = lambda _url: True) -> Iterator[None]:
    """Lead every request of this process through a tape, each physical attempt by itself."""
    with ExitStack() as stack:
        _intercept_httpx(stack, tape, takes)
        if find_spec("requests") is not None:
            _intercept_requests(stack, tape, takes)
        yield


def _intercept_httpx(stack: ExitStack, tape: Tape, takes: Takes) -> None:
    import httpx

    def through(original: Callable[[Any, httpx.Request], httpx.Response]) -> Any:
        def handle_request(transport: Any, request: httpx.Request) -> httpx.Response:
            if not takes(str(request.url)):
                return original(transport, request)
            real: list[httpx.Response] = []

            def send() -> Answer:
                response = original(transport, request)
                response.read()
                real.append(response)
                return Answer(response.status_code, _last(response.headers), response.content)

            body = request.read()
            question = Question(request.method, str(request.url), _last(request.headers), body)
            answer = tape.answer(question, send)
            if real:
                return real[0]
            return httpx.Response(
                answer.status, headers=dict(answer.headers), content=answer.body, request=request
            )

        return handle_request

    for transport in (httpx.HTTPTransport, httpx.MockTransport):
        original = transport.handle_request
        stack.enter_context(patch.object(transport, "handle_request", through(original)))


def _intercept_requests(stack: ExitStack, tape: Tape, takes: Takes) -> None:
    requests, adapters = import_module("requests"), import_module("requests.adapters")
    response_class = import_module("urllib3").HTTPResponse
    original = adapters.HTTPAdapter.send

    def send_through(adapter: Any, request: Any, *args: Any, **options: Any) -> Any:
        if not takes(request.url):
            return original(adapter, request, *args, **options)
        real: list[Any] = []

        def send() -> Answer:
            response = original(adapter, request, *args, **options)
            real.append(response)
            return Answer(response.status_code, _last(response.headers), response.content)

        body = request.body or b""
        if not isinstance(body, str | bytes):
            raise requests.exceptions.InvalidSchema("a body that is a stream cannot be recorded")
        question = Question(
            request.method,
            request.url,
            _last(request.headers),
            body.encode() if isinstance(body, str) else body,
        )
        answer = tape.answer(question, send)
        if real:
            return real[0]
        raw = response_class(
            BytesIO(answer.body),
            headers=dict(answer.headers),
            status=answer.status,
            preload_content=False,
        )
        return adapter.build_response(request, raw)

    stack.enter_context(patch.object(adapters.HTTPAdapter, "send", send_through))


def _last(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}
