"""Jobs over their whole life, on a service with a scripted engine."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from attrs import evolve
from qiskit.providers.jobstatus import JobStatus

from ibmq_backend import IBMQ, IBMQRetiredBackend, job_monitor
from ibmq_backend.emulator.core.prepared import Prepared
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.engine.engine import EngineError, JobRefused
from ibmq_backend.exceptions import (
    ApiStatusError,
    IBMQBackendError,
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
)
from ibmq_backend.job.monitor import _in_words
from tests.support.engines import FakeEngine
from tests.support.small_service import FewDevices, make_service, placed_bell

MANY = 120
PAGE = 50
"""Maximum number of jobs in a page of the emulated service."""


@pytest.fixture(scope="module")
def running():
    engine = FakeEngine()
    with make_service(FewDevices(["ibmq_vigo", "ibmq_qasm_simulator"]), engine) as service:
        yield service, engine


@pytest.fixture
def engine(running):
    engine = running[1]
    yield engine
    engine.release()
    engine.failure, engine.partial = None, False


@pytest.fixture
def provider(running, engine):
    return IBMQ.enable_account(running[0].api_token, running[0].url)


@pytest.fixture
def backend(provider):
    return provider.get_backend("ibmq_vigo")


# -- long lists --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(running):
    """Ids of more jobs than fit into three pages, oldest first."""
    provider = IBMQ.enable_account(running[0].api_token, running[0].url)
    backend = provider.get_backend("ibmq_vigo")
    ids = [backend.run(placed_bell(), job_tags=["many"]).job_id() for _ in range(MANY)]
    IBMQ.disable_account()
    return ids


@pytest.fixture
def arrivals(provider, monkeypatch):
    """Submits a job after every page that the client reads; returns their ids."""
    ids: list[str] = []
    client = type(provider.backend._api_client)
    read = client.status_page

    def reading(self, text):
        page = read(self, text)
        backend = provider.get_backend("ibmq_vigo")
        ids.append(backend.run(placed_bell(), job_tags=["many", "late"]).job_id())
        return page

    monkeypatch.setattr(client, "status_page", reading)
    return ids


@pytest.mark.parametrize("limit", [None, 0])
def test_newest_first_no_job_is_lost_or_repeated_while_jobs_arrive(
    many, backend, provider, arrivals, limit
):
    before = {job["id"] for job in provider.backend.job_ids(limit=None, job_tags=["late"])}
    found = [job.job_id() for job in backend.jobs(limit=limit, job_tags=["many"])]
    assert [each for each in found if each not in before] == many[::-1]
    assert len(found) == len(set(found))
    assert len(arrivals) > MANY // PAGE
    assert not set(found) & set(arrivals)


def test_oldest_first_new_jobs_are_listed_once(many, backend, arrivals):
    # The limit ends the list: every page that is read brings another job.
    listed = backend.jobs(limit=MANY + 20, job_tags=["many"], descending=False, skip=7)
    found = [job.job_id() for job in listed]
    assert found[: MANY - 7] == many[7:]
    assert len(found) == len(set(found))
    assert set(arrivals[:2]) <= set(found)


def test_a_window_across_pages(many, backend):
    found = [
        job.job_id()
        for job in backend.jobs(
            limit=70, skip=40, job_tags=["many"], end_datetime=_created(backend, many[-1])
        )
        if "late" not in job.tags()
    ]
    assert found == many[::-1][40:110]


def _created(backend, job_id):
    return backend.retrieve_job(job_id).creation_date()


def test_ids_of_many_jobs(many, provider):
    listed = provider.backend.job_ids(limit=None, job_tags=["many"], descending=False)
    assert [each["id"] for each in listed][:MANY] == many
    assert set(listed[0]) == {"id", "liveDataEnabled", "creationDate"}
    created = datetime.fromisoformat(listed[0]["creationDate"])
    assert created == provider.backend.retrieve_job(many[0]).creation_date()


# -- filters in the service's language ---------------------------------------------------------


def test_db_filter_is_combined_with_the_arguments(backend, engine):
    job = backend.run(placed_bell(), shots=77, job_name="filtered", job_tags=["f1", "f2"])
    job.wait_for_final_state()

    def found(**arguments):
        return [each.job_id() for each in backend.jobs(job_tags=["f1"], **arguments)]

    assert found(db_filter={"name": "filtered"}) == [job.job_id()]
    assert found(db_filter={"name": "other"}) == []
    assert found(db_filter={"name": "other"}, job_name="filter") == [job.job_id()]
    assert found(db_filter={"or": [{"name": "other"}]}, status=["DONE", "ERROR"]) == []
    assert found(db_filter={"and": [{"tags": "f2"}, {"hubInfo.hub.name": "ibm-q"}]}) == [
        job.job_id()
    ]
    assert found(db_filter={"summaryData.summary.qobj_config.shots": {"gt": 77}}) == []
    assert found(db_filter={"timePerStep.RUNNING": {"exists": True}}) == [job.job_id()]


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ({"tags": {"near": [1, 2]}}, "'near' for 'tags'"),
        ({"name": {"regexp": "("}}, r"pattern '\('"),
        ({"creationDate": {"between": 3}}, "between"),
    ],
)
def test_invalid_db_filters_are_named(backend, condition, named):
    with pytest.raises(ApiStatusError, match=named) as caught:
        backend.jobs(db_filter=condition)
    assert caught.value.status_code == 400


# -- what is known of a job --------------------------------------------------------------------


def test_the_calibration_is_that_of_the_run(backend, monkeypatch):
    job = backend.run(placed_bell())
    job.wait_for_final_state()
    at_the_run = job.properties().last_update_date
    shipped = Device.prepared_properties.func

    def recalibrated(device):
        document = json.loads(shipped(device).content)
        document = document and {**document, "last_update_date": "2022-02-02T02:02:02Z"}
        return Prepared(json.dumps(document).encode())

    monkeypatch.setattr(Device, "prepared_properties", property(recalibrated))
    monkeypatch.setattr(Device, "published", lambda device: iter([device.properties()]))
    assert backend.properties(refresh=True).last_update_date == datetime(
        2022, 2, 2, 2, 2, 2, tzinfo=UTC
    )
    assert job.properties().last_update_date == at_the_run
    assert job.properties() is not job.properties()
    simulator = backend.provider().get_backend("ibmq_qasm_simulator")
    simulated = simulator.run(placed_bell())
    simulated.wait_for_final_state()
    assert simulated.properties() is None


def test_times_of_the_steps_are_local_and_ordered(backend, engine):
    engine.hold()
    tasks = len(engine.tasks)
    job = backend.run(placed_bell())
    engine.wait_for_tasks(tasks + 1)
    early = job.time_per_step()
    assert "COMPLETED" not in early
    engine.release()
    job.wait_for_final_state()
    steps = job.time_per_step()
    assert steps.items() >= early.items()
    assert list(steps)[-1] == "COMPLETED"
    assert all(at.utcoffset() == at.astimezone().utcoffset() for at in steps.values())
    assert job.time_per_step() == job.backend().retrieve_job(job.job_id()).time_per_step()


def test_fields_missing_in_lists_are_read(backend):
    job = backend.run(placed_bell(), experiment_id="course 3", job_tags=["facts"])
    job.wait_for_final_state()
    listed = backend.jobs(job_tags=["facts"], experiment_id="course 3")[0]
    assert listed.job_id() == job.job_id()
    assert listed.experiment_id == "course 3"
    assert "ibmq-backend" in listed.client_version
    assert listed.result().client_version == listed.client_version
    assert listed.result().to_dict()["client_version"] == listed.client_version
    assert listed.time_per_step().keys() == job.time_per_step().keys()
    assert listed.scheduling_mode() == "fairshare"
    assert listed.share_level() == "none"
    assert backend.run(placed_bell()).experiment_id is None


def test_a_job_without_a_mode_ran_in_the_shared_queue(backend, monkeypatch):
    job = backend.run(placed_bell())
    job.wait_for_final_state()
    client = type(backend._api_client)
    read = client.job
    monkeypatch.setattr(
        client, "job", lambda self, job_id: evolve(read(self, job_id), run_mode=None)
    )
    again = backend.retrieve_job(job.job_id())
    assert again.scheduling_mode() == "fairshare"


# -- failures ----------------------------------------------------------------------------------


def reason_of(job):
    with pytest.raises(IBMQJobFailureError) as caught:
        job.result()
    assert job.status() is JobStatus.ERROR
    assert not job.done()
    assert job.error_message() in caught.value.message
    return job.error_message()


def test_error_of_a_rejected_job_has_reason_and_code(backend, engine):
    engine.failure = JobRefused("Circuit 0 has a gate 'sdg' that ibmq_vigo lacks", 1109)
    job = backend.run(placed_bell())
    assert reason_of(job).endswith("'sdg' that ibmq_vigo lacks. Error code: 1109.")
    with pytest.raises(IBMQJobFailureError, match="1109"):
        job.result(partial=True)
    listed = backend.jobs(status="ERROR", limit=1)[0]
    assert "1109" in listed.error_message()


def test_error_of_a_failed_run_has_reason_and_code(backend, engine):
    engine.failure = EngineError("The run was lost", 5204)
    job = backend.run(placed_bell())
    assert reason_of(job) == "The run was lost. Error code: 5204."


def test_failed_circuits_are_named_first(backend, engine):
    engine.partial = True
    job = backend.run(placed_bell())
    assert reason_of(job) == ("The following experiments failed:\nExperiment 1: ERROR: too cold")
    assert job.result(partial=True).get_counts(0) == {"00": 60, "11": 40}


def test_cancelled_job(backend, engine):
    engine.hold()
    tasks = len(engine.tasks)
    running = backend.run(placed_bell())
    engine.wait_for_tasks(tasks + 1)
    waiting = backend.run(placed_bell())
    assert waiting.cancel() is True
    assert running.cancel() is True
    for job in (waiting, running):
        job.wait_for_final_state()
        assert job.cancelled()
        assert job.in_final_state()
        with pytest.raises(IBMQJobInvalidStateError, match="was cancelled"):
            job.result()
        assert job.error_message() is None


# -- devices and jobs of long ago --------------------------------------------------------------


def test_jobs_of_a_removed_device(tmp_path):
    store = tmp_path / "jobs.sqlite"
    with make_service(FewDevices(["ibmq_vigo", "ibmq_ourense"]), store=store) as service:
        provider = IBMQ.enable_account(service.api_token, service.url)
        done = provider.get_backend("ibmq_vigo").run(placed_bell(), job_name="old one")
        done.wait_for_final_state()
        IBMQ.disable_account()
    with make_service(FewDevices(["ibmq_ourense"]), store=store) as service:
        provider = IBMQ.enable_account(service.api_token, service.url)
        job = provider.backend.retrieve_job(done.job_id())
        gone = job.backend()
        assert type(gone) is IBMQRetiredBackend
        assert (gone.name(), gone.configuration().n_qubits) == ("ibmq_vigo", 1)
        assert gone.configuration().backend_version == "0.0.0"
        status = gone.status()
        assert (status.operational, status.pending_jobs) == (False, 0)
        assert "no longer available" in status.status_msg
        assert gone.properties() is gone.defaults() is gone.job_limit() is None
        assert gone.remaining_jobs_count() is gone.active_jobs() is None
        assert gone.reservations() == []
        with pytest.raises(IBMQBackendError, match=r"ibmq_vigo is no longer available.*backends()"):
            gone.run(placed_bell())
        assert [each.job_id() for each in gone.jobs()] == [job.job_id()]
        assert gone.retrieve_job(job.job_id()).name() == "old one"
        assert job.result().get_counts() == {"00": 60, "11": 40}
        assert [each.backend().name() for each in provider.backend.jobs()] == ["ibmq_vigo"]
        IBMQ.disable_account()


# -- the monitor -------------------------------------------------------------------------------


def test_monitor_prints_position_wait_mode_and_reason(backend, engine, monkeypatch):
    engine.hold()
    tasks = len(engine.tasks)
    running = backend.run(placed_bell())
    engine.wait_for_tasks(tasks + 1)
    waiting = backend.run(placed_bell())
    while waiting.status() is not JobStatus.QUEUED:
        pass
    engine.failure = EngineError("The run was lost", 5204)
    pauses = []

    def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            engine.release()
            running.wait_for_final_state()
            waiting.wait_for_final_state()

    monkeypatch.setattr("ibmq_backend.job.monitor.time", SimpleNamespace(sleep=sleep))
    out = io.StringIO()
    job_monitor(waiting, interval=3, output=out)
    lines = out.getvalue().split("\r")
    assert lines[1].startswith("Job Status: job is queued (1) [Est. wait time: ")
    assert lines[-1].rstrip().endswith("The run was lost. Error code: 5204.")
    assert pauses == [3, 3]


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=4), "4 sec"),
        (timedelta(minutes=2, seconds=3), "2 min 3 sec"),
        (timedelta(hours=26), "26 hr 0 min 0 sec"),
        (timedelta(seconds=-5), "0 sec"),
    ],
)
def test_time_spans_in_words(span, words):
    assert _in_words(span) == words


def test_monitor_prints_the_mode_of_a_running_job(backend, engine, monkeypatch):
    engine.hold()
    tasks = len(engine.tasks)
    job = backend.run(placed_bell())
    engine.wait_for_tasks(tasks + 1)

    def sleep(seconds):
        engine.release()
        job.wait_for_final_state()

    monkeypatch.setattr(
        "ibmq_backend.job.monitor.time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic)
    )
    out = io.StringIO()
    job_monitor(job, output=out)
    assert "Job Status: job is actively running - fairshare" in out.getvalue()
    assert out.getvalue().rstrip().endswith("Job Status: job has successfully run")
