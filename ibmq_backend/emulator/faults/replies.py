"""The replies of faults, as each dialect words its errors; and replies with their clock shifted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from ibmq_backend.emulator.classic import errors as classic
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment, wire_time
from ibmq_backend.emulator.faults.operations import Operation
from ibmq_backend.emulator.faults.script import Fault
from ibmq_backend.emulator.platform import errors as platform
from ibmq_backend.emulator.platform.state.tokens import Tokens

FAULTS_HEADER: Final = "X-Emulated-Faults"
"""On every reply of a service with faults, so that nobody takes it for a healthy one."""

FAULTS_ON: Final = "scripted"
_JSON: Final = "application/json"
_WRONG: Final[Mapping[str, Any]] = {"unexpected": ["this is not the document that was asked for"]}


def reply_of(fault: Fault, operation: Operation, now: float) -> Response:
    """The reply that a fault puts in the place of the service's own.

    Args:
        fault: Of the kind ``status``, ``wrong_json``, ``html`` or ``rate_limit``.
        operation: What was asked for; its dialect words the error.
        now: Seconds since 1970, for a ``Retry-After`` that is a date.
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
        body = json.dumps(error_body(HTTPStatus.TOO_MANY_REQUESTS, operation))
        return _response(body, HTTPStatus.TOO_MANY_REQUESTS, headers, _JSON)
    status = fault.status or HTTPStatus.INTERNAL_SERVER_ERROR
    body = _text(error_body(status, operation) if fault.body is None else fault.body)
    return _response(body, status, headers, _JSON)


def wrong_frame(fault: Fault) -> bytes:
    """What a status stream says instead of the truth."""
    return _text(_WRONG if fault.body is None else fault.body).encode()


def error_body(status: int, operation: Operation) -> dict[str, Any]:
    """An error of this status in the words of the service that has the operation; from 400."""
    if status < HTTPStatus.BAD_REQUEST:
        return {}
    if operation.name == "exchangeToken":
        error = platform.IdentityError(status, "BXNIM0000E", _phrase(status))
        return error.body(platform.new_trace())
    if operation.dialect == "classic":
        return _classic(status).envelope()
    return _platform(status).body(platform.new_trace())


def html_page(status: int) -> str:
    """The page of a proxy that stands before the service."""
    title = f"{int(status)} {_phrase(status)}"
    return (
        f"<!doctype html>\n<html><head><title>{title}</title></head>\n"
        f"<body><center><h1>{title}</h1></center><hr><center>proxy</center></body></html>\n"
    )


def shifted(content: bytes, operation: Operation, seconds: float, tokens: Tokens) -> bytes:
    """A reply as a service sends it whose clock is ``seconds`` ahead: the times of its token."""
    if operation.name == "loginWithToken":
        document = json.loads(content)
        created = parse_moment(str(document.get("created")))
        if created is not None:
            document["created"] = wire_time(milliseconds(created + timedelta(seconds=seconds)))
    elif operation.name == "exchangeToken":
        document = json.loads(content)
        if "expiration" in document:
            document["expiration"] += round(seconds)
            document["access_token"] = tokens.shifted(document["access_token"], round(seconds))
    else:
        return content
    return json.dumps(document).encode()


def _classic(status: int) -> classic.ServiceError:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return classic.ServiceError(status, "TOO_MANY_REQUESTS", "Too many requests.")
    if status == HTTPStatus.UNAUTHORIZED:
        return classic.not_logged_in()
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return classic.unavailable()
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return classic.internal_error()
    code = _phrase(status).upper().replace(" ", "_")
    return classic.ServiceError(status, code, f"{_phrase(status)}.")


def _platform(status: int) -> platform.PlatformError:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return platform.too_many_requests(1)
    if status == HTTPStatus.UNAUTHORIZED:
        return platform.unauthorized()
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return platform.unavailable()
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return platform.internal()
    return platform.PlatformError(status, None, f"{_phrase(status)}.")


def _response(body: str, status: int, headers: dict[str, str], media_type: str) -> Response:
    named = {name.lower() for name in headers}
    return Response(body.encode(), status, headers, None if "content-type" in named else media_type)


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def _number(seconds: float) -> str:
    return str(int(seconds)) if float(seconds).is_integer() else str(seconds)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
