"""Jobs after their submission: lists, metrics, tags, waiting, cancelling, deleting."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from accounts import DEVICE
from circuits import bell, transpiled
from qiskit_ibm_runtime import SamplerV2
from qiskit_ibm_runtime.exceptions import (
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
    RuntimeJobTimeoutError,
)


def ids(jobs: list[Any]) -> list[str]:
    return [job.job_id() for job in jobs]


@pytest.fixture(scope="module")
def several_jobs(client: Any) -> list[Any]:
    """Finished jobs on two devices, in the order of their submission."""
    jobs = []
    for name in ("ibm_lagos", "ibm_prague", "ibm_lagos", "ibm_prague", "ibm_prague"):
        backend = client.backend(name)
        jobs.append(SamplerV2(mode=backend).run([transpiled(bell(), backend)], shots=10))
        jobs[-1].result()
    return jobs


def test_a_retrieved_job_is_the_submitted_one(client: Any, bell_job: Any) -> None:
    job = client.job(bell_job.job_id())
    assert job.status() == "DONE"
    assert job.backend().name == DEVICE
    assert sorted(job.tags) == ["bell", "lesson"]
    counts = bell_job.result()[0].data.c.get_counts()
    assert job.result()[0].data.c.get_counts() == counts
    assert job.creation_date <= datetime.now(UTC)
    circuit = job.inputs["pubs"][0][0]
    assert circuit.count_ops()["measure"] == 2
    assert job.primitive_id == "sampler"


def test_metrics_usage_log_and_properties(bell_job: Any) -> None:
    metrics = bell_job.metrics()
    times = metrics["timestamps"]
    assert times["created"] <= times["running"] <= times["finished"]
    assert metrics["usage"]["status"] == "complete"
    assert bell_job.usage() > 0
    assert bell_job.usage_estimation["quantum_seconds"] is not None
    assert bell_job.logs() == ""
    assert bell_job.properties().t1(0) > 0


def test_tags_are_replaced(client: Any, several_jobs: list[Any]) -> None:
    job = several_jobs[0]
    assert sorted(job.update_tags(["bell", "other"])) == ["bell", "other"]
    assert ids(client.jobs(job_tags=["other"])) == [job.job_id()]


def test_lists_by_device_status_time_and_order(client: Any, several_jobs: list[Any]) -> None:
    jobs = client.jobs(limit=None)
    listed = ids(jobs)
    assert set(ids(several_jobs)) <= set(listed)
    assert len(listed) == len(set(listed))
    dates = [job.creation_date for job in jobs]
    assert dates == sorted(dates, reverse=True)
    assert ids(client.jobs(limit=3, skip=2)) == listed[2:5]
    assert ids(client.jobs(limit=1, descending=False)) == listed[-1:]
    assert client.jobs(pending=True) == []
    assert ids(client.jobs(pending=False, limit=None)) == listed
    of_device = client.jobs(backend_name="ibm_lagos")
    assert {job.backend().name for job in of_device} == {"ibm_lagos"}
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert ids(client.jobs(created_after=hour_ago, limit=None)) == listed
    assert client.jobs(created_before=hour_ago) == []
    assert client.jobs(program_id="nothing") == []
    assert ids(client.jobs(instance=client.active_instance(), limit=None)) == listed


def test_a_job_waits_for_a_booked_device_and_is_cancelled(
    client: Any, booked_device: Any, waiting_job: Any
) -> None:
    assert waiting_job.status() == "QUEUED"
    with pytest.raises(RuntimeJobTimeoutError):
        waiting_job.result(timeout=1)
    assert booked_device.status().pending_jobs == 1
    assert ids(client.jobs(pending=True)) == [waiting_job.job_id()]
    waiting_job.cancel()
    assert waiting_job.status() == "CANCELLED"
    with pytest.raises(RuntimeInvalidStateError):
        waiting_job.result()
    with pytest.raises(RuntimeInvalidStateError):
        waiting_job.cancel()
    assert booked_device.status().pending_jobs == 0


def test_waiting_ends_when_the_job_is_cancelled_elsewhere(client: Any, waiting_job: Any) -> None:
    timer = threading.Timer(0.6, client.job(waiting_job.job_id()).cancel)
    timer.start()
    waiting_job.wait_for_final_state(timeout=20)
    timer.join()
    assert waiting_job.status() == "CANCELLED"


def test_an_unknown_job_is_not_found(client: Any) -> None:
    with pytest.raises(RuntimeJobNotFound, match="dnowhere"):
        client.job("dnowhere")


def test_a_deleted_job_is_not_found(client: Any, device: Any) -> None:
    job = SamplerV2(mode=device).run([transpiled(bell(), device)], shots=10)
    job.result()
    client.delete_job(job.job_id())
    with pytest.raises(RuntimeJobNotFound, match=job.job_id()):
        client.job(job.job_id())
    with pytest.raises(RuntimeJobNotFound):
        client.delete_job(job.job_id())


def test_a_private_job_gives_its_result_once_and_its_input_never(client: Any, device: Any) -> None:
    sampler = SamplerV2(mode=device)
    sampler.options.environment.private = True
    job = sampler.run([transpiled(bell(), device)], shots=200)
    assert job.result()[0].data.c.num_shots == 200
    again = client.job(job.job_id())
    assert again.private is True
    assert again.inputs == {}


def test_an_instance_does_not_see_jobs_of_another(open_client: Any, bell_job: Any) -> None:
    with pytest.raises(RuntimeJobNotFound):
        open_client.job(bell_job.job_id())
    assert open_client.jobs() == []
