"""Check requests and replies against a service description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.descriptions import DOCUMENTS, ROOT
from tests.support.exchanges import Exchange
from tests.support.spec_check_schemas import Schemas, join

SPEC: Final = ROOT / "spec"
METHODS: Final = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Finding:
    """A contradiction between an exchange and the description.

    Attributes:
        source: where the exchange comes from, such as a file.
        number: the number of the exchange in the source, from 1.
        operation: operation id, or method and path if no operation matches.
        pointer: JSON pointer into the exchange, as in ``/response/body/0/id``.
        reason: what is wrong.
    """

    source: str
    number: int
    operation: str
    pointer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source} #{self.number} {self.operation} {self.pointer}: {self.reason}"


@dataclass(frozen=True)
class Operation:
    """One described operation.

    Attributes:
        pointer: JSON pointer to it in the document.
        pattern: matches its paths.
        parameters: each with its own pointer and description.
        own_servers: whether it is on another host, at URLs that the service returns.
    """

    id: str
    method: str
    pointer: str
    pattern: re.Pattern[str]
    parameters: tuple[tuple[str, Mapping[str, Any]], ...]
    document: Mapping[str, Any]
    own_servers: bool

    @property
    def secured(self) -> bool:
        """Whether it requires a token."""
        return bool(self.document.get("security"))


class Contract:
    """A service description that exchanges are checked against.

    Args:
        document: the OpenAPI document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.schemas = Schemas(document)
        self.operations = tuple(
            # Fixed segments go before variable ones: /Jobs/status/v/1 is not a job.
            sorted(self._operations(), key=lambda operation: operation.pattern.groups)
        )
        schemes = self.schemas.document.get("components", {}).get("securitySchemes", {})
        self._token_headers = tuple(
            dict.fromkeys(_header_of(scheme) for scheme in schemes.values() if _header_of(scheme))
        )

    def find(self, exchange: Exchange, base: str) -> Operation | None:
        """Return the operation of an exchange.

        Args:
            exchange: the exchange.
            base: the base URL of the service, without a slash at its end.
        """
        url = exchange.url.partition("?")[0]
        if not url.startswith(base + "/"):
            # A presigned URL of another host: only the method identifies the operation.
            found = (one for one in self.operations if one.own_servers)
            return next((one for one in found if one.method == exchange.method), None)
        path = url.removeprefix(base)
        for operation in self.operations:
            if operation.method == exchange.method and operation.pattern.fullmatch(path):
                return operation
        return None

    def findings(
        self,
        exchanges: Iterable[Exchange],
        *,
        base: str,
        source: str,
        strays: Iterable[str] = (),
    ) -> list[Finding]:
        """Return the findings for exchanges.

        Args:
            exchanges: in the order in which they happened.
            base: the base URL of the service, without a slash at its end.
            source: where they come from, for the findings.
            strays: requests that are intended to match no operation, as ``GET /path``.
        """
        found: list[Finding] = []
        left = set(strays)
        number = 0
        for number, exchange in enumerate(exchanges, 1):
            operation = self.find(exchange, base)
            if operation is None:
                name = f"{exchange.method} {exchange.url.partition('?')[0].removeprefix(base)}"
                if name in strays:
                    left.discard(name)
                else:
                    found.append(Finding(source, number, name, "/request", "no such operation"))
                continue
            elsewhere = not exchange.url.startswith(base + "/")
            found += [
                Finding(source, number, operation.id, pointer, reason)
                for pointer, reason in self._problems(operation, exchange, base, elsewhere)
            ]
        found += [Finding(source, number, name, "/request", "never sent") for name in sorted(left)]
        return found

    def _problems(
        self, operation: Operation, exchange: Exchange, base: str, elsewhere: bool
    ) -> Iterator[tuple[str, str]]:
        if not elsewhere:
            yield from self._parameter_problems(operation, exchange, base)
        yield from self._token_problems(operation, exchange)
        yield from self._request_body_problems(operation, exchange)
        yield from self._reply_problems(operation, exchange)

    # -- requests ---------------------------------------------------------------------------

    def _parameter_problems(
        self, operation: Operation, exchange: Exchange, base: str
    ) -> Iterator[tuple[str, str]]:
        path = exchange.url.partition("?")[0].removeprefix(base)
        match = operation.pattern.fullmatch(path)
        assert match is not None
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        given = {
            "path": {name: [unquote(value)] for name, value in match.groupdict().items()},
            "query": query,
            "header": {name: [value] for name, value in exchange.headers.items()},
        }
        described = set()
        for pointer, parameter in operation.parameters:
            name, place = parameter["name"], parameter["in"]
            described.add((place, name))
            where = "/request" + join([place, name])
            values = given[place].get(name.lower() if place == "header" else name, [])
            if not values and parameter.get("required"):
                yield where, "required, but not sent"
            if self.schemas.resolve(parameter["schema"]).get("type") == "array":
                # One key for each item.
                if values:
                    for inner, reason in self.schemas.problems(pointer + "/schema", values):
                        yield where + inner, reason
                continue
            if len(values) > 1:
                yield where, "sent more than once"
            for value in values:
                for _, reason in self.schemas.text_problems(pointer + "/schema", value):
                    yield where, reason
                if "x-content-schema" in parameter:
                    yield from self._json_problems(parameter["x-content-schema"], value, where)
        for name in query:
            if ("query", name) not in described:
                yield "/request" + join(["query", name]), "not described"

    def _token_problems(
        self, operation: Operation, exchange: Exchange
    ) -> Iterator[tuple[str, str]]:
        for header in self._token_headers:
            where, sent = "/request" + join(["header", header]), bool(exchange.headers.get(header))
            if sent and not operation.secured:
                yield where, "the token is sent to an operation that does not ask for it"
            if not sent and operation.secured and exchange.status != HTTPStatus.UNAUTHORIZED:
                yield where, "accepted without a token"

    def _request_body_problems(
        self, operation: Operation, exchange: Exchange
    ) -> Iterator[tuple[str, str]]:
        described = self.schemas.resolve(operation.document.get("requestBody"))
        pointer = operation.pointer + "/requestBody"
        if described is None:
            if exchange.body:
                yield "/request/body", "a body where none is described"
            return
        if not exchange.body:
            if described.get("required"):
                yield "/request/body", "required, but not sent"
            return
        yield from self._content_problems(
            described, pointer, exchange.headers, exchange.body, "/request"
        )

    # -- replies ----------------------------------------------------------------------------

    def _reply_problems(
        self, operation: Operation, exchange: Exchange
    ) -> Iterator[tuple[str, str]]:
        status = str(exchange.status)
        responses = operation.document["responses"]
        key = next((k for k in (status, f"{status[0]}XX", "default") if k in responses), None)
        if key is None:
            yield "/response/status", f"{status} is not described"
            return
        pointer = operation.pointer + join(["responses", key])
        reference = responses[key].get("$ref")
        described = self.schemas.resolve(responses[key])
        pointer = reference or pointer
        for name, header in described.get("headers", {}).items():
            value = exchange.reply_headers.get(name.lower())
            where = "/response" + join(["headers", name.lower()])
            if value is None:
                if self.schemas.resolve(header).get("required"):
                    yield where, "required, but not there"
                continue
            place = header.get("$ref") or pointer + join(["headers", name])
            for _, reason in self.schemas.text_problems(place + "/schema", value):
                yield where, reason
        if "content" in described:
            yield from self._content_problems(
                described, pointer, exchange.reply_headers, exchange.reply_body, "/response"
            )
        elif exchange.reply_body and not (operation.own_servers and exchange.status >= 400):
            # Nothing describes the error texts of another host.
            yield "/response/body", "a body where none is described"

    # -- both -------------------------------------------------------------------------------

    def _content_problems(
        self,
        described: Mapping[str, Any],
        pointer: str,
        headers: Mapping[str, str],
        body: bytes,
        side: str,
    ) -> Iterator[tuple[str, str]]:
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in described["content"]:
            wanted = " or ".join(described["content"])
            yield f"{side}/headers/content-type", f"{media or 'nothing'} instead of {wanted}"
            return
        schema = pointer + join(["content", media, "schema"])
        inside = described["content"][media].get("x-content-schema")
        if media == "application/json":
            yield from self._json_problems(schema, body, f"{side}/body")
        elif media == "application/x-www-form-urlencoded":
            fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
            for inner, reason in self.schemas.problems(schema, fields):
                yield f"{side}/body{inner}", reason
        elif inside and body.lstrip()[:1] in (b"{", b"["):
            # Such text is usually JSON, but need not be.
            yield from self._json_problems(inside, body, f"{side}/body")

    def _json_problems(
        self, schema: str, text: str | bytes, where: str
    ) -> Iterator[tuple[str, str]]:
        try:
            value = json.loads(text)
        except ValueError as error:
            yield where, f"not JSON: {error}"
            return
        for inner, reason in self.schemas.problems(schema, value):
            yield where + inner, reason

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.schemas.document["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                pointer = "#" + join(["paths", path])
                parameters = []
                for owner in (pointer, f"{pointer}/{method}"):
                    for n, node in enumerate(self.schemas.at(owner).get("parameters", ())):
                        place = node.get("$ref") or f"{owner}/parameters/{n}"
                        parameters.append((place, self.schemas.resolve(node)))
                yield Operation(
                    id=item[method]["operationId"],
                    method=method.upper(),
                    pointer=f"{pointer}/{method}",
                    pattern=_pattern(path),
                    parameters=tuple(parameters),
                    document=item[method],
                    own_servers="servers" in item[method],
                )


def _header_of(scheme: Mapping[str, Any]) -> str:
    if scheme["type"] == "http":
        return "authorization"
    return str(scheme["name"]).lower() if scheme["in"] == "header" else ""


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{([^}]*)\}", path)
    return re.compile(
        "".join(f"(?P<{part}>[^/]+)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    )


@lru_cache(maxsize=4)
def contract(dialect: str) -> Contract:
    """Return the description with a name in ``spec/``."""
    return Contract(DOCUMENTS[dialect])
