"""Conversion of error statuses, exceptions and malformed replies to ``ApiError``.

A response hook of each client raises for error statuses before generated code sees them, and
:func:`call` sends a request and reads its reply.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar

import httpx

from ibmq_backend._errors.causes import hide_library_frames, shown
from ibmq_backend._errors.hints import hint_for
from ibmq_backend._http.malformed import is_html
from ibmq_backend._http.operations import Exchange, Operation, current_exchange
from ibmq_backend._http.proxies import VIA_PROXY
from ibmq_backend._http.retry import SERVER_ERRORS_FROM, parse_retry_after
from ibmq_backend._http.retry_transport import (
    LASTING,
    MAYBE_SEEN,
    NOT_SENT,
    is_unsent,
    tls_error,
)
from ibmq_backend._secrets.redact import is_clean, redact
from ibmq_backend._secrets.traceback_scrubbing import clear_variables
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiConflict,
    ApiConnectionError,
    ApiError,
    ApiForbidden,
    ApiNotFound,
    ApiProtocolError,
    ApiRateLimited,
    ApiServerError,
    ApiStatusError,
    ApiTimeoutError,
    AuthenticationLicenseError,
)

T = TypeVar("T")

ERROR_STATUS_FROM: Final = 400
STATUS_ERRORS: Final[dict[int, type[ApiStatusError]]] = {
    HTTPStatus.UNAUTHORIZED: ApiAuthError,
    HTTPStatus.FORBIDDEN: ApiForbidden,
    HTTPStatus.NOT_FOUND: ApiNotFound,
    HTTPStatus.CONFLICT: ApiConflict,
    HTTPStatus.TOO_MANY_REQUESTS: ApiRateLimited,
}
LICENSE_ERROR: Final = "ACCEPT_LICENSE_REQUIRED"
TRACE_HEADERS: Final = (
    "uber-trace-id",
    "x-request-id",
    "x-correlation-id",
    "x-trace-id",
    "transaction-id",
)
RENEWABLE: Final = "ibmq_backend.renewable"
"""Request extension, true if a 401 leads to a new token instead of an error."""

# Exceptions raised by reading a reply that does not match the service description.
UNREADABLE: Final[tuple[type[Exception], ...]] = (
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)
_UNREADABLE_OF_HTTPX: Final[tuple[type[Exception], ...]] = (
    httpx.DecodingError,
    httpx.TooManyRedirects,
    httpx.StreamError,
    httpx.CookieConflict,
)
_NO_TLS_REASONS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
_MAX_CHAINED_ERRORS: Final = 50
_MAX_QUOTED_CHARACTERS: Final = 300  # of a reply, in a message


def call(
    operation: Operation,
    send: Callable[[], T],
    *,
    unreadable: tuple[type[Exception], ...] = (),
) -> T:
    """Send a request and read its reply; every failure is raised as ``ApiError``.

    Args:
        operation: operation of the request, for the error.
        send: sends the request with a client of :mod:`ibmq_backend._http.client` and reads the
            reply.
        unreadable: further exceptions that mean that the reply is malformed.

    Returns:
        The return value of ``send``.

    Raises:
        ApiError: the request failed or its reply is malformed; the class says which.
    """
    exchange = Exchange(operation)
    token = current_exchange.set(exchange)
    try:
        return send()
    except ApiError as error:
        _complete(error, operation)
        clear_variables(error)
        hide_library_frames(error)
        raise
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict) as error:
        raise error_from_httpx(error, operation) from _cause_to_show(error)
    except (*UNREADABLE, *unreadable) as error:
        raise _unreadable_reply(error, exchange) from _cause_to_show(error)
    except BaseException as error:  # Ctrl-C, or what the handler of another signal raises
        clear_variables(error)
        raise
    finally:
        current_exchange.reset(token)


def remember_response(response: httpx.Response) -> None:
    """Keep the reply, for the error if it cannot be read; a response hook."""
    exchange = current_exchange.get()
    if exchange is not None:
        exchange.response = response


def raise_for_error_status(response: httpx.Response) -> None:
    """Raise an error for a status that is not a success; a response hook.

    Raises:
        ApiStatusError: the service refused the request or failed; the status determines the
            subclass.
        ApiProtocolError: the reply is a redirect, which is never followed.
    """
    if response.is_success:
        return
    if response.status_code == HTTPStatus.UNAUTHORIZED and response.request.extensions.get(
        RENEWABLE
    ):
        return
    response.read()
    exchange = current_exchange.get()
    raise error_from_response(response, exchange.operation.id if exchange else "")


def error_from_response(response: httpx.Response, operation: str = "") -> ApiError:
    """Return the error for a reply whose status is not a success."""
    status = response.status_code
    request = response.request
    known: dict[str, Any] = {
        "operation": operation,
        "method": request.method,
        "path": redact(request.url.path),
        "status_code": status,
        "trace_id": _trace_id(response),
    }
    if status < ERROR_STATUS_FROM:
        return ApiProtocolError(
            f"{status} {response.reason_phrase} for url: {show_url(request.url)}. "
            "The reply is neither a result nor an error; redirects are not followed.",
            **known,
        )
    name, text, code, hint = _read_error_document(response)
    cls = STATUS_ERRORS.get(
        status, ApiServerError if status >= SERVER_ERRORS_FROM else ApiStatusError
    )
    if name == LICENSE_ERROR:
        cls = AuthenticationLicenseError
    side = "Server" if status >= SERVER_ERRORS_FROM else "Client"
    message = f"{status} {side} Error: {response.reason_phrase} for url: {show_url(request.url)}."
    if text:
        message += f" {text.rstrip('.')}" + (f", Error code: {code}." if code is not None else ".")
    elif code is not None:
        message += f" Error code: {code}."
    if hint and hint.rstrip(".") not in message:
        message += f" {hint.rstrip('.')}."
    return cls(
        redact(message),
        code=code,
        retry_after=parse_retry_after(
            response.headers.get("retry-after"), date=response.headers.get("date")
        ),
        accepted=status >= SERVER_ERRORS_FROM
        or status == HTTPStatus.REQUEST_TIMEOUT
        or MAYBE_SEEN in request.extensions,
        **known,
    )


def error_from_httpx(error: Exception, operation: Operation) -> ApiError:
    """Return the ``ApiError`` for an exception of httpx."""
    if isinstance(error, httpx.HTTPStatusError):
        return error_from_response(error.response, operation.id)
    cls: type[ApiError]
    if isinstance(error, httpx.TimeoutException):
        cls, what = ApiTimeoutError, "The service did not answer in time"
    elif isinstance(error, _UNREADABLE_OF_HTTPX):
        cls, what = ApiProtocolError, "The reply cannot be read"
    elif isinstance(error, NOT_SENT):
        cls, what = ApiConnectionError, "The service cannot be reached"
    elif isinstance(error, LASTING):
        cls, what = ApiConnectionError, "The request cannot be sent"
    else:
        cls, what = ApiConnectionError, "The connection broke before the reply was complete"
    path, target, earlier, proxy = operation.path, "", False, None
    try:
        request = error.request  # type: ignore[attr-defined]  # a RuntimeError or absent without one
    except (AttributeError, RuntimeError):
        pass
    else:
        url, earlier = request.url, MAYBE_SEEN in request.extensions
        proxy = request.extensions.get(VIA_PROXY)
        path, target = redact(url.path), f" for url: {show_url(url)}"
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    failure = cls(
        redact(f"{what}{target} ({detail.rstrip('.')}).{_hint(error, proxy)}"),
        operation=operation.id,
        method=operation.method,
        path=path,
        accepted=earlier or not is_unsent(error),
    )
    _complete(failure, operation)
    return failure


def _hint(error: Exception, proxy: str | None) -> str:
    """Return what to do about a connection that could not be made, if that is known."""
    if not isinstance(error, NOT_SENT):
        return ""
    refusal = tls_error(error)
    if isinstance(refusal, ssl.SSLCertVerificationError):
        return (
            " The certificate is not trusted: if it belongs to your own server or proxy, set the "
            "environment variable SSL_CERT_FILE to the file of its certificate authority."
        )
    if refusal is not None and refusal.reason in _NO_TLS_REASONS:
        return " The port does not use TLS: should the URL begin with http:// and not https://?"
    if proxy is not None:
        return f" The request goes through the proxy of {proxy}: check its URL."
    found = _system_error(error)
    if isinstance(found, ConnectionRefusedError):
        return " No server listens on this port: check host and port, and start the server."
    if isinstance(found, socket.gaierror):
        return " Its name cannot be resolved: check the URL and the network."
    return ""


def _system_error(error: BaseException) -> OSError | None:
    """Return the first ``OSError`` in a chain; those after it are what the caller is handling."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, OSError):
        seen = seen.__cause__ or seen.__context__
    return seen


def unexpected_reply(operation: Operation, what: str) -> ApiProtocolError:
    """Return the error for a reply that can be read but does not match the description."""
    exchange = current_exchange.get()
    response = exchange.response if exchange is not None else None
    error = ApiProtocolError(
        redact(f"The reply to {operation.id} {what}"),
        operation=operation.id,
        method=operation.method,
        path=redact(response.request.url.path) if response is not None else operation.path,
        status_code=response.status_code if response is not None else -1,
        trace_id=_trace_id(response) if response is not None else None,
    )
    _complete(error, operation)
    return error


def show_url(url: httpx.URL) -> str:
    """Return a URL without user, password, query and secrets."""
    shown = str(url.copy_with(username=None, password=None, query=None, fragment=None))
    return redact(shown)[:_MAX_QUOTED_CHARACTERS]


def describe_body(response: httpx.Response) -> str:
    """Return a short description of a body that is not JSON."""
    text = _text_of(response)
    if not text:
        return "an empty body"
    title = re.search(r"<title[^>]*>(.*?)</title", text, re.IGNORECASE | re.DOTALL)
    if title is not None or is_html(response.content):
        shown = " ".join(title.group(1).split()) if title is not None else "without a title"
        return redact(f"an HTML page ({shown[:_MAX_QUOTED_CHARACTERS]})")
    kind = response.headers.get("content-type", "no content type").partition(";")[0]
    return redact(f"{len(response.content)} bytes of {kind}")


def _text_of(response: httpx.Response) -> str:
    """Return a body as text, even if its declared encoding is wrong."""
    try:
        return response.text.strip()
    except (ValueError, LookupError):
        return response.content.decode("utf-8", "replace").strip()


def _unreadable_reply(error: Exception, exchange: Exchange) -> ApiProtocolError:
    response = exchange.response
    if response is None:
        body = "no reply"
    elif isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        body = f"{describe_body(response)} instead of a JSON document"
    else:
        body = f"JSON that does not match the description ({type(error).__name__}: {error})"
    return unexpected_reply(exchange.operation, f"is {body[: 2 * _MAX_QUOTED_CHARACTERS]}.")


_ErrorDocument = tuple[str | None, str, int | str | None, str]


def _read_error_document(response: httpx.Response) -> _ErrorDocument:
    """Return the contents of the service's error document, as far as they are present.

    Returns:
        The name, message, code and hint of the service.
    """
    try:
        document = response.json()
    except (ValueError, RecursionError):
        text = _text_of(response)
        if not text:
            return None, "", None, ""
        if response.headers.get("content-type", "").startswith("text/plain"):
            return None, " ".join(text.split())[:_MAX_QUOTED_CHARACTERS], None, ""
        return None, f"The body is {describe_body(response)}", None, ""
    if not isinstance(document, dict):
        return None, "", None, ""
    error: Any = document.get("error", document)
    if isinstance(document.get("errors"), list) and document["errors"]:
        error = document["errors"][0]
    if isinstance(error, str):
        return None, error[:_MAX_QUOTED_CHARACTERS], None, ""
    if not isinstance(error, dict):
        return None, "", None, ""
    name = error.get("name")
    code = error.get("code", error.get("errorCode"))
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code)
    return (
        name if isinstance(name, str) else None,
        _one_line(error.get("message", error.get("errorMessage"))),
        code if isinstance(code, int | str) and not isinstance(code, bool) else None,
        _one_line(error.get("solution")),
    )


def _one_line(value: object) -> str:
    return " ".join(value.split())[: 4 * _MAX_QUOTED_CHARACTERS] if isinstance(value, str) else ""


def _trace_id(response: httpx.Response) -> str | None:
    """Return the service's id of a request, from the body of an error or else from a header."""
    found = _trace_in_body(response) if response.is_error else None
    if found is None:
        found = next((response.headers[n] for n in TRACE_HEADERS if n in response.headers), None)
    # Not redacted: an id may have the length of a token, and is useless if hidden.
    return None if found is None else found[:_MAX_QUOTED_CHARACTERS]


def _trace_in_body(response: httpx.Response) -> str | None:
    try:
        document = response.json()
    except (ValueError, RecursionError, httpx.ResponseNotRead):
        return None
    if not isinstance(document, dict):
        return None
    context = document.get("context")
    found = document.get("trace") or (
        context.get("requestId") if isinstance(context, dict) else None
    )
    return found if isinstance(found, str) and found else None


def job_in_path(operation: Operation, path: str) -> str | None:
    """Return the job id in the path of a request; ``None`` if there is none."""
    if "{job_id}" not in operation.path or "{" in path:
        return None
    parts = re.split(r"(\{[^}]*\})", operation.path)
    pattern = "".join(
        "(?P<job_id>[^/]+)"
        if part == "{job_id}"
        else "[^/]+"
        if part.startswith("{")
        else re.escape(part)
        for part in parts
    )
    found = re.search(f"{pattern}$", path)
    return found["job_id"] if found is not None else None


def _complete(error: ApiError, operation: Operation) -> None:
    """Add the missing attributes of an error and redact its message."""
    if not is_clean(error.message):
        error.message = redact(error.message)
        error.args = (error.message,)
    error.operation = error.operation or operation.id
    error.method = error.method or operation.method
    error.path = error.path or operation.path
    error.job_id = error.job_id or job_in_path(operation, error.path)
    error.hint = error.hint or hint_for(error)


def _cause_to_show(error: Exception) -> Exception | None:
    """Return the cause without variables; ``None`` if hidden or if its text contains a secret."""
    clear_variables(error)
    return shown(error) if is_clean(_texts_of(error)) else None


def _texts_of(error: BaseException) -> str:
    """Return the texts of an exception and of its causes, as a traceback shows them."""
    texts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(texts) < _MAX_CHAINED_ERRORS:
        texts.append(f"{seen}")
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)
