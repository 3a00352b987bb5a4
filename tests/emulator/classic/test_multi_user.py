"""Nobody sees or touches what belongs to others: every operation of the classic dialect in turn.

Ada has jobs in every state; a stranger who may use the same project tries each operation on them.
What is Ada's must be to him as what does not exist.
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
class Ada:
    """The one whose things these are.

    Attributes:
        client: She, logged in.
        jobs: Her jobs by status.
        addresses: Storage addresses that were given to her.
    """

    client: Client
    jobs: dict[str, str]
    addresses: list[str]

    def marks(self) -> list[str]:
        """What no reply to anybody else may hold."""
        secrets = [address.partition("signature=")[2][:64] for address in self.addresses]
        own = [self.client.user_id, self.client.token, NAME, TAG]
        return [*self.jobs.values(), *secrets, *own]

    def everything(self) -> dict[str, Any]:
        """All that she sees of her things."""
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
    # The clock stands still, so that nothing of hers changes by itself.
    settings = Settings(open_mode=True)
    with LocalService(
        settings=settings, catalog=catalog, engine=engine, clock=ManualClock()
    ) as running:
        running.engine = engine  # type: ignore[attr-defined]
        yield running
        engine.release()


@pytest.fixture(scope="module")
def ada(service: LocalService) -> Iterator[Ada]:
    client = Client(service.url, service.api_token)
    OPEN_CLIENTS.remove(client)
    mine = {"name": NAME, "tags": [TAG], "experimentTag": TAG}
    jobs = {"COMPLETED": client.submit(**mine)}
    client.wait(jobs["COMPLETED"])
    service.engine.hold()  # type: ignore[attr-defined]
    jobs["RUNNING"] = client.submit(**mine)
    client.wait(jobs["RUNNING"], "RUNNING")
    jobs["QUEUED"] = client.submit(**mine)
    client.wait(jobs["QUEUED"], "QUEUED")
    creating = client.create(**mine)
    client.upload(creating, bell())
    jobs["CREATING"] = creating["id"]
    while client.json(f"P/devices/{DEVICE}/jobsLimit")["runningJobs"] < DEVICE_JOB_LIMIT:
        client.create(**mine)
    now, project = service.service_state.clock.now(), Instance("ibm-q", "open", "main")
    slot = (now + timedelta(days=1), now + timedelta(days=2))
    service.service_state.reservations.add(client.user_id, project, "ibmq_rome", *slot)
    done = jobs["COMPLETED"]
    addresses = [
        client.json(f"P/Jobs/{done}/{kind}DownloadUrl")["url"] for kind in ("job", "result")
    ]
    yield Ada(client, jobs, addresses)
    client.close()


Row = Callable[[Client, Ada], None]


def _as_unknown(method: str, path: str, **options: Any) -> Row:
    """Every job of hers is answered as one that does not exist."""

    def check(stranger: Client, ada: Ada) -> None:
        for job_id in ada.jobs.values():
            hers = _send(stranger, method, path.format(job_id=job_id), **options)
            nobodys = _send(stranger, method, path.format(job_id=UNKNOWN), **options)
            assert (hers.status_code, hers.json()) == (404, nobodys.json())

    return check


def _without_her(method: str, path: str, **options: Any) -> Row:
    """The reply is a success and holds nothing of hers."""

    def check(stranger: Client, ada: Ada) -> None:
        reply = _send(stranger, method, path, **options)
        assert reply.status_code == 200, reply.text
        _nothing_of(ada, reply)

    return check


def _empty(path: str) -> Row:
    """A list in which a stranger has nothing, however he asks for her things."""

    def check(stranger: Client, ada: Ada) -> None:
        wheres: list[dict[str, Any]] = [
            {},
            {"tags": TAG},
            {"name": {"like": "%ada%"}},
            {"id": {"inq": list(ada.jobs.values())}},
            {"userId": ada.client.user_id},
            {"or": [{"hubInfo.hub.name": "ibm-q"}, {"id": ada.jobs["RUNNING"]}]},
        ]
        for where in wheres:
            assert stranger.json(path, filter=json.dumps({"where": where})) == []

    return check


def _create_job(stranger: Client, ada: Ada) -> None:
    """Her limit is not his, and what he makes is his."""
    created = stranger.create(DEVICE, tags=[TAG], name=NAME)
    assert created["userId"] == stranger.user_id
    assert created["id"] not in ada.marks()
    assert [job["id"] for job in stranger.json("P/Jobs/v/1")] == [created["id"]]


def _jobs_limit(stranger: Client, ada: Ada) -> None:
    limit = {"maximumJobs": DEVICE_JOB_LIMIT, "runningJobs": 0}
    assert stranger.json(f"P/devices/{DEVICE}/jobsLimit") == limit


def _current_user(stranger: Client, ada: Ada) -> None:
    reply = stranger.get("/users/me")
    assert reply.json()["id"] == stranger.user_id
    _nothing_of(ada, reply)


def _login(stranger: Client, ada: Ada) -> None:
    reply = stranger.http.post("/users/loginWithToken", json={"apiToken": "another stranger"})
    assert reply.json()["userId"] not in (stranger.user_id, ada.client.user_id)
    _nothing_of(ada, reply)


def _foreign_address(method: str) -> Row:
    """An address of his own does not become hers by another name."""

    def check(stranger: Client, ada: Ada) -> None:
        own = stranger.create(DEVICE)
        assert stranger.upload(own, bell()).status_code == 200
        address = own["objectStorageInfo"]["uploadUrl"]
        if method == "GET":
            address = stranger.json(f"P/Jobs/{own['id']}/jobDownloadUrl")["url"]
        told = []
        for job_id in (UNKNOWN, *ada.jobs.values()):
            for kind in ("qObject", "result"):
                foreign = address.replace(f"qObject-{own['id']}", f"{kind}-{job_id}")
                reply = stranger.plain.request(method, foreign, content=b"{}")
                told.append((reply.status_code, reply.text))
                _nothing_of(ada, reply)
        assert set(told) == {told[0]}
        assert told[0][0] == 403

    return check


def _bookings(stranger: Client, ada: Ada) -> None:
    """When a device is taken everybody may know, by whom nobody."""
    slots = stranger.json("/Network/devices/ibmq_rome/bookings/v2")
    assert [sorted(slot) for slot in slots] == [["backendName", "endDate", "initialDate"]]


def _my_bookings(stranger: Client, ada: Ada) -> None:
    assert len(ada.client.json("/Network/bookings/v2")) == 1
    assert stranger.json("/Network/bookings/v2") == []


JOB = "P/Jobs/{job_id}"
ROWS: dict[str, Row] = {
    "getVersion": _without_her("GET", "/version"),
    "loginWithToken": _login,
    "getCurrentUser": _current_user,
    "listHubs": _without_her("GET", "/Network"),
    "listBackends": _without_her("GET", "P/devices/v/1"),
    "getBackendStatus": _without_her("GET", f"P/devices/{DEVICE}/queue/status"),
    "getBackendProperties": _without_her("GET", f"P/devices/{DEVICE}/properties"),
    "getBackendDefaults": _without_her("GET", f"P/devices/{DEVICE}/defaults"),
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
    "putStoredObject": _foreign_address("PUT"),
    "getStoredObject": _foreign_address("GET"),
}


def test_every_operation_has_a_row() -> None:
    assert set(ROWS) == {route.operation_id for route in ROUTES}


@pytest.mark.parametrize("operation_id", sorted(ROWS))
def test_a_stranger(service: LocalService, ada: Ada, operation_id: str) -> None:
    stranger = Client(service.url, f"stranger of {operation_id}")
    assert stranger.project == ada.client.project == P
    before = ada.everything()
    ROWS[operation_id](stranger, ada)
    assert ada.everything() == before


def _send(client: Client, method: str, path: str, **options: Any) -> httpx.Response:
    return client.http.request(method, client.project + path[1:] if path[0] == "P" else path,
                               **options)  # fmt: skip


def _nothing_of(ada: Ada, reply: httpx.Response) -> None:
    told = reply.text + str(reply.headers)
    assert [mark for mark in ada.marks() if mark in told] == []
