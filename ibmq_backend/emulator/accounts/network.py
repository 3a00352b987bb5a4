"""Hubs, groups and projects, and the devices of each project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ibmq_backend.emulator.accounts.accounts import Account, User
from ibmq_backend.emulator.core.errors import EmulatorError, UnknownBackend, UnknownProject
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.devices.catalog import Catalog, Device, UnknownDevice

OPEN_INSTANCE: Final = Instance("ibm-q", "open", "main")
"""The project that is open to every user."""

_NAME: Final = re.compile(r"[\w.\-@+ ]{1,128}")


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its devices.

    Attributes:
        instance: hub, group and name of the project.
        default: whether clients use this project when the user names none.
        devices: names of its devices; None for all.
    """

    instance: Instance
    default: bool = False
    devices: tuple[str, ...] | None = None


class Network:
    """All projects of a service.

    Args:
        catalog: all devices.
        projects: projects in list order.
        any_instance: whether every hub, group and project exists, with all devices, for programs
            that name projects of the retired service.

    Raises:
        EmulatorError: a project is configured twice or has an unknown device.
    """

    def __init__(
        self,
        catalog: Catalog,
        projects: Sequence[Project] = (Project(OPEN_INSTANCE, default=True),),
        *,
        any_instance: bool = False,
    ) -> None:
        self.catalog = catalog
        self.any_instance = any_instance
        self._offered: dict[tuple[str, ...] | None, dict[str, Device]] = {}
        self._projects = {project.instance: project for project in projects}
        if len(self._projects) != len(projects):
            raise EmulatorError("a hub, group and project is configured twice")
        for project in projects:
            for name in project.devices or ():
                try:
                    catalog.get(name)
                except UnknownDevice as error:
                    raise EmulatorError(f"project {project.instance}: {error}") from error

    def check_users(self, users: Iterable[User]) -> None:
        """Check that the projects of configured users exist.

        Raises:
            EmulatorError: a project does not exist.
        """
        for user in users:
            for instance in user.instances or ():
                if instance not in self._projects:
                    raise EmulatorError(
                        f"the user {user.name!r} has the unknown project {instance}"
                    )

    def projects(self, account: Account) -> list[Project]:
        """Return the projects that are open to a user."""
        return [
            project
            for project in self._projects.values()
            if account.instances is None or project.instance in account.instances
        ]

    def project(self, account: Account, instance: Instance) -> Project:
        """Return the project that a request names.

        Raises:
            UnknownProject: the project does not exist or is not open to the user.
        """
        known = self._projects.get(instance)
        if known is not None and (account.instances is None or instance in account.instances):
            return known
        names = (instance.hub, instance.group, instance.project)
        if known is None and self.any_instance and all(_NAME.fullmatch(name) for name in names):
            return Project(instance)
        raise UnknownProject(instance)

    def devices(self, project: Project) -> list[Device]:
        """Return the devices of a project, sorted by name."""
        return list(self._devices(project).values())

    def _devices(self, project: Project) -> dict[str, Device]:
        found = self._offered.get(project.devices)
        if found is None:
            names = self.catalog.names() if project.devices is None else project.devices
            devices = {self.catalog.get(name) for name in names}
            found = {one.name: one for one in sorted(devices, key=lambda one: one.name)}
            self._offered[project.devices] = found
        return found

    def device(self, project: Project, name: str) -> Device:
        """Return the device of a project with this name or alias.

        Raises:
            UnknownBackend: the project has no such device.
        """
        offered = self._devices(project)
        try:
            device = self.catalog.get(name)
        except UnknownDevice as error:
            near = tuple(one for one in offered if one in error.nearest)
            raise UnknownBackend(name, near, error.reason) from error
        if device.name not in offered:
            raise UnknownBackend(name)
        return device
