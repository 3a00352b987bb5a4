"""The state of devices in a few words, read with two queries for any number of devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ibmq_backend.emulator.accounts.reservations import Reservation
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import moment_of
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.pages.site import Site, Viewer
from ibmq_backend.emulator.service_state import DeviceState, ServiceState
from ibmq_backend.emulator.store.schema import jobs


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device and its queue at one time.

    Attributes:
        name: name of the device.
        num_qubits: number of qubits.
        simulator: whether it is one of the cloud simulators.
        state: whether it runs jobs, in a few words.
        runs_jobs: whether it runs the jobs in its queue.
        waiting: number of waiting jobs of all users.
        running: number of running jobs of all users.
        calibrated: date of the calibration, aware and in UTC; None without calibration.
    """

    name: str
    num_qubits: int
    simulator: bool
    state: str
    runs_jobs: bool
    waiting: int
    running: int
    calibrated: datetime | None


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A booking as the viewer may see it; times are aware and in UTC.

    Attributes:
        device: name of the device.
        start: first moment.
        end: end of the slot.
        who: "you", the name of a user for the teacher, or empty for another user.
    """

    device: str
    start: datetime
    end: datetime
    who: str


def device_rows(site: Site, devices: Sequence[Device]) -> list[DeviceRow]:
    """Return the states of devices, in the same order."""
    service = site.service
    counts, now = _count_jobs(service), service.jobs.now()
    special = {*service.paused_devices()}
    special |= {
        slot.backend_name for slot in service.reservations.upcoming_of_all() if slot.start_ms <= now
    }
    rows = []
    for device in devices:
        name = device.name
        state = service.device_state(name) if name in special else DeviceState()
        waiting = sum(counts[name, status] for status in lifecycle.WAITING)
        rows.append(
            DeviceRow(
                name,
                device.num_qubits,
                device.simulator,
                _describe(state),
                state.runs_jobs or state.status == "dedicated",
                waiting + service.speed.others(device, now),
                counts[name, lifecycle.RUNNING],
                device.snapshot_date,
            )
        )
    return rows


def upcoming_slot_rows(site: Site, viewer: Viewer) -> list[SlotRow]:
    """Return the viewer's bookings that have not ended; for the teacher those of all users."""
    user_id = viewer.user_id
    reservations = site.service.reservations
    found = reservations.upcoming_of_all() if user_id is None else reservations.upcoming(user_id)
    return [slot_row(site, viewer, slot) for slot in found]


def slot_row(site: Site, viewer: Viewer, slot: Reservation) -> SlotRow:
    """Return a booking as the viewer may see it."""
    who = "you" if slot.user_id == viewer.user_id else ""
    if viewer.is_teacher:
        account = site.service.accounts.account(slot.user_id)
        who = slot.user_id if account is None else account.name
    return SlotRow(slot.backend_name, moment_of(slot.start_ms), moment_of(slot.end_ms), who)


def _describe(state: DeviceState) -> str:
    if state.status == "dedicated":
        return "booked"
    if state.runs_jobs:
        return "in operation"
    word = "off" if not state.operational else state.status
    return f"{word}: {state.message}" if state.message else f"{word}, jobs wait"


def _count_jobs(service: ServiceState) -> Counter[tuple[str, str]]:
    """Return the numbers of unfinished jobs by device and status."""
    row = jobs.c
    query = (
        select(row.backend_name, row.status, func.count())
        .where(row.status.in_((*lifecycle.WAITING, lifecycle.RUNNING)))
        .group_by(row.backend_name, row.status)
    )
    with service.store.read() as connection:
        found = connection.execute(query).all()
    return Counter({(name, status): count for name, status, count in found})
