"""Requests and replies of the handlers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.wire.body import Body

_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0"})


@dataclass(frozen=True)
class Request:
    """A request to one operation.

    Attributes:
        operation_id: id of the operation.
        path: path parameters by their names in the specification.
        query: all values of every query parameter.
        headers: headers; their names are found in any case.
        body: the body.
        base_url: base URL that the client used, without a trailing slash.
        region: region of the URL.
        version: API version of the reply.
        signed_in: the user; None for operations without login.
        named_instance: the instance; None for operations without instance.
    """

    operation_id: str
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: Body
    base_url: str
    region: str
    version: str
    signed_in: Account | None
    named_instance: ServiceInstance | None

    @property
    def account(self) -> Account:
        """The user.

        Raises:
            PlatformError: 401, the request has no login.
        """
        if self.signed_in is None:
            raise errors.unauthorized()
        return self.signed_in

    @property
    def instance(self) -> ServiceInstance:
        """The instance.

        Raises:
            PlatformError: 400, the request names no instance.
        """
        if self.named_instance is None:
            raise errors.crn_missing()
        return self.named_instance

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            PlatformError: 400/1208, the value is not valid.
        """
        try:
            content = json.loads(self.body.read())
        except (ValueError, RecursionError) as error:
            raise errors.invalid("The body is not valid JSON.") from error
        if not isinstance(content, dict):
            raise errors.invalid("The body must be a JSON object.")
        return content

    def text(self, name: str) -> str | None:
        """Return the last value of a query parameter; None when it is absent or empty."""
        values = self.query.get(name)
        return (values[-1] or None) if values else None

    def texts(self, name: str) -> list[str]:
        """Return all values of a query parameter that may be repeated."""
        return list(self.query.get(name, ()))

    def flag(self, name: str, default: bool | None = None) -> bool | None:
        """Return a Boolean query parameter; upper and lower case are equal.

        Raises:
            PlatformError: 400/1208, the value is not valid.
        """
        text = self.text(name)
        if text is None:
            return default
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise errors.invalid(f"'{name}' must be true or false.")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number in the query; the default if it is absent or out of range.

        Raises:
            PlatformError: 400/1208, the value is not a whole number.
        """
        text = self.text(name)
        if text is None:
            return default
        try:
            value = int(text)
        except ValueError as error:
            raise errors.invalid(f"'{name}' must be a whole number.") from error
        return value if low <= value <= high else default

    def moment(self, name: str) -> int | None:
        """Return a time in the query, in milliseconds since 1970.

        Raises:
            PlatformError: 400/1208, the value is not an ISO 8601 time.
        """
        text = self.text(name)
        if text is None:
            return None
        # An unescaped "+" of an offset arrives as a space.
        moment = parse_moment(text.replace(" ", "+")) or parse_moment(text)
        if moment is None:
            raise errors.invalid(f"'{name}' must be an ISO 8601 time.")
        return milliseconds(moment)


@dataclass(frozen=True)
class Reply:
    """The reply of a handler.

    Attributes:
        content: a JSON document; raw and prepared JSON, bytes and text are sent unchanged.
        status: HTTP status; None for the usual status of the operation.
        headers: further reply headers.
        media_type: media type of bytes and text; default: JSON for bytes, plain text for text.
        user_id: id of the user who logged in; empty unless this is the reply to a login.
    """

    content: Any = b""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None
    user_id: str = ""


Handler = Callable[[PlatformState, Request], Reply]
