"""Refuses to write a secret: the last look at a cassette before it becomes a file.

Knows nothing of how secrets are replaced: it holds the finished text against the secrets
that went over the wire, and against the shapes that secrets have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from ibmq_backend.testing.exchanges import Exchange

_SHORTEST: Final = 8  # shorter values are words
_TELLING: Final = re.compile(
    r"(?i)(?:api_?key|api_?token|access_?token|refresh_?token|password|secret|signature|"
    r"credential|security-token|firstname|lastname|e-?mail|iam_id|user_?id|account_?id)$"
)
_HEADERS: Final = ("authorization", "cookie", "set-cookie", "x-access-token", "service-crn")
_HARMLESS: Final = frozenset({"not_supported", "anonymous"})
_DATA: Final = re.compile(r'"__value__": "[^"]*"')  # numbers in base64: any shape comes about
_SHAPES: Final = {
    "a JSON web token": r"\beyJ[\w-]{4,}\.[\w-]+",
    "a bearer token": r"(?i)\bbearer\s+(?!access-token-\d)[\w.~+/=-]{8,}",
    "a signature": r"(?i)[?&](?:sig|signature|x-amz-signature)=(?!signature-\d)[^&\s\"]+",
    "a cloud resource name with its account": r"\bcrn:v1:[^\s\"']*?:[aos]/(?!account-\d)[\w-]+",
    "an API token": r"(?<![\w-])[A-Za-z0-9]{64,}(?![\w-])",
    "an API key": r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{44}(?![\w-])",
    "an e-mail address": r"[\w.+-]+@(?!example\.(?:org|com|net)\b)[\w-]+\.\w{2,}",
}


class SecretFound(AssertionError):
    """A recording still holds a secret, so it was not written."""


def check(text: str, exchanges: Iterable[Exchange], secrets: Iterable[str] = ()) -> None:
    """Refuse a text that holds a secret.

    Args:
        text: what is to be written.
        exchanges: what went over the wire, as it was.
        secrets: further texts that must not be in it.

    Raises:
        SecretFound: says of what kind the secret is and in which line, never what it is.
    """
    for number, line in enumerate(text.splitlines(), 1):
        words = _DATA.sub("", line)
        for kind, shape in _SHAPES.items():
            if re.search(shape, words):
                raise SecretFound(_message(number, kind))
    known = {secret: "a secret that was given" for secret in secrets if len(secret) >= _SHORTEST}
    for exchange in exchanges:
        known.update((secret, where) for where, secret in _sent(exchange))
    for secret, where in known.items():
        place = text.find(secret)
        if place >= 0:
            raise SecretFound(_message(text.count("\n", 0, place) + 1, f"the value of {where}"))


def _message(line: int, what: str) -> str:
    return (
        f"Not written: line {line} of the recording still holds {what}. Keep it out of what the "
        "program sends (names, tags, circuits), or report which field it came from."
    )


def _sent(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Names and values of what is secret in an exchange."""
    for headers in (exchange.headers, exchange.reply_headers):
        for name in _HEADERS:
            value = headers.get(name, "").rpartition(" ")[2]
            if len(value) >= _SHORTEST:
                yield f"the header {name}", value
    for name, value in parse_qsl(urlsplit(exchange.url).query):
        if _TELLING.search(name) and len(value) >= _SHORTEST:
            yield f"{name} in an address", value
    for body in (exchange.body, exchange.reply_body):
        yield from _in_body(body)


def _in_body(body: bytes) -> Iterator[tuple[str, str]]:
    text = body.decode(errors="replace")
    if not text.lstrip().startswith(("{", "[")):
        for name, value in parse_qsl(text):
            if _TELLING.search(name) and len(value) >= _SHORTEST:
                yield name, value
        return
    try:
        yield from _in_document(json.loads(text))
    except ValueError:
        return


def _in_document(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for inner in value:
            yield from _in_document(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(inner, str):
                yield from _in_document(inner)
            elif (
                _TELLING.search(name)
                and len(inner) >= _SHORTEST
                and inner not in _HARMLESS
                and not re.fullmatch(r"[\w-]+-\d+(?:@example\.org)?", inner)
            ):
                yield name, inner
