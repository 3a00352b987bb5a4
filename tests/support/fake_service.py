"""A service made of replies, for tests of what asks it without sockets."""

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
    """One of several replies in a row; the last one stays."""

    reply: Reply


class FakeService:
    """Answers every request with the same reply.

    Attributes:
        requests: all that came.
    """

    def __init__(self, reply: Reply = None) -> None:
        self._reply = reply
        self.requests: list[httpx.Request] = []

    @property
    def transport(self) -> httpx.MockTransport:
        """Leads a client here."""
        return httpx.MockTransport(self)

    @property
    def request(self) -> httpx.Request:
        """The one request that came."""
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
        """The reply to a request that has been kept."""
        return self._reply


class FakeDialect(FakeService):
    """Answers by operation, from a table that tests change.

    Attributes:
        replies: by operation; a login that is not in it succeeds.
        logins: how many have.
    """

    LOGIN: ClassVar = ""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        super().__init__()
        self.replies = dict(replies)
        self.logins = 0

    def reply_to(self, request: httpx.Request) -> Reply:
        """The reply of the table."""
        name = self.name_of(request)
        if name == self.LOGIN and name not in self.replies:
            self.logins += 1
            return self.login()
        return self.replies[name]

    def login(self) -> Any:
        """The reply to a login that succeeds."""
        raise NotImplementedError

    def name_of(self, request: httpx.Request) -> str:
        """The operation of a request."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """The operations that were asked for, in order."""
        return [self.name_of(request) for request in self.requests]

    def sent(self, name: str) -> list[httpx.Request]:
        """The requests for an operation."""
        return [request for request in self.requests if self.name_of(request) == name]

    def body(self, name: str) -> dict[str, Any]:
        """The body of the last request for an operation."""
        body: dict[str, Any] = json.loads(self.sent(name)[-1].content)
        return body

    def query(self, name: str) -> dict[str, list[str]]:
        """The parameters of the last request for an operation."""
        return parse_qs(self.sent(name)[-1].url.query.decode())
