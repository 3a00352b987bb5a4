"""Reservations of devices."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import ApiStatusError
from tests.contract.targets import DEVICE, OPEN, PULSE_DEVICE, Target

pytestmark = pytest.mark.needs(Capability.RESERVATIONS)

HOUR = timedelta(hours=1)


@pytest.mark.live
def test_no_reservations(account: AccountClient) -> None:
    assert list(account.reservations(DEVICE)) == []
    assert list(account.my_reservations()) == []


@pytest.mark.service
def test_own_reservation_has_all_fields(target: Target, account: AccountClient) -> None:
    target.reserve(DEVICE, target.now + HOUR, target.now + 2 * HOUR)
    (slot,) = account.reservations(DEVICE)
    assert (slot.start, slot.end) == (target.now + HOUR, target.now + 2 * HOUR)
    assert slot.start.tzinfo is UTC
    assert slot.created == target.now
    assert (slot.backend_name, slot.mode) == (DEVICE, "dedicated")
    assert (slot.hub, slot.group, slot.project) == (OPEN.hub, OPEN.group, OPEN.project)
    assert slot.reservation_id
    assert list(account.my_reservations()) == [slot]


@pytest.mark.service
def test_reservation_of_another_user_has_only_times(target: Target, account: AccountClient) -> None:
    target.reserve(DEVICE, target.now + HOUR, target.now + 2 * HOUR, own=False)
    (slot,) = account.reservations(DEVICE)
    assert (slot.start, slot.end) == (target.now + HOUR, target.now + 2 * HOUR)
    assert slot.backend_name == DEVICE
    assert (slot.reservation_id, slot.mode, slot.hub, slot.created) == (None, None, None, None)
    assert list(account.my_reservations()) == []


@pytest.mark.service
def test_window_selects_overlapping_slots(target: Target, account: AccountClient) -> None:
    starts = [target.now + n * 3 * HOUR for n in range(-1, 3)]
    for start in starts:
        target.reserve(DEVICE, start, start + HOUR)
    target.reserve(PULSE_DEVICE, starts[1], starts[1] + HOUR)

    def found(first: int | None, last: int | None) -> list[int]:
        slots = account.reservations(
            DEVICE,
            None if first is None else starts[first] + HOUR / 2,
            None if last is None else starts[last] + HOUR / 2,
        )
        return [starts.index(slot.start) for slot in slots]

    assert found(None, None) == [1, 2, 3]  # without bounds: those that have not ended
    assert found(2, None) == [2, 3]
    assert found(None, 1) == [0, 1]
    assert found(0, 2) == [0, 1, 2]
    assert [slot.backend_name for slot in account.my_reservations()] == [
        DEVICE,
        PULSE_DEVICE,
        DEVICE,
        DEVICE,
    ]


def test_window_that_ends_before_its_start_is_refused(
    target: Target, account: AccountClient
) -> None:
    with pytest.raises(ApiStatusError) as caught:
        account.reservations(DEVICE, target.now, target.now - HOUR)
    assert (caught.value.status_code, caught.value.code) == (400, 2400)
