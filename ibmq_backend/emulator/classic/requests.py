"""Requests and replies of the handlers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.wire.body import Body

_T = TypeVar("_T")
_MAX_TEXT_CHARACTERS = 1024
MAX_TAGS: Final = 8
_CLIENT_TAG_PREFIX: Final = "ibmq_"
"""Prefix of the tags by which clients find their jobs and job sets; these are not counted."""


@dataclass(frozen=True)
class Request:
    """A request to one operation.

    Attributes:
        operation_id: id of the operation.
        path: path parameters by their names in the specification.
        query: query parameters; the last value of a repeated one.
        headers: headers; their names are found in any case.
        body: the body.
        base_url: base URL that the client used, without a trailing slash.
        client_address: IP address of the client.
        signed_in: the user; None for operations without login.
    """

    operation_id: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Body
    base_url: str
    client_address: str | None
    signed_in: Account | None

    @property
    def account(self) -> Account:
        """The user.

        Raises:
            ServiceError: 401/3445, the request has no login.
        """
        if self.signed_in is None:
            raise errors.not_logged_in()
        return self.signed_in

    @property
    def instance(self) -> Instance:
        """The hub, group and project in the path."""
        return Instance(self.path["hub"], self.path["group"], self.path["project"])

    @property
    def websocket_url(self) -> str:
        """The base URL of the websockets for this client, without a trailing slash."""
        return "ws" + self.base_url.removeprefix("http")

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            ServiceError: 400/3500, the body is not a JSON object.
        """
        try:
            content = json.loads(self.body.read())
        except (ValueError, RecursionError) as error:
            raise errors.ServiceError(
                400, ErrorCode.BODY_WRONG, "The body is not valid JSON."
            ) from error
        if not isinstance(content, dict):
            raise errors.ServiceError(400, ErrorCode.BODY_WRONG, "The body must be a JSON object.")
        return content


@dataclass(frozen=True)
class Reply:
    """The reply of a handler.

    Attributes:
        content: a JSON document; bytes, raw and prepared JSON are sent unchanged.
        headers: further reply headers.
    """

    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[ClassicState, Request], Reply]
HeadCheck = Callable[[ClassicState, Request], str]


def text_field(content: Mapping[str, Any], name: str) -> str | None:
    """Return an optional string of a request body; None for an empty one.

    Raises:
        ServiceError: 400/2400, the value is not a string, is too long, or contains characters that
            cannot be stored.
    """
    value = content.get(name)
    return None if value in (None, "") else clean_text(value, name)


def clean_text(value: Any, name: str) -> str:
    """Check and return a string of a request body.

    Raises:
        ServiceError: 400/2400, the value is not a string, is too long, or contains characters that
            cannot be stored.
    """
    if not isinstance(value, str):
        raise errors.wrong_data(f"'{name}' must be a string.")
    if len(value) > _MAX_TEXT_CHARACTERS:
        raise errors.wrong_data(f"'{name}' has more than {_MAX_TEXT_CHARACTERS} characters.")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise errors.wrong_data(f"'{name}' contains a character that is not allowed.")
    return value


def typed_field(content: Mapping[str, Any], name: str, kind: type[_T], word: str) -> _T | None:
    """Return an optional value of a request body.

    Raises:
        ServiceError: 400/2400, the value has another type.
    """
    value = content.get(name)
    if value is None:
        return None
    if not isinstance(value, kind):
        raise errors.wrong_data(f"'{name}' must be {word}.")
    return value


def tags_field(content: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the tags of a request body without duplicates; None if the body has no tags.

    Raises:
        ServiceError: 400/2400, the tags are not a list of strings, or there are too many.
    """
    tags = typed_field(content, "tags", list, "a list of strings")
    if tags is None:
        return None
    found = tuple(dict.fromkeys(clean_text(tag, "tags") for tag in tags[: 2 * MAX_TAGS]))
    users = [tag for tag in found if not tag.startswith(_CLIENT_TAG_PREFIX)]
    if len(tags) > 2 * MAX_TAGS or len(users) > MAX_TAGS:
        raise errors.wrong_data(f"A job has at most {MAX_TAGS} tags.")
    return found
