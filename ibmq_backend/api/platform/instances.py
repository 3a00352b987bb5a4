"""The instances of an account: by CRN, by name, or found by search."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ibmq_backend.api.platform.addresses import DEFAULT_REGION
from ibmq_backend.credentials.crn import INSTANCE_CRN, NOT_AN_INSTANCE
from ibmq_backend.exceptions import ApiError, ApiForbidden, IBMQAccountError
from ibmq_backend.records import InstanceId, InstanceRecord

QUERY: Final = "service_name:quantum-computing"
FIELDS: Final = ("crn", "service_plan_unique_id", "name", "doc", "tags")

_PRICING_ORDER: Final = ("free", "trial", "paygo", "paid", "subscription")
_UNKNOWN: Final = "unknown"
_SHOWN_OF_ID: Final = 8


@frozen
class Plan:
    """What an instance costs: the plan's name in lower case, and how it is paid for."""

    name: str
    pricing: str


@frozen
class FoundInstance:
    """One instance as the search gives it."""

    crn: str
    name: str
    plan: Plan

    @property
    def region(self) -> str:
        """The region it lives in."""
        return region_of(self.crn)

    def text(self) -> str:
        """Return name, plan and region, as they may be shown."""
        return f"{self.name!r} (plan {self.plan.name}, {self.region})"


def region_of(crn: str) -> str:
    """Return the region that a CRN names.

    Raises:
        IBMQAccountError: it is not the CRN of an instance of the quantum service.
    """
    return _parts(crn)["region"]


def account_of(crn: str) -> str:
    """Return the account that a CRN names; never to be shown.

    Raises:
        IBMQAccountError: as :func:`region_of`.
    """
    return _parts(crn)["account"]


def instance_of_crn(crn: str, name: str | None = None) -> InstanceId:
    """Return the instance of a CRN.

    Args:
        crn: its cloud resource name.
        name: what its owner calls it; a part of its id stands for it when it is not known.

    Raises:
        IBMQAccountError: as :func:`region_of`.
    """
    parts = _parts(crn)
    label = name or f"{parts['region'] or DEFAULT_REGION}:{parts['id'][:_SHOWN_OF_ID]}"
    return InstanceId(label=label, crn=crn)


def found_instances(
    resources: Iterable[Mapping[str, Any]], read_plan: Callable[[str], Plan]
) -> list[FoundInstance]:
    """Return the instances among the resources of an account, free ones first.

    Args:
        resources: items of the search; those without ``doc.extensions`` are something else.
        read_plan: asks for a plan by its id.
    """
    plans: dict[str, Plan] = {}
    found = []
    for resource in resources:
        document = resource.get("doc")
        if not isinstance(document, Mapping) or not document.get("extensions"):
            continue
        crn, plan_id = resource.get("crn"), resource.get("service_plan_unique_id")
        if not isinstance(crn, str) or not INSTANCE_CRN.fullmatch(crn):
            continue
        if isinstance(plan_id, str) and plan_id and plan_id not in plans:
            plans[plan_id] = _plan_or_unknown(plan_id, read_plan)
        plan = plans.get(plan_id, _NO_PLAN) if isinstance(plan_id, str) else _NO_PLAN
        name = resource.get("name")
        found.append(FoundInstance(crn, name if isinstance(name, str) and name else crn, plan))
    return sorted(found, key=lambda instance: _rank(instance.plan.pricing))


def chosen_first(found: Sequence[FoundInstance], wanted: str | None) -> list[InstanceRecord]:
    """Return the instances, the one asked for (or the first) marked as the default and put first.

    Args:
        found: those of the account.
        wanted: the name asked for, ``None`` for none.

    Raises:
        IBMQAccountError: there is none at all, none of that name, or several of it.
    """
    if not found:
        raise IBMQAccountError(
            "This account has no instance of the quantum service. Create one at "
            "https://quantum.cloud.ibm.com/instances, then load the account again."
        )
    listed = list(found)
    if wanted is not None:
        matches = [instance for instance in listed if instance.name == wanted]
        known = ", ".join(instance.text() for instance in listed)
        if not matches:
            raise IBMQAccountError(f"This account has no instance '{wanted}'. It has: {known}.")
        if len(matches) > 1:
            raise IBMQAccountError(
                f"{len(matches)} instances of this account are called '{wanted}'; give the CRN of "
                "the one to use, from https://quantum.cloud.ibm.com/instances."
            )
        listed.remove(matches[0])
        listed.insert(0, matches[0])
    labels = _labels(listed)
    return [
        InstanceRecord(instance_of_crn(instance.crn, label), is_default=not index)
        for index, (instance, label) in enumerate(zip(listed, labels, strict=True))
    ]


def _labels(found: Sequence[FoundInstance]) -> list[str]:
    names = [instance.name for instance in found]
    return [
        name if names.count(name) == 1 else f"{name} {_parts(instance.crn)['id'][:_SHOWN_OF_ID]}"
        for name, instance in zip(names, found, strict=True)
    ]


def _plan_or_unknown(plan_id: str, read_plan: Callable[[str], Plan]) -> Plan:
    try:
        return read_plan(plan_id)
    except ApiForbidden:
        return _NO_PLAN  # an archived plan
    except ApiError as error:
        error.add_note("It was asked for the plan of an instance; give the CRN to do without.")
        raise


def _rank(pricing: str) -> int:
    known = pricing in _PRICING_ORDER
    return _PRICING_ORDER.index(pricing) if known else len(_PRICING_ORDER)


def _parts(crn: str) -> re.Match[str]:
    match = INSTANCE_CRN.fullmatch(crn)
    if match is None:
        raise IBMQAccountError(NOT_AN_INSTANCE)
    return match


_NO_PLAN: Final = Plan(_UNKNOWN, _UNKNOWN)
