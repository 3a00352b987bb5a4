"""Lists of jobs over HTTP: filters, order, pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import Client, bell, error_of, login
from tests.support.engines import FakeEngine

KEYS = {
    "id", "kind", "status", "creationDate", "backend", "userId", "hubInfo", "tags",
    "liveDataEnabled", "allowObjectStorage", "deleted", "name", "runMode", "endDate",
}  # fmt: skip


def names(client: Client, where: Any = None, **rest: Any) -> list[str]:
    return [job["name"] for job in client.statuses(where, **rest)]


@pytest.fixture
def listed(make_service: ServiceMaker, engine: FakeEngine) -> Client:
    """Five jobs: two completed, one failed, one running, one without data."""
    client = login(make_service())
    client.wait(client.submit(name="one", tags=["a"]))
    client.wait(client.submit(bell(shots=500), "ibmq_rome", name="two", tags=["a", "b"]))
    client.wait(client.submit(bell(shots=10**9), name="three"))
    engine.hold()
    running = client.submit(name="four", experimentTag="e")
    client.wait(running, "RUNNING")
    client.create(name="five", tags=["b"])
    return client


def test_documents_of_the_list(listed: Client) -> None:
    newest, *_, oldest = listed.statuses()
    assert (newest["name"], oldest["name"]) == ("five", "one")
    assert set(oldest) == KEYS
    assert "timePerStep" not in newest
    assert oldest["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"backend.name": "ibmq_rome"}, ["two"]),
        ({"status": "COMPLETED"}, ["two", "one"]),
        ({"status": {"inq": ["CREATING", "CREATED"]}}, ["five"]),
        ({"status": {"regexp": "^ERROR"}}, ["three"]),
        ({"status": {"nin": ["COMPLETED", "CANCELLED", "ERROR_VALIDATING_JOB"]}}, ["five", "four"]),
        ({"or": [{"status": "RUNNING"}, {"status": "COMPLETED"}]}, ["four", "two", "one"]),
        ({"name": {"regexp": "^t"}}, ["three", "two"]),
        ({"tags": {"inq": ["a", "b"]}}, ["five", "two", "one"]),
        ({"and": [{"tags": "a"}, {"tags": "b"}]}, ["two"]),
        ({"experimentTag": "e"}, ["four"]),
        ({"hubInfo.hub.name": "ibm-q", "shots": 500}, ["two"]),
        ({"summaryData.summary.qobj_config.n_qubits": 5}, ["four", "two", "one"]),
        ({"timePerStep.RUNNING": {"gt": "2000-01-01"}}, ["four", "two", "one"]),
        ({"shots": {"neq": 500}}, ["five", "four", "three", "one"]),
    ],
)
def test_conditions(listed: Client, where: Any, found: list[str]) -> None:
    assert names(listed, where) == found


def test_order_limit_and_skip(listed: Client) -> None:
    assert names(listed, order="creationDate ASC") == ["one", "two", "three", "four", "five"]
    assert names(listed, order="creationDate DESC", limit=2) == ["five", "four"]
    assert names(listed, order="creationDate DESC", limit=2, skip=1) == ["four", "three"]
    assert names(listed, order="creationDate ASC", limit=9, skip=4) == ["five"]
    assert names(listed, order="name ASC", limit=3, skip=1) == ["four", "one", "three"]
    assert names(listed, order=["status ASC", "name DESC"])[:2] == ["two", "one"]
    assert names(listed, {"status": "COMPLETED"}, order="creationDate ASC", limit=1) == ["one"]
    nin = {"status": {"nin": ["COMPLETED", "ERROR_VALIDATING_JOB"]}}
    assert names(listed, nin, order="creationDate ASC", limit=1) == ["four"]


def test_creation_date_bounds(listed: Client) -> None:
    dates = {job["name"]: job["creationDate"] for job in listed.statuses()}
    assert names(listed, {"creationDate": {"gte": dates["four"]}}) == ["five", "four"]
    assert names(listed, {"creationDate": {"gt": dates["four"]}}) == ["five"]
    assert names(listed, {"creationDate": {"lte": dates["two"]}}) == ["two", "one"]
    between = {"creationDate": {"between": [dates["two"], dates["four"]]}}
    assert names(listed, between) == ["four", "three", "two"]
    spelt = dates["two"].replace("Z", "000+00:00")
    assert names(listed, {"creationDate": spelt}) == ["two"]


def test_selected_fields(listed: Client) -> None:
    wanted = {"fields": {"id": True, "liveDataEnabled": True, "creationDate": True}, "limit": 2}
    found = listed.json("P/Jobs/v/1", filter=json.dumps(wanted))
    assert [set(job) for job in found] == [{"id", "liveDataEnabled", "creationDate"}] * 2
    full = listed.json("P/Jobs/v/1")
    assert {"timePerStep", "summaryData"} <= set(full[-1])


@pytest.mark.parametrize("path", ["P/Jobs/v/1", "P/Jobs/status/v/1"])
@pytest.mark.parametrize("text", ["{", "[]", '{"where": {"x": {"nearby": 1}}}', '{"limit": -1}'])
def test_invalid_filters(client: Client, path: str, text: str) -> None:
    assert error_of(client.get(path, filter=text)) == (400, 2400)


def all_pages(client: Client, limit: int, *, ascending: bool, where: Any = None) -> list[str]:
    """Read all pages as the original client does and return the ids in order."""
    order = f"creationDate {'ASC' if ascending else 'DESC'}"
    bound = "gte" if ascending else "lte"
    found: list[dict[str, Any]] = []
    condition = where
    while len(found) < limit:
        asked: dict[str, Any] = {"order": order, "limit": limit - len(found), "skip": 0}
        if condition:
            asked["where"] = condition
        page = client.json("P/Jobs/status/v/1", filter=json.dumps(asked))
        if not page:
            break
        found += page
        last = page[-1]
        more = [{"creationDate": {bound: last["creationDate"]}}, {"id": {"nin": [last["id"]]}}]
        condition = {"and": [where, *more] if where else more}
    return [job["id"] for job in found]


def test_pages_contain_every_job_once(make_service: ServiceMaker, clock: ManualClock) -> None:
    """With 350 jobs of the same instant and pages of 30."""
    service = make_service(Settings(page_cap=30), clock=clock)
    client = login(service)
    request = JobRequest(
        client.user_id,
        "classic",
        Instance("ibm-q", "open", "main"),
        "ibmq_vigo",
        "1.0.0",
        tags=("all",),
    )
    made = [service.service_state.jobs.create(request, limit=-1).id for _ in range(350)]
    assert len(client.statuses(limit=1000)) == 30
    assert len(client.statuses(limit=0)) == 30
    assert all_pages(client, 1000, ascending=True) == made
    assert all_pages(client, 1000, ascending=False) == made[::-1]
    assert all_pages(client, 77, ascending=False, where={"tags": "all"}) == made[:-78:-1]
