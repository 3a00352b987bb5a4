"""Stands between ``httpx`` and the network, at its transports: each physical attempt by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol
from unittest.mock import patch

import httpx

from ibmq_backend.testing.exchanges import Answer, Question

Takes = Callable[[str], bool]
"""Of an address: whether requests to it are looked at; all others pass untouched."""


class Tape(Protocol):
    """What a recorder and a player have in common."""

    def answer(self, question: Question, send: Callable[[], Answer]) -> Answer:
        """The reply to a request; ``send`` gets it from the network."""


@contextmanager
def intercepted(tape: Tape, takes: Takes = lambda _url: True) -> Iterator[None]:
    """Lead every request that this process makes with ``httpx`` through a tape."""
    with ExitStack() as stack:
        for transport in (httpx.HTTPTransport, httpx.MockTransport):
            original = transport.handle_request
            guarded = _through(original, tape, takes)
            stack.enter_context(patch.object(transport, "handle_request", guarded))
        yield


def _through(
    original: Callable[[Any, httpx.Request], httpx.Response], tape: Tape, takes: Takes
) -> Any:
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


def _last(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}
