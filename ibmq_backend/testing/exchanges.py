"""A request and its reply as plain values, whichever HTTP library made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Question:
    """One request.

    Attributes:
        method: in capitals.
        url: with its query.
        headers: names in lower case; of repeated ones the last.
        body: not compressed.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


@dataclass(frozen=True)
class Answer:
    """One reply.

    Attributes:
        status: HTTP status.
        headers: as those of a question.
        body: decoded, not compressed.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Exchange:
    """One request with its reply.

    Attributes:
        method: in capitals.
        url: with its query.
        headers: names in lower case; of repeated ones the last.
        body: of the request, not compressed.
        status: HTTP status of the reply.
        reply_headers: as ``headers``.
        reply_body: decoded, not compressed.
        times: how often the same request got the same reply in a row.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    reply_headers: Mapping[str, str]
    reply_body: bytes
    times: int = 1

    @property
    def question(self) -> Question:
        """The request."""
        return Question(self.method, self.url, self.headers, self.body)

    @property
    def answer(self) -> Answer:
        """The reply."""
        return Answer(self.status, self.reply_headers, self.reply_body)


def joined(question: Question, answer: Answer) -> Exchange:
    """The exchange of a request and its reply."""
    return Exchange(
        question.method,
        question.url,
        question.headers,
        question.body,
        answer.status,
        answer.headers,
        answer.body,
    )


def exchange_of(request: httpx.Request, response: httpx.Response) -> Exchange:
    """The exchange of a request and a reply of ``httpx`` that have both been read."""
    return Exchange(
        method=request.method,
        url=str(request.url),
        headers=dict(request.headers),
        body=request.content,
        status=response.status_code,
        reply_headers=dict(response.headers),
        reply_body=response.content,
    )
