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
from ibmq_backend.records import JobRecord
from tests.support.virtual_time import VirtualTime


class Service:
    """Agrees or not; the job has a status after so many questions, the last one stays."""

    def __init__(self, agrees, *statuses):
        self.agrees = agrees
        self.statuses = list(statuses)
        self.asked = []

    def cancel(self, job_id):
        self.asked.append("cancel")
        if isinstance(self.agrees, Exception):
            raise self.agrees
        return self.agrees

    def job(self, job_id):
        return self._tell("job")

    def job_status(self, job_id):
        return self._tell("job_status")

    def _tell(self, name):
        self.asked.append(name)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if isinstance(status, Exception):
            raise status
        return JobRecord("id", status, status)


def cancel(service):
    time, told = VirtualTime(), []
    answer = cancel_job(service, "id", told.append, Waiter(service, "id", time, time.sleep))
    return answer, time.now, [record.status for record in told]


def lost():
    return ApiTimeoutError("lost")


@pytest.mark.parametrize(
    ("service", "answer"),
    [
        (Service(True, "CANCELLED"), True),
        (Service(True, "RUNNING", "RUNNING", "CANCELLED"), True),
        (Service(True, "RUNNING", "RUNNING", "DONE"), False),
        (Service(True, "RUNNING", "ERROR"), False),
        (Service(True, ApiServerError("503", status_code=503), lost(), "CANCELLED"), True),
        (Service(False, "DONE"), False),
        (Service(False, "RUNNING"), False),
        (Service(False, "CANCELLED"), True),
        (Service(lost(), "CANCELLED"), True),
        (Service(lost(), "DONE"), False),
    ],
)
def test_the_answer_is_the_state_in_the_end(service, answer):
    found, took, told = cancel(service)
    assert found is answer
    assert took < SETTLING_SECONDS
    assert told[-1] in ("CANCELLED", "DONE", "ERROR", "RUNNING")


def test_a_settled_job_is_asked_about_once():
    service = Service(True, "CANCELLED")
    cancel(service)
    assert service.asked == ["cancel", "job"]


def test_a_service_that_takes_longer_is_taken_at_its_word():
    service = Service(True, "RUNNING")
    answer, took, _ = cancel(service)
    assert answer is True
    assert took == pytest.approx(SETTLING_SECONDS)
    assert len(service.asked) < 30


@pytest.mark.parametrize(
    "service",
    [
        Service(lost(), "RUNNING"),
        Service(lost(), ApiConnectionError("gone")),
        Service(ApiNotFound("no such job", status_code=404), "DONE"),
        Service(ApiForbidden("no", status_code=403), "DONE"),
    ],
)
def test_a_request_of_unknown_fate_is_an_error_unless_the_job_has_ended(service):
    with pytest.raises(type(service.agrees)) as caught:
        cancel(service)
    assert caught.value is service.agrees


@pytest.mark.parametrize(
    "failure", [ApiConnectionError("gone"), ApiForbidden("no", status_code=403)]
)
def test_an_outcome_that_cannot_be_read_is_an_error(failure):
    with pytest.raises(type(failure)):
        cancel(Service(True, failure))
