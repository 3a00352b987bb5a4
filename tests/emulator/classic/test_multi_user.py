"""Isolation of users in every operation of the classic dialect.

The owner has jobs in every state. Another user of the same project calls each operation for them
and gets the same reply as for unknown jobs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.classic._routes import ROUTES
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DEVICE_JOB_LIMIT, Settings
from tests.support.emulator import OPEN_CLIENTS, Client, P, bell
from tests.support.engines import FakeEngine

NAME, TAG = "name of ada", "tag of ada"
UNKNOWN = "0123456789abcdef01234567"
DEVICE = "ibmq_vigo"


@dataclass
class Owner:
    """The user who owns the data.

    Attributes:
        client: client of the owner.
        jobs: ids of the jobs by status.
        addresses: presigned URLs of the jobs.
    """

    client: Client
    jobs: dict[str, str]
    addresses: list[str]

    def private_values(self) -> list[str]:
        """Return texts that no reply to another user may contain."""
        secrets = [address.partition("signature=")[2][:64] for address in self.addresses]
        own = [self.client.user_id, self.client.token, NAME, TAG]
        return [*self.jobs.values(), *secrets, *own]

    def read_all(self) -> dict[str, Any]:
        """Return all replies about the owner's data."""
        seen: dict[str, Any] = {"list": self.client.json("P/Jobs/v/1")}
        seen["limit"] = self.client.json(f"P/devices/{DEVICE}/jobsLimit")
        seen["bookings"] = self.client.json("/Network/bookings/v2")
        for status, job_id in self.jobs.items():
            seen[status] = self.client.job(job_id)
            seen[f"{status} data"] = self.client.get(f"P/Jobs/{job_id}/jobDownloadUrl").is_success
        for address in self.addresses:
            seen[address] = self.client.plain.get(address).text
        return seen


@pytest.fixture(scope="module")
def service(catalog: Catalog) -> Iterator[LocalService]:
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
def owner(service: LocalService) -> Iterator[Owner]:
    client = Client(service.url, service.api_token)
    OPEN_CLIENTS.remove(client)
    job_fields = {"name": NAME, "tags": [TAG], "experimentTag": TAG}
    jobs = {"COMPLETED": client.submit(**job_fields)}
    client.wait(jobs["COMPLETED"])
    service.engine.hold()  # type: ignore[attr-defined]
    jobs["RUNNING"] = client.submit(**job_fields)
    client.wait(jobs["RUNNING"], "RUNNING")
    jobs["QUEUED"] = client.submit(**job_fields)
    client.wait(jobs["QUEUED"], "QUEUED")
    creating = client.create(**job_fields)
    client.upload(creating, bell())
    jobs["CREATING"] = creating["id"]
    while client.json(f"P/devices/{DEVICE}/jobsLimit")["runningJobs"] < DEVICE_JOB_LIMIT:
        client.create(**job_fields)
    now, project = service.service_state.clock.now(), Instance("ibm-q", "open", "main")
    slot = (now + timedelta(days=1), now + timedelta(days=2))
    service.service_state.reservations.add(client.user_id, project, "ibmq_rome", *slot)
    done = jobs["COMPLETED"]
    addresses = [
        client.json(f"P/Jobs/{done}/{kind}DownloadUrl")["url"] for kind in ("job", "result")
    ]
    yield Owner(client, jobs, addresses)
    client.close()


Row = Callable[[Client, Owner], None]


def _as_unknown(method: str, path: str, **options: Any) -> Row:
    """The reply for every job of the owner is that for an unknown job."""

    def check(other_user: Client, owner: Owner) -> None:
        for job_id in owner.jobs.values():
            owned = _send(other_user, method, path.format(job_id=job_id), **options)
            unknown = _send(other_user, method, path.format(job_id=UNKNOWN), **options)
            assert (owned.status_code, owned.json()) == (404, unknown.json())

    return check


def _without_owner_data(method: str, path: str, **options: Any) -> Row:
    """The request succeeds without data of the owner."""

    def check(other_user: Client, owner: Owner) -> None:
        reply = _send(other_user, method, path, **options)
        assert reply.status_code == 200, reply.text
        _check_no_owner_data(owner, reply)

    return check


def _empty(path: str) -> Row:
    """The list is empty with every filter for data of the owner."""

    def check(other_user: Client, owner: Owner) -> None:
        wheres: list[dict[str, Any]] = [
            {},
            {"tags": TAG},
            {"name": {"like": "%ada%"}},
            {"id": {"inq": list(owner.jobs.values())}},
            {"userId": owner.client.user_id},
            {"or": [{"hubInfo.hub.name": "ibm-q"}, {"id": owner.jobs["RUNNING"]}]},
        ]
        for where in wheres:
            assert other_user.json(path, filter=json.dumps({"where": where})) == []

    return check


def _create_job(other_user: Client, owner: Owner) -> None:
    """Job limits and new jobs are separate."""
    created = other_user.create(DEVICE, tags=[TAG], name=NAME)
    assert created["userId"] == other_user.user_id
    assert created["id"] not in owner.private_values()
    assert [job["id"] for job in other_user.json("P/Jobs/v/1")] == [created["id"]]


def _jobs_limit(other_user: Client, owner: Owner) -> None:
    limit = {"maximumJobs": DEVICE_JOB_LIMIT, "runningJobs": 0}
    assert other_user.json(f"P/devices/{DEVICE}/jobsLimit") == limit


def _current_user(other_user: Client, owner: Owner) -> None:
    reply = other_user.get("/users/me")
    assert reply.json()["id"] == other_user.user_id
    _check_no_owner_data(owner, reply)


def _login(other_user: Client, owner: Owner) -> None:
    reply = other_user.http.post("/users/loginWithToken", json={"apiToken": "third user"})
    assert reply.json()["userId"] not in (other_user.user_id, owner.client.user_id)
    _check_no_owner_data(owner, reply)


def _foreign_url(method: str) -> Row:
    """A presigned URL is not valid for other object names."""

    def check(other_user: Client, owner: Owner) -> None:
        own = other_user.create(DEVICE)
        assert other_user.upload(own, bell()).status_code == 200
        address = own["objectStorageInfo"]["uploadUrl"]
        if method == "GET":
            address = other_user.json(f"P/Jobs/{own['id']}/jobDownloadUrl")["url"]
        replies = []
        for job_id in (UNKNOWN, *owner.jobs.values()):
            for kind in ("qObject", "result"):
                foreign = address.replace(f"qObject-{own['id']}", f"{kind}-{job_id}")
                reply = other_user.plain.request(method, foreign, content=b"{}")
                replies.append((reply.status_code, reply.text))
                _check_no_owner_data(owner, reply)
        assert set(replies) == {replies[0]}
        assert replies[0][0] == 403

    return check


def _bookings(other_user: Client, owner: Owner) -> None:
    """Other users see when a device is booked but not by whom."""
    slots = other_user.json("/Network/devices/ibmq_rome/bookings/v2")
    assert [sorted(slot) for slot in slots] == [["backendName", "endDate", "initialDate"]]


def _my_bookings(other_user: Client, owner: Owner) -> None:
    assert len(owner.client.json("/Network/bookings/v2")) == 1
    assert other_user.json("/Network/bookings/v2") == []


JOB = "P/Jobs/{job_id}"
ROWS: dict[str, Row] = {
    "getVersion": _without_owner_data("GET", "/version"),
    "loginWithToken": _login,
    "getCurrentUser": _current_user,
    "listHubs": _without_owner_data("GET", "/Network"),
    "listBackends": _without_owner_data("GET", "P/devices/v/1"),
    "getBackendStatus": _without_owner_data("GET", f"P/devices/{DEVICE}/queue/status"),
    "getBackendProperties": _without_owner_data("GET", f"P/devices/{DEVICE}/properties"),
    "getBackendDefaults": _without_owner_data("GET", f"P/devices/{DEVICE}/defaults"),
    "getJobsLimit": _jobs_limit,
    "listBackendBookings": _bookings,
    "listMyBookings": _my_bookings,
    "createJob": _create_job,
    "markJobDataUploaded": _as_unknown("POST", f"{JOB}/jobDataUploaded"),
    "getJob": _as_unknown("GET", f"{JOB}/v/1"),
    "getJobStatus": _as_unknown("GET", f"{JOB}/status/v/1"),
    "listJobStatuses": _empty("P/Jobs/status/v/1"),
    "listJobs": _empty("P/Jobs/v/1"),
    "getJobDownloadUrl": _as_unknown("GET", f"{JOB}/jobDownloadUrl"),
    "getJobUploadUrl": _as_unknown("GET", f"{JOB}/jobUploadUrl"),
    "getResultDownloadUrl": _as_unknown("GET", f"{JOB}/resultDownloadUrl"),
    "markResultDownloaded": _as_unknown("POST", f"{JOB}/resultDownloaded"),
    "cancelJob": _as_unknown("POST", f"{JOB}/cancel"),
    "updateJob": _as_unknown("PUT", JOB, json={"name": "stolen", "tags": ["stolen"]}),
    "deleteJob": _as_unknown("DELETE", JOB),
    "getJobProperties": _as_unknown("GET", f"{JOB}/properties"),
    "putStoredObject": _foreign_url("PUT"),
    "getStoredObject": _foreign_url("GET"),
}


def test_every_operation_has_a_row() -> None:
    assert set(ROWS) == {route.operation_id for route in ROUTES}


@pytest.mark.parametrize("operation_id", sorted(ROWS))
def test_another_user(service: LocalService, owner: Owner, operation_id: str) -> None:
    other_user = Client(service.url, f"other_user of {operation_id}")
    assert other_user.project == owner.client.project == P
    before = owner.read_all()
    ROWS[operation_id](other_user, owner)
    assert owner.read_all() == before


def _send(client: Client, method: str, path: str, **options: Any) -> httpx.Response:
    return client.http.request(method, client.project + path[1:] if path[0] == "P" else path,
                               **options)  # fmt: skip


def _check_no_owner_data(owner: Owner, reply: httpx.Response) -> None:
    replies = reply.text + str(reply.headers)
    assert [mark for mark in owner.private_values() if mark in replies] == []
