"""The common list of jobs and sessions."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.engine.engine import JobRefused
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, refused
from tests.support.engines import FakeEngine


@pytest.fixture
def client(make_service: ServiceMaker, clock: ManualClock) -> PlatformClient:
    return PlatformClient(make_service(Settings(open_mode=True), clock=clock))


@pytest.fixture
def made(client: PlatformClient, clock: ManualClock, engine: FakeEngine) -> dict[str, str]:
    """Five entries at intervals of a minute."""
    found = {"a": client.done(tags=["week 1"])}
    clock.advance(60)
    reply = client.post("sessions", {"mode": "batch", "backend": "ibm_oslo"})
    found["b"] = reply.json()["id"]
    clock.advance(60)
    engine.failure = JobRefused("not good", 1517)
    found["c"] = client.submit(tags=["week 2"])
    client.wait(found["c"])
    engine.failure = None
    clock.advance(60)
    engine.hold()
    found["d"] = client.submit(tags=["week 1", "week 2"])
    client.wait(found["d"], "Running")
    clock.advance(60)
    found["e"] = client.submit()
    client.cancel(found["e"])
    return found


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, "abcde"),
        ({"sort": "-createdAt"}, "edcba"),
        ({"mode": "job"}, "acde"),
        ({"mode": "batch"}, "b"),
        ({"mode": "session"}, ""),
        ({"status": "completed"}, "a"),
        ({"status": ["failed", "canceled"]}, "ce"),
        ({"status": "in_progress"}, "d"),
        ({"status": "pending"}, "b"),
        ({"backend": "ibm_oslo"}, "b"),
        ({"search": "EEK 2"}, "cd"),
        ({"tags": ["week 1", "week 2"]}, "d"),
        ({"created_after": "2021-05-04T12:02:00Z"}, "cde"),
        ({"created_before": "2021-05-04T12:00:59Z"}, "a"),
        ({"user": "me", "limit": 2}, "ab"),
    ],
)
def test_filters(
    client: PlatformClient, made: dict[str, str], query: dict[str, Any], wanted: str
) -> None:
    letters = {one: letter for letter, one in made.items()}
    found = client.json("workloads", **query)["workloads"]
    assert "".join(letters[one["id"]] for one in found) == wanted


def test_search_by_id(client: PlatformClient, made: dict[str, str]) -> None:
    found = client.json("workloads", search=made["c"])
    assert [one["id"] for one in found["workloads"]] == [made["c"]]
    assert found["workloads"][0]["status_reason"] == "not good"


@pytest.mark.parametrize("sort", ["createdAt", "-createdAt"])
def test_pages_forward_and_back(client: PlatformClient, made: dict[str, str], sort: str) -> None:
    whole = [one["id"] for one in client.json("workloads", sort=sort)["workloads"]]
    page = client.json("workloads", sort=sort, limit=2)
    assert page["total_count"] == 5
    assert "previous" not in page
    pages = [page]
    while "next" in page:
        page = client.json("workloads", sort=sort, limit=2, next=cursor(page, "next"))
        pages.append(page)
    assert [one["id"] for page in pages for one in page["workloads"]] == whole
    back = client.json("workloads", sort=sort, limit=2, previous=cursor(pages[2], "previous"))
    assert back["workloads"] == pages[1]["workloads"]
    first = client.json("workloads", sort=sort, limit=2, previous=cursor(back, "previous"))
    assert first["workloads"] == pages[0]["workloads"]
    link = urlsplit(pages[0]["next"]["href"])
    assert link.path == "/api/v1/workloads"
    assert parse_qs(link.query)["sort"] == [sort]


def test_a_session_sums_up_its_jobs(client: PlatformClient) -> None:
    session_id = client.post("sessions", {"mode": "dedicated"}).json()["id"]
    job_id = client.done(session_id=session_id)
    (session,) = client.json("workloads", mode="session")["workloads"]
    assert session["id"] == session_id
    assert (
        session["usage"]["qpu_charge_time_seconds"]
        == (client.job(job_id)["usage"]["qpu_charge_time_seconds"])
    )


def test_jobs_of_others_are_listed_without_user_only(client: PlatformClient) -> None:
    other = PlatformClient(client.service, "another key")
    job_id = other.done()
    assert [one["id"] for one in client.json("workloads")["workloads"]] == [job_id]
    assert client.json("workloads", user="me")["workloads"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "name"},
        {"user": "you"},
        {"status": "done"},
        {"mode": "other"},
        {"next": "???"},
        {"previous": "bm90IGEgdGltZQ=="},
    ],
)
def test_invalid_queries(client: PlatformClient, query: dict[str, str]) -> None:
    client.done()
    assert refused(client.get("workloads", **query)) == (400, 1208)


def cursor(page: dict[str, Any], name: str) -> str:
    (found,) = parse_qs(urlsplit(page[name]["href"]).query)[name]
    return found
