"""Bookings in replies, and their effect on the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulator import Client, error_of, login
from tests.support.engines import FakeEngine

NOON = datetime(2021, 5, 4, 12, tzinfo=UTC)


def minutes(count: int) -> datetime:
    return NOON + timedelta(minutes=count)


@pytest.fixture
def service(make_service: ServiceMaker, clock: ManualClock) -> LocalService:
    return make_service(Settings(open_mode=True), clock=clock)


def book(service: LocalService, who: Client, start: int, end: int, name: str = "ibmq_vigo") -> None:
    service.service_state.reservations.add(
        who.user_id, OPEN_INSTANCE, name, minutes(start), minutes(end)
    )


def test_windows(service: LocalService, client: Client) -> None:
    book(service, client, 10, 40)
    book(service, client, 60, 90)

    def starts(**window: str) -> list[str]:
        slots = client.json("/Network/devices/ibmq_vigo/bookings/v2", **window)
        return [slot["initialDate"][11:16] for slot in slots]

    assert starts() == ["12:10", "13:00"]
    assert starts(initialDate="2021-05-04T12:39:00+00:00") == ["12:10", "13:00"]
    assert starts(initialDate="2021-05-04T12:40:00+00:00") == ["13:00"]
    assert starts(endDate="2021-05-04T13:00:00+00:00") == ["12:10"]
    assert starts(endDate="2021-05-04T15:01:00+02:00") == ["12:10", "13:00"]
    window = {"initialDate": "2021-05-04T12:20:00Z", "endDate": "2021-05-04T12:30:00Z"}
    assert starts(**window) == ["12:10"]
    assert starts(initialDate="2021-05-05T00:00:00Z") == []
    assert client.json("/Network/devices/ibmq_rome/bookings/v2") == []


def test_past_slots_are_listed_on_request(
    service: LocalService, client: Client, clock: ManualClock
) -> None:
    book(service, client, 10, 40)
    clock.advance(3600)
    assert client.json("/Network/devices/ibmq_vigo/bookings/v2") == []
    asked = client.json("/Network/devices/ibmq_vigo/bookings/v2", initialDate="2021-05-04")
    assert len(asked) == 1
    assert client.json("/Network/bookings/v2") == []


def test_slots_of_others_hide_their_user(service: LocalService, client: Client) -> None:
    bob = login(service, "bob")
    book(service, client, 10, 40)
    book(service, bob, 60, 90, "ibmq_rome")
    (mine,) = client.json("/Network/bookings/v2")
    assert mine["backendName"] == "ibmq_vigo"
    assert mine["mode"] == "dedicated"
    assert mine["creationDate"].endswith("Z")
    assert mine["hubInfo"]["group"] == {"name": "open"}
    (seen,) = bob.json("/Network/devices/ibmq_vigo/bookings/v2")
    assert set(seen) == {"initialDate", "endDate", "backendName"}


@pytest.mark.parametrize(
    "window",
    [
        {"initialDate": "yesterday"},
        {"endDate": "2021-13-01"},
        {"initialDate": "2021-05-05", "endDate": "2021-05-04"},
    ],
)
def test_invalid_windows(client: Client, window: dict[str, str]) -> None:
    reply = client.get("/Network/devices/ibmq_vigo/bookings/v2", **window)
    assert error_of(reply) == (400, 2400)


def test_bookings_of_unknown_devices(client: Client) -> None:
    assert error_of(client.get("/Network/devices/nothing/bookings/v2")) == (404, 2620)


def test_overlapping_slots_are_rejected(service: LocalService, client: Client) -> None:
    book(service, client, 10, 40)
    book(service, client, 10, 40)
    book(service, client, 40, 50)
    assert len(client.json("/Network/bookings/v2")) == 2
    with pytest.raises(EmulatorError, match="is already booked"):
        book(service, client, 30, 60)
    with pytest.raises(EmulatorError, match="end after it starts"):
        book(service, client, 50, 50)


def test_a_booked_device_only_runs_jobs_of_its_user(
    service: LocalService, client: Client, clock: ManualClock, engine: FakeEngine
) -> None:
    bob = login(service, "bob")
    book(service, client, 10, 40)
    before = client.submit()
    client.wait(before)
    assert client.job(before)["runMode"] == "fairshare"

    clock.advance(15 * 60)
    assert client.json("P/devices/ibmq_vigo/queue/status")["status"] == "dedicated"
    waiting = bob.submit()
    bob.wait(waiting, "QUEUED")
    mine = client.submit()
    client.wait(mine)
    assert client.job(mine)["runMode"] == "dedicated"
    status = bob.status(waiting)
    assert status["status"] == "QUEUED"
    assert status["infoQueue"]["estimatedStartTime"] >= "2021-05-04T12:40"
    assert bob.wait(bob.submit(backend="ibmq_rome"))["status"] == "COMPLETED"

    clock.advance(30 * 60)
    bob.wait(waiting)
    assert bob.job(waiting)["runMode"] == "fairshare"
    assert client.json("P/devices/ibmq_vigo/queue/status")["status"] == "active"
