"""Documents of hubs, groups and projects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from ibmq_backend.emulator.accounts.network import Network, Project
from ibmq_backend.emulator.core.clock import wire_time

_OPENED_MS: Final = 1_566_237_582_532  # 2019-08-19, when hubs were introduced


@lru_cache(maxsize=1024)
def object_id(kind: str, name: str) -> str:
    """Return an artificial database id for a name, 24 hex characters."""
    return hashlib.sha256(f"{kind}\0{name}".encode()).hexdigest()[:24]


def hub_documents(
    network: Network, projects: Iterable[Project], limits: dict[str, int]
) -> list[dict[str, Any]]:
    """Return the reply of ``listHubs``.

    Args:
        network: the projects and their devices.
        projects: the projects to list, in order.
        limits: job limits by device name; -1 for no limit.
    """
    created = wire_time(_OPENED_MS)
    hubs: dict[str, dict[str, Any]] = {}
    for project in projects:
        instance = project.instance
        hub = hubs.setdefault(
            instance.hub,
            {
                "name": instance.hub,
                "title": instance.hub,
                "description": "",
                "creationDate": created,
                "deleted": False,
                "private": False,
                "licenseNotRequired": True,
                "isDefault": False,
                "analytics": False,
                "class": "Community",
                "id": object_id("hub", instance.hub),
                "groups": {},
            },
        )
        group = hub["groups"].setdefault(
            instance.group,
            {
                "name": instance.group,
                "title": instance.group,
                "isDefault": False,
                "description": "",
                "creationDate": created,
                "deleted": False,
                "projects": {},
            },
        )
        hub["isDefault"] = hub["isDefault"] or project.default
        group["isDefault"] = group["isDefault"] or project.default
        group["projects"][instance.project] = {
            "name": instance.project,
            "title": instance.project,
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
