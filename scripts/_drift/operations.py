"""The operations of a description, with everything that describes each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scripts._drift.shapes import Schema, Shapes

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
STREAM: Final = "websocket"
_STYLES: Final = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        location: ``path``, ``query``, ``header`` or ``cookie``.
        name: the name; path parameters are compared by position instead.
        required: whether every request must have it.
        schema: schema of its value.
        style: how lists are written, and whether each item has a key of its own.
        set_once: whether it is set once for all requests (``x-set-once``).
    """

    location: str
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
        body: the body; without media types if the reply has none.
        headers: by name in lower case: whether the header is required, and its schema.
        codes: error codes of the service (``x-codes``); ``None`` if the description has none.
    """

    body: Body
    headers: Mapping[str, tuple[bool, Schema]]
    codes: frozenset[str] | None


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        id: operation id; method and path if the description has none.
        key: method and path without the names of path parameters; identifies the operation.
        method: HTTP method in lower case, or ``websocket``.
        path: path with the names of its parameters.
        tag: the first tag.
        deprecated: whether it is marked as deprecated.
        parameters: by location and name; path parameters by position.
        body: the request body.
        replies: by status.
        security: ways to sign in, each the set of what must be sent; ``None`` if not described.
        servers: URLs of its own servers.
        retry_safe: value of ``x-retry-safe``; ``None`` if not described.
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
        """Method and path, for example ``GET /v1/jobs/{id}``."""
        return f"{self.method.upper()} {self.path}"


class Version:
    """One version of a description.

    Args:
        document: the description, in OpenAPI 3.
        name: its name in messages and reports.
    """

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
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
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item)
        for name, stream in self.document.get("x-websockets", {}).items():
            yield self._stream(name, stream)

    def _stream(self, name: str, stream: Mapping[str, Any]) -> Operation:
        """Return a stream as an operation: the client's frames are its request."""
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
            names = {"path": str(position), "header": one.name.lower()}
            parameters[one.location, names.get(one.location, one.name)] = one
        for position, name in enumerate(order):
            # Some descriptions name a path parameter without describing it.
            undescribed = Parameter("path", name, True, {}, ("simple", False), set_once=False)
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
        location = str(found["in"])
        style = found.get("style", _STYLES.get(location, "form"))
        schema = found.get("schema")
        if schema is None:
            schema = next((one["schema"] for one in found.get("content", {}).values()), {})
        return Parameter(
            location=location,
            name=str(found["name"]),
            required=bool(found.get("required")) or location == "path",
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
