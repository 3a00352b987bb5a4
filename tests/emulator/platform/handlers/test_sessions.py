"""Sessions and batches."""

from __future__ import annotations

import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import (
    PlatformClient,
    instance_of,
    refused,
)
from tests.support.engines import FakeEngine


@pytest.fixture
def service(make_service: ServiceMaker, clock: ManualClock) -> LocalService:
    return make_service(Settings(open_mode=True), clock=clock)


def opened(client: PlatformClient, **body: object) -> str:
    reply = client.post("sessions", {"mode": "batch", "backend": "ibm_lagos", **body})
    assert reply.status_code == 200, reply.text
    session_id: str = reply.json()["id"]
    return session_id


def test_a_new_session(client: PlatformClient) -> None:
    document = client.json(f"sessions/{opened(client, mode='dedicated', max_ttl=900)}")
    assert (document["state"], document["state_reason"]) == ("open", "session_created")
    assert document["mode"] == "dedicated"
    assert document["max_ttl"] == 900
    assert document["accepting_jobs"] is True
    assert document["elapsed_time"] is None


def test_jobs_activate_and_idle_time_inactivates_a_session(
    client: PlatformClient, clock: ManualClock
) -> None:
    session_id = opened(client)
    job_id = client.done(session_id=session_id)
    assert client.job(job_id)["session_id"] == session_id
    assert client.json(f"sessions/{session_id}")["state"] == "active"
    clock.advance(61)
    document = client.json(f"sessions/{session_id}")
    assert document["state"] == "inactive"
    assert document["state_reason"] == "session_inactivated_by_interactive_ttl"
    assert document["last_job_completed"] >= document["last_job_started"]
    client.done(session_id=session_id)
    assert client.json(f"sessions/{session_id}")["state"] == "active"
    steps = [one["status"] for one in client.json(f"sessions/{session_id}")["timestamps"]]
    assert steps == ["open", "active", "inactive", "active"]
    assert client.json("jobs", session_id=session_id)["count"] == 2


def test_a_session_is_active_from_the_start_of_its_first_job(
    client: PlatformClient, engine: FakeEngine, clock: ManualClock
) -> None:
    session_id, unused = opened(client), opened(client)
    engine.hold()
    client.wait(client.submit(), "Running")
    waiting = client.submit(session_id=session_id)
    client.wait(waiting, "Queued")
    assert client.json(f"sessions/{session_id}")["state"] == "open"
    clock.advance(30)
    engine.release()
    assert client.wait(waiting)["status"] == "Completed"
    assert client.json(f"sessions/{session_id}")["state"] == "active"
    clock.advance(7)
    for one, seconds in ((session_id, 7), (unused, 0)):
        client.delete(f"sessions/{one}/close")
        # The steps of a job follow each other by at least a millisecond.
        elapsed = client.json(f"sessions/{one}")["elapsed_time"]
        assert elapsed == pytest.approx(seconds, abs=0.1)


def test_a_session_closes_after_its_last_job(client: PlatformClient, engine: FakeEngine) -> None:
    session_id = opened(client)
    engine.hold()
    job_id = client.submit(session_id=session_id)
    client.wait(job_id, "Running")
    reply = client.http.patch(f"/v1/sessions/{session_id}", json={"accepting_jobs": False})
    assert reply.status_code == 204
    assert client.json(f"sessions/{session_id}")["state"] == "active"
    assert refused(client.create(session_id=session_id)) == (400, 1217)
    engine.release()
    assert client.wait(job_id)["status"] == "Completed"
    document = client.json(f"sessions/{session_id}")
    assert document["state"] == "closed"
    assert document["closed_at"]
    assert document["elapsed_time"] >= 0


def test_an_idle_session_closes_immediately_and_stays_closed(client: PlatformClient) -> None:
    session_id = opened(client)
    for accepting in (False, True):
        reply = client.http.patch(f"/v1/sessions/{session_id}", json={"accepting_jobs": accepting})
        assert reply.status_code == 204
    document = client.json(f"sessions/{session_id}")
    assert (document["state"], document["state_reason"]) == ("closed", "session_closed_early")
    assert document["accepting_jobs"] is False


def test_closing_fails_waiting_jobs(client: PlatformClient, engine: FakeEngine) -> None:
    session_id = opened(client)
    engine.hold()
    running, waiting = (client.submit(session_id=session_id) for _ in range(2))
    client.wait(running, "Running")
    client.wait(waiting, "Queued")
    assert client.delete(f"sessions/{session_id}/close").status_code == 204
    state = client.wait(waiting)["state"]
    assert (state["status"], state["reason_code"]) == ("Failed", 1217)
    engine.release()
    assert client.wait(running)["status"] == "Completed"
    assert client.delete(f"sessions/{session_id}/close").status_code == 204


def test_a_session_closes_after_its_lifetime(client: PlatformClient, clock: ManualClock) -> None:
    session_id = opened(client, max_ttl=100)
    clock.advance(100)
    assert client.json(f"sessions/{session_id}")["state"] == "closed"
    assert refused(client.create(session_id=session_id)) == (400, 1217)


def test_a_session_has_one_device(client: PlatformClient) -> None:
    session_id = opened(client)
    assert refused(client.create(backend="ibm_oslo", session_id=session_id)) == (400, 1208)
    free = opened(client, backend=None)
    assert client.json(f"sessions/{free}")["backend_name"] is None
    assert client.create(backend="ibm_oslo", session_id=free).status_code == 200
    assert client.json(f"sessions/{free}")["backend_name"] == "ibm_oslo"


def test_the_open_plan(service: LocalService) -> None:
    client = PlatformClient(service, crn=instance_of(service, "open-instance").crn)
    reply = client.post("sessions", {"mode": "dedicated", "backend": "ibm_lagos"})
    assert refused(reply) == (403, 1352)
    assert client.json(f"sessions/{opened(client, max_ttl=5000)}")["max_ttl"] == 600


def test_invalid_requests(client: PlatformClient) -> None:
    session_id = opened(client)
    for body in ({}, {"mode": "batch", "max_ttl": 0}, {"mode": "batch", "backend": 3}):
        assert refused(client.post("sessions", body)) == (400, 1208)
    assert refused(client.post("sessions", {"mode": "private"})) == (500, 9999)
    assert refused(client.post("sessions", {"mode": "batch", "backend": "x"})) == (404, None)
    reply = client.http.patch(f"/v1/sessions/{session_id}", json={"accepting_jobs": "no"})
    assert refused(reply) == (400, 1208)


def test_unknown_sessions(client: PlatformClient) -> None:
    assert refused(client.get("sessions/x")) == (404, None)
    assert refused(client.delete("sessions/x/close")) == (404, None)
    reply = client.http.patch("/v1/sessions/x", json={"accepting_jobs": False})
    assert refused(reply) == (404, None)
    assert refused(client.create(session_id="x")) == (404, None)


def test_sessions_of_others(service: LocalService, client: PlatformClient) -> None:
    session_id = opened(client)
    other = PlatformClient(service, "another key")
    assert refused(other.get(f"sessions/{session_id}")) == (404, None)
