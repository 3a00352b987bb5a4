"""Finds the instances of an account and the URLs of their services."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from attrs import frozen
from ibmq_api_cloud.models import CatalogEntry, FoundResource, ResourceDetails
from ibmq_api_cloud.types import Unset

from ibmq_backend._errors.suggestions import nearest
from ibmq_backend.credentials.crn import INSTANCE_CRN, NOT_AN_INSTANCE
from ibmq_backend.exceptions import ApiError, ApiForbidden, IBMQAccountError
from ibmq_backend.records import InstanceId, InstanceRecord

DEFAULT_REGION: Final = "us-east"
KNOWN_REGIONS: Final = (DEFAULT_REGION, "eu-de")

_DOMAIN: Final = "quantum.cloud.ibm.com"
_FRONT_DOOR: Final = "cloud.ibm.com"
_TOKENS: Final = "https://iam.cloud.ibm.com"
_SEARCH: Final = "https://api.global-search-tagging.cloud.ibm.com"
_CATALOG: Final = "https://globalcatalog.cloud.ibm.com"
_PRIVATE: Final = "private."

QUERY: Final = "service_name:quantum-computing"
FIELDS: Final = ("crn", "service_plan_unique_id", "name", "doc", "tags")

_PRICING_ORDER: Final = ("free", "trial", "paygo", "paid", "subscription")
_UNKNOWN: Final = "unknown"
_SHOWN_OF_ID: Final = 8


@frozen
class Addresses:
    """The base URLs of the services of an account.

    Attributes:
        base_url: the quantum service as configured; a region may have another one.
        tokens: the service that exchanges keys for tokens.
        search: the search for resources.
        catalog: the catalog of plans.
    """

    base_url: str
    tokens: str
    search: str
    catalog: str

    def api(self, region: str) -> str:
        """Return the base URL of the quantum service in a region.

        At IBM's domain the region is part of the host. On other servers the path begins with it,
        except for the default region.
        """
        parts = urlsplit(self.base_url)
        if not _is_ibm(self.base_url):
            if region == DEFAULT_REGION:
                return self.base_url
            return urlunsplit((*parts[:2], f"/{region}{parts.path}", "", ""))
        if (parts.hostname or "").startswith(_PRIVATE):
            return f"https://{_PRIVATE}{region}.{_DOMAIN}/api"
        return f"https://{'' if region == DEFAULT_REGION else region + '.'}{_DOMAIN}/api"


@frozen
class Plan:
    """The plan of an instance: its name in lower case and its kind of pricing."""

    name: str
    pricing: str


@frozen
class FoundInstance:
    """An instance in the search results."""

    crn: str
    name: str
    plan: Plan

    @property
    def region(self) -> str:
        """The region of the instance."""
        return region_of(self.crn)

    def describe(self) -> str:
        """Return name, plan and region for messages."""
        return f"{self.name!r} (plan {self.plan.name}, {self.region})"


def addresses_of(base_url: str) -> Addresses:
    """Return the base URLs of all services for a configured URL.

    Args:
        base_url: the URL of the quantum service. At IBM's domain the other services have their own
            hosts; any other server is assumed to offer all of them.
    """
    base = base_url.rstrip("/")
    if _is_ibm(base):
        return Addresses(base, _TOKENS, _SEARCH, _CATALOG)
    parts = urlsplit(base)
    origin = urlunsplit((*parts[:2], "", "", ""))
    return Addresses(base, origin, origin, origin)


def region_of(crn: str) -> str:
    """Return the region in a CRN.

    Raises:
        IBMQAccountError: the CRN does not belong to an instance of the quantum service.
    """
    return _parts(crn)["region"]


def account_of(crn: str) -> str:
    """Return the account in a CRN; it must not be shown.

    Raises:
        IBMQAccountError: the CRN does not belong to an instance of the quantum service.
    """
    return _parts(crn)["account"]


def instance_of_crn(crn: str, name: str | None = None) -> InstanceId:
    """Return the instance of a CRN.

    Args:
        crn: the cloud resource name.
        name: the name of the instance; by default its region and a part of its id.

    Raises:
        IBMQAccountError: the CRN does not belong to an instance of the quantum service.
    """
    parts = _parts(crn)
    label = name or f"{parts['region'] or DEFAULT_REGION}:{parts['id'][:_SHOWN_OF_ID]}"
    return InstanceId(label=label, crn=crn)


def found_instances(
    resources: Iterable[FoundResource], read_plan: Callable[[str], Plan]
) -> list[FoundInstance]:
    """Return the instances among the resources of an account, free ones first.

    Args:
        resources: the search results; those without ``doc.extensions`` are not instances.
        read_plan: returns the plan with an id.
    """
    plans: dict[str, Plan] = {}
    found = []
    for resource in resources:
        details = resource.doc
        if not isinstance(details, ResourceDetails):
            continue
        extensions: Mapping[str, Any] | Unset = details.extensions
        if not extensions:
            continue
        crn = _text(resource.crn)
        if not INSTANCE_CRN.fullmatch(crn):
            continue
        name = _text(resource.name)
        plan_id = _text(resource.service_plan_unique_id)
        if plan_id and plan_id not in plans:
            plans[plan_id] = _plan_or_unknown(plan_id, read_plan)
        found.append(FoundInstance(crn, name or crn, plans.get(plan_id, _NO_PLAN)))
    return sorted(found, key=lambda instance: _rank(instance.plan.pricing))


def plan_of(entry: CatalogEntry) -> Plan:
    """Return the plan of an entry of the catalog."""
    shown = entry.overview_ui.en if entry.overview_ui else None
    pricing = entry.metadata.pricing if entry.metadata else None
    name: str = entry.name or _UNKNOWN
    if shown:
        name = shown.display_name or name
    kind: str = (pricing.type_ if pricing else None) or _UNKNOWN
    return Plan(str(name).lower(), str(kind))


def chosen_first(found: Sequence[FoundInstance], wanted: str | None) -> list[InstanceRecord]:
    """Return the instances with the default first: the chosen one, or else the first found.

    Args:
        found: the instances of the account.
        wanted: the name of the chosen instance, if any.

    Raises:
        IBMQAccountError: the account has no instance, or not exactly one with this name.
    """
    if not found:
        raise IBMQAccountError(
            "This account has no instance of the quantum service. Create one at "
            "https://quantum.cloud.ibm.com/instances, and load the account again."
        )
    listed = list(found)
    if wanted is not None:
        matches = [instance for instance in listed if instance.name == wanted]
        by_name = {instance.name: instance.describe() for instance in listed}
        known = ", ".join(by_name[name] for name in nearest(wanted, by_name))
        if not matches:
            raise IBMQAccountError(f"This account has no instance '{wanted}'. It has: {known}.")
        if len(matches) > 1:
            raise IBMQAccountError(
                f"{len(matches)} instances of this account have the name '{wanted}'. Specify the "
                "CRN of one, from https://quantum.cloud.ibm.com/instances."
            )
        listed.remove(matches[0])
        listed.insert(0, matches[0])
    labels = _labels(listed)
    return [
        InstanceRecord(instance_of_crn(instance.crn, label), is_default=not index)
        for index, (instance, label) in enumerate(zip(listed, labels, strict=True))
    ]


def _is_ibm(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    return host in (_FRONT_DOOR, _DOMAIN) or host.endswith(f".{_DOMAIN}")


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
        error.add_note("This request reads the plan of an instance. Specify the CRN to avoid it.")
        raise


def _text(value: str | Unset | None) -> str:
    return value if isinstance(value, str) else ""


def _rank(pricing: str) -> int:
    known = pricing in _PRICING_ORDER
    return _PRICING_ORDER.index(pricing) if known else len(_PRICING_ORDER)


def _parts(crn: str) -> re.Match[str]:
    match = INSTANCE_CRN.fullmatch(crn)
    if match is None:
        raise IBMQAccountError(NOT_AN_INSTANCE)
    return match


_NO_PLAN: Final = Plan(_UNKNOWN, _UNKNOWN)
