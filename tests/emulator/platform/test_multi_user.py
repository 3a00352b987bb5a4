"""Isolation of users in every operation of the platform dialect.

The owner has jobs and a session. Another user calls each operation for them, in the same instance
and in another one, and gets the same reply as for unknown jobs and sessions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform._routes import ROUTES
from ibmq_backend.emulator.service_state import Settings
from tests.support.emulated_platform import GRANT, PlatformClient, sampler
from tests.support.emulator import OPEN_CLIENTS
from tests.support.engines import FakeEngine

TAG = "tag-of-ada"
COMMENT = "// comment of ada"
UNKNOWN_JOB = "d2abc0q4t1vs70a2b3cg"
UNKNOWN_SESSION = "00000000-0000-4000-8000-000000000000"
TRACE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass
class Owner:
    """The user who owns the data.

    Attributes:
        client: client of the owner.
        jobs: ids of the jobs by state.
        session: id of the session.
    """

    client: PlatformClient
    jobs: dict[str, str]
    session: str

    @property
    def user_id(self) -> str:
        """The user id in documents."""
        user_id: str = self.client.job(self.jobs["Completed"])["user_id"]
        return user_id

    def private_values(self) -> list[str]:
        """Return texts that no reply to another user may contain."""
        token = self.client.http.headers["Authorization"].removeprefix("Bearer ")
        return [*self.jobs.values(), self.session, TAG, COMMENT, self.user_id, token]

    def read_all(self) -> dict[str, Any]:
        """Return all replies about the owner's data."""
        seen: dict[str, Any] = {"jobs": self.client.json("jobs", exclude_params="false")}
        seen["session"] = self.client.json(f"sessions/{self.session}")
        seen["tags"] = self.client.json("tags", type="job", search=TAG)
        seen["workloads"] = self.client.json("workloads", user="me")
        for state, job_id in self.jobs.items():
            for part in ("", "/metrics", "/results", "/logs"):
                reply = self.client.get(f"jobs/{job_id}{part}")
                seen[state + part] = _without_trace(reply.text)
        return seen


@pytest.fixture(scope="module")
def shared(catalog: Catalog) -> Iterator[LocalService]:
    engine = FakeEngine()
    # The clock stands still, so that the data does not change on its own.
    settings = Settings(open_mode=True)
    with LocalService(
        settings=settings, catalog=catalog, engine=engine, clock=ManualClock()
    ) as running:
        running.engine = engine  # type: ignore[attr-defined]
        yield running
        engine.release()


@pytest.fixture(scope="module")
def owner(shared: LocalService) -> Iterator[Owner]:
    client = PlatformClient(shared)
    OPEN_CLIENTS.remove(client)  # type: ignore[arg-type]
    session = client.post("sessions", {"mode": "batch", "backend": "ibm_lagos"}).json()["id"]
    params = sampler(support_qiskit=False)
    params["pubs"][0][0] += COMMENT
    mine = {"tags": [TAG], "session_id": session}
    jobs = {"Completed": client.done(params, **mine)}
    shared.engine.hold()  # type: ignore[attr-defined]
    jobs["Running"] = client.submit(params, **mine)
    client.wait(jobs["Running"], "Running")
    jobs["Queued"] = client.submit(params, **mine)
    client.wait(jobs["Queued"], "Queued")
    yield Owner(client, jobs, session)
    client.close()


Row = Callable[[PlatformClient, Owner], None]


def _as_unknown(method: str, path: str, **options: Any) -> Row:
    """The reply for every job or session of the owner is that for an unknown one."""

    def check(other_user: PlatformClient, owner: Owner) -> None:
        owned = [owner.session] if "{session}" in path else owner.jobs.values()
        unknown = UNKNOWN_SESSION if "{session}" in path else UNKNOWN_JOB
        for one in owned:
            replies = [
                other_user.http.request(
                    method, "/v1/" + path.format(job=asked, session=asked), **options
                )
                for asked in (one, unknown)
            ]
            assert {reply.status_code for reply in replies} == {404}
            texts = [_without_trace(reply.text) for reply in replies]
            assert texts[0].replace(one, "it") == texts[1].replace(unknown, "it")

    return check


def _without_owner_data(path: str, **query: str) -> Row:
    """The request succeeds without data of the owner."""

    def check(other_user: PlatformClient, owner: Owner) -> None:
        reply = other_user.get(path.format(account=_account(other_user)), **query)
        assert reply.status_code == 200, reply.text
        _check_no_owner_data(owner, reply)

    return check


def _create_job(other_user: PlatformClient, owner: Owner) -> None:
    """New jobs are separate, and cannot use the session of the owner."""
    job_id = other_user.submit(tags=[TAG])
    assert [job["id"] for job in other_user.json("jobs")["jobs"]] == [job_id]
    replies = [other_user.create(session_id=one) for one in (owner.session, UNKNOWN_SESSION)]
    texts = [_without_trace(reply.text) for reply in replies]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert texts[0].replace(owner.session, "it") == texts[1].replace(UNKNOWN_SESSION, "it")


def _list_jobs(other_user: PlatformClient, owner: Owner) -> None:
    for query in ({}, {"tags": TAG}, {"session_id": owner.session}, {"pending": "true"}):
        page = other_user.json("jobs", exclude_params="false", **query)
        assert (page["jobs"], page["count"]) == ([], 0)


def _list_tags(other_user: PlatformClient, owner: Owner) -> None:
    assert other_user.json("tags", type="job", search=TAG[:3]) == {"tags": []}


def _list_workloads(other_user: PlatformClient, owner: Owner) -> None:
    """The user's list is empty; the list of the instance is visible in the instance only."""
    for query in ({}, {"search": TAG}, {"tags": TAG}):
        mine = other_user.json("workloads", user="me", **query)
        assert (mine["workloads"], mine["total_count"]) == ([], 0)
    other = next(
        one.crn
        for one in other_user.service.dialects.platform.state.instances.visible(
            _account_of(other_user)
        )
        if one.crn != other_user.service.crn and one.region == "us-east"
    )
    other_user.http.headers["Service-CRN"] = other
    assert other_user.json("workloads")["workloads"] == []


def _create_session(other_user: PlatformClient, owner: Owner) -> None:
    made = other_user.post("sessions", {"mode": "batch", "backend": "ibm_lagos"})
    assert made.json()["id"] != owner.session
    _check_no_owner_data(owner, made)


def _exchange(other_user: PlatformClient, owner: Owner) -> None:
    _check_no_owner_data(owner, other_user.exchange(grant_type=GRANT, apikey="third user"))


def _search_instances(other_user: PlatformClient, owner: Owner) -> None:
    address = f"{other_user.service.url}/v3/resources/search"
    reply = other_user.http.post(address, json={"query": "service_name:quantum-computing"})
    assert reply.json()["items"]
    _check_no_owner_data(owner, reply)


def _catalog_entry(other_user: PlatformClient, owner: Owner) -> None:
    plan = other_user.json("instance")["plan_id"]
    reply = other_user.http.get(f"{other_user.service.url}/api/v1/{plan}")
    assert reply.status_code == 200
    _check_no_owner_data(owner, reply)


BACKEND = "backends/ibm_lagos"
ROWS: dict[str, Row] = {
    "getVersions": _without_owner_data("versions"),
    "listBackends": _without_owner_data("backends"),
    "getBackendConfiguration": _without_owner_data(f"{BACKEND}/configuration"),
    "getBackendProperties": _without_owner_data(f"{BACKEND}/properties"),
    "getBackendStatus": _without_owner_data(f"{BACKEND}/status"),
    "getBackendDefaults": _without_owner_data(f"{BACKEND}/defaults"),
    "createJob": _create_job,
    "listJobs": _list_jobs,
    "getJob": _as_unknown("GET", "jobs/{job}"),
    "deleteJob": _as_unknown("DELETE", "jobs/{job}"),
    "getJobResults": _as_unknown("GET", "jobs/{job}/results"),
    "getInterimResults": _as_unknown(
        "GET", "jobs/{job}/interim_results", headers={"IBM-API-Version": "2025-05-01"}
    ),
    "getTranspiledCircuits": _as_unknown(
        "GET", "jobs/{job}/transpiled_circuits", headers={"IBM-API-Version": "2025-05-01"}
    ),
    "getJobLogs": _as_unknown("GET", "jobs/{job}/logs"),
    "getJobMetrics": _as_unknown("GET", "jobs/{job}/metrics"),
    "cancelJob": _as_unknown("POST", "jobs/{job}/cancel"),
    "replaceJobTags": _as_unknown("PUT", "jobs/{job}/tags", json={"tags": ["stolen"]}),
    "listTags": _list_tags,
    "createSession": _create_session,
    "getSession": _as_unknown("GET", "sessions/{session}"),
    "updateSession": _as_unknown("PATCH", "sessions/{session}", json={"accepting_jobs": False}),
    "closeSession": _as_unknown("DELETE", "sessions/{session}/close"),
    "getInstance": _without_owner_data("instance"),
    "getInstanceConfiguration": _without_owner_data("instances/configuration"),
    "getUsage": _without_owner_data("instances/usage"),
    "getAccountConfiguration": _without_owner_data("accounts/{account}"),
    "listWorkloads": _list_workloads,
    "exchangeToken": _exchange,
    "searchInstances": _search_instances,
    "getCatalogEntry": _catalog_entry,
}


def test_every_operation_has_a_row() -> None:
    assert set(ROWS) == {route.operation_id for route in ROUTES}


@pytest.mark.parametrize("operation_id", sorted(ROWS))
def test_another_user(shared: LocalService, owner: Owner, operation_id: str) -> None:
    other_user = PlatformClient(shared, f"key of another user for {operation_id}")
    assert other_user.http.headers["Service-CRN"] == owner.client.http.headers["Service-CRN"]
    before = owner.read_all()
    ROWS[operation_id](other_user, owner)
    assert owner.read_all() == before


def test_data_is_unknown_in_another_instance(shared: LocalService, owner: Owner) -> None:
    """Also to the owner."""
    other = next(
        one.crn
        for one in shared.dialects.platform.state.instances.visible(_account_of(owner.client))
        if one.crn != shared.crn and one.region == "us-east"
    )
    elsewhere = PlatformClient(shared, owner.client.api_key, crn=other)
    assert elsewhere.json("jobs")["count"] == 0
    for job_id in owner.jobs.values():
        assert elsewhere.get(f"jobs/{job_id}").status_code == 404
    assert elsewhere.get(f"sessions/{owner.session}").status_code == 404
    assert elsewhere.json("workloads")["workloads"] == []


def _account(client: PlatformClient) -> str:
    crn = client.http.headers["Service-CRN"]
    return crn.partition(":a/")[2].partition(":")[0]


def _account_of(client: PlatformClient) -> Any:
    header = client.http.headers["Authorization"]
    return client.service.dialects.platform.state.tokens.authenticate(header)


def _without_trace(text: str) -> str:
    """Return a reply without its request id."""
    if not text.startswith('{"errors"'):
        return text
    body = json.loads(text)
    assert TRACE.fullmatch(body.pop("trace"))
    return json.dumps(body)


def _check_no_owner_data(owner: Owner, reply: httpx.Response) -> None:
    replies = reply.text + str(reply.headers)
    assert [mark for mark in owner.private_values() if mark in replies] == []
