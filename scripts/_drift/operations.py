"""The operations of a description, each with all that belongs to it in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scripts._drift.problems import DriftError
from scripts._drift.shapes import Schema, Shapes
from scripts._regenerate.spec_source import pointer

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
STREAM: Final = "websocket"
_STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        place: ``path``, ``query``, ``header`` or ``cookie``.
        name: As it is written; of path parameters only the position counts.
        required: Whether every request has to have it.
        schema: Of its value.
        style: How lists are written, and whether their items are keys of their own.
        set_once: Set for all requests together, and taken by no function.
    """

    place: str
    name: str
    required: bool
    schema: Schema
    style: tuple[str, bool]
    set_once: bool


@dataclass(frozen=True)
class Body:
    """A request or reply body: schemas by media type."""

    required: bool
    media: Mapping[str, Schema]


@dataclass(frozen=True)
class Reply:
    """One reply.

    Attributes:
        body: What it holds, if anything.
        headers: By name in lower case: whether it is always there, and its schema.
        codes: Codes of the service's own list; ``None`` where nothing is said.
    """

    body: Body
    headers: Mapping[str, tuple[bool, Schema]]
    codes: frozenset[str] | None


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        key: Method and path without the names of path parameters: what makes it this operation.
        parameters: By place and name; of path parameters by position.
        security: Ways to be let in, each the set of what has to be sent; ``None`` if not said.
        servers: Addresses of its own, if it has any.
        retry_safe: ``x-retry-safe``, ``None`` where nothing is said.
    """

    id: str
    key: tuple[str, str]
    method: str
    path: str
    tag: str
    deprecated: bool
    parameters: Mapping[tuple[str, str], Parameter]
    body: Body | None
    replies: Mapping[str, Reply]
    security: frozenset[frozenset[str]] | None
    servers: tuple[str, ...]
    retry_safe: bool | None

    @property
    def endpoint(self) -> str:
        """Method and path."""
        return f"{self.method.upper()} {self.path}"


class Version:
    """One version of a description.

    Args:
        document: The description.
        name: What messages and reports call it.

    Raises:
        DriftError: It is no description in OpenAPI 3.
    """

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        version = document.get("openapi")
        if not isinstance(version, str) or not version.startswith("3."):
            raise DriftError(
                f"{name}: is no description in OpenAPI 3: its key 'openapi' is {version!r}"
                + (" and it has 'swagger'; convert it first." if "swagger" in document else ".")
            )
        if not isinstance(document.get("paths"), Mapping):
            raise DriftError(f"{name}: has no 'paths', so there is nothing to compare.")
        self.document = document
        self.name = name
        self.shapes = Shapes(document, name)
        info = document.get("info")
        self.label = str(info.get("version", "")) if isinstance(info, Mapping) else ""
        self.servers = _servers(document)
        self.operations = {one.key: one for one in self._operations()}

    def _operations(self) -> Iterator[Operation]:
        for path, reference in self.document["paths"].items():
            item = self.shapes.resolve(reference)
            if not isinstance(item, Mapping):
                raise DriftError(f"{self.name}: {pointer(['paths', path])} is no object.")
            for method in METHODS:
                if method not in item:
                    continue
                if not isinstance(item[method], Mapping):
                    raise DriftError(
                        f"{self.name}: {pointer(['paths', path, method])} is no object."
                    )
                yield self._operation(path, method, item)
        for name, stream in self.document.get("x-websockets", {}).items():
            yield self._stream(name, stream)

    def _stream(self, name: str, stream: Mapping[str, Any]) -> Operation:
        """Return a stream as an operation: frames of the client are its request."""
        frames: dict[str, dict[str, Schema]] = {"client": {}, "server": {}}
        for frame in stream.get("frames", ()):
            frames[frame["sender"]][str(frame["name"])] = frame.get("schema", {})
        codes = frozenset(map(str, stream.get("closeCodes", ())))
        listed = [{"in": "path", **one} for one in stream.get("parameters", ())]
        found = {
            "operationId": name,
            "parameters": listed,
            "x-retry-safe": True,
            "security": stream.get("security"),
        }
        plain = self._operation(stream["url"], STREAM, {STREAM: found})
        return replace(
            plain,
            body=Body(True, frames["client"]),
            replies={"frame": Reply(Body(False, frames["server"]), {}, codes)},
        )

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        found = item[method]
        listed = [*item.get("parameters", ()), *found.get("parameters", ())]
        order = re.findall(r"{([^}]*)}", path)
        parameters = {}
        for reference in listed:
            one = self._parameter(self.shapes.resolve(reference))
            position = order.index(one.name) if one.name in order else -1
            known_as = {"path": str(position), "header": one.name.lower()}
            parameters[one.place, known_as.get(one.place, one.name)] = one
        for position, name in enumerate(order):
            # Some descriptions name a part of the path and describe it nowhere.
            undescribed = Parameter("path", name, True, {}, ("simple", False), False)
            parameters.setdefault(("path", str(position)), undescribed)
        body = self.shapes.resolve(found.get("requestBody"))
        plain = re.sub(r"{[^}]*}", "{}", path.rstrip("/") or "/")
        return Operation(
            id=str(found.get("operationId") or f"{method.upper()} {path}"),
            key=(method, plain),
            method=method,
            path=path,
            tag=str(next(iter(found.get("tags", ())), "")),
            deprecated=bool(found.get("deprecated")),
            parameters=parameters,
            body=None if body is None else _body(body, bool(body.get("required"))),
            replies={
                str(status).upper() if str(status) != "default" else "default": self._reply(reply)
                for status, reply in found.get("responses", {}).items()
            },
            security=self._security(found.get("security", self.document.get("security"))),
            servers=_servers(found),
            retry_safe=found.get("x-retry-safe"),
        )

    def _parameter(self, found: Mapping[str, Any]) -> Parameter:
        place = str(found["in"])
        style = found.get("style", _STYLES.get(place, "form"))
        schema = found.get("schema")
        if schema is None:
            schema = next((one["schema"] for one in found.get("content", {}).values()), {})
        return Parameter(
            place=place,
            name=str(found["name"]),
            required=bool(found.get("required")) or place == "path",
            schema=schema,
            style=(style, bool(found.get("explode", style == "form"))),
            set_once=bool(found.get("x-set-once")),
        )

    def _reply(self, reference: Any) -> Reply:
        found = self.shapes.resolve(reference)
        headers = {}
        for name, header in found.get("headers", {}).items():
            resolved = self.shapes.resolve(header)
            headers[name.lower()] = (bool(resolved.get("required")), resolved.get("schema", {}))
        codes = found.get("x-codes")
        return Reply(
            body=_body(found, False),
            headers=headers,
            codes=None if codes is None else frozenset(map(str, codes)),
        )

    def _security(self, found: Any) -> frozenset[frozenset[str]] | None:
        if found is None:
            return None
        schemes = self.document.get("components", {}).get("securitySchemes", {})

        def text(name: str) -> str:
            scheme = self.shapes.resolve(schemes.get(name, {}))
            if scheme.get("type") == "apiKey":
                return f"{scheme.get('in')} {str(scheme.get('name')).lower()}"
            if scheme.get("type") == "http":
                return f"http {str(scheme.get('scheme')).lower()}"
            return str(scheme.get("type", name))

        return frozenset(frozenset(map(text, names)) for names in found)


def _body(found: Mapping[str, Any], required: bool) -> Body:
    media = {
        str(kind).partition(";")[0].strip().lower(): content.get("schema", {})
        for kind, content in found.get("content", {}).items()
    }
    return Body(required, media)


def _servers(found: Mapping[str, Any]) -> tuple[str, ...]:
    servers = found.get("servers", ())
    return tuple(str(server.get("url", "")).rstrip("/") for server in servers)
