"""The administration: jobs of all users, for the admin token only."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, sampler
from tests.support.emulator import Client, error_of, login
from tests.support.engines import FakeEngine

ADMIN = "token-of-the-teacher"
USERS = [User("ada", "token of ada"), User("bob", "token of bob")]


class Teacher:
    """Client of the administration with a token."""

    def __init__(self, service: LocalService, token: str = ADMIN) -> None:
        self.url, self.token = f"{service.url}/admin/jobs", token

    def ask(self, method: str = "GET", path: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.url + path, headers=headers, trust_env=False)

    def jobs(self) -> list[dict[str, Any]]:
        reply = self.ask()
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["jobs"]
        return found

    def cancel(self, job_id: str) -> dict[str, Any]:
        reply = self.ask("POST", f"/{job_id}/cancel")
        assert reply.status_code == 200, reply.text
        document: dict[str, Any] = reply.json()
        return document


@pytest.fixture
def service(make_service: ServiceMaker, clock: ManualClock) -> LocalService:
    made = make_service(users=USERS, clock=clock)
    made.service_state.accounts.set_admin_token(ADMIN)
    return made


def test_unfinished_jobs_of_all_users_in_both_dialects(
    service: LocalService, engine: FakeEngine, clock: ManualClock
) -> None:
    ada, bob = login(service, "token of ada"), PlatformClient(service, "token of bob")
    teacher = Teacher(service)
    finished = bob.done(sampler(support_qiskit=False))
    assert teacher.jobs() == []
    engine.hold()
    running = bob.submit(sampler(support_qiskit=False))
    bob.wait(running, "Running")
    clock.advance(90)
    waiting = ada.submit(backend="ibmq_rome")
    ada.wait(waiting, "QUEUED")
    clock.advance(30)
    first, second = teacher.jobs()
    assert finished not in (first["id"], second["id"])
    assert (first["id"], first["user"], first["backend"]) == (running, "bob", "ibm_lagos")
    assert (first["status"], first["dialect"]) == ("RUNNING", "platform")
    assert first["age_seconds"] >= first["running_seconds"] > 119
    assert (second["id"], second["user"], second["backend"]) == (waiting, "ada", "ibmq_rome")
    assert (second["status"], second["dialect"]) == ("QUEUED", "classic")
    assert 30 <= second["age_seconds"] < 60
    assert second["running_seconds"] is None


def test_jobs_of_removed_users(make_service: ServiceMaker, tmp_path: Any) -> None:
    store = tmp_path / "store.sqlite"
    before = make_service(store=store, users=USERS)
    job_id = login(before, "token of ada").create()["id"]
    before.stop()
    after = make_service(store=store, users=[], engine=FakeEngine())
    after.service_state.accounts.set_admin_token(ADMIN)
    (job,) = Teacher(after).jobs()
    assert job["id"] == job_id
    assert job["user"] == after.service_state.accounts.user_id("ada")
    assert Teacher(after).cancel(job_id)["cancelled"] is True


def test_cancelling_stops_a_running_job(service: LocalService, engine: FakeEngine) -> None:
    ada, bob = login(service, "token of ada"), PlatformClient(service, "token of bob")
    teacher = Teacher(service)
    engine.hold()
    classic = ada.submit()
    engine.wait_for_tasks(1)
    assert teacher.cancel(classic) == cancelled(classic)
    assert ada.status(classic)["status"] == "CANCELLED"
    run = bob.submit(sampler(support_qiskit=False))
    engine.wait_for_tasks(2)  # the simulation of the first one has been stopped
    assert teacher.cancel(run) == cancelled(run)
    assert bob.json(f"jobs/{run}")["state"]["status"] == "Cancelled"
    engine.release()
    bob.done(sampler(support_qiskit=False))
    assert {classic, run} <= engine.cancelled  # a job that ends may be told to stop, too
    assert teacher.jobs() == []
    assert teacher.cancel(run) == cancelled(run)


def cancelled(job_id: str) -> dict[str, Any]:
    return {"id": job_id, "cancelled": True, "status": "CANCELLED"}


def test_a_job_that_cannot_be_cancelled(service: LocalService) -> None:
    bob = PlatformClient(service, "token of bob")
    job_id = bob.done(sampler(support_qiskit=False))
    told = {"id": job_id, "cancelled": False, "status": "COMPLETED"}
    assert Teacher(service).cancel(job_id) == told
    for nobodys in ("0" * 24, "nonsense", "%00", "a%2Fb", "ä"):
        reply = Teacher(service).ask("POST", f"/{nobodys}/cancel")
        assert reply.status_code == 404, nobodys


def test_tokens_of_users_are_rejected(service: LocalService) -> None:
    ada, bob = login(service, "token of ada"), PlatformClient(service, "token of bob")
    job_id = ada.create()["id"]
    bearer = bob.http.headers["Authorization"].removeprefix("Bearer ")
    tokens = ("token of ada", ada.token, bearer, service.api_token)
    for token in tokens:
        for method, path in (("GET", ""), ("POST", f"/{job_id}/cancel")):
            reply = Teacher(service, token).ask(method, path)
            assert reply.status_code in (401, 429)
    assert ada.status(job_id)["status"] == "CREATING"
    assert ada.get("/admin/jobs").status_code == 401
    for header in ("", f"apikey {ADMIN}", ADMIN, f"Basic {ADMIN}"):
        reply = httpx.get(f"{service.url}/admin/jobs", headers={"Authorization": header})
        assert error_of(reply) == (401, "ADMIN_TOKEN_MISSING")


@pytest.mark.parametrize("open_mode", [False, True])
def test_the_admin_token_is_not_an_api_token(make_service: ServiceMaker, open_mode: bool) -> None:
    service = make_service(Settings(open_mode=open_mode))
    service.service_state.accounts.set_admin_token(ADMIN)
    with pytest.raises(EmulatorError, match="must differ"):
        service.service_state.accounts.set_admin_token(service.api_token)
    reply = httpx.post(f"{service.url}/users/loginWithToken", json={"apiToken": ADMIN})
    assert error_of(reply) == (401, 3446)
    client = PlatformClient(service)
    assert client.exchange(grant_type="x", apikey=ADMIN).status_code == 400
    client.http.headers["Authorization"] = f"apikey {ADMIN}"
    assert client.get("backends").status_code == 401
    client.http.headers["Authorization"] = f"Bearer {ADMIN}"
    assert client.get("backends").status_code == 401
    headers = {"X-Access-Token": ADMIN}
    assert httpx.get(f"{service.url}/users/me", headers=headers).status_code == 401


def test_the_administration_is_off_without_an_admin_token(make_service: ServiceMaker) -> None:
    service = make_service()
    for token in (ADMIN, service.api_token):
        reply = Teacher(service, token).ask()
        assert error_of(reply) == (403, "ADMINISTRATION_OFF")
        assert 'admin_token = "..."' in reply.json()["error"]["message"]
    assert isinstance(login(service), Client)
