"""A request as the handlers see it, and their reply."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.wire.body import Body

_T = TypeVar("_T")
_MAX_TEXT = 1024
MAX_TAGS: Final = 8
_CLIENTS_OWN: Final = "ibmq_"
"""Begins the tags by which clients find their jobs and job sets again; these are not counted."""


@dataclass(frozen=True)
class Request:
    """One request that has found its operation.

    Attributes:
        operation_id: the operation.
        path: the parts of the path by the names of the specification.
        query: the query parameters; of repeated ones the last.
        headers: the headers, names in lower case.
        body: the body.
        base_url: under which URL the client reaches the service, without a slash at the end.
        client_address: the client's IP address.
        signed_in: the user; None where the operation needs none.
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
            ServiceError: 401/3445, nobody is logged in.
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
        """Under which URL the client reaches the websockets, without a slash at the end."""
        return "ws" + self.base_url.removeprefix("http")

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            ServiceError: 400/3500, it is something else.
        """
        try:
            content = json.loads(self.body.read())
        except (ValueError, RecursionError) as error:
            raise errors.ServiceError(400, 3500, "The body is not valid JSON.") from error
        if not isinstance(content, dict):
            raise errors.ServiceError(400, 3500, "The body must be a JSON object.")
        return content


@dataclass(frozen=True)
class Reply:
    """What a handler answers.

    Attributes:
        content: a JSON document; bytes and raw JSON are sent as they are.
        headers: further headers.
    """

    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[ClassicState, Request], Reply]
HeadCheck = Callable[[ClassicState, Request], str]


def text_field(content: Mapping[str, Any], name: str) -> str | None:
    """Return an optional text of a request body; empty counts as absent.

    Raises:
        ServiceError: 400/2400, it is not a text, too long, or holds characters that cannot be
            stored.
    """
    value = content.get(name)
    return None if value in (None, "") else clean_text(value, name)


def clean_text(value: Any, name: str) -> str:
    """Check a text of a request body.

    Raises:
        ServiceError: 400/2400, as for :func:`text_field`.
    """
    if not isinstance(value, str):
        raise errors.wrong_data(f"'{name}' must be a text.")
    if len(value) > _MAX_TEXT:
        raise errors.wrong_data(f"'{name}' has more than {_MAX_TEXT} characters.")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise errors.wrong_data(f"'{name}' holds a character that is not allowed.")
    return value


def typed_field(content: Mapping[str, Any], name: str, kind: type[_T], word: str) -> _T | None:
    """Return an optional value of one type of a request body.

    Raises:
        ServiceError: 400/2400, it is of another type.
    """
    value = content.get(name)
    if value is None:
        return None
    if not isinstance(value, kind):
        raise errors.wrong_data(f"'{name}' must be {word}.")
    return value


def tags_field(content: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the tags of a request body, without repetitions; None when there are none.

    Raises:
        ServiceError: 400/2400, they are not a list of texts, or too many.
    """
    tags = typed_field(content, "tags", list, "a list of texts")
    if tags is None:
        return None
    found = tuple(dict.fromkeys(clean_text(tag, "tags") for tag in tags[: 2 * MAX_TAGS]))
    users = [tag for tag in found if not tag.startswith(_CLIENTS_OWN)]
    if len(tags) > 2 * MAX_TAGS or len(users) > MAX_TAGS:
        raise errors.wrong_data(f"A job has at most {MAX_TAGS} tags.")
    return found
