"""Sessions and batches of a backend, against the emulated platform."""

from __future__ import annotations

import pickle
import threading

import pytest
from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend.backend import session
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import (
    OPEN_PLAN,
    PREMIUM_PLAN,
    ServiceInstance,
)
from ibmq_backend.emulator.service_state import DeviceState, Settings
from ibmq_backend.exceptions import (
    IBMQBackendApiError,
    IBMQBackendError,
    IBMQBackendValueError,
    IBMQJobFailureError,
)

DEVICE = "ibm_perth"
PAID = ServiceInstance("paid", PREMIUM_PLAN)
OPEN = ServiceInstance("open", OPEN_PLAN)


def flip():
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


@pytest.fixture(scope="module")
def clock():
    return ManualClock()


@pytest.fixture(scope="module")
def service(engine, clock):
    with LocalService(
        settings=Settings(seed=3), instances=[PAID, OPEN], engine=engine, clock=clock, faults=[]
    ) as running:
        yield running


@pytest.fixture
def enter(service):
    """Log in with an instance and return a device."""

    def log_in(instance=PAID):
        provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=instance.crn)
        return provider.get_backend(DEVICE)

    return log_in


@pytest.fixture
def faults(service):
    """Return a function that sets faults for the rest of the test."""

    def script(operation, kind, **details):
        service.faults.script([{"operation": operation, "kind": kind, **details}])

    yield script
    service.faults.clear()


@pytest.fixture
def hold(service):
    """Return a function that keeps further jobs of the device in its queue."""

    def pause():
        service.service_state.set_device_state(DEVICE, DeviceState(status="internal"))

    yield pause
    service.service_state.set_device_state(DEVICE, DeviceState())


def sessions_of(service, *jobs):
    """Return the session of each job, as the service knows it."""
    loaded = service.dialects.platform.state.runs.load([job.job_id() for job in jobs])
    return [run.session_id for _, run in loaded]


@pytest.mark.parametrize(
    ("opening", "mode"), [("open_session", "dedicated"), ("open_batch", "batch")]
)
def test_jobs_of_the_block_belong_to_it(service, enter, asked, opening, mode):
    backend = enter()
    before = backend.run(flip(), shots=1)
    asked.clear()
    with getattr(backend, opening)() as opened:
        assert backend.session is opened
        inside = [backend.run(flip(), shots=1), backend.run(flip(), shots=1)]
    assert asked == ["createSession", "createJob", "createJob", "updateSession"]
    assert backend.session is None
    after = backend.run(flip(), shots=1)
    own = opened.session_id
    assert sessions_of(service, before, *inside, after) == [None, own, own, None]
    assert all(job.result(timeout=120).success for job in inside)
    assert inside[0].scheduling_mode() == mode
    assert opened.status() == "Closed"
    assert repr(opened) == f"<Session('{own}', {mode}) on {DEVICE}>"


def test_state_and_details_are_those_of_the_official_client(enter, hold):
    backend = enter()
    with backend.open_session(max_time="1h 30m") as opened:
        assert opened.status() == "Pending"
        assert opened.details() == {
            "id": opened.session_id,
            "mode": "dedicated",
            "backend_name": DEVICE,
            "state": "open",
            "accepting_jobs": True,
            "max_time": 5400,
        }
        backend.run(flip()).wait_for_final_state(timeout=120)
        assert opened.status() == "In progress, accepting new jobs"
        hold()
        backend.run(flip())
    assert opened.status() == "In progress, not accepting new jobs"


@pytest.mark.parametrize(
    ("max_time", "seconds"), [(90, 90), ("90s", 90), ("1d 2h", 93_600), ("2h30m", 9_000)]
)
def test_time_is_seconds_or_text(enter, max_time, seconds):
    with enter().open_session(max_time) as opened:
        assert opened.details()["max_time"] == min(seconds, PREMIUM_PLAN.max_session_seconds)


@pytest.mark.parametrize("max_time", [0, -5, 1.5, True, "", "soon", "5 minutes", "h"])
def test_other_times_are_refused(enter, asked, max_time):
    backend = enter()
    asked.clear()
    with pytest.raises(IBMQBackendValueError, match="max_time must be"):
        backend.open_session(max_time=max_time)
    assert asked == []


def test_sessions_are_not_nested(enter, asked):
    backend = enter()
    with backend.open_batch() as batch:
        asked.clear()
        with pytest.raises(IBMQBackendError, match=f"{batch.session_id}.*cannot be nested"):
            backend.open_session()
        assert asked == []
    with backend.open_session():
        pass


def test_threads_open_one_session(enter, faults, asked):
    backend = enter()
    asked.clear()
    faults("createSession", "delay", seconds=0.3)
    opened, refused = [], []

    def opening():
        try:
            opened.append(backend.open_batch())
        except IBMQBackendError as error:
            refused.append(error)

    threads = [threading.Thread(target=opening) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(opened), len(refused)) == (1, 2)
    assert asked == ["createSession"]
    assert backend.session is opened[0]
    backend.session.close()


def test_without_a_block_it_lasts_until_it_is_closed(service, enter):
    backend = enter()
    opened = backend.open_batch()
    inside = backend.run(flip())
    backend.session.close()
    outside = backend.run(flip())
    assert sessions_of(service, inside, outside) == [opened.session_id, None]


def test_a_closed_one_is_not_entered_again(enter):
    backend = enter()
    with backend.open_batch() as batch:
        copy = pickle.loads(pickle.dumps(batch))
        with pytest.raises(IBMQBackendError, match="no longer open"), copy:
            pass
    with pytest.raises(IBMQBackendError, match=r"no longer open.*backend\.open_batch\(\)"), batch:
        pass


def test_an_explicit_session_is_preferred(service, enter):
    backend = enter()
    other = backend.open_batch()
    backend._session = None
    with backend.open_batch():
        job = backend.run(flip(), session_id=other.session_id)
    assert sessions_of(service, job) == [other.session_id]


def fail():
    raise ZeroDivisionError


def test_an_error_of_the_block_closes_it(enter):
    backend = enter()
    with pytest.raises(ZeroDivisionError), backend.open_batch() as batch:
        fail()
    assert backend.session is None
    assert batch.status() == "Closed"


@pytest.mark.parametrize("status", [403, 503])
def test_failure_to_close_hides_no_error(service, enter, faults, monkeypatch, caplog, status):
    monkeypatch.setattr(session, "MAX_CLOSE_SECONDS", 0.5)
    backend = enter()
    faults("updateSession", "status", status=status)
    with pytest.raises(ZeroDivisionError), backend.open_batch() as batch:
        fail()
    told = [each for each in caplog.records if each.name == session.logger.name]
    assert ["Its jobs still run" in each.getMessage() for each in told] == [True]
    assert backend.session is None
    service.faults.clear()
    batch.close()
    assert batch.status() == "Closed"


def test_lost_reply_to_the_opening_is_told(enter, faults, asked):
    backend = enter()
    faults("createSession", "lost_response", calls=1)
    with pytest.raises(IBMQBackendApiError, match="may have opened a batch session.*call again"):
        backend.open_batch()
    assert backend.session is None
    with backend.open_batch():
        pass
    assert asked.count("createSession") == 2


def test_revoked_token_is_renewed(enter, faults):
    backend = enter()
    faults("createSession", "expired_token", calls=1)
    with backend.open_batch() as batch:
        assert batch.status() == "Pending"


def test_cancelled_session_ends_at_once(enter, hold, asked):
    backend = enter()
    hold()
    with backend.open_session() as opened:
        job = backend.run(flip())
        opened.cancel()
        with pytest.raises(IBMQJobFailureError, match="1217"):
            job.result(timeout=60)
        with pytest.raises(IBMQBackendApiError, match=r"1217.*backend.open_session\(\)"):
            backend.run(flip())
    assert asked.count("closeSession") == 1
    assert "updateSession" not in asked
    assert opened.status() == "Closed"


def test_session_whose_time_is_over_accepts_no_job(enter, clock):
    backend = enter(OPEN)
    with backend.open_batch() as batch:
        assert batch.details()["max_time"] == 600
        clock.advance(601)
        with pytest.raises(IBMQBackendApiError, match="1217"):
            backend.run(flip())


def test_open_plan_has_batches_only(enter, asked):
    backend = enter(OPEN)
    asked.clear()
    with pytest.raises(IBMQBackendApiError, match=r"1352.*backend\.open_batch\(\)"):
        backend.open_session()
    assert asked == ["createSession"]
    assert backend.session is None
    with backend.open_batch():
        pass


def test_copies_of_a_backend_are_in_no_session(service, enter):
    backend = enter()
    with backend.open_batch() as batch:
        assert pickle.loads(pickle.dumps(backend)).session is None
        text = pickle.dumps(batch)
    again = pickle.loads(text)
    assert repr(again) == repr(batch)
    assert again.status() == "Closed"
    assert service.api_key.encode() not in text


def test_other_services_have_no_sessions(backend):
    for opening in (backend.open_session, backend.open_batch):
        with pytest.raises(IBMQBackendError, match=r"no sessions\. Call run\(\)"):
            opening()
