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
from ibmq_backend.job.cancel import MAX_CANCEL_WAIT_SECONDS, cancel_job
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
def test_result_is_the_final_state(account, answer):
    found, took, told = cancel(account)
    assert found is answer
    assert took < MAX_CANCEL_WAIT_SECONDS
    assert told[-1] in ("CANCELLED", "DONE", "ERROR", "RUNNING")


def test_an_ended_job_is_read_once():
    account = FakeAccount("CANCELLED")
    cancel(account)
    assert account.asked == ["cancel", "job"]


def test_a_slow_service_that_agreed_counts_as_cancelled():
    account = FakeAccount("RUNNING")
    answer, took, _ = cancel(account)
    assert answer is True
    assert took == pytest.approx(MAX_CANCEL_WAIT_SECONDS)
    assert len(account.asked) < 40


@pytest.mark.parametrize(
    "account",
    [
        FakeAccount("RUNNING", agrees=lost()),
        FakeAccount(ApiConnectionError("gone"), agrees=lost()),
        FakeAccount("DONE", agrees=ApiNotFound("no such job", status_code=404)),
        FakeAccount("DONE", agrees=ApiForbidden("no", status_code=403)),
    ],
)
def test_a_lost_reply_is_an_error_unless_the_job_has_ended(account):
    with pytest.raises(type(account.agrees)) as caught:
        cancel(account)
    assert caught.value is account.agrees


@pytest.mark.parametrize(
    "failure", [ApiConnectionError("gone"), ApiForbidden("no", status_code=403)]
)
def test_an_unreadable_state_is_an_error(failure):
    with pytest.raises(type(failure)):
        cancel(FakeAccount(failure))
