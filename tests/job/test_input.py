"""The submitted input of a job, and jobs from before Qobj was introduced."""

from types import SimpleNamespace

import pytest

from ibmq_backend.exceptions import (
    ApiNotFound,
    ApiServerError,
    IBMQJobApiError,
    IBMQJobInvalidStateError,
    find_api_error,
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


def test_a_job_before_qobj_has_no_input():
    job = job_of(None, ApiNotFound("no such data", status_code=404))
    assert job.qobj() is None
    assert job.circuits() == []
    assert job.backend_options() == {} == job.header()
    with pytest.raises(IBMQJobInvalidStateError, match="5ae is from before Qobj"):
        job.result()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("q-object-external-storage", ApiNotFound("no such data", status_code=404)),
        (None, ApiServerError("out of order", status_code=503)),
    ],
)
def test_other_unreadable_input_is_an_error(kind, error):
    job = job_of(kind, error)
    time = VirtualTime()  # an outage is waited for
    job._waiter.clock, job._waiter.sleep = time, time.sleep
    for ask in (job.qobj, job.circuits, job.backend_options, job.header, job.result):
        with pytest.raises(IBMQJobApiError) as caught:
            ask()
        assert find_api_error(caught.value) is error
