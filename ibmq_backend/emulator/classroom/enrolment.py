"""The content of an accounts file as users, projects and bookings of a running service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Final

from ibmq_backend.emulator.accounts.network import Project
from ibmq_backend.emulator.accounts.reservations import Slot
from ibmq_backend.emulator.classroom.accounts_file import AccountsFile, Booking
from ibmq_backend.emulator.core.clock import milliseconds
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import UnknownDevice
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.service_state import ServiceState

_KINDS: Final = frozenset({"devices", "simulators"})
_PARTS: Final = {
    "projects": "projects",
    "bookings": "bookings",
    "open_mode": "open",
    "instances": "platform instances",
    "admin_token": "admin token",
    "last_day": "end date",
    "limits": "limits",
}


class Enrolment:
    """The users of a service, which can be replaced while it runs.

    Args:
        service_state: the service.
        platform: the platform dialect of the service.
        projects: projects in addition to those of accounts files.
        open_mode: whether any API token logs in, regardless of accounts files.
    """

    def __init__(
        self,
        service_state: ServiceState,
        platform: PlatformState,
        *,
        projects: Sequence[Project] = (),
        open_mode: bool = False,
    ) -> None:
        self._service_state = service_state
        self._platform = platform
        self._projects = projects
        self._open_mode = open_mode
        self._current = AccountsFile()

    def apply(self, file: AccountsFile) -> str:
        """Put an accounts file into force in place of the previous one.

        Returns:
            What has changed, for the log; empty for nothing.

        Raises:
            EmulatorError: the file contradicts itself or the devices; nothing has changed then.
        """
        try:
            return self._apply(file)
        except EmulatorError as error:
            if file.path is None:
                raise
            raise EmulatorError(f"accounts file {file.path}: {error}") from error

    def _apply(self, file: AccountsFile) -> str:
        service_state = self._service_state
        users = [replace(user, limits=self._limits(user.limits)) for user in file.users]
        network = service_state.create_network((*file.projects, *self._projects))
        network.check_users(users)
        directory = service_state.accounts.create_directory(
            users,
            open_mode=self._open_mode or file.open_mode,
            admin_token=file.admin_token,
            limits=self._limits(file.limits),
            last_day=file.last_day,
        )
        instances = self._platform.create_instances(file.instances)
        if file.bookings is not None:
            service_state.reservations.set_listed(list(map(self._slot, file.bookings)))
        # Users come last, so that no request finds a user before the projects of the user.
        self._platform.instances = instances
        service_state.network = network
        service_state.accounts.directory = directory
        service_state.changes.publish("")
        changes = ", ".join(_changes(self._current, file))
        self._current = file
        return changes

    def _limits(self, limits: Mapping[str, int]) -> dict[str, int]:
        return {
            name if name in _KINDS else self._device(name, "the limit of"): limit
            for name, limit in limits.items()
        }

    def _slot(self, booking: Booking) -> Slot:
        return Slot(
            self._service_state.accounts.user_id(booking.user),
            booking.instance,
            self._device(booking.backend, "a booking of"),
            milliseconds(booking.start),
            milliseconds(booking.end),
        )

    def _device(self, name: str, what: str) -> str:
        try:
            return self._service_state.catalog.get(name).name
        except UnknownDevice as error:
            raise EmulatorError(f"{what} an unknown device: {error}") from error


def _changes(old: AccountsFile, new: AccountsFile) -> Iterator[str]:
    before = {user.name: user for user in old.users}
    after = {user.name: user for user in new.users}
    kept = before.keys() & after.keys()
    counts = {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "changed": sum(before[name] != after[name] for name in kept),
    }
    for what, count in counts.items():
        if count:
            yield f"{count} user{'s' * (count > 1)} {what}"
    for one in fields(AccountsFile):
        if one.name in _PARTS and getattr(old, one.name) != getattr(new, one.name):
            yield f"{_PARTS[one.name]} changed"
