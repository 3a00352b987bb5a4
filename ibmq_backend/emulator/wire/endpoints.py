"""Endpoints of a server, found by the method and the path of a request."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.types import Scope

WEBSOCKET: Final = "WEBSOCKET"

_PARAMETER: Final = re.compile(r"\{(\w+)(:uuid)?\}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, eq=False)
class Endpoint:
    """What serves the requests of one method and path.

    Attributes:
        name: operation id.
        method: HTTP method in upper case, or :data:`WEBSOCKET`; GET includes HEAD.
        path: path in which ``{name}`` matches any segment, and ``{name:uuid}`` a UUID.
        serve: returns the response to an HTTP request, or serves a websocket.
    """

    name: str
    method: str
    path: str
    serve: Callable[[Any], Awaitable[Any]]


@dataclass
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    parameters: dict[re.Pattern[str] | None, _Node] = field(default_factory=dict)
    found: tuple[Endpoint, tuple[str, ...]] | None = None


class Endpoints:
    """The endpoints of a server.

    If several paths match a request, the one with the earliest fixed segment is found.

    Args:
        endpoints: the endpoints in any order.
    """

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._roots: dict[str, _Node] = {}
        for endpoint in endpoints:
            self._add(endpoint)

    def find(self, scope: Scope) -> tuple[Endpoint, dict[str, str]] | None:
        """Return the endpoint of a request and its path parameters; None if there is none."""
        method = WEBSOCKET if scope["type"] == "websocket" else scope["method"]
        root = self._roots.get("GET" if method == "HEAD" else method)
        if root is None:
            return None
        values: list[str] = []
        found = _find(root, scope["path"].split("/"), 0, values)
        if found is None:
            return None
        endpoint, names = found
        return endpoint, dict(zip(names, values, strict=True))

    def _add(self, endpoint: Endpoint) -> None:
        node, names = self._roots.setdefault(endpoint.method, _Node()), []
        for segment in endpoint.path.split("/"):
            parameter = _PARAMETER.fullmatch(segment)
            if parameter is None:
                node = node.fixed.setdefault(segment, _Node())
            else:
                names.append(parameter[1])
                pattern = _UUID if parameter[2] else None
                node = node.parameters.setdefault(pattern, _Node())
        node.found = endpoint, tuple(names)


def _find(
    node: _Node, segments: list[str], index: int, values: list[str]
) -> tuple[Endpoint, tuple[str, ...]] | None:
    if index == len(segments):
        return node.found
    segment = segments[index]
    following = node.fixed.get(segment)
    found = None if following is None else _find(following, segments, index + 1, values)
    if found or not segment:
        return found
    for pattern, following in node.parameters.items():
        if pattern is None or pattern.fullmatch(segment):
            values.append(segment)
            found = _find(following, segments, index + 1, values)
            if found:
                return found
            values.pop()
    return None
