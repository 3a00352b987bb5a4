"""A request of today's dialect as the handlers see it, and their reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core.big_json import MOST_VALUES_IN_SERVER, TooManyValues, loads
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.wire.body import Body

_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0"})


@dataclass(frozen=True)
class Request:
    """One request that has found its operation.

    Attributes:
        operation_id: the operation.
        path: the parts of the path by the names of the specification.
        query: all values of every query parameter.
        headers: the headers, names in lower case.
        body: the body.
        base_url: under which URL the client reaches the service, without a slash at the end.
        region: the region of the address.
        version: the version of the API that the reply has the shape of.
        signed_in: the user; None where the operation needs none.
        named_instance: the instance; None where the operation needs none.
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
            PlatformError: 401, nobody is logged in.
        """
        if self.signed_in is None:
            raise errors.unauthorized()
        return self.signed_in

    @property
    def instance(self) -> ServiceInstance:
        """The instance.

        Raises:
            PlatformError: 400, none is named.
        """
        if self.named_instance is None:
            raise errors.crn_missing()
        return self.named_instance

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            PlatformError: 400/1208, it is something else.
        """
        try:
            content = loads(self.body.read())
        except TooManyValues as error:
            message = f"The body holds more than {MOST_VALUES_IN_SERVER} values."
            raise errors.invalid(f"{message} Send arrays in their typed form.") from error
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
        """Return a query parameter that is true or false, in any case.

        Raises:
            PlatformError: 400/1208, it is something else.
        """
        text = self.text(name)
        if text is None:
            return default
        if text.lower() in _TRUE | _FALSE:
            return text.lower() in _TRUE
        raise errors.invalid(f"'{name}' must be true or false.")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number in the query; the default when it is absent or out of range.

        Raises:
            PlatformError: 400/1208, it is no number.
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
            PlatformError: 400/1208, it is no ISO 8601 time.
        """
        text = self.text(name)
        if text is None:
            return None
        # An unencoded "+" of an offset arrives as a blank.
        moment = parse_moment(text.replace(" ", "+")) or parse_moment(text)
        if moment is None:
            raise errors.invalid(f"'{name}' must be an ISO 8601 time.")
        return milliseconds(moment)


@dataclass(frozen=True)
class Reply:
    """What a handler answers.

    Attributes:
        content: a JSON document; raw JSON, bytes and text are sent as they are.
        status: HTTP status; None for the usual one of the operation.
        headers: further headers.
        media_type: of bytes and text; default: JSON for bytes, plain text for text.
    """

    content: Any = b""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None


Handler = Callable[[PlatformState, Request], Reply]
