"""Search the text of a cassette for secrets before it is written.

This check is independent of the replacement of secrets: it compares the finished text with the
secrets in the requests and replies as they were sent, and with the usual forms of secrets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from vcr.request import Request

_MIN_SECRET_CHARACTERS: Final = 8  # shorter values may be ordinary words
_SECRET_FIELD: Final = re.compile(
    r"(?i)(?:api_?key|api_?token|access_?token|refresh_?token|password|secret|signature|"
    r"credential|security-token|firstname|lastname|e-?mail|iam_id|user_?id|account_?id)$"
)
_SECRET_HEADERS: Final = ("authorization", "cookie", "set-cookie", "x-access-token", "service-crn")
_HARMLESS: Final = frozenset({"not_supported", "anonymous"})
_BASE64_NUMBERS: Final = re.compile(r'"__value__": "[^"]*"')  # may look like anything
_FORMS: Final = {
    "a JSON web token": r"\beyJ[\w-]{4,}\.[\w-]+",
    "a bearer token": r"(?i)\bbearer\s+(?!access-token-\d)[\w.~+/=-]{8,}",
    "a signature": r"(?i)[?&](?:sig|signature|x-amz-signature)=(?!signature-\d)[^&\s\"]+",
    "a cloud resource name with its account": r"\bcrn:v1:[^\s\"']*?:[aos]/(?!account-\d)[\w-]+",
    "an API token": r"(?<![\w-])[A-Za-z0-9]{64,}(?![\w-])",
    "an API key": r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{44}(?![\w-])",
    "an e-mail address": r"[\w.+-]+@(?!example\.(?:org|com|net)\b)[\w-]+\.\w{2,}",
}


class SecretFound(AssertionError):
    """A cassette was not written because it still contained a secret."""


def check(
    text: str,
    interactions: Iterable[tuple[Request, Mapping[str, Any]]],
    secrets: Iterable[str] = (),
) -> None:
    """Raise an error if a text contains a secret.

    Args:
        text: the text to be written.
        interactions: requests and responses of vcrpy as they were sent, decompressed.
        secrets: further texts that must not occur.

    Raises:
        SecretFound: gives the kind of the secret and the line, never the secret.
    """
    for number, line in enumerate(text.splitlines(), 1):
        words = _BASE64_NUMBERS.sub("", line)
        for kind, form in _FORMS.items():
            if re.search(form, words):
                raise SecretFound(_message(number, kind))
    given = [secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARACTERS]
    known = dict.fromkeys(given, "a secret of the account")
    for request, response in interactions:
        known.update((secret, where) for where, secret in _secrets_in(request, response))
    for secret, where in known.items():
        start = text.find(secret)
        if start >= 0:
            raise SecretFound(_message(text.count("\n", 0, start) + 1, f"the value of {where}"))


def _message(line: int, what: str) -> str:
    return (
        f"Not written: line {line} of the recording still contains {what}. Keep it out of what the "
        "program sends (names, tags, circuits), or report which field it came from."
    )


def _secrets_in(request: Request, response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield names and values of secrets."""
    for headers in (request.headers, response["headers"]):
        for name, value in headers.items():
            for one in [value] if isinstance(value, str) else value:
                secret = one.rpartition(" ")[2]
                if name.lower() in _SECRET_HEADERS and len(secret) >= _MIN_SECRET_CHARACTERS:
                    yield f"the header {name.lower()}", secret
                    if secret.startswith("crn:"):
                        yield from _parts_of_crn(secret)
    for name, value in parse_qsl(urlsplit(request.uri).query):
        if _is_secret(name, value):
            yield f"{name} in a URL", value
    for body in (request.body, response["body"]["string"]):
        yield from _secrets_in_body(body or b"")


def _parts_of_crn(crn: str) -> Iterator[tuple[str, str]]:
    """Yield the account and the instance in a resource name."""
    *_, account, instance = crn.split(":")[:8]
    for name, part in (("account", account.partition("/")[2]), ("instance", instance)):
        if len(part) >= _MIN_SECRET_CHARACTERS:
            yield f"the {name} in the header service-crn", part


def _is_secret(name: str, value: str) -> bool:
    return bool(_SECRET_FIELD.search(name)) and len(value) >= _MIN_SECRET_CHARACTERS


def _secrets_in_body(body: bytes) -> Iterator[tuple[str, str]]:
    text = body.decode(errors="replace")
    if not text.lstrip().startswith(("{", "[")):
        yield from ((name, value) for name, value in parse_qsl(text) if _is_secret(name, value))
        return
    try:
        yield from _secrets_in_document(json.loads(text))
    except ValueError:
        return


def _secrets_in_document(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for inner in value:
            yield from _secrets_in_document(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            text = str(inner) if isinstance(inner, int) else inner
            if not isinstance(text, str):
                yield from _secrets_in_document(inner)
            elif (
                _is_secret(name, text)
                and text not in _HARMLESS
                and not re.fullmatch(r"[\w-]+-\d+(?:@example\.org)?", text)
            ):
                yield name, text
