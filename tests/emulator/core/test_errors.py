"""Every domain error has a reply in each dialect, with the texts that clients know."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ibmq_backend.emulator.classic import errors as classic
from ibmq_backend.emulator.core import errors
from ibmq_backend.emulator.core.errors import DomainError
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.platform import errors as platform

KEEP_LESS = "Delete jobs or close sessions that you do not need."
JOBS = "You have reached the limit of 3 jobs."
SESSIONS = "You have reached the limit of 4 open sessions."
DATA = "Your jobs would occupy more than the limit of 500 bytes."
GUESSING = "Too many wrong logins from this address."
BUSY = "The service is temporarily unavailable."
FULL = "The storage of the service is full."
LICENSE = "You have to accept the license in your account's web page before you can log in."
SECONDS = {"Retry-After": "7"}
ENDED = "This class ended on 2026-07-31: logins and new jobs are no longer accepted."

Reply = tuple[Any, ...]

UNAUTHORIZED: Reply = (
    401,
    1219,
    "The access token is missing or not valid.",
    "Exchange the API key again.",
)
INTERNAL: Reply = (500, 9999, "Internal error.", "Try again later.")

WORDS: list[tuple[DomainError, Reply, Reply]] = [
    (errors.UnknownToken(), (401, 3446, "Login failed."), UNAUTHORIZED),
    (errors.LicenseNotAccepted(), (401, 3452, LICENSE), UNAUTHORIZED),
    (
        errors.NotLoggedIn(),
        (401, 3445, "Login with some authorized provider required."),
        UNAUTHORIZED,
    ),
    (errors.ClassEnded(date(2026, 7, 31)), (403, 2409, ENDED), (403, None, ENDED, "")),
    (
        errors.TooManyLogins(7),
        (429, "TOO_MANY_REQUESTS", f"{GUESSING} Try again later.", SECONDS),
        (429, 1202, GUESSING, "Try again later.", SECONDS),
    ),
    (
        errors.UnknownProject(Instance("h", "g", "p")),
        (403, 2911, "The hub, group and project 'h/g/p' are not open to you."),
        INTERNAL,
    ),
    (
        errors.UnknownBackend("x", ("a", "b")),
        (404, 2620, "Backend 'x' not found. Available: a, b."),
        (404, None, "The backend 'x' was not found.", ""),
    ),
    (
        errors.UnknownBackend("x"),
        (404, 2620, "Backend 'x' not found."),
        (404, None, "The backend 'x' was not found.", ""),
    ),
    (
        errors.UnknownJob("j"),
        (404, 3250, "Job not found."),
        (404, 1291, "Job 'j' was not found.", "Check the id and instance."),
    ),
    (
        errors.DataNotUploaded("j"),
        (400, 3251, "The data of the job has not been uploaded."),
        INTERNAL,
    ),
    (
        errors.DataAlreadyAccepted("j"),
        (403, 2409, "The data of the job has been accepted already."),
        INTERNAL,
    ),
    (
        errors.TooManyJobs(5),
        (400, 3458, "Reached maximum number of concurrent jobs: 5 on this backend."),
        (409, 3458, "At most 5 jobs may be pending.", "Wait until one of them has ended."),
    ),
    (
        errors.JobQuotaExceeded(3),
        (403, 2409, f"{JOBS} {KEEP_LESS}"),
        (403, None, JOBS, KEEP_LESS),
    ),
    (
        errors.SessionQuotaExceeded(4),
        (403, 2409, f"{SESSIONS} {KEEP_LESS}"),
        (403, None, SESSIONS, KEEP_LESS),
    ),
    (
        errors.DataQuotaExceeded(500),
        (403, 2409, f"{DATA} {KEEP_LESS}"),
        (403, None, DATA, KEEP_LESS),
    ),
    (
        errors.BodyTooLarge(9),
        (413, 1001, "The body is larger than 9 bytes."),
        (413, 5302, "The request is larger than 9 bytes.", "Split the job."),
    ),
    (
        errors.BodyTooSlow(),
        (408, 3500, "The body did not arrive in time."),
        (408, None, "The request did not arrive in time.", "Send it again."),
    ),
    (
        errors.StorageFull(),
        (507, 2405, f"{FULL} Delete jobs and try again."),
        (507, None, FULL, "Delete jobs."),
    ),
    (
        errors.ServiceUnavailable(),
        (503, 1999, BUSY, {"Retry-After": "1"}),
        (503, 1999, BUSY, "Try again later.", {"Retry-After": "1"}),
    ),
    (errors.InternalError(), (500, 1000, "Internal error."), INTERNAL),
]


def test_the_table_contains_every_domain_error() -> None:
    assert {type(error) for error, _, _ in WORDS} == set(DomainError.__subclasses__())
    assert not any(one.__subclasses__() for one in DomainError.__subclasses__())


@pytest.mark.parametrize(("error", "expected", "_platform"), WORDS)
def test_errors_of_the_classic_dialect(
    error: DomainError, expected: Reply, _platform: Reply
) -> None:
    status, code, message, *headers = expected
    found = classic.wire_error(error)
    assert found.status == status
    assert found.headers == (headers[0] if headers else {})
    name = "ACCEPT_LICENSE_REQUIRED" if code == 3452 else "Error"
    assert found.envelope() == {
        "error": {
            "status": status,
            "statusCode": status,
            "name": name,
            "message": message,
            "code": code,
        }
    }


@pytest.mark.parametrize(("error", "_classic", "expected"), WORDS)
def test_errors_of_the_platform_dialect(
    error: DomainError, _classic: Reply, expected: Reply
) -> None:
    status, code, message, solution, *headers = expected
    found = platform.wire_error(error)
    assert found.status == status
    assert found.headers == (headers[0] if headers else {})
    document = {"message": message} | ({"solution": solution} if solution else {})
    if code is not None:
        more = f"https://quantum.cloud.ibm.com/docs/errors#{code}"
        document = {"code": code, **document, "more_info": more}
    assert found.body("trace") == {"errors": [document], "trace": "trace"}


@pytest.mark.parametrize(
    ("error", "status", "said", "headers"),
    [
        (errors.UnknownToken(), 400, "Provided API key could not be found.", {}),
        (errors.LicenseNotAccepted(), 400, "Provided API key could not be found.", {}),
        (errors.TooManyLogins(7), 429, GUESSING, SECONDS),
        (errors.ClassEnded(date(2026, 7, 31)), 403, ENDED, {}),
    ],
)
def test_errors_of_the_identity_service(
    error: DomainError, status: int, said: str, headers: dict[str, str]
) -> None:
    found = platform.identity_error(error)
    assert (found.status, found.headers) == (status, headers)
    code = {"errorCode": "BXNIM0415E"} if status == 400 else {}
    context = {"requestId": "trace", "requestType": "incoming.Identity_Token"}
    assert found.body("trace") == {**code, "errorMessage": said, "context": context}


def test_other_errors_of_a_token_exchange_are_those_of_the_service() -> None:
    found = platform.identity_error(errors.BodyTooLarge(9))
    assert (found.status, found.code) == (413, 5302)


def test_an_unknown_domain_error_is_a_bug() -> None:
    for translate in (classic.wire_error, platform.wire_error):
        with pytest.raises(TypeError, match="has no wire error"):
            translate(DomainError())


def test_a_domain_error_shows_its_facts() -> None:
    assert str(errors.UnknownBackend("x")) == "UnknownBackend(name='x', nearest=(), reason='')"
