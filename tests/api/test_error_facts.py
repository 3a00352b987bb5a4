"""Errors of a service have the request, the job and a hint as attributes."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from ibmq_backend import exceptions
from ibmq_backend._errors.hints import BY_CLASS, hint_for
from ibmq_backend._errors.translate import raising_backend_errors, raising_job_errors
from ibmq_backend._http.errors import job_in_path
from ibmq_backend._http.operations import Operation
from ibmq_backend.api.classic.hints import BY_CODE as CLASSIC_CODES
from ibmq_backend.api.platform.hints import BY_CODE as PLATFORM_CODES
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
)
from ibmq_backend.records import Submission
from tests.support import classic_replies, platform_replies

TRACE = "trace-of-the-request"
STATUSES = {
    400: ApiStatusError,
    401: ApiAuthError,
    403: ApiForbidden,
    404: ApiNotFound,
    409: ApiConflict,
    429: ApiRateLimited,
    500: ApiServerError,
    520: ApiServerError,
}
JOBS = {
    "classic": (classic_replies, classic_replies.JOB_ID),
    "platform": (platform_replies, platform_replies.JOB_ID),
}


def refusal(dialect: str, status: int, code: int) -> httpx.Response:
    one = {"message": "No.", "code": code}
    body = {"error": one} if dialect == "classic" else {"errors": [one], "trace": TRACE}
    return httpx.Response(status, json=body, headers={"uber-trace-id": TRACE})


def failure(dialect: str, reply: object, operation: str = "getJob") -> ApiError:
    """The error of reading a job with this reply."""
    replies, job_id = JOBS[dialect]
    service = replies.Service()
    client = service.open()
    service.replies[operation] = reply
    with pytest.raises(ApiError) as caught:
        client.job(job_id)
    return caught.value


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("dialect", JOBS)
def test_a_refusal_has_all_attributes(dialect: str, status: int) -> None:
    error = failure(dialect, lambda _: refusal(dialect, status, 77))
    assert type(error) is STATUSES[status]
    assert error.operation == "getJob"
    assert error.method == "GET"
    assert JOBS[dialect][1] in (error.path or "")
    assert error.status_code == status
    assert error.code == 77
    assert error.trace_id == TRACE
    assert error.job_id == JOBS[dialect][1]
    assert error.hint
    assert "No" in error.message


@pytest.mark.parametrize("dialect", JOBS)
def test_a_known_code_has_its_own_hint(dialect: str) -> None:
    codes = CLASSIC_CODES if dialect == "classic" else PLATFORM_CODES
    for code in [code for code in codes if isinstance(code, int)]:
        error = failure(dialect, lambda _, code=code: refusal(dialect, 400, code))
        assert error.hint == codes[code]
        assert error.hint != BY_CLASS["ApiStatusError"].text


@pytest.mark.parametrize("dialect", JOBS)
def test_html_pages_of_proxies_are_summarized(dialect: str) -> None:
    page = "<html><head><title>Gateway down</title></head><body>" + "x" * 9000 + "</body></html>"
    for status, cls in ((502, ApiServerError), (200, ApiProtocolError)):
        error = failure(dialect, lambda _, status=status: httpx.Response(status, html=page))
        assert type(error) is cls
        assert "an HTML page (Gateway down)" in error.message
        assert len(error.message) < 600
        assert error.status_code == status
        assert error.job_id == JOBS[dialect][1]
        assert error.hint == BY_CLASS[cls.__name__].text


@pytest.mark.parametrize(
    ("raised", "cls"),
    [
        (httpx.ConnectError("no"), ApiConnectionError),
        (httpx.RemoteProtocolError("cut"), ApiConnectionError),
        (httpx.ReadTimeout("late"), ApiTimeoutError),
    ],
)
@pytest.mark.parametrize("dialect", JOBS)
def test_connection_errors_name_the_request(dialect: str, raised: Exception, cls: type) -> None:
    error = failure(dialect, raised)
    assert type(error) is cls
    assert (error.operation, error.method, error.status_code) == ("getJob", "GET", -1)
    assert error.job_id == JOBS[dialect][1]
    assert error.hint == BY_CLASS[cls.__name__].text


def test_storage_errors_have_the_job_id() -> None:
    service = classic_replies.Service()
    client = service.open()
    service.replies["storage"] = httpx.Response(503)
    with pytest.raises(ApiServerError) as caught:
        client.job_result(classic_replies.JOB_ID)
    assert caught.value.operation == "getStoredObject"
    assert caught.value.job_id == classic_replies.JOB_ID
    with pytest.raises(ApiServerError) as caught:
        client.submit(Submission("ibmq_vigo", {}, "tag"))
    assert caught.value.operation == "putStoredObject"
    assert caught.value.job_id == classic_replies.JOB_ID


@pytest.mark.parametrize("translating", [raising_backend_errors, raising_job_errors])
def test_documented_errors_have_the_same_attributes(translating: object) -> None:
    cause = failure("classic", lambda _: refusal("classic", 404, 3250))
    with pytest.raises(exceptions.IBMQError) as caught, translating("asking"):
        raise cause
    facts = ("operation", "method", "path", "status_code", "code", "trace_id", "job_id", "hint")
    assert caught.value is not cause
    for fact in facts:
        assert getattr(caught.value, fact) == getattr(cause, fact) is not None


def test_local_errors_have_no_attributes() -> None:
    error = exceptions.IBMQJobFailureError("It failed.")
    assert error.operation is None
    assert error.status_code is None
    assert error.job_id is None
    assert hint_for(error)


@pytest.mark.parametrize(
    ("template", "path", "job"),
    [
        ("/Jobs/{job_id}/v/1", "/api/Jobs/12/v/1", "12"),
        ("/Network/{hub}/Jobs/{job_id}", "/Network/h/Jobs/12", "12"),
        ("/Jobs/{job_id}/v/1", "/Jobs/{job_id}/v/1", None),
        ("/Jobs/v/1", "/Jobs/v/1", None),
        ("/Jobs/{job_id}/v/1", "/elsewhere", None),
    ],
)
def test_a_job_is_found_in_a_path(template: str, path: str, job: str | None) -> None:
    operation = Operation("anything", "GET", template, retry_safe=True)
    assert job_in_path(operation, path) == job


def test_the_page_has_a_row_for_each_error_and_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    for name in BY_CLASS:
        assert len(re.findall(rf"^\| `{name}` \|", page, re.MULTILINE)) == 1
    for code in {**CLASSIC_CODES, **PLATFORM_CODES}:
        assert re.search(rf"^\| {code} \| \S", page, re.MULTILINE)
    only_bases = {"ApiIBMQProtocolError", "RequestsApiError", "UserTimeoutExceededError"}
    for name in exceptions.__all__:
        cls = getattr(exceptions, name)
        if cls.__name__ == name and name not in only_bases:
            assert name in BY_CLASS or cls.__subclasses__(), name
