"""The list of jobs: filters, pages, order."""

from __future__ import annotations

from typing import Any

import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, refused
from tests.support.engines import FakeEngine


@pytest.fixture
def client(make_service: ServiceMaker, clock: ManualClock) -> PlatformClient:
    return PlatformClient(make_service(clock=clock))


@pytest.fixture
def listed(client: PlatformClient, clock: ManualClock, engine: FakeEngine) -> dict[str, str]:
    """Five jobs at intervals of a minute; the last one is waiting."""
    made = {
        "a": client.done(tags=["x"]),
        "b": client.done(backend="ibm_oslo", tags=["x", "y"]),
        "c": client.submit({}, program_id="executor"),
    }
    client.wait(made["c"])
    clock.advance(60)
    made["d"] = client.done(tags=["y"])
    clock.advance(60)
    engine.hold()
    made["e"] = client.submit(tags=["x", "y", "z"])
    client.wait(made["e"], "Running")
    return made


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, "edcba"),
        ({"sort": "ASC"}, "abcde"),
        ({"sort": "desc"}, "edcba"),
        ({"limit": 2}, "ed"),
        ({"limit": 2, "offset": 3}, "ba"),
        ({"offset": 5}, ""),
        ({"limit": 0}, "edcba"),
        ({"limit": 201}, "edcba"),
        ({"pending": "true"}, "e"),
        ({"pending": "False"}, "dcba"),
        ({"program": "sampler"}, "edba"),
        ({"program": "executor"}, "c"),
        ({"backend": "ibm_oslo"}, "b"),
        ({"tags": "x"}, "eba"),
        ({"tags": ["x", "y"]}, "eb"),
        ({"tags": ["x", "nothing"]}, ""),
        ({"tags": ["x"], "limit": 1, "offset": 1}, "b"),
        ({"tags[]": "x"}, "edcba"),
        ({"created_after": "2021-05-04T12:01:00Z"}, "ed"),
        ({"created_before": "2021-05-04T12:01:00.000Z"}, "dcba"),
        ({"created_after": "2021-05-04T14:00:30+02:00", "created_before": "2021-05-04T12:01:30Z"},
         "d"),
        ({"session_id": "none"}, ""),
        ({"include_mocks": "True"}, "edcba"),
    ],
)  # fmt: skip
def test_filters(
    client: PlatformClient, listed: dict[str, str], query: dict[str, Any], wanted: str
) -> None:
    page = client.json("jobs", **query)
    letters = {job_id: letter for letter, job_id in listed.items()}
    assert "".join(letters[one["id"]] for one in page["jobs"]) == wanted


def test_page_fields(client: PlatformClient, listed: dict[str, str]) -> None:
    page = client.json("jobs", limit=2, offset=1)
    assert (page["count"], page["limit"], page["offset"]) == (5, 2, 1)
    page = client.json("jobs", tags="x", limit=1)
    assert (page["count"], len(page["jobs"])) == (3, 1)
    assert client.json("jobs", limit=9999)["limit"] == 200


def test_inputs_on_request(client: PlatformClient, listed: dict[str, str]) -> None:
    assert not any("params" in one for one in client.json("jobs")["jobs"])
    assert all("params" in one for one in client.json("jobs", exclude_params="false")["jobs"])


@pytest.mark.parametrize(
    "query",
    [
        {"pending": "maybe"},
        {"sort": "UP"},
        {"limit": "many"},
        {"created_after": "yesterday"},
    ],
)
def test_invalid_parameters(client: PlatformClient, query: dict[str, str]) -> None:
    assert refused(client.get("jobs", **query)) == (400, 1208)


def test_pages_contain_every_job_once(client: PlatformClient) -> None:
    made = [client.submit() for _ in range(7)]
    seen: list[str] = []
    while len(seen) < client.json("jobs")["count"]:
        page = client.json("jobs", limit=3, offset=len(seen))["jobs"]
        seen += [one["id"] for one in page]
    assert seen == made[::-1]
