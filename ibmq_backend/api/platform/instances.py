"""Finds the instances of an account and the URLs of their services."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeGuard
from urllib.parse import urlsplit, urlunsplit

from attrs import evolve, frozen
from ibmq_api_cloud.models import CatalogEntry, FoundResource, ResourceDetails
from ibmq_api_cloud.types import Unset

from ibmq_backend._errors.suggestions import MOST_NAMES, nearest
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.credentials.crn import INSTANCE_CRN, NOT_AN_INSTANCE
from ibmq_backend.exceptions import IBMQAccountError
from ibmq_backend.records import InstanceId, InstanceRecord

_logger = get_logger(__name__)

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


UNKNOWN_PLAN: Final = Plan(_UNKNOWN, _UNKNOWN)


@frozen
class FoundInstance:
    """An instance in the search results; its label is its name, made unique in the account."""

    crn: str
    name: str
    plan: Plan
    tags: tuple[str, ...] = ()
    label: str = ""

    @property
    def region(self) -> str:
        """The region of the instance."""
        return region_of(self.crn)

    def describe(self) -> str:
        """Return name, plan and region for messages."""
        return f"{self.label!r} ({self.describe_plan()})"

    def describe_plan(self) -> str:
        """Return plan and region for messages."""
        return f"plan {self.plan.name}, {self.region}"

    def record(self, *, is_default: bool = False) -> InstanceRecord:
        """Return the instance as a record."""
        plan = None if self.plan == UNKNOWN_PLAN else self.plan.name
        instance = evolve(instance_of_crn(self.crn, self.label), plan=plan)
        return InstanceRecord(instance, is_default, self.describe_plan())


@frozen
class InstanceFilters:
    """Conditions for the instances of an account that is used without a named one.

    Attributes:
        region: region of the instances; ``None`` for all regions.
        plans: names of the allowed plans, the preferred one first; empty for all, free ones first.
        tags: tags that an instance must have.
    """

    region: str | None = None
    plans: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def apply(self, found: Sequence[FoundInstance]) -> list[FoundInstance]:
        """Return the instances that meet all conditions, the preferred one first.

        Raises:
            IBMQAccountError: none does; the message lists the instances.
        """
        plans = [plan.lower() for plan in self.plans]
        tags = {tag.lower() for tag in self.tags}
        left = [
            instance
            for instance in found
            if self.region in (None, instance.region)
            and (not plans or instance.plan.name in plans)
            and tags <= {tag.lower() for tag in instance.tags}
        ]
        if not left:
            raise IBMQAccountError(self._describe_mismatch(found))
        return sorted(left, key=lambda one: plans.index(one.plan.name)) if plans else left

    def _describe_mismatch(self, found: Sequence[FoundInstance]) -> str:
        conditions = {
            "region": self.region,
            "plans_preference": list(self.plans),
            "tags": list(self.tags),
        }
        wanted = ", ".join(f"{name}={value!r}" for name, value in conditions.items() if value)
        listed = [
            instance.describe() + (f", tags {list(instance.tags)}" if self.tags else "")
            for instance in found[:MOST_NAMES]
        ]
        more = len(found) - MOST_NAMES
        return (
            f"No instance of this account has {wanted}. It has: {'; '.join(listed)}"
            f"{f'; and {more} more' if more > 0 else ''}. To use one: "
            f"IBMQ.save_account(token, instance={found[0].label!r}, overwrite=True)."
        )


NO_FILTERS: Final = InstanceFilters()


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
    resources: Iterable[FoundResource],
    read_plans: Callable[[Sequence[str]], Mapping[str, Plan]],
) -> list[FoundInstance]:
    """Return the instances among the resources of an account, free ones first.

    Args:
        resources: the search results; those without ``doc.extensions`` are not instances, and a
            malformed one is ignored with a line in the log.
        read_plans: returns the plans with these ids, as far as they are known.
    """
    found = [resource for resource in resources if _is_instance(resource)]
    ids = {plan_id: None for each in found if (plan_id := _text(each.service_plan_unique_id))}
    plans = read_plans(list(ids))
    listed = [
        FoundInstance(
            crn=each.crn,
            name=_text(each.name) or instance_of_crn(each.crn).label,
            plan=plans.get(_text(each.service_plan_unique_id), UNKNOWN_PLAN),
            tags=_texts(each.tags),
        )
        for each in found
    ]
    names = [instance.name for instance in listed]
    labelled = [
        evolve(each, label=each.name if names.count(each.name) == 1 else _label_with_id(each))
        for each in listed
    ]
    return sorted(labelled, key=lambda instance: _rank(instance.plan.pricing))


def _is_instance(resource: object) -> TypeGuard[FoundResource]:
    if not isinstance(resource, FoundResource) or not isinstance(resource.crn, str):
        _logger.warning("A result of the search for instances is malformed and is ignored.")
        return False
    details = resource.doc
    if not isinstance(details, ResourceDetails) or not details.extensions:
        return False
    return INSTANCE_CRN.fullmatch(resource.crn) is not None


def _label_with_id(instance: FoundInstance) -> str:
    return f"{instance.name} {_parts(instance.crn)['id'][:_SHOWN_OF_ID]}"


def plan_of(entry: CatalogEntry) -> Plan:
    """Return the plan of an entry of the catalog."""
    shown = entry.overview_ui.en if entry.overview_ui else None
    pricing = entry.metadata.pricing if entry.metadata else None
    name: str = entry.name or _UNKNOWN
    if shown:
        name = shown.display_name or name
    kind: str = (pricing.type_ if pricing else None) or _UNKNOWN
    return Plan(str(name).lower(), str(kind))


def chosen_first(
    found: Sequence[FoundInstance], wanted: str | None, filters: InstanceFilters
) -> list[FoundInstance]:
    """Return the instances to use, the default first: the chosen one, or else the first found.

    Args:
        found: the instances of the account.
        wanted: the name of the chosen instance, if any.
        filters: the conditions for the instances if none is chosen.

    Raises:
        IBMQAccountError: the account has no instance, not exactly one with this name, or none that
            meets the conditions.
    """
    if not found:
        raise IBMQAccountError(
            "This account has no instance of the quantum service. Create one at "
            "https://quantum.cloud.ibm.com/instances, and load the account again."
        )
    if wanted is None:
        return filters.apply(found)
    matches = [instance for instance in found if instance.name == wanted]
    if not matches:
        by_name = {instance.name: instance.describe() for instance in found}
        known = ", ".join(by_name[name] for name in nearest(wanted, by_name))
        raise IBMQAccountError(f"This account has no instance '{wanted}'. It has: {known}.")
    if len(matches) > 1:
        raise IBMQAccountError(
            f"{len(matches)} instances of this account have the name '{wanted}'. Specify the "
            "CRN of one, from https://quantum.cloud.ibm.com/instances."
        )
    return matches + [instance for instance in found if instance is not matches[0]]


def _is_ibm(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    return host in (_FRONT_DOOR, _DOMAIN) or host.endswith(f".{_DOMAIN}")


def _text(value: str | Unset | None) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: list[str] | Unset | None) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, value))) if isinstance(value, list) else ()


def _rank(pricing: str) -> int:
    known = pricing in _PRICING_ORDER
    return _PRICING_ORDER.index(pricing) if known else len(_PRICING_ORDER)


def _parts(crn: str) -> re.Match[str]:
    match = INSTANCE_CRN.fullmatch(crn)
    if match is None:
        raise IBMQAccountError(NOT_AN_INSTANCE)
    return match
