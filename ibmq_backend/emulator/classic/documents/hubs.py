"""The tree of hubs, groups and projects as clients receive it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

from ibmq_backend.emulator.accounts.network import Network, Project
from ibmq_backend.emulator.core.clock import wire_time

_OPENED_MS: Final = 1_566_237_582_532  # 2019-08-19, when hubs were introduced


def object_id(kind: str, name: str) -> str:
    """A made-up database id, 24 hex characters, the same for the same name."""
    return hashlib.sha256(f"{kind}\0{name}".encode()).hexdigest()[:24]


def hub_documents(
    network: Network, projects: Iterable[Project], limits: dict[str, int]
) -> list[dict[str, Any]]:
    """The reply of ``listHubs``.

    Args:
        network: Knows the devices of a project.
        projects: The projects to list, in order.
        limits: The job limit of each device, by name; -1 for none.
    """
    created = wire_time(_OPENED_MS)
    hubs: dict[str, dict[str, Any]] = {}
    for project in projects:
        place = project.instance
        hub = hubs.setdefault(
            place.hub,
            {
                "name": place.hub,
                "title": place.hub,
                "description": "",
                "creationDate": created,
                "deleted": False,
                "private": False,
                "licenseNotRequired": True,
                "isDefault": False,
                "analytics": False,
                "class": "Community",
                "id": object_id("hub", place.hub),
                "groups": {},
            },
        )
        group = hub["groups"].setdefault(
            place.group,
            {
                "name": place.group,
                "title": place.group,
                "isDefault": False,
                "description": "",
                "creationDate": created,
                "deleted": False,
                "projects": {},
            },
        )
        hub["isDefault"] = hub["isDefault"] or project.default
        group["isDefault"] = group["isDefault"] or project.default
        group["projects"][place.project] = {
            "name": place.project,
            "title": place.project,
            "isDefault": project.default,
            "description": "",
            "creationDate": created,
            "deleted": False,
            "devices": {
                object_id("device", device.name): {
                    "name": device.name,
                    "priority": 1,
                    "deleted": False,
                    "configuration": {
                        "limit": limits[device.name],
                        "capabilities": {
                            "maxExperiments": device.max_circuits,
                            "maxShots": device.max_shots,
                            "openPulse": device.open_pulse,
                        },
                    },
                    "modes": {
                        "dedicated": {"minTimeSlot": 15, "maxTimeSlot": 180, "maxTimeToBook": 180}
                    },
                    "specificConfiguration": {},
                }
                for device in network.devices(project)
            },
        }
    return list(hubs.values())
