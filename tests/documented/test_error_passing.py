"""The documented error of each method for a failed request."""

from __future__ import annotations

import warnings
from datetime import datetime

import pytest
from attrs import evolve

from ibmq_backend import IBMQ, exceptions
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.exceptions import (
    ApiProtocolError,
    ApiServerError,
    IBMQBackendApiError,
    IBMQBackendApiProtocolError,
    IBMQJobApiError,
    IBMQJobTimeoutError,
    RequestsApiError,
    find_api_error,
)
from ibmq_backend.job.job import MAX_RESULT_OUTAGE_SECONDS
from tests.support.small_service import FewDevices, make_service, placed_bell

DOWN = ApiServerError("The service is out of order.", status_code=500, code=3000)
ODD = ApiProtocolError("Not what the description says.", status_code=200)


@pytest.fixture(scope="module")
def service():
    with make_service(FewDevices(["ibmq_vigo", "ibmq_ourense"])) as service:
        yield service


@pytest.fixture
def backend(service):
    return IBMQ.enable_account(service.api_token, service.url).get_backend("ibmq_vigo")


@pytest.fixture
def failing(monkeypatch):
    """A client whose calls all fail in the same way."""

    def fail(client, error):
        def failing_call(*args, **kwargs):
            raise error

        for name in (
            "status", "properties", "defaults", "job_limit", "reservations", "my_reservations",
            "submit", "job", "job_status", "watch_job", "jobs", "job_summaries", "job_input",
            "job_result", "job_properties", "cancel", "relabel",
        ):  # fmt: skip
            monkeypatch.setattr(type(client), name, failing_call)

    return fail


@pytest.mark.parametrize("error", [DOWN, ODD], ids=["out of order", "unreadable"])
@pytest.mark.parametrize(
    "ask",
    [
        "properties()", "defaults()", "reservations()", "jobs()", "active_jobs()",
        "properties(datetime=NOW)", "provider().backend.jobs()", "provider().backend.job_ids()",
        "provider().backend.my_reservations()",
    ],
)  # fmt: skip
def test_backend_methods_raise_the_api_error(backend, failing, ask, error):
    failing(backend._api_client, error)
    with pytest.raises(RequestsApiError) as caught:
        eval(f"backend.{ask}", {"backend": backend, "NOW": datetime.now()})
    assert caught.value is error
    assert caught.value.status_code == error.status_code


@pytest.mark.parametrize(
    "ask",
    [
        "status()", "job_limit()", "remaining_jobs_count()",
        "provider().backends(operational=True)",
    ],
)  # fmt: skip
def test_malformed_status_and_limit_raise_the_documented_error(backend, failing, ask):
    failing(backend._api_client, DOWN)
    with pytest.raises(RequestsApiError) as passed:
        eval(f"backend.{ask}", {"backend": backend})
    assert passed.value is DOWN
    failing(backend._api_client, ODD)
    with pytest.raises(IBMQBackendApiProtocolError) as caught:
        eval(f"backend.{ask}", {"backend": backend})
    assert find_api_error(caught.value) is ODD


@pytest.mark.parametrize(
    ("error", "wrapper"), [(DOWN, IBMQBackendApiError), (ODD, IBMQBackendApiProtocolError)]
)
def test_running_and_retrieving_wrap_it(backend, failing, error, wrapper):
    failing(backend._api_client, error)
    for ask in (
        lambda: backend.run(placed_bell()),
        lambda: backend.retrieve_job("5ae"),
        lambda: backend.provider().backend.retrieve_job("5ae"),
    ):
        with pytest.raises(wrapper) as caught:
            ask()
        assert type(caught.value) is wrapper
        assert find_api_error(caught.value) is error
        assert error.message in caught.value.message


@pytest.mark.parametrize("error", [DOWN, ODD], ids=["out of order", "unreadable"])
@pytest.mark.parametrize(
    "ask",
    [
        "status()", "cancel()", "update_name('x')", "update_tags(['x'])", "properties()",
        "refresh()", "queue_info()", "queue_position(refresh=True)", "time_per_step()",
        "circuits()", "header()", "backend_options()", "qobj()", "done()", "running()",
        "cancelled()", "in_final_state()", "scheduling_mode()",
    ],
)  # fmt: skip
def test_methods_of_a_job_wrap_it(backend, failing, ask, error):
    job = backend.run(placed_bell())
    other = backend.retrieve_job(job.job_id())
    other._record = unfinished(other._record)
    failing(backend._api_client, error)
    with pytest.raises(IBMQJobApiError) as caught:
        eval(f"job.{ask}", {"job": other})
    assert find_api_error(caught.value) is error
    assert error.message in caught.value.message


def unfinished(record):
    """Return the record of a job that was only created."""
    return evolve(record, status="QUEUED", service_status="QUEUED", run_mode=None)


def test_results_wrap_it(backend, failing):
    job = backend.run(placed_bell())
    job.wait_for_final_state()
    failing(backend._api_client, ODD)
    with pytest.raises(IBMQJobApiError, match="result of job .* Not what") as caught:
        job.result()
    assert find_api_error(caught.value) is ODD


def test_results_are_retried_for_minutes_of_outage(backend, failing):
    job = backend.run(placed_bell())
    job.wait_for_final_state()
    failing(backend._api_client, DOWN)
    slept = []
    job._waiter.clock, job._waiter.sleep = lambda: sum(slept), slept.append
    with pytest.raises(IBMQJobApiError, match="result of job .* out of order") as caught:
        job.result()
    assert find_api_error(caught.value) is DOWN
    assert sum(slept) == pytest.approx(MAX_RESULT_OUTAGE_SECONDS)
    slept.clear()
    with pytest.raises(IBMQJobTimeoutError, match="Call result\\(\\) again"):
        job.result(timeout=30)
    assert sum(slept) == pytest.approx(30)


def test_timeout_during_an_outage_names_the_outage(backend, failing):
    job = backend.run(placed_bell())
    job._record = unfinished(job._record)
    slept = []
    job._waiter.clock, job._waiter.sleep = lambda: sum(slept), slept.append
    failing(backend._api_client, DOWN)
    with pytest.raises(
        IBMQJobTimeoutError, match="it was QUEUED in the last reply .*out of order"
    ) as caught:
        job.wait_for_final_state(timeout=30)
    assert caught.value.status_code == DOWN.status_code
    assert find_api_error(caught.value) is DOWN
    assert sum(slept) == pytest.approx(30)


def test_a_rejected_token_raises_an_error_with_its_status():
    with LocalService(settings=Settings(open_mode=False), prewarm=False) as closed:
        with pytest.raises(RequestsApiError, match="3446") as caught:
            IBMQ.enable_account("f" * 128, closed.url)
        assert caught.value.status_code == 401
        assert IBMQ.active_account() is None


def test_a_triple_that_does_not_exist_leaves_the_account_enabled(service):
    with pytest.raises(exceptions.IBMQProviderError, match="hub='nowhere'"):
        IBMQ.enable_account(service.api_token, service.url, hub="nowhere")
    assert IBMQ.active_account() is not None
    assert IBMQ.get_provider(hub="ibm-q").get_backend("ibmq_vigo")


def test_a_job_of_another_backend_is_refused_once(backend):
    job = backend.run(placed_bell())
    other = backend.provider().get_backend("ibmq_ourense")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(exceptions.IBMQBackendError, match="submitted to ibmq_vigo"):
            other.retrieve_job(job.job_id())
