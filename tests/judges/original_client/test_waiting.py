"""Jobs that wait: the websocket, the queue, the job limit, cancelling."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from accounts import DEVICE, SIMULATOR
from circuits import bell, transpiled
from qiskit.providers.ibmq.exceptions import IBMQBackendJobLimitError
from qiskit.providers.ibmq.job import job_monitor
from qiskit.providers.ibmq.job.exceptions import IBMQJobInvalidStateError, IBMQJobTimeoutError
from qiskit.providers.jobstatus import JobStatus
from traffic import watched

JOB_LIMIT = 5


def is_queued(job: Any) -> bool:
    """Wait for a job to be queued."""
    deadline = time.monotonic() + 60
    while job.status() is not JobStatus.QUEUED and time.monotonic() < deadline:
        time.sleep(0.05)
    return job.status() is JobStatus.QUEUED


@pytest.mark.parametrize("name", [DEVICE, SIMULATOR])
def test_result_listens_on_the_websocket_and_does_not_poll(provider: Any, name: str) -> None:
    backend = provider.get_backend(name)
    job = backend.run(transpiled(bell(), backend), shots=100)
    with watched() as seen:
        job.result()
    (socket,) = seen.sockets
    assert socket.endswith(f"/jobs/{job.job_id()}/status/v/1")
    assert seen.frames[0] == {"type": "authenticated"}
    assert seen.statuses()[-1] == "COMPLETED"
    assert seen.count("GET", "/status/v/1") == 0
    assert seen.count("GET", "/resultDownloadUrl") == 1
    assert seen.count("POST", "/resultDownloaded") == 1
    assert len(seen.requests) == 4
    assert seen.complaints == []


def test_a_job_beyond_the_limit_is_refused_with_a_code(
    booked_device: Any, submit_waiting: Callable[[], Any]
) -> None:
    for _ in range(JOB_LIMIT):
        submit_waiting()
    with pytest.raises(IBMQBackendJobLimitError, match="Error code: 3458"):
        submit_waiting()
    assert booked_device.job_limit().active_jobs == JOB_LIMIT
    assert booked_device.remaining_jobs_count() == 0
    assert booked_device.status().pending_jobs == JOB_LIMIT


def test_waiting_jobs_know_their_position_and_estimated_times(
    booked_device: Any, submit_waiting: Callable[[], Any]
) -> None:
    jobs = [submit_waiting() for _ in range(JOB_LIMIT)]
    assert all(is_queued(job) for job in jobs)
    positions = [job.queue_position(refresh=True) for job in jobs]
    assert positions == sorted(set(positions))
    assert positions[0] >= 1
    info = jobs[1].queue_info()
    assert info.position == positions[1]
    assert info.estimated_start_time < info.estimated_complete_time
    assert info.estimated_start_time.tzinfo is not None
    assert 0 <= info.hub_priority <= 1
    assert "estimated start time" in info.format()
    active = {job.job_id() for job in booked_device.active_jobs()}
    assert active == {job.job_id() for job in jobs}


def test_waiting_ends_when_the_job_is_cancelled_elsewhere(
    provider: Any, submit_waiting: Callable[[], Any]
) -> None:
    job = submit_waiting()
    assert is_queued(job)
    other = provider.backend.retrieve_job(job.job_id())
    calls: list[tuple[JobStatus, Any]] = []
    answers: list[bool] = []

    def callback(_id: str, status: JobStatus, _job: Any, queue_info: Any = None) -> None:
        calls.append((status, queue_info))
        if status is JobStatus.QUEUED and not answers:
            answers.append(other.cancel())

    with watched() as seen:
        job.wait_for_final_state(callback=callback)
    assert answers == [True]
    assert calls[0][1] is not None
    assert (seen.statuses()[0], seen.statuses()[-1]) == ("QUEUED", "CANCELLED")
    assert job.status() == JobStatus.CANCELLED
    assert seen.count("GET", "/status/v/1") == 0


def test_waiting_ends_at_its_time_limit(submit_waiting: Callable[[], Any]) -> None:
    job = submit_waiting()
    assert is_queued(job)
    with watched() as seen, pytest.raises(IBMQJobTimeoutError, match=job.job_id()):
        job.result(timeout=1)
    assert len(seen.sockets) == 1
    assert seen.statuses() == ["QUEUED"]


def test_cancelled_jobs_leave_the_queue_and_have_no_result(
    booked_device: Any, submit_waiting: Callable[[], Any]
) -> None:
    jobs = [submit_waiting() for _ in range(2)]
    for job in jobs:
        assert job.cancel() is True
        assert job.status() == JobStatus.CANCELLED
        assert job.cancelled()
        assert job.in_final_state()
    with pytest.raises(IBMQJobInvalidStateError, match="cancelled"):
        jobs[0].result()
    assert booked_device.job_limit().active_jobs == 0
    assert booked_device.active_jobs() == []
    assert booked_device.status().pending_jobs == 0


def test_a_finished_job_cannot_be_cancelled(device: Any, named_job: Any) -> None:
    assert device.retrieve_job(named_job.job_id()).cancel() is False
    named_job.refresh()
    assert named_job.status() == JobStatus.DONE


def test_job_monitor_prints_the_end_of_a_job(device: Any) -> None:
    output = io.StringIO()
    job_monitor(device.run(transpiled(bell(), device), shots=100), interval=0.2, output=output)
    assert "job has successfully run" in output.getvalue()
