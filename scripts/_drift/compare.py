"""Comparison of two versions of a description."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts._drift.changes import Change, Direction, Effect
from scripts._drift.compare_shapes import Found, ShapeComparison
from scripts._drift.operations import Body, Operation, Parameter, Reply, Version


def compare_versions(old: Version, new: Version) -> list[Change]:
    """Return all differences, by operation in the order of the paths.

    Raises:
        DriftError: a reference cannot be followed.
    """
    return list(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: Version, new: Version) -> None:
        self._old = old
        self._new = new
        self._request = ShapeComparison(old.shapes, new.shapes, "request")
        self._response = ShapeComparison(old.shapes, new.shapes, "response")

    def changes(self) -> Iterator[Change]:
        old, new = self._old.operations, self._new.operations
        yield from self._servers(None, self._old.servers, self._new.servers)
        moved = self._moved()
        for key in sorted(old.keys() | new.keys(), key=lambda key: (key[1], key[0])):
            if key in moved:
                before, after = moved[key], new[key]
                endpoints = (before.endpoint, after.endpoint)
                yield _change(after, "operation", "", "path changed", Effect.BREAKING, *endpoints)
                yield from self._operation(before, after)
            elif key not in new:
                if old[key] not in moved.values():
                    yield _change(old[key], "operation", "", "operation removed", Effect.BREAKING)
            elif key not in old:
                yield _change(new[key], "operation", "", "operation added", Effect.COMPATIBLE)
            else:
                yield from self._operation(old[key], new[key])

    def _moved(self) -> dict[tuple[str, str], Operation]:
        """Return the old operations that have a new path, by their new key."""
        old, new = self._old.operations, self._new.operations
        removed = [one for key, one in old.items() if key not in new]
        added = [one for key, one in new.items() if key not in old]
        moved: dict[tuple[str, str], Operation] = {}
        for identity in (_plain_id, _without_version):
            left = {identity(one): one for one in removed if one not in moved.values()}
            for one in added:
                if one.key not in moved and identity(one) in left:
                    moved[one.key] = left.pop(identity(one))
        return moved

    def _operation(self, old: Operation, new: Operation) -> Iterator[Change]:
        def whole(kind: str, before: str, after: str, effect: Effect) -> Change:
            return _change(new, "operation", "", kind, effect, before, after)

        if old.id != new.id:
            yield whole("operation renamed", old.id, new.id, Effect.RENAMED)
        if old.tag != new.tag:
            yield whole("tag changed", old.tag, new.tag, Effect.RENAMED)
        if old.deprecated is not new.deprecated:
            kind = "deprecated" if new.deprecated else "no longer deprecated"
            yield whole(kind, "", "", Effect.COMPATIBLE)
        if None not in (old.retry_safe, new.retry_safe) and old.retry_safe is not new.retry_safe:
            effect = Effect.COMPATIBLE if new.retry_safe else Effect.BREAKING
            yield whole("retry safety changed", _safe(old), _safe(new), effect)
        yield from self._servers(new, old.servers, new.servers)
        yield from self._security(old, new)
        yield from self._parameters(old, new)
        yield from self._request_body(old, new)
        yield from self._replies(old, new)

    def _servers(
        self, operation: Operation | None, old: tuple[str, ...], new: tuple[str, ...]
    ) -> Iterator[Change]:
        for address in old:
            if address not in new:
                yield _change(
                    operation, "operation", "", "server removed", Effect.BREAKING, address
                )
        for address in new:
            if address not in old:
                kind = "server added"
                yield _change(operation, "operation", "", kind, Effect.COMPATIBLE, "", address)

    def _security(self, old: Operation, new: Operation) -> Iterator[Change]:
        if old.security is None or new.security is None:
            return
        # An empty list means that no authentication is needed.
        before = old.security or frozenset({frozenset[str]()})
        after = new.security or frozenset({frozenset[str]()})
        for way in sorted(map(sorted, before - after)):
            text = " and ".join(way) or "nothing"
            yield _change(new, "operation", "", "way to sign in removed", Effect.BREAKING, text)
        for way in sorted(map(sorted, after - before)):
            text = " and ".join(way) or "nothing"
            kind = "way to sign in added"
            yield _change(new, "operation", "", kind, Effect.COMPATIBLE, "", text)

    # -- requests ---------------------------------------------------------------------------

    def _parameters(self, old: Operation, new: Operation) -> Iterator[Change]:
        for key in sorted(old.parameters.keys() | new.parameters.keys()):
            before, after = old.parameters.get(key), new.parameters.get(key)
            one = after or before
            assert one is not None
            where = f"{one.location} {one.name}"
            if before is None or after is None:
                kind = "parameter removed" if after is None else "parameter added"
                needed = after is None or one.required
                effect = Effect.BREAKING if needed else Effect.COMPATIBLE
                shown = (self._shown(before, self._old), self._shown(after, self._new))
                yield _change(new, "parameter", where, kind, effect, *shown)
                continue
            if before.required is not after.required:
                kind = "became required" if after.required else "became optional"
                effect = Effect.BREAKING if after.required else Effect.COMPATIBLE
                yield _change(new, "parameter", where, kind, effect)
            found = list(self._request.compare(before.schema, after.schema))
            if before.style != after.style and self._is_list(before, self._old):
                values = (_style(before), _style(after))
                yield _change(new, "parameter", where, "style changed", Effect.BREAKING, *values)
            yield from (_within(new, "parameter", where, one) for one in found)

    def _shown(self, parameter: Parameter | None, version: Version) -> str:
        if parameter is None:
            return ""
        text = version.shapes.shape(parameter.schema).text
        return f"{text} (required)" if parameter.required else text

    def _is_list(self, parameter: Parameter, version: Version) -> bool:
        return bool(version.shapes.shape(parameter.schema).facets.keys() & {"array", "object"})

    def _request_body(self, old: Operation, new: Operation) -> Iterator[Change]:
        if old.body is None or new.body is None:
            if old.body is not None or new.body is not None:
                kind = "body removed" if new.body is None else "body added"
                needed = new.body is None or new.body.required
                effect = Effect.BREAKING if needed else Effect.COMPATIBLE
                yield _change(new, "request", "", kind, effect)
            return
        if old.body.required is not new.body.required:
            kind = "body became required" if new.body.required else "body became optional"
            effect = Effect.BREAKING if new.body.required else Effect.COMPATIBLE
            yield _change(new, "request", "", kind, effect)
        yield from self._media(new, "request", "", (old.body, new.body))

    # -- replies ----------------------------------------------------------------------------

    def _replies(self, old: Operation, new: Operation) -> Iterator[Change]:
        for status in sorted(old.replies.keys() | new.replies.keys()):
            before, after = old.replies.get(status), new.replies.get(status)
            if before is None or after is None:
                kind = "status removed" if after is None else "status added"
                # A client treats all errors alike, but each success status in its own way.
                is_success = status.startswith(("2", "3"))
                effect = Effect.BREAKING if is_success else Effect.COMPATIBLE
                yield _change(new, "response", status, kind, effect)
                continue
            yield from self._media(new, "response", status, (before.body, after.body))
            yield from self._headers(new, status, before, after)
            for kind, codes in _codes(before, after):
                text = ", ".join(sorted(codes))
                values = (text, "") if kind == "codes removed" else ("", text)
                yield _change(new, "response", status, kind, Effect.COMPATIBLE, *values)

    def _headers(
        self, operation: Operation, status: str, old: Reply, new: Reply
    ) -> Iterator[Change]:
        for name in sorted(old.headers.keys() | new.headers.keys()):
            where = f"{status} header {name}"
            if name not in new.headers:
                yield _change(operation, "response", where, "header removed", Effect.BREAKING)
            elif name not in old.headers:
                yield _change(operation, "response", where, "header added", Effect.COMPATIBLE)
            else:
                (was, before), (now, after) = old.headers[name], new.headers[name]
                if was is not now:
                    kind = "became required" if now else "became optional"
                    effect = Effect.COMPATIBLE if now else Effect.BREAKING
                    yield _change(operation, "response", where, kind, effect)
                for found in self._response.compare(before, after):
                    yield _within(operation, "response", where, found)

    # -- both -------------------------------------------------------------------------------

    def _media(
        self, operation: Operation, part: Direction, status: str, bodies: tuple[Body, Body]
    ) -> Iterator[Change]:
        old, new = (body.media for body in bodies)
        for media in sorted(old.keys() - new.keys()):
            where = f"{status} {media}".strip()
            yield _change(operation, part, where, "media type removed", Effect.BREAKING)
        for media in sorted(new.keys() - old.keys()):
            where = f"{status} {media}".strip()
            # Clients do not expect a body where there was none.
            is_new_body = part == "response" and not old
            effect = Effect.BREAKING if is_new_body else Effect.COMPATIBLE
            yield _change(operation, part, where, "media type added", effect)
        comparison = self._request if part == "request" else self._response
        for media in sorted(old.keys() & new.keys()):
            where = f"{status} {media}".strip()
            for found in comparison.compare(old[media], new[media]):
                yield _within(operation, part, where, found)


def _plain_id(operation: Operation) -> str:
    return re.sub("[-_]", "", operation.id).lower()


def _without_version(operation: Operation) -> str:
    method, path = operation.key
    return f"{method} {re.sub(r'/v[0-9.]+(?=/)', '', path)}"


def _codes(old: Reply, new: Reply) -> Iterator[tuple[str, frozenset[str]]]:
    if old.codes is None or new.codes is None:
        return
    if old.codes - new.codes:
        yield "codes removed", old.codes - new.codes
    if new.codes - old.codes:
        yield "codes added", new.codes - old.codes


def _style(parameter: Parameter) -> str:
    style, is_exploded = parameter.style
    return f"{style}, {'a key for each item' if is_exploded else 'items in one text'}"


def _safe(operation: Operation) -> str:
    return "safe" if operation.retry_safe else "not safe"


def _within(operation: Operation, part: str, where: str, found: Found) -> Change:
    return _change(
        operation, part, where, found.kind, found.effect, found.old, found.new, found.field
    )


def _change(
    operation: Operation | None,
    part: str,
    where: str,
    kind: str,
    effect: Effect,
    old: str = "",
    new: str = "",
    field: str = "",
) -> Change:
    name = "all operations" if operation is None else operation.id
    endpoint = "" if operation is None else operation.endpoint
    return Change(name, endpoint, part, where, field, kind, old, new, effect)
