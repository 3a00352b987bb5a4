"""The replies that faults send instead of the service's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from ibmq_backend.emulator.dialect import Dialect, get_phrase
from ibmq_backend.emulator.faults.script import Fault
from ibmq_backend.emulator.wire.endpoints import Endpoint
from ibmq_backend.emulator.wire.routes import Route

FAULTS_HEADER: Final = "X-Emulated-Faults"
"""Header on every reply of a service with faults, to distinguish it from other services."""

FAULTS_ON: Final = "scripted"
_JSON: Final = "application/json"
_WRONG: Final[Mapping[str, Any]] = {"unexpected": ["this is not the document that was asked for"]}


class BoundOperation(NamedTuple):
    """An operation of a service.

    Attributes:
        endpoint: serves its requests.
        operation: its description.
        dialect: its dialect.
    """

    endpoint: Endpoint
    operation: Route
    dialect: Dialect

    def error_body(self, status: int) -> dict[str, Any]:
        """Return the service's error document for a status of 400 or more."""
        return self.dialect.error_body(status, self.operation.operation_id)


def reply_of(fault: Fault, bound: BoundOperation, now: float) -> Response:
    """Return the reply that a fault sends instead of the service's own.

    Args:
        fault: a fault of kind ``status``, ``wrong_json``, ``html`` or ``rate_limit``.
        bound: the requested operation; its dialect makes the error document.
        now: seconds since 1970, for a ``Retry-After`` that is a date.
    """
    headers = dict(fault.headers or {})
    if fault.kind == "html":
        status = fault.status or HTTPStatus.BAD_GATEWAY
        body = html_page(status) if fault.body is None else _text(fault.body)
        return _response(body, status, headers, "text/html; charset=utf-8")
    if fault.kind == "wrong_json":
        body = _text(_WRONG if fault.body is None else fault.body)
        return _response(body, fault.status or HTTPStatus.OK, headers, _JSON)
    if fault.kind == "rate_limit":
        after = 1.0 if fault.retry_after is None else fault.retry_after
        headers["Retry-After"] = (
            formatdate(now + after, usegmt=True) if fault.as_date else _number(after)
        )
        body = json.dumps(bound.error_body(HTTPStatus.TOO_MANY_REQUESTS))
        return _response(body, HTTPStatus.TOO_MANY_REQUESTS, headers, _JSON)
    status = fault.status or HTTPStatus.INTERNAL_SERVER_ERROR
    content = fault.body
    if content is None:
        content = bound.error_body(status) if status >= HTTPStatus.BAD_REQUEST else {}
    body = _text(content)
    return _response(body, status, headers, _JSON)


def wrong_frame(fault: Fault) -> bytes:
    """Return the frame that a status stream sends instead of the true one."""
    return _text(_WRONG if fault.body is None else fault.body).encode()


def html_page(status: int) -> str:
    """Return the error page of a proxy in front of the service."""
    title = f"{int(status)} {get_phrase(status)}"
    return (
        f"<!doctype html>\n<html><head><title>{title}</title></head>\n"
        f"<body><center><h1>{title}</h1></center><hr><center>proxy</center></body></html>\n"
    )


def _response(body: str, status: int, headers: dict[str, str], media_type: str) -> Response:
    named = {name.lower() for name in headers}
    return Response(body.encode(), status, headers, None if "content-type" in named else media_type)


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def _number(seconds: float) -> str:
    return str(int(seconds)) if float(seconds).is_integer() else str(seconds)
