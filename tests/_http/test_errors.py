from __future__ import annotations

import inspect
import json
import traceback

import httpx
import pytest

from ibmq_backend import exceptions as ex
from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import call, error_from_httpx
from ibmq_backend._http.operations import Operation
from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from tests.support.any_operation import safe

GET = Operation("getThing", "GET", "/things/{name}", retry_safe=True)
ONCE = NetworkSettings(retry=RetryPolicy(attempts=1))
URL = "https://api.example/api/things/x?filter=secret"


def fetch(respond, read=lambda response: response):
    leaf = httpx.MockTransport(respond)
    with build_client(ONCE, operation_of=safe, leaf=leaf) as client:
        return call(GET, lambda: read(client.get(URL)))


def failure(respond, read=lambda response: response) -> ex.ApiError:
    with pytest.raises(ex.ApiError) as caught:
        fetch(respond, read)
    return caught.value


HTTPX_ERRORS = [
    cls
    for _, cls in inspect.getmembers(httpx, inspect.isclass)
    if issubclass(cls, Exception) and cls.__module__ == "httpx"
]

EXPECTED = {
    "HTTPError": ex.ApiConnectionError,
    "RequestError": ex.ApiConnectionError,
    "TransportError": ex.ApiConnectionError,
    "TimeoutException": ex.ApiTimeoutError,
    "ConnectTimeout": ex.ApiTimeoutError,
    "ReadTimeout": ex.ApiTimeoutError,
    "WriteTimeout": ex.ApiTimeoutError,
    "PoolTimeout": ex.ApiTimeoutError,
    "NetworkError": ex.ApiConnectionError,
    "ConnectError": ex.ApiConnectionError,
    "ReadError": ex.ApiConnectionError,
    "WriteError": ex.ApiConnectionError,
    "CloseError": ex.ApiConnectionError,
    "ProxyError": ex.ApiConnectionError,
    "UnsupportedProtocol": ex.ApiConnectionError,
    "ProtocolError": ex.ApiConnectionError,
    "LocalProtocolError": ex.ApiConnectionError,
    "RemoteProtocolError": ex.ApiConnectionError,
    "DecodingError": ex.ApiProtocolError,
    "TooManyRedirects": ex.ApiProtocolError,
    "HTTPStatusError": ex.ApiServerError,
    "InvalidURL": ex.ApiConnectionError,
    "CookieConflict": ex.ApiProtocolError,
    "StreamError": ex.ApiProtocolError,
    "StreamConsumed": ex.ApiProtocolError,
    "StreamClosed": ex.ApiProtocolError,
    "ResponseNotRead": ex.ApiProtocolError,
    "RequestNotRead": ex.ApiProtocolError,
}
NOT_SENT = {
    "ConnectTimeout",
    "PoolTimeout",
    "ConnectError",
    "ProxyError",
    "UnsupportedProtocol",
    "LocalProtocolError",
    "InvalidURL",
}


def make(cls) -> Exception:
    request = httpx.Request("GET", URL)
    if cls is httpx.HTTPStatusError:
        return cls("m", request=request, response=httpx.Response(503, request=request))
    try:
        return cls("something", request=request)
    except TypeError:
        try:
            return cls("something")
        except TypeError:
            return cls()


@pytest.mark.parametrize("cls", HTTPX_ERRORS, ids=lambda cls: cls.__name__)
def test_every_exception_of_httpx_becomes_an_api_error(cls):
    error = make(cls)

    def send():
        raise error

    with pytest.raises(ex.ApiError) as caught:
        call(GET, send)
    got = caught.value
    assert type(got) is EXPECTED[cls.__name__]
    assert got.operation == "getThing"
    assert got.method == "GET"
    assert got.accepted is (cls.__name__ not in NOT_SENT)
    assert "secret" not in str(got)


def test_an_error_without_a_request_still_names_the_path():
    assert error_from_httpx(httpx.ReadError("x"), GET).path == "/things/{name}"


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, ex.ApiStatusError),
        (401, ex.ApiAuthError),
        (403, ex.ApiForbidden),
        (404, ex.ApiNotFound),
        (408, ex.ApiStatusError),
        (409, ex.ApiConflict),
        (418, ex.ApiStatusError),
        (422, ex.ApiStatusError),
        (429, ex.ApiRateLimited),
        (499, ex.ApiStatusError),
        *((status, ex.ApiServerError) for status in (500, 501, 502, 503, 504, *range(520, 600))),
    ],
)
def test_every_error_status_has_its_class(status, cls):
    error = failure(lambda _: httpx.Response(status))
    assert type(error) is cls
    assert error.status_code == status
    assert error.accepted is (status >= 500 or status == 408)


def test_the_error_document_becomes_message_and_attributes():
    document = {"error": {"message": "Job not found.", "code": 3250, "name": "Error"}}
    error = failure(
        lambda _: httpx.Response(
            404, json=document, headers={"uber-trace-id": "7:8", "retry-after": "4"}
        )
    )
    assert str(error).strip("'\"") == (
        "404 Client Error: Not Found for url: https://api.example/api/things/x. "
        "Job not found, Error code: 3250."
    )
    assert (error.code, error.trace_id, error.retry_after) == (3250, "7:8", 4.0)
    assert (error.operation, error.method, error.path) == ("getThing", "GET", "/api/things/x")


def test_a_licence_to_accept_has_its_own_class():
    document = {"error": {"name": "ACCEPT_LICENSE_REQUIRED", "message": "Read and accept."}}
    error = failure(lambda _: httpx.Response(401, json=document))
    assert isinstance(error, ex.AuthenticationLicenseError)
    assert "Read and accept." in str(error)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html><head><title>502\n Bad gateway</title></head>" + b"x" * 9999, "502 Bad gateway"),
        (b"<!DOCTYPE html><p>down", "without a title"),
        (b"\xff\xfe\x00", "3 bytes of text/html"),
    ],
)
def test_html_bodies_are_summarised(body, told):
    error = failure(
        lambda _: httpx.Response(502, content=body, headers={"content-type": "text/html"})
    )
    assert told in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b'{"error": null}',
        b'{"error": "text"}',
        b'{"error": []}',
        b'{"errors": []}',
        b'{"errors": [7]}',
        b"{",
        b"[" * 100_000,
    ],
)
def test_odd_error_bodies_keep_the_status(body):
    assert failure(lambda _: httpx.Response(500, content=body)).status_code == 500


def test_a_redirect_is_not_followed():
    seen = []

    def respond(request):
        seen.append(request)
        return httpx.Response(302, headers={"location": "https://elsewhere.example/"})

    assert type(failure(respond)) is ex.ApiProtocolError
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "an empty body"),
        (b"<html><title>Maintenance</title>", "an HTML page (Maintenance)"),
        (b'{"id": ', "bytes of"),
        (b"\xff", "1 bytes of"),
        (b"[]", "does not match the description"),
        (b"{}", "KeyError: 'id'"),
    ],
)
def test_unreadable_replies_are_protocol_errors(body, told):
    error = failure(
        lambda _: httpx.Response(200, content=body), lambda response: response.json()["id"]
    )
    assert type(error) is ex.ApiProtocolError
    assert told in str(error)
    assert (error.status_code, error.path) == (200, "/api/things/x")


def test_a_bug_in_other_code_is_not_hidden():
    class Odd(Exception):
        pass

    def send():
        raise Odd

    with pytest.raises(Odd):
        call(GET, send)
    with pytest.raises(ex.ApiProtocolError):
        call(GET, send, unreadable=(Odd,))


def test_no_secret_in_the_message_or_the_traceback():
    token = "f0" * 64

    def respond(_):
        return httpx.Response(200, content=json.dumps({"id": token}).encode())

    def read(response):
        raise ValueError(f"bad {response.json()['id']}")

    with pytest.raises(ex.ApiProtocolError) as caught:
        fetch(respond, read)
    assert token not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("status", [None, 401])
def test_frames_of_the_http_library_are_shown_on_request_without_variables(status, monkeypatch):
    secret = "canary in a variable"

    def respond(_):
        held = secret.upper()
        if status is None:
            raise httpx.ConnectError("refused")
        return httpx.Response(status, text="no" if held else "")

    def steps_of(error):
        """Return the frames below ``call`` of an error and its causes, as they are shown."""
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        steps = []
        while shown is not None:
            names = [step.name for step in shown.stack]
            steps += shown.stack[names.index("call") + 1 :] if "call" in names else shown.stack
            shown = shown.__cause__
        return steps

    assert not any("/httpx/" in step.filename for step in steps_of(failure(respond)))
    monkeypatch.setenv("IBMQ_BACKEND_DEBUG", "1")
    steps = steps_of(failure(respond))
    assert any("/httpx/" in step.filename for step in steps)
    assert all(step.line and not step.locals for step in steps)


class RaisedByASignalHandler(BaseException):
    """An error that is not an ``Exception``, as the time limits of test runners raise."""


@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError, RaisedByASignalHandler])
def test_other_errors_pass_without_variables(kind):
    def send():
        held = "canary in a variable".upper()
        raise kind(len(held))

    with pytest.raises(kind) as caught:
        call(GET, send)
    steps = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    assert steps[-1].name == "send"
    assert not steps[-1].locals


@pytest.mark.parametrize(
    ("first", "last", "accepted"),
    [
        (503, 400, True),
        (httpx.ReadTimeout("stalled"), 404, True),
        (httpx.ReadError("reset"), httpx.ConnectError("gone"), True),
        (429, 400, False),
        (httpx.ConnectError("refused"), 400, False),
        (429, httpx.ConnectError("gone"), False),
    ],
)
def test_an_earlier_attempt_that_may_have_been_accepted_counts(first, last, accepted):
    script = iter([first])

    def answer(request):
        step = next(script, last)
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step)

    settings = NetworkSettings(retry=RetryPolicy(attempts=2, first_delay=0.0))
    client = build_client(settings, operation_of=safe, leaf=httpx.MockTransport(answer))
    with client, pytest.raises(ex.ApiError) as caught:
        call(GET, lambda: client.get("https://api.example/x"))
    assert caught.value.accepted is accepted
