"""Nobody sees or touches what belongs to others: every operation of today's dialect in turn.

Ada has jobs and a session; a stranger with a key of his own tries each operation on them, in the
same instance and in another one. What is Ada's must be to him as what does not exist.
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
class Ada:
    """The one whose things these are.

    Attributes:
        client: She, logged in.
        jobs: Her jobs by state.
        session: Her session.
    """

    client: PlatformClient
    jobs: dict[str, str]
    session: str

    @property
    def user_id(self) -> str:
        """Her id as documents tell it."""
        user_id: str = self.client.job(self.jobs["Completed"])["user_id"]
        return user_id

    def marks(self) -> list[str]:
        """What no reply to anybody else may hold."""
        token = self.client.http.headers["Authorization"].removeprefix("Bearer ")
        return [*self.jobs.values(), self.session, TAG, COMMENT, self.user_id, token]

    def everything(self) -> dict[str, Any]:
        """All that she sees of her things."""
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
    # The clock stands still, so that nothing of hers changes by itself.
    settings = Settings(open_mode=True)
    with LocalService(
        settings=settings, catalog=catalog, engine=engine, clock=ManualClock()
    ) as running:
        running.engine = engine  # type: ignore[attr-defined]
        yield running
        engine.release()


@pytest.fixture(scope="module")
def ada(shared: LocalService) -> Iterator[Ada]:
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
    yield Ada(client, jobs, session)
    client.close()


Row = Callable[[PlatformClient, Ada], None]


def _as_unknown(method: str, path: str, **options: Any) -> Row:
    """Every job or session of hers is answered as one that does not exist."""

    def check(stranger: PlatformClient, ada: Ada) -> None:
        hers = [ada.session] if "{session}" in path else ada.jobs.values()
        nobodys = UNKNOWN_SESSION if "{session}" in path else UNKNOWN_JOB
        for one in hers:
            told = [
                stranger.http.request(
                    method, "/v1/" + path.format(job=asked, session=asked), **options
                )
                for asked in (one, nobodys)
            ]
            assert {reply.status_code for reply in told} == {404}
            texts = [_without_trace(reply.text) for reply in told]
            assert texts[0].replace(one, "it") == texts[1].replace(nobodys, "it")

    return check


def _without_her(path: str, **query: str) -> Row:
    """The reply is a success and holds nothing of hers."""

    def check(stranger: PlatformClient, ada: Ada) -> None:
        reply = stranger.get(path.format(account=_account(stranger)), **query)
        assert reply.status_code == 200, reply.text
        _nothing_of(ada, reply)

    return check


def _create_job(stranger: PlatformClient, ada: Ada) -> None:
    """His job is his, and her session does not take it."""
    job_id = stranger.submit(tags=[TAG])
    assert [job["id"] for job in stranger.json("jobs")["jobs"]] == [job_id]
    told = [stranger.create(session_id=one) for one in (ada.session, UNKNOWN_SESSION)]
    texts = [_without_trace(reply.text) for reply in told]
    assert [reply.status_code for reply in told] == [404, 404]
    assert texts[0].replace(ada.session, "it") == texts[1].replace(UNKNOWN_SESSION, "it")


def _list_jobs(stranger: PlatformClient, ada: Ada) -> None:
    for query in ({}, {"tags": TAG}, {"session_id": ada.session}, {"pending": "true"}):
        page = stranger.json("jobs", exclude_params="false", **query)
        assert (page["jobs"], page["count"]) == ([], 0)


def _list_tags(stranger: PlatformClient, ada: Ada) -> None:
    assert stranger.json("tags", type="job", search=TAG[:3]) == {"tags": []}


def _list_workloads(stranger: PlatformClient, ada: Ada) -> None:
    """His own are none; those of the whole instance are told within the instance only."""
    for query in ({}, {"search": TAG}, {"tags": TAG}):
        mine = stranger.json("workloads", user="me", **query)
        assert (mine["workloads"], mine["total_count"]) == ([], 0)
    other = next(
        one.crn
        for one in stranger.service.dialects.platform.state.instances.visible(_account_of(stranger))
        if one.crn != stranger.service.crn and one.region == "us-east"
    )
    stranger.http.headers["Service-CRN"] = other
    assert stranger.json("workloads")["workloads"] == []


def _create_session(stranger: PlatformClient, ada: Ada) -> None:
    made = stranger.post("sessions", {"mode": "batch", "backend": "ibm_lagos"})
    assert made.json()["id"] != ada.session
    _nothing_of(ada, made)


def _exchange(stranger: PlatformClient, ada: Ada) -> None:
    _nothing_of(ada, stranger.exchange(grant_type=GRANT, apikey="another stranger"))


def _search_instances(stranger: PlatformClient, ada: Ada) -> None:
    address = f"{stranger.service.url}/v3/resources/search"
    reply = stranger.http.post(address, json={"query": "service_name:quantum-computing"})
    assert reply.json()["items"]
    _nothing_of(ada, reply)


def _catalog_entry(stranger: PlatformClient, ada: Ada) -> None:
    plan = stranger.json("instance")["plan_id"]
    reply = stranger.http.get(f"{stranger.service.url}/api/v1/{plan}")
    assert reply.status_code == 200
    _nothing_of(ada, reply)


BACKEND = "backends/ibm_lagos"
ROWS: dict[str, Row] = {
    "getVersions": _without_her("versions"),
    "listBackends": _without_her("backends"),
    "getBackendConfiguration": _without_her(f"{BACKEND}/configuration"),
    "getBackendProperties": _without_her(f"{BACKEND}/properties"),
    "getBackendStatus": _without_her(f"{BACKEND}/status"),
    "getBackendDefaults": _without_her(f"{BACKEND}/defaults"),
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
    "getInstance": _without_her("instance"),
    "getInstanceConfiguration": _without_her("instances/configuration"),
    "getUsage": _without_her("instances/usage"),
    "getAccountConfiguration": _without_her("accounts/{account}"),
    "listWorkloads": _list_workloads,
    "exchangeToken": _exchange,
    "searchInstances": _search_instances,
    "getCatalogEntry": _catalog_entry,
}


def test_every_operation_has_a_row() -> None:
    assert set(ROWS) == {route.operation_id for route in ROUTES}


@pytest.mark.parametrize("operation_id", sorted(ROWS))
def test_a_stranger(shared: LocalService, ada: Ada, operation_id: str) -> None:
    stranger = PlatformClient(shared, f"key of a stranger to {operation_id}")
    assert stranger.http.headers["Service-CRN"] == ada.client.http.headers["Service-CRN"]
    before = ada.everything()
    ROWS[operation_id](stranger, ada)
    assert ada.everything() == before


def test_her_things_are_unknown_in_another_instance(shared: LocalService, ada: Ada) -> None:
    """To herself too."""
    other = next(
        one.crn
        for one in shared.dialects.platform.state.instances.visible(_account_of(ada.client))
        if one.crn != shared.crn and one.region == "us-east"
    )
    elsewhere = PlatformClient(shared, ada.client.api_key, crn=other)
    assert elsewhere.json("jobs")["count"] == 0
    for job_id in ada.jobs.values():
        assert elsewhere.get(f"jobs/{job_id}").status_code == 404
    assert elsewhere.get(f"sessions/{ada.session}").status_code == 404
    assert elsewhere.json("workloads")["workloads"] == []


def _account(client: PlatformClient) -> str:
    crn = client.http.headers["Service-CRN"]
    return crn.partition(":a/")[2].partition(":")[0]


def _account_of(client: PlatformClient) -> Any:
    header = client.http.headers["Authorization"]
    return client.service.dialects.platform.state.tokens.authenticate(header)


def _without_trace(text: str) -> str:
    """A reply without the id of the request, where it has one."""
    if not text.startswith('{"errors"'):
        return text
    body = json.loads(text)
    assert TRACE.fullmatch(body.pop("trace"))
    return json.dumps(body)


def _nothing_of(ada: Ada, reply: httpx.Response) -> None:
    told = reply.text + str(reply.headers)
    assert [mark for mark in ada.marks() if mark in told] == []
