"""Jobs that wait: the websocket, the queue, the limit, cancelling."""

from __future__ import annotations

import io
import threading
from typing import Any

from checks import check, equal, raises
from qiskit.providers.ibmq.exceptions import IBMQBackendJobLimitError
from qiskit.providers.ibmq.job import job_monitor
from qiskit.providers.ibmq.job.exceptions import IBMQJobInvalidStateError, IBMQJobTimeoutError
from qiskit.providers.jobstatus import JobStatus
from scene import DEVICE, SIMULATOR, Scene, bell, fitted
from service import HELD
from steps import Steps
from traffic import watched

steps = Steps("waiting")

_LIMIT = 5


@steps("result() listens on the websocket and does not poll")
def result_by_websocket(scene: Scene) -> None:
    for name in (DEVICE, SIMULATOR):
        backend = scene.backend(name)
        job = backend.run(fitted(bell(), backend), shots=100)
        with watched() as seen:
            job.result()
        equal(len(seen.sockets), 1, "websockets")
        check(seen.sockets[0].endswith(f"/jobs/{job.job_id()}/status/v/1"), seen.sockets[0])
        equal(seen.frames[0], {"type": "authenticated"}, "first frame")
        equal(seen.statuses()[-1], "COMPLETED", "last status")
        equal(seen.count("GET", "/status/v/1"), 0, "requests for the status")
        equal(seen.count("GET", "/resultDownloadUrl"), 1, "downloads")
        equal(seen.count("POST", "/resultDownloaded"), 1, "receipts")
        equal(len(seen.requests), 4, "requests")
        equal(seen.complaints, [], "warnings of the client")


@steps("five jobs wait for a booked device; the sixth is refused by number")
def limit(scene: Scene) -> None:
    backend = scene.backend(HELD)
    circuit = fitted(bell(), backend)
    held = [backend.run(circuit, shots=100, job_tags=["held"]) for _ in range(_LIMIT)]
    scene.jobs["held"] = held
    raises(IBMQBackendJobLimitError, lambda: backend.run(circuit), "Error code: 3458")
    equal(backend.job_limit().active_jobs, _LIMIT, "active jobs")
    equal(backend.remaining_jobs_count(), 0, "remaining jobs")
    equal(backend.status().pending_jobs, _LIMIT, "pending jobs")


@steps("the queue tells each job its place and its times")
def queue(scene: Scene) -> None:
    held = scene.job("held")
    check(all(_reaches(job, JobStatus.QUEUED) for job in held), "a job is not in the queue")
    positions = [job.queue_position(refresh=True) for job in held]
    equal(positions, sorted(positions), "places")
    check(positions[0] >= 1 and len(set(positions)) == _LIMIT, f"places: {positions}")
    info = held[1].queue_info()
    equal(info.position, positions[1], "place")
    check(info.estimated_start_time < info.estimated_complete_time, f"times: {info}")
    check(info.estimated_start_time.tzinfo is not None, "a time without a zone")
    check(0 <= info.hub_priority <= 1, f"priority of the hub: {info.hub_priority}")
    check("estimated start time" in info.format(), info.format())
    equal(
        {job.job_id() for job in scene.backend(HELD).active_jobs()},
        {job.job_id() for job in held},
        "active jobs",
    )


@steps("waiting ends by the websocket when somebody else cancels")
def cancelled_meanwhile(scene: Scene) -> None:
    job = scene.job("held")[4]
    other = scene.provider.backend.retrieve_job(job.job_id())
    told: list[tuple[JobStatus, Any]] = []
    answers: list[bool] = []

    def callback(_id: str, status: JobStatus, _job: Any, queue_info: Any = None) -> None:
        told.append((status, queue_info))
        if status is JobStatus.QUEUED and not answers:
            answers.append(other.cancel())

    with watched() as seen:
        job.wait_for_final_state(callback=callback)
    equal(answers, [True], "answer to the cancelling")
    check(told and told[0][1] is not None, f"the callback was told {told}")
    equal(seen.statuses()[0], "QUEUED", "first status")
    equal(seen.statuses()[-1], "CANCELLED", "last status")
    equal(job.status(), JobStatus.CANCELLED, "status")
    equal(seen.count("GET", "/status/v/1"), 0, "requests for the status")


@steps("waiting with a time limit ends with it")
def time_limit(scene: Scene) -> None:
    job = scene.job("held")[3]
    with watched() as seen:
        raises(IBMQJobTimeoutError, lambda: job.result(timeout=1), job.job_id())
    equal(len(seen.sockets), 1, "websockets")
    equal(seen.statuses(), ["QUEUED"], "statuses")


@steps("cancelled jobs leave the queue and have no result")
def cancelled(scene: Scene) -> None:
    backend = scene.backend(HELD)
    for job in scene.job("held")[:4]:
        equal(job.cancel(), True, "answer to the cancelling")
        equal(job.status(), JobStatus.CANCELLED, "status")
        check(job.cancelled() and job.in_final_state(), "not cancelled")
    raises(IBMQJobInvalidStateError, scene.job("held")[0].result, "cancelled")
    equal(backend.job_limit().active_jobs, 0, "active jobs")
    equal(backend.active_jobs(), [], "active jobs")
    equal(backend.status().pending_jobs, 0, "pending jobs")


@steps("a finished job cannot be cancelled")
def too_late(scene: Scene) -> None:
    job = scene.job("circuit")
    equal(scene.backend().retrieve_job(job.job_id()).cancel(), False, "answer")
    job.refresh()
    equal(job.status(), JobStatus.DONE, "status")


@steps("job_monitor prints the way of a job to its end")
def monitor(scene: Scene) -> None:
    backend = scene.backend()
    text = io.StringIO()
    job_monitor(backend.run(fitted(bell(), backend), shots=100), interval=0.2, output=text)
    check("job has successfully run" in text.getvalue(), f"printed: {text.getvalue()!r}")


def _reaches(job: Any, status: JobStatus) -> bool:
    pause = threading.Event()
    for _ in range(100):
        if job.status() is status:
            return True
        pause.wait(0.05)
    return False
