"""Replace secrets and personal data by numbered placeholders, one for each secret.

Cassettes store scrubbed requests and replies. On a replay, requests are scrubbed before they are
compared with them. Placeholders are not replaced again, so requests of a program that logs in with
placeholders match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

PLACEHOLDERS: Final = {
    "api-token": "api-token-{}",
    "access-token": "access-token-{}",
    "signature": "signature-{}",
    "user": "user-id-{}",
    "email": "person-{}@example.org",
    "person": "person-{}",
    "address": "address-{}",
    "trace": "trace-{}",
    "crn": "crn-{}",
    "account": "account-{}",
    "instance": "instance-{}",
    "web-token": "web-token-{}",
    "credential": "credential-{}",
}
"""Kind of secret to the format of its placeholders."""

REQUEST_HEADERS: Final = frozenset(
    {
        "authorization",
        "content-type",
        "ibm-api-version",
        "service-crn",
        "x-access-token",
        "x-qx-client-application",
    }
)
REPLY_HEADERS: Final = frozenset({"content-type", "location", "retry-after", "uber-trace-id"})
"""The only headers that are stored, in lower case."""

_SECRET_HEADERS: Final = {"x-access-token": "access-token", "uber-trace-id": "trace"}
_FIELDS: Final = {
    "apiToken": "api-token",
    "access_token": "access-token",
    "refresh_token": "access-token",
    "trace": "trace",
    "requestId": "trace",
    "user_id": "user",
    "userId": "user",
    "ownerId": "user",
    "createdBy": "user",
    "created_by": "user",
    "iam_id": "user",
    "ims_user_id": "user",
    "account_id": "account",
    "accountId": "account",
    "firstName": "person",
    "lastName": "person",
    "institution": "person",
}
_NOT_SUPPORTED: Final = "not_supported"
_LOGIN_FIELDS: Final = frozenset({"id", "ttl"})
_USER_FIELDS: Final = frozenset({"id", "urls"})
_MIN_SECRET_CHARACTERS: Final = 16  # shorter ones are replaced only in fields for secrets
_LINE_WIDTH: Final = 96

# Clients read the region from a resource name, so only the account and the instance are replaced.
_CRN_HEAD: Final = r"\bcrn:v1:[\w-]+:[\w-]+:quantum-computing:[\w-]+:a/"
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (
        re.compile(
            r"(?<=[?&])(?P<name>signature|sig|access_token|x-amz-(?:signature|credential|"
            r"security-token))=(?P<secret>[^&\s\"']+)",
            re.IGNORECASE,
        ),
        "signature",
    ),
    (re.compile(r"(?:^|(?<=[?&]))(?P<name>apikey)=(?P<secret>[^&\s\"']+)"), "api-token"),
    (re.compile(r"(?P<name>\bBearer)\s+(?P<secret>[\w.~+/=-]+)", re.IGNORECASE), "access-token"),
    (re.compile(r"(?P<secret>\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?)"), "web-token"),
    (re.compile(rf"(?P<name>{_CRN_HEAD})(?P<secret>[^:\s\"',]+)"), "account"),
    (re.compile(rf"(?P<name>{_CRN_HEAD}[^:\s\"',]+:)(?P<secret>[^:\s\"',]+)"), "instance"),
    (re.compile(rf"(?!{_CRN_HEAD})(?P<secret>\bcrn:v1:[^\s\"',]+)"), "crn"),
    (re.compile(rf"(?P<secret>{_EMAIL.pattern})"), "email"),
    (re.compile(r"(?P<secret>(?<![\w-])[A-Za-z0-9]{64,}(?![\w-]))"), "credential"),
)
"""Text that looks like a secret, in any field."""


class Scrubber:
    """Replace secrets by placeholders.

    Args:
        origins: the origin to store for each origin of a real service (``scheme://host:port``).
        known: for each kind, the secrets that get the first numbers; in a replay these are the
            placeholders that the program logs in with.
    """

    def __init__(
        self,
        origins: Mapping[str, str] | None = None,
        known: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self._origins: dict[str, str] = {}
        for real, stored in (origins or {}).items():
            self._origins[real] = stored
            self._origins["ws" + real.removeprefix("http")] = "ws" + stored.removeprefix("http")
        self._placeholders: dict[tuple[str, str], str] = {}
        self._numbers = dict.fromkeys(PLACEHOLDERS, 0)
        for kind, secrets in (known or {}).items():
            for secret in secrets:
                self._numbers[kind] += 1
                self._placeholders[kind, secret] = PLACEHOLDERS[kind].format(self._numbers[kind])

    def placeholder(self, kind: str, secret: str) -> str:
        """Return the placeholder of a secret; a placeholder is returned unchanged."""
        if _placeholder_pattern(kind).fullmatch(secret):
            return secret
        if (kind, secret) not in self._placeholders:
            self._numbers[kind] += 1
            self._placeholders[kind, secret] = PLACEHOLDERS[kind].format(self._numbers[kind])
        return self._placeholders[kind, secret]

    def text(self, text: str) -> str:
        """Return a text without secrets and URLs of real services."""
        for real, stored in self._origins.items():
            text = re.sub(re.escape(real) + r"(?!\d)", stored, text)
        for (kind, secret), placeholder in sorted(
            self._placeholders.items(), key=lambda entry: len(entry[0][1]), reverse=True
        ):
            if kind != "trace" and len(secret) >= _MIN_SECRET_CHARACTERS:
                text = text.replace(secret, placeholder)
        for pattern, kind in _PATTERNS:
            text = pattern.sub(self._replacing(kind), text)
        return text

    def url(self, url: str) -> str:
        """Return a URL without secrets, with its query in a normal form."""
        parts = urlsplit(self.text(url))
        query = [
            (name, self.text(value))
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ]
        return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))

    def headers(self, headers: Mapping[str, str], kept: Iterable[str]) -> dict[str, str]:
        """Return some headers without secrets, with sorted names in lower case."""
        by_name = {name.lower(): value for name, value in headers.items()}
        clean = {}
        for name in sorted(set(kept) & by_name.keys()):
            value = by_name[name]
            if value and name in _SECRET_HEADERS:
                clean[name] = self.placeholder(_SECRET_HEADERS[name], value)
            else:
                clean[name] = self.text(value)
        return clean

    def body(self, body: bytes) -> str:
        """Return a body as text without secrets; JSON in the layout of :func:`pretty`.

        Raises:
            UnicodeDecodeError: the body is not text.
        """
        text = body.decode()
        if not text.lstrip().startswith(("{", "[")):
            return self.text(text)
        try:
            document = json.loads(text)
        except ValueError:
            return self.text(text)
        return pretty(self.document(document))

    def document(self, value: Any) -> Any:
        """Return a JSON document without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.document(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        clean = {}
        for key, inner in value.items():
            name = key if len(key) < _MIN_SECRET_CHARACTERS else self.text(key)
            clean[name] = self._field(key, inner, value.keys())
        return clean

    def _field(self, key: str, value: Any, siblings: Iterable[str]) -> Any:
        if key == "ip":
            return self._ip_addresses(value)
        if key == "users" and isinstance(value, dict):
            return {
                self.placeholder("user", user): self._person(inner) for user, inner in value.items()
            }
        if key == "__value__" and "__type__" in siblings and isinstance(value, str):
            return value  # numbers in base64 may look like a secret
        if isinstance(value, int) and key in _FIELDS:
            return 0
        if isinstance(value, str) and value:
            if key in _FIELDS and value != _NOT_SUPPORTED:
                return self.placeholder(_FIELDS[key], value)
            if key == "id" and set(siblings) >= _LOGIN_FIELDS:
                return self.placeholder("access-token", value)
            if key == "id" and set(siblings) >= _USER_FIELDS:
                return self.placeholder("user", value)
            if key == "username" and not _EMAIL.fullmatch(value):
                return self.placeholder("person", value)
        return self.document(value)

    def _person(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return self.document(value)
        name = value.get("name")
        clean: dict[str, Any] = self.document(value)
        if isinstance(name, str) and name and not _EMAIL.fullmatch(name):
            clean["name"] = self.placeholder("person", name)
        return clean

    def _ip_addresses(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._ip_addresses(inner) for key, inner in value.items()}
        if isinstance(value, str) and value:
            return self.placeholder("address", value)
        return value

    def _replacing(self, kind: str) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            secret = match.group("secret")
            before, _, after = match.group().rpartition(secret)
            return before + self.placeholder(_kind_of(secret, kind), secret) + after

        return replace


def _kind_of(secret: str, kind: str) -> str:
    """Return the kind of a placeholder, and ``kind`` for everything else."""
    return next(
        (other for other in PLACEHOLDERS if _placeholder_pattern(other).fullmatch(secret)), kind
    )


def _placeholder_pattern(kind: str) -> re.Pattern[str]:
    return re.compile(re.escape(PLACEHOLDERS[kind]).replace(r"\{\}", r"\d+"))


def pretty(value: Any, indent: int = 0) -> str:
    """Return JSON for people to read: each value on one line if it fits."""
    flat = json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode()
    if not isinstance(value, dict | list) or not value or len(flat) + indent <= _LINE_WIDTH:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, list):
        lines = [pad + pretty(inner, indent + 1) for inner in value]
        return "[\n" + ",\n".join(lines) + "\n" + " " * indent + "]"
    lines = [
        f"{pad}{json.dumps(key, ensure_ascii=False)}: {pretty(inner, indent + 1)}"
        for key, inner in value.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
