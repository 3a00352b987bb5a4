"""A service that sends fixed replies, for tests without sockets."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs

import httpx

Reply = httpx.Response | Callable[[httpx.Request], httpx.Response] | Exception | Any
"""A response, what makes one, an error to raise, a document for status 200, or a list of turns."""


@dataclass
class Turn:
    """A sequence of replies; the last one repeats."""

    reply: Reply


class FakeService:
    """Sends the same reply to every request.

    Attributes:
        requests: all requests so far.
    """

    def __init__(self, reply: Reply = None) -> None:
        self._reply = reply
        self.requests: list[httpx.Request] = []

    @property
    def transport(self) -> httpx.MockTransport:
        """The transport that connects a client to this service."""
        return httpx.MockTransport(self)

    @property
    def request(self) -> httpx.Request:
        """The only request so far."""
        [request] = self.requests
        return request

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.reply_to(request)
        if isinstance(reply, list) and reply and isinstance(reply[0], Turn):
            reply = (reply.pop(0) if len(reply) > 1 else reply[0]).reply
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(request)
        if not isinstance(reply, httpx.Response):
            reply = httpx.Response(200, json=copy.deepcopy(reply))
        return reply

    def reply_to(self, request: httpx.Request) -> Reply:
        """Return the reply to a request."""
        return self._reply


class FakeDialect(FakeService):
    """Sends replies from a table that tests may change.

    Attributes:
        replies: reply by operation; a login that is not in the table succeeds.
        logins: the number of such logins.
    """

    LOGIN: ClassVar = ""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        super().__init__()
        self.replies = dict(replies)
        self.logins = 0

    def reply_to(self, request: httpx.Request) -> Reply:
        """Return the reply in the table."""
        name = self.name_of(request)
        if name == self.LOGIN and name not in self.replies:
            self.logins += 1
            return self.login()
        return self.replies[name]

    def login(self) -> Any:
        """Return the reply to a successful login."""
        raise NotImplementedError

    def name_of(self, request: httpx.Request) -> str:
        """Return the operation of a request."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """Return the operations of all requests, in order."""
        return [self.name_of(request) for request in self.requests]

    def sent(self, name: str) -> list[httpx.Request]:
        """Return the requests for an operation."""
        return [request for request in self.requests if self.name_of(request) == name]

    def body(self, name: str) -> dict[str, Any]:
        """Return the body of the last request for an operation."""
        body: dict[str, Any] = json.loads(self.sent(name)[-1].content)
        return body

    def query(self, name: str) -> dict[str, list[str]]:
        """Return the parameters of the last request for an operation."""
        return parse_qs(self.sent(name)[-1].url.query.decode())
