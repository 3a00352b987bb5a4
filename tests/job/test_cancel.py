"""Services that agree to cancel and act later, or not at all; on a virtual clock."""

from __future__ import annotations

import pytest

from ibmq_backend.exceptions import (
    ApiConnectionError,
    ApiForbidden,
    ApiNotFound,
    ApiServerError,
    ApiTimeoutError,
)
from ibmq_backend.job.cancel import SETTLING_SECONDS, cancel_job
from ibmq_backend.job.wait import Waiter
from tests.support.fake_account import FakeAccount
from tests.support.virtual_time import VirtualTime


def cancel(account):
    time, told = VirtualTime(), []
    answer = cancel_job(account, "id", told.append, Waiter(account, "id", time, time.sleep))
    return answer, time.now, [record.status for record in told]


def lost():
    return ApiTimeoutError("lost")


@pytest.mark.parametrize(
    ("account", "answer"),
    [
        (FakeAccount("CANCELLED"), True),
        (FakeAccount("RUNNING", "RUNNING", "CANCELLED"), True),
        (FakeAccount("RUNNING", "RUNNING", "DONE"), False),
        (FakeAccount("RUNNING", "ERROR"), False),
        (FakeAccount(ApiServerError("503", status_code=503), lost(), "CANCELLED"), True),
        (FakeAccount("DONE", agrees=False), False),
        (FakeAccount("RUNNING", agrees=False), False),
        (FakeAccount("CANCELLED", agrees=False), True),
        (FakeAccount("CANCELLED", agrees=lost()), True),
        (FakeAccount("DONE", agrees=lost()), False),
    ],
)
def test_the_answer_is_the_state_in_the_end(account, answer):
    found, took, told = cancel(account)
    assert found is answer
    assert took < SETTLING_SECONDS
    assert told[-1] in ("CANCELLED", "DONE", "ERROR", "RUNNING")


def test_a_settled_job_is_asked_about_once():
    account = FakeAccount("CANCELLED")
    cancel(account)
    assert account.asked == ["cancel", "job"]


def test_a_service_that_takes_longer_is_taken_at_its_word():
    account = FakeAccount("RUNNING")
    answer, took, _ = cancel(account)
    assert answer is True
    assert took == pytest.approx(SETTLING_SECONDS)
    assert len(account.asked) < 30


@pytest.mark.parametrize(
    "account",
    [
        FakeAccount("RUNNING", agrees=lost()),
        FakeAccount(ApiConnectionError("gone"), agrees=lost()),
        FakeAccount("DONE", agrees=ApiNotFound("no such job", status_code=404)),
        FakeAccount("DONE", agrees=ApiForbidden("no", status_code=403)),
    ],
)
def test_a_request_of_unknown_fate_is_an_error_unless_the_job_has_ended(account):
    with pytest.raises(type(account.agrees)) as caught:
        cancel(account)
    assert caught.value is account.agrees


@pytest.mark.parametrize(
    "failure", [ApiConnectionError("gone"), ApiForbidden("no", status_code=403)]
)
def test_an_outcome_that_cannot_be_read_is_an_error(failure):
    with pytest.raises(type(failure)):
        cancel(FakeAccount(failure))
