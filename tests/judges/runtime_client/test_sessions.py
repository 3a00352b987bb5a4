"""Sessions and batches: their jobs and states, closing and cancelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from circuits import bell, transpiled
from qiskit_ibm_runtime import Batch, SamplerV2, Session
from qiskit_ibm_runtime.api.exceptions import RequestsApiError
from qiskit_ibm_runtime.exceptions import (
    IBMInputValueError,
    IBMRuntimeError,
    RuntimeJobFailureError,
)

ACCEPTING = "In progress, accepting new jobs"


def sampled(mode: Any, backend: Any, shots: int = 50) -> Any:
    """Submit a job in a session or a batch."""
    return SamplerV2(mode=mode).run([transpiled(bell(), backend)], shots=shots)


def test_a_session_has_jobs_and_is_closed(device: Any) -> None:
    with Session(backend=device, max_time="5m") as session:
        assert session.status() == "Pending"
        job = SamplerV2().run([transpiled(bell(), device)], shots=50)
        job.result()
        assert job.session_id == session.session_id
        details = session.details()
        assert (details["state"], details["mode"], details["max_time"]) == (
            "active",
            "dedicated",
            300,
        )
        assert details["last_job_started"] <= details["last_job_completed"]
        assert session.status() == ACCEPTING
    assert session.details()["state"] == "closed"
    assert session.status() == "Closed"
    assert session.usage() >= 0
    with pytest.raises(IBMRuntimeError, match="session is closed"):
        sampled(session, device)


def test_a_batch_finishes_its_jobs_after_it_was_closed(client: Any, device: Any) -> None:
    with Batch(backend=device) as batch:
        jobs = [sampled(batch, device) for _ in range(3)]
        assert batch.details()["mode"] == "batch"
    assert [job.result()[0].data.c.num_shots for job in jobs] == [50] * 3
    listed = client.jobs(session_id=batch.session_id)
    assert {job.job_id() for job in listed} == {job.job_id() for job in jobs}
    assert batch.status() == "Closed"


@pytest.mark.parametrize("kind", [Session, Batch])
def test_cancelling_fails_waiting_jobs(booked_device: Any, kind: Callable[..., Any]) -> None:
    mode = kind(backend=booked_device)
    job = sampled(mode, booked_device)
    assert (job.status(), mode.status()) == ("QUEUED", "Pending")
    mode.cancel()
    assert mode.status() == "Closed"
    assert mode.details()["accepting_jobs"] is False
    with pytest.raises(RuntimeJobFailureError, match="1217"):
        job.result(timeout=60)
    assert "1217" in job.logs()
    assert job.usage() == 0
    mode.cancel()
    mode.close()
    assert mode.status() == "Closed"


def test_cancelling_lets_the_running_job_finish(device: Any) -> None:
    session = Session(backend=device)
    job = sampled(session, device, shots=300_000)
    while job.status() == "QUEUED":
        pass
    session.cancel()
    assert session.status() == "Closed"
    assert job.result()[0].data.c.num_shots == 300_000


@pytest.mark.parametrize("ending", ["cancel", "close"])
def test_a_session_without_jobs_ends_at_once(device: Any, ending: str) -> None:
    session = Session(backend=device)
    getattr(session, ending)()
    assert session.status() == "Closed"


def test_a_closed_session_keeps_its_waiting_jobs(client: Any, booked_device: Any) -> None:
    session = Session(backend=booked_device)
    job = sampled(session, booked_device)
    session.close()
    assert job.status() == "QUEUED"
    assert session.details()["accepting_jobs"] is False
    same = Session.from_id(session.session_id, client)
    with pytest.raises(IBMRuntimeError, match="1217"):
        sampled(same, booked_device)
    job.cancel()
    assert session.status() == "Closed"


def test_a_session_is_found_by_its_id(client: Any, device: Any) -> None:
    session = Session(backend=device)
    same = Session.from_id(session.session_id, client)
    job = sampled(same, device)
    assert job.result()[0].data.c.num_shots == 50
    assert job.session_id == session.session_id
    with pytest.raises(IBMInputValueError, match="mode dedicated instead of batch"):
        Batch.from_id(session.session_id, client)
    session.cancel()
    with pytest.raises(IBMInputValueError, match="not found"):
        Session.from_id("00000000-0000-4000-8000-000000000000", client)


def test_the_open_plan_has_batches_only(open_client: Any, device: Any) -> None:
    backend = open_client.backend(device.name)
    with pytest.raises(RequestsApiError, match="1352"):
        Session(backend=backend)
    with Batch(backend=backend) as batch:
        assert sampled(batch, backend).result()[0].data.c.num_shots == 50
