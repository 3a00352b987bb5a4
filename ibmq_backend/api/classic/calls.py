"""Sends requests of one account: the generated bindings with our transport under them."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx
from ibmq_api_classic.client import AuthenticatedClient

from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import call, describe_body, unexpected_reply
from ibmq_backend._http.malformed import is_malformed
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend._http.urls import parse_url
from ibmq_backend._secrets.traceback_scrubbing import SecretText
from ibmq_backend.api.calls import HttpCalls, wire_text
from ibmq_backend.api.classic.hints import add_advice
from ibmq_backend.api.classic.operations import (
    GET_STORED_OBJECT,
    JOB_DOCUMENTS,
    OPERATIONS,
    PUT_STORED_OBJECT,
    STORED_OBJECTS,
)
from ibmq_backend.exceptions import ApiError

TOKEN_HEADER: Final = "X-Access-Token"  # noqa: S105  (its name, not a token)
JSON_HEADERS: Final = {"Content-Type": "application/json"}


class ApiCalls(HttpCalls):
    """Requests to one base address; errors carry the next step for their code.

    Args:
        base_url: the API base.
        settings: the network settings.
        auth: adds the token.
        headers: sent with every request.
        leaf: makes the attempts instead of a network connection.
        expected: the service is known to be there.
        timing: clock and sleep.
    """

    def __init__(
        self,
        base_url: str,
        settings: NetworkSettings,
        auth: httpx.Auth,
        headers: dict[str, str],
        leaf: httpx.BaseTransport | None = None,
        *,
        expected: bool = True,
        timing: Timing | None = None,
    ) -> None:
        http = build_client(
            settings,
            base_url=base_url,
            headers=headers,
            auth=auth,
            operation_of=OPERATIONS.find,
            rewrite=_without_nulls,
            leaf=leaf,
            expected=expected,
            timing=timing,
        )
        super().__init__(http, OPERATIONS, add_advice)
        # The bindings ask for this class where an operation needs a token. Its own token stays
        # empty: the injected client has one that renews itself.
        self.client = AuthenticatedClient(base_url=base_url, token="")
        self.client.set_httpx_client(http)


class StorageCalls:
    """Uploads and downloads at presigned addresses: never with the account's token."""

    def __init__(
        self,
        settings: NetworkSettings,
        headers: dict[str, str],
        leaf: httpx.BaseTransport | None = None,
        *,
        timing: Timing | None = None,
    ) -> None:
        self._http = build_client(
            settings,
            headers=headers,
            operation_of=lambda request: STORED_OBJECTS.get(request.method),
            leaf=leaf,
            timing=timing,
        )

    def upload(self, url: str, data: bytes) -> None:
        """Store JSON text at an address. Wire: putStoredObject."""

        def store() -> None:
            response = self._http.put(url, content=data, headers=JSON_HEADERS)
            if is_malformed(response, PUT_STORED_OBJECT.content):
                raise unexpected_reply(PUT_STORED_OBJECT, f"is {describe_body(response)}.")

        call(PUT_STORED_OBJECT, store)

    def download(self, url: str, job_id: str) -> dict[str, Any]:
        """Return the JSON object of a job that is stored at an address. Wire: getStoredObject."""

        def fetch() -> dict[str, Any]:
            response = self._http.get(url)
            document = response.json()
            if not isinstance(document, dict):
                raise unexpected_reply(
                    GET_STORED_OBJECT, f"is {describe_body(response)}, not a JSON object."
                )
            return document

        try:
            return call(GET_STORED_OBJECT, fetch)
        except ApiError as error:
            error.job_id = job_id
            raise

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def wire_url(value: Any) -> SecretText:
    """Return a value that has to be an absolute address; it may be signed, so it is a secret.

    Raises:
        TypeError: it is not text.
        ValueError: it is another kind of text; it is not repeated, since it may be signed.
    """
    if parse_url(wire_text(value)).scheme not in ("http", "https"):
        raise ValueError("the address is not absolute")
    return SecretText(value)


def _without_nulls(request: httpx.Request, body: bytes) -> bytes:
    """Leave the nulls out of job documents: there, null and nothing mean the same.

    The bindings take a null only where the service is known to send one.
    """
    operation = OPERATIONS.find(request)
    if operation not in JOB_DOCUMENTS or b"null" not in body:
        return body
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body  # the reading of the reply says what is wrong with it
    if isinstance(document, list):
        cleaned: Any = [_cleaned(entry) for entry in document]
    else:
        cleaned = _cleaned(document)
        if isinstance(cleaned, dict) and "job" in cleaned:
            cleaned["job"] = _cleaned(cleaned["job"])
    return json.dumps(cleaned).encode()


def _cleaned(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    return {key: value for key, value in document.items() if value is not None}
