"""Reservations, the least busy backend, and jobs in unusual states."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from attrs import evolve

from ibmq_backend import IBMQ, BackendReservation, QueueInfo, job_monitor, least_busy
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.http.embedded import LOCAL_USER
from ibmq_backend.exceptions import ApiServerError, IBMQBackendError, IBMQError
from ibmq_backend.managed import IBMQJobManager, ManagedJob
from ibmq_backend.records import JobErrorRecord
from tests.support.engines import FakeEngine
from tests.support.small_service import FewDevices, make_service, placed_bell

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def running():
    engine = FakeEngine()
    with make_service(FewDevices(["ibmq_vigo", "ibmq_ourense"]), engine) as service:
        yield service, engine


@pytest.fixture
def engine(running):
    yield running[1]
    running[1].release()


@pytest.fixture
def service_state(running):
    return running[0].service_state


@pytest.fixture
def provider(running, engine):
    return IBMQ.enable_account(running[0].api_token, running[0].url)


@pytest.fixture
def backend(provider):
    return provider.get_backend("ibmq_vigo")


@pytest.fixture
def booked(service_state):
    """Return a function that reserves a device; delete the reservations afterwards."""
    slots = []

    def book(name, start, length, user="someone", instance=("uni", "physics", "lab")):
        slot = service_state.reservations.add(
            user, Instance(*instance), name, start, start + length
        )
        slots.append(slot)
        return slot

    yield book
    for slot in slots:
        service_state.reservations.remove(slot.id)


def test_my_reservations(provider, backend, booked, service_state):
    start = NOW + timedelta(days=2)
    me = service_state.accounts.user_id(LOCAL_USER)
    mine = booked("ibmq_ourense", start, timedelta(days=2, minutes=5), me)
    booked("ibmq_vigo", start, timedelta(minutes=30), me)
    booked("ibmq_vigo", start + timedelta(hours=1), timedelta(minutes=30))
    found = provider.backend.my_reservations()
    assert sorted(each.backend_name for each in found) == ["ibmq_ourense", "ibmq_vigo"]
    slot = next(each for each in found if each.backend_name == "ibmq_ourense")
    assert slot.start_datetime == start
    assert slot.end_datetime == start + timedelta(days=2, minutes=5)
    assert slot.start_datetime.utcoffset() == start.astimezone().utcoffset()
    assert slot.duration == 2 * 24 * 60 + 5
    assert (slot.hub, slot.group, slot.project) == ("uni", "physics", "lab")
    assert slot.reservation_id == mine.id
    assert slot.mode
    assert slot.creation_datetime <= datetime.now(UTC)
    assert slot.creation_datetime.utcoffset() == slot.creation_datetime.astimezone().utcoffset()
    assert len(backend.reservations()) == 2

    hub_info = {name: {"name": value} for name, value in zip(
        ("hub", "group", "project"), ("uni", "physics", "lab"), strict=True
    )}  # fmt: skip
    same = BackendReservation(
        "ibmq_ourense", slot.start_datetime, slot.end_datetime, slot.creation_datetime, slot.mode,
        slot.reservation_id, hub_info,
    )  # fmt: skip
    assert same == slot
    assert repr(same) == repr(slot)


def test_least_busy_considers_reservations(provider, booked, monkeypatch, caplog):
    vigo, ourense = provider.get_backend("ibmq_vigo"), provider.get_backend("ibmq_ourense")
    start = datetime.now(UTC) + timedelta(minutes=30)
    booked("ibmq_vigo", start, timedelta(minutes=30))
    assert least_busy([vigo, ourense]) is ourense
    assert least_busy([vigo, ourense], reservation_lookahead=10) is vigo
    assert least_busy([vigo, ourense], reservation_lookahead=None) is vigo
    with pytest.raises(IBMQError, match="No backend can run.*ibmq_vigo"):
        least_busy([vigo])

    def fail(*args, **kwargs):
        raise ApiServerError("No bookings today.", status_code=500)

    monkeypatch.setattr(type(vigo._api_client), "reservations", fail)
    assert least_busy([vigo, ourense]) is vigo
    assert "reservations of ibmq_vigo cannot be read: No bookings today." in caplog.text


def test_least_busy_accepts_other_backends(provider):
    quiet = SimpleNamespace(
        status=lambda: SimpleNamespace(operational=True, status_msg="active", pending_jobs=-1)
    )
    assert least_busy([provider.get_backend("ibmq_vigo"), quiet]) is quiet


def test_a_job_that_fails_at_its_submission(backend, monkeypatch):
    client = type(backend._api_client)
    submit = client.submit
    error = JobErrorRecord("The data are damaged.", 3250)
    monkeypatch.setattr(
        client, "submit", lambda self, submission: evolve(submit(self, submission), error=error)
    )
    with pytest.raises(
        IBMQBackendError, match=r"failed when it was submitted: The data are damaged\."
    ):
        backend.run(placed_bell())


def test_jobs_of_an_unknown_kind_are_listed(backend, monkeypatch):
    job = backend.run(placed_bell(), job_tags=["kind"])
    job.wait_for_final_state()
    monkeypatch.setattr("ibmq_backend.emulator.classic.documents.jobs.KIND", "runtime")
    (found,) = backend.jobs(job_tags=["kind"])
    assert found.job_id() == job.job_id()
    assert found.result().get_counts() == job.result().get_counts()


def test_backends_of_an_empty_project_are_requested_again(provider, monkeypatch):
    answers = [[], [], provider._api_client.backends()]
    monkeypatch.setattr(type(provider._api_client), "backends", lambda self: answers.pop(0))
    assert provider.backends() == []
    assert [each.name() for each in provider.backends("ibmq_vigo")] == []
    assert provider.get_backend("ibmq_vigo").name() == "ibmq_vigo"
    assert answers == []


def test_a_queue_position_of_zero_is_shown():
    assert "queue position: 0" in QueueInfo(position=0, hub_priority=0.0).format()
    assert "hub priority: 0.0" in QueueInfo(position=0, hub_priority=0.0).format()
    assert "queue position: unknown" in QueueInfo().format()
    assert not hasattr(QueueInfo(), "to_dict")


def test_the_monitor_works_without_an_estimate(backend, engine, monkeypatch):
    client = type(backend._api_client)
    ask = client.job_status

    def without_estimate(self, job_id):
        record = ask(self, job_id)
        queue = record.queue and evolve(record.queue, estimated_start=None)
        return evolve(record, queue=queue)

    monkeypatch.setattr(client, "job_status", without_estimate)
    engine.hold()
    tasks = len(engine.tasks)
    backend.run(placed_bell())
    engine.wait_for_tasks(tasks + 1)
    waiting = backend.run(placed_bell())
    while waiting.status().name != "QUEUED":
        pass

    def sleep(seconds):
        engine.release()
        waiting.wait_for_final_state()

    monkeypatch.setattr("ibmq_backend.job.monitor.time", SimpleNamespace(sleep=sleep))
    out = io.StringIO()
    job_monitor(waiting, interval=1, output=out)
    lines = [line.strip() for line in out.getvalue().split("\r")]
    assert lines[1:] == ["Job Status: job is queued (1)", "Job Status: job has successfully run"]


def test_a_managed_job(backend, engine):
    job_set = IBMQJobManager().run([placed_bell()], backend)
    results = job_set.results()
    (managed,) = job_set.managed_jobs()
    assert isinstance(managed, ManagedJob)
    assert managed.result().get_counts() == results.get_counts(0)
    assert managed.error_message() is None
    assert len(managed.qobj().experiments) == 1
    assert (managed.start_index, managed.end_index, managed.submit_error) == (0, 0, None)
    engine.hold()
    (held,) = IBMQJobManager().run([placed_bell()], backend).managed_jobs()
    assert held.wait_for_submission(60)
    assert held.cancel() is True
    assert held.status().name == "CANCELLED"
