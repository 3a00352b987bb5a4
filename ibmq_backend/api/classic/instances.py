"""Lists the instances of a classic account, each a hub, group and project."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ibmq_api_classic import operations as ops
from ibmq_api_classic.api.accounts import list_hubs
from ibmq_api_classic.models import Hub
from ibmq_api_classic.types import Unset

from ibmq_backend.api.classic.calls import ClassicCalls
from ibmq_backend.exceptions import ApiNotSupported
from ibmq_backend.records import InstanceId, InstanceRecord

Triple = tuple[str, str, str]
"""Names of a hub, a group and a project."""

_NAME: Final = re.compile(r"[^/\s]+")


def list_instances(calls: ClassicCalls) -> list[InstanceRecord]:
    """Return all hubs, groups and projects, the default first. Wire: listHubs."""
    return calls.read(ops.LIST_HUBS, instance_records, list_hubs.sync_detailed, client=calls.client)


def instance_records(hubs: Iterable[Hub]) -> list[InstanceRecord]:
    """Return all hubs, groups and projects, the default first.

    The order is that of the document, except that projects with ``isDefault`` come first, in
    reverse order.
    """
    ordered: list[InstanceId] = []
    for hub in hubs:
        for group_name, group in hub.groups.additional_properties.items():
            for project_name, project in group.projects.additional_properties.items():
                parts = hub.name, group_name, project_name
                if not all(isinstance(part, str) and _NAME.fullmatch(part) for part in parts):
                    raise ValueError("a hub, group or project has no valid name")
                is_default: bool | Unset = project.is_default
                instance = InstanceId("/".join(parts), *parts)
                ordered.insert(0 if is_default else len(ordered), instance)
    return [InstanceRecord(id=instance, is_default=not n) for n, instance in enumerate(ordered)]


def triple_of(instance: InstanceId) -> Triple:
    """Return the hub, group and project of an instance.

    Raises:
        ApiNotSupported: the instance belongs to another kind of service.
    """
    if not (instance.hub and instance.group and instance.project):
        raise ApiNotSupported(
            f"{instance.label} is not a hub, group and project of this service. "
            "IBMQ.providers() lists them."
        )
    return instance.hub, instance.group, instance.project
