"""What was submitted with a job, and jobs of the time before there was a Qobj."""

from types import SimpleNamespace

import pytest

from ibmq_backend.exceptions import (
    ApiNotFound,
    ApiServerError,
    IBMQJobApiError,
    IBMQJobInvalidStateError,
)
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.records import JobRecord
from tests.support.fake_account import FakeAccount
from tests.support.virtual_time import VirtualTime


def job_of(kind, error):
    backend = SimpleNamespace(name=lambda: "ibmqx4")
    return IBMQJob(
        backend, FakeAccount(data=error), JobRecord("5ae", "DONE", "COMPLETED", kind=kind)
    )


def test_a_job_before_qobj_holds_nothing():
    job = job_of(None, ApiNotFound("no such data", status_code=404))
    assert job.qobj() is None
    assert job.circuits() == []
    assert job.backend_options() == {} == job.header()
    with pytest.raises(IBMQJobInvalidStateError, match="5ae is of the time before Qobj"):
        job.result()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("q-object-external-storage", ApiNotFound("no such data", status_code=404)),
        (None, ApiServerError("out of order", status_code=503)),
    ],
)
def test_anything_else_that_cannot_be_read_is_an_error(kind, error):
    job = job_of(kind, error)
    time = VirtualTime()  # an outage is waited for
    job._waiter.clock, job._waiter.sleep = time, time.sleep
    for ask in (job.qobj, job.circuits, job.backend_options, job.header, job.result):
        with pytest.raises(IBMQJobApiError) as caught:
            ask()
        assert caught.value.__cause__ is error
