"""Login, users, tokens, and isolation of users."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from ibmq_backend.emulator.accounts.accounts import Accounts, User
from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.classic.errors import wire_error
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.errors import (
    EmulatorError,
    LicenseNotAccepted,
    NotLoggedIn,
    UnknownProject,
)
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import ServiceState, Settings
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import access_tokens
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import Client, P, error_of, login
from tests.support.engines import FakeEngine


def test_version_login_and_user(service: LocalService) -> None:
    with httpx.Client(base_url=service.url, trust_env=False) as http:
        version = http.get("/version")
        assert isinstance(version.json()["api-auth"], str)

        reply = http.post("/users/loginWithToken", json={"apiToken": service.api_token})
        assert reply.status_code == 200
        assert reply.json()["ttl"] == 1_209_600
        assert len(reply.json()["id"]) == 64
        http.headers["X-Access-Token"] = reply.json()["id"]

        me = http.get("/users/me").json()
        assert me["id"] == reply.json()["userId"]
        assert me["urls"]["http"] == service.url
        assert me["urls"]["ws"] == service.url.replace("http", "ws", 1)

        hub = http.get("/Network").json()[0]
        assert hub["name"] == "ibm-q"
        main = hub["groups"]["open"]["projects"]["main"]
        assert main["isDefault"] is True
        vigo = next(one for one in main["devices"].values() if one["name"] == "ibmq_vigo")
        assert vigo["configuration"]["limit"] == 5

        names = {one["backend_name"] for one in http.get(f"{P}/devices/v/1").json()}
        assert {"ibmq_vigo", "ibmq_qasm_simulator"} <= names


def test_addresses_follow_the_prefix(service: LocalService) -> None:
    client = Client(service.url + "/api", service.api_token)
    urls = client.json("/users/me")["urls"]
    assert urls["http"] == f"{service.url}/api"
    assert httpx.get(urls["http"] + "/version", trust_env=False).status_code == 200
    assert client.create()["objectStorageInfo"]["uploadUrl"].startswith(urls["http"])


def test_addresses_follow_the_host_header(client: Client) -> None:
    reply = client.http.get("/users/me", headers={"Host": "localhost:1234"})
    assert reply.json()["urls"]["http"] == "http://localhost:1234"


@pytest.mark.parametrize("token", [None, "wrong", ""])
@pytest.mark.parametrize("path", ["/users/me", "/Network", f"{P}/devices/v/1", f"{P}/Jobs/v/1"])
def test_invalid_access_tokens(service: LocalService, path: str, token: str | None) -> None:
    headers = {} if token is None else {"X-Access-Token": token}
    reply = httpx.get(service.url + path, headers=headers, trust_env=False)
    assert error_of(reply) == (401, 3445)


def test_access_token_in_the_query(service: LocalService, client: Client) -> None:
    reply = httpx.get(f"{service.url}/users/me?access_token={client.token}", trust_env=False)
    assert reply.json()["id"] == client.user_id


@pytest.mark.parametrize("body", [{}, {"apiToken": ""}, {"apiToken": 5}, {"apiToken": None}])
def test_login_without_token(service: LocalService, body: dict[str, object]) -> None:
    reply = httpx.post(f"{service.url}/users/loginWithToken", json=body, trust_env=False)
    assert error_of(reply) == (400, 2403)


def test_closed_mode_refuses_unknown_tokens(make_service: ServiceMaker) -> None:
    service = make_service(Settings())
    reply = httpx.post(
        f"{service.url}/users/loginWithToken", json={"apiToken": "x" * 128}, trust_env=False
    )
    assert error_of(reply) == (401, 3446)
    assert reply.json()["error"]["message"] == "Login failed."
    assert login(service).json("/users/me")["firstName"] == "local"


def test_licence_not_accepted(tmp_path, catalog) -> None:
    ada = User("ada", "token", license_accepted=False)
    service_state = ServiceState(str(tmp_path / "s"), catalog=catalog, users=[ada])
    with pytest.raises(LicenseNotAccepted) as caught:
        service_state.accounts.login("token")
    error = wire_error(caught.value).envelope()["error"]
    assert (error["status"], error["name"]) == (401, "ACCEPT_LICENSE_REQUIRED")
    service_state.close()


def test_access_tokens_expire(make_service: ServiceMaker, clock: ManualClock) -> None:
    client = login(make_service(Settings(token_seconds=60), clock=clock))
    clock.advance(59)
    assert client.get("/users/me").status_code == 200
    clock.advance(1)
    assert error_of(client.get("/users/me")) == (401, 3445)


def test_tokens_are_stored_as_digests_only(service: LocalService, client: Client) -> None:
    store = service.service_state.store
    with store.read() as connection:
        rows = [str(row) for row in connection.execute(access_tokens.select())]
    assert rows
    assert not any(client.token in row or service.api_token in row for row in rows)
    database = str(store.url.database)
    for suffix in ("", "-wal"):
        content = Path(database + suffix).read_bytes()
        assert client.token.encode() not in content
        assert service.api_token.encode() not in content


def test_users_do_not_see_jobs_of_others(service: LocalService, engine: FakeEngine) -> None:
    ada, bob = login(service, "ada's token"), login(service, "b")
    assert ada.user_id != bob.user_id
    assert login(service, "b").user_id == bob.user_id
    job_id = ada.submit()
    ada.wait(job_id)
    for reply in (
        bob.get(f"P/Jobs/{job_id}/v/1"),
        bob.get(f"P/Jobs/{job_id}/status/v/1"),
        bob.get(f"P/Jobs/{job_id}/resultDownloadUrl"),
        bob.get(f"P/Jobs/{job_id}/jobDownloadUrl"),
        bob.get(f"P/Jobs/{job_id}/jobUploadUrl"),
        bob.get(f"P/Jobs/{job_id}/properties"),
        bob.post(f"P/Jobs/{job_id}/jobDataUploaded"),
        bob.post(f"P/Jobs/{job_id}/resultDownloaded"),
        bob.post(f"P/Jobs/{job_id}/cancel"),
        bob.put(f"P/Jobs/{job_id}", json={"name": "mine"}),
        bob.delete(f"P/Jobs/{job_id}"),
    ):
        assert error_of(reply) == (404, 3250)
    assert bob.statuses() == []
    assert [job["id"] for job in ada.statuses()] == [job_id]
    assert ada.job(job_id)["status"] == "COMPLETED"


def test_projects_of_a_user(tmp_path, catalog, make_service: ServiceMaker) -> None:
    course = Instance("uni", "physics", "course")
    store = tmp_path / "s.sqlite"
    projects = [Project(course, default=True, devices=("ibmq_vigo",))]
    service = make_service(store=store, projects=projects)
    client = login(service)
    hubs = client.json("/Network")
    assert [hub["name"] for hub in hubs] == ["uni", "ibm-q"] or [hub["name"] for hub in hubs] == [
        "ibm-q",
        "uni",
    ]
    defaults = {
        hub["name"]: project["isDefault"]
        for hub in hubs
        for group in hub["groups"].values()
        for project in group["projects"].values()
    }
    assert defaults == {"uni": True, "ibm-q": False}
    client.project = "/Network/uni/Groups/physics/Projects/course"
    assert [one["backend_name"] for one in client.json("P/devices/v/1")] == ["ibmq_vigo"]
    assert error_of(client.get("P/devices/ibmq_rome/queue/status")) == (404, 2620)
    job_id = client.submit()
    client.wait(job_id)
    client.project = P
    assert error_of(client.get(f"P/Jobs/{job_id}/v/1")) == (404, 3250)
    assert client.statuses() == []


def test_projects_of_other_users_are_forbidden(tmp_path, catalog) -> None:
    secret = Instance("lab", "g", "p")
    ada = User("ada", "a", instances=(Instance("ibm-q", "open", "main"),))
    service_state = ServiceState(
        str(tmp_path / "s"), catalog=catalog, users=[ada], projects=[Project(secret)]
    )
    account = service_state.accounts.authenticate(service_state.accounts.login("a").access_token)
    assert [one.instance.hub for one in service_state.network.projects(account)] == ["ibm-q"]
    with pytest.raises(UnknownProject) as caught:
        service_state.network.project(account, secret)
    assert caught.value.instance == secret
    service_state.close()


def test_unknown_project(client: Client) -> None:
    client.project = "/Network/no/Groups/such/Projects/thing"
    for path in (
        "P/devices/v/1",
        "P/Jobs/v/1",
        "P/Jobs/status/v/1",
        "P/devices/ibmq_vigo/defaults",
    ):
        assert error_of(client.get(path)) == (403, 2911)
    reply = client.post("P/Jobs", json={"backend": {"name": "ibmq_vigo"}})
    assert error_of(reply) == (403, 2911)


def test_any_instance(make_service: ServiceMaker) -> None:
    client = login(make_service(Settings(any_instance=True)))
    client.project = "/Network/ibm-q-research/Groups/uni-2/Projects/main"
    assert len(client.json("P/devices/v/1")) > 30
    job_id = client.submit()
    client.wait(job_id)
    assert client.status(job_id)["hubInfo"]["hub"]["name"] == "ibm-q-research"
    assert [job["id"] for job in client.statuses()] == [job_id]
    client.project = P
    assert client.statuses() == []


@pytest.mark.parametrize(
    "users", [[User("a", "t"), User("b", "t")], [User("a", "t"), User("a", "u")], [User("a", "")]]
)
def test_users_must_be_unique(tmp_path, users) -> None:
    store = Store(str(tmp_path / "s"))
    with pytest.raises(EmulatorError, match="unique API token"):
        Accounts(store, ManualClock(), users)
    store.close()


def test_removed_users_and_replaced_tokens_end_logins(tmp_path, catalog) -> None:
    path = str(tmp_path / "s")
    service_state = ServiceState(path, catalog=catalog, users=[User("ada", "t")])
    token = service_state.accounts.login("t").access_token
    user_id = service_state.accounts.authenticate(token).user_id
    service_state.close()
    renewed = ServiceState(path, catalog=catalog, users=[User("ada", "another")])
    with pytest.raises(NotLoggedIn):
        renewed.accounts.authenticate(token)
    token = renewed.accounts.login("another").access_token
    assert renewed.accounts.authenticate(token).user_id == user_id
    renewed.close()
    emptied = ServiceState(path, catalog=catalog, users=[])
    with pytest.raises(NotLoggedIn):
        emptied.accounts.authenticate(token)
    emptied.close()
