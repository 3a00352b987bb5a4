"""Service instances: their CRNs, plans, limits and users."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.platform import errors

HUB: Final = "platform"
"""Stored as the hub of jobs; this dialect has no hubs."""

DEFAULT_REGION: Final = "us-east"
REGIONS: Final = ("us-east", "eu-de")
USAGE_PERIOD_SECONDS: Final = 28 * 86_400

_CRN: Final = re.compile(
    r"crn:v1:(bluemix|staging):public:quantum-computing:([\w-]+):a/([0-9a-f]{32}):([\w-]{1,64})::"
)


def _artificial_id(purpose: str, name: str) -> str:
    return hashlib.sha256(f"ibmq_backend {purpose}\0{name}".encode()).hexdigest()


ACCOUNT_ID: Final = _artificial_id("account", "emulated")[:32]
"""Account id in the CRNs of all emulated services."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan and its limits.

    Attributes:
        name: name in lower case, as clients compare it.
        pricing: ``free``, ``trial``, ``paygo``, ``paid`` or ``subscription``.
        creations_per_minute: maximum number of new jobs of a user per minute; None for no limit.
        pending_jobs: maximum number of pending jobs of a user in an instance; None for no limit.
        usage_seconds: maximum device time in 28 days; None for no limit.
        max_execution_seconds: maximum run time of a job, and the default ``cost`` of a job.
        dedicated_sessions: whether sessions other than batches are allowed.
        max_session_seconds: maximum lifetime of a session or batch.
    """

    name: str
    pricing: str
    creations_per_minute: int | None = None
    pending_jobs: int | None = None
    usage_seconds: int | None = None
    max_execution_seconds: int = 10_800
    dedicated_sessions: bool = True
    max_session_seconds: int = 28_800

    @property
    def id(self) -> str:
        """The id of the plan in the catalog."""
        return str(uuid.UUID(_artificial_id("plan", self.name)[:32]))


OPEN_PLAN: Final = Plan(
    "open",
    "free",
    creations_per_minute=5,
    pending_jobs=3,
    usage_seconds=600,
    max_execution_seconds=600,
    dedicated_sessions=False,
    max_session_seconds=600,
)
PAYGO_PLAN: Final = Plan("pay-as-you-go", "paygo")
PREMIUM_PLAN: Final = Plan("premium", "subscription")
PLANS: Final = {plan.name: plan for plan in (OPEN_PLAN, PAYGO_PLAN, PREMIUM_PLAN)}


@dataclass(frozen=True, slots=True)
class ServiceInstance:
    """An instance of the service.

    Attributes:
        name: display name.
        plan: the plan.
        region: ``us-east`` or ``eu-de``.
        users: names of the users with access; None for all.
        devices: names of the devices; None for all devices of the dialect.
        usage_limit_seconds: limit that the owner has set below that of the plan.
        tags: tags for the instance search.
        account_id: id of the owner, 32 hex characters.
    """

    name: str
    plan: Plan = PREMIUM_PLAN
    region: str = DEFAULT_REGION
    users: tuple[str, ...] | None = None
    devices: tuple[str, ...] | None = None
    usage_limit_seconds: int | None = None
    tags: tuple[str, ...] = ()
    account_id: str = ACCOUNT_ID

    @property
    def guid(self) -> str:
        """The id of the instance."""
        return str(uuid.UUID(_artificial_id("instance", f"{self.account_id} {self.name}")[:32]))

    @property
    def crn(self) -> str:
        """The CRN of the instance."""
        return (
            f"crn:v1:bluemix:public:quantum-computing:{self.region}:a/{self.account_id}:"
            f"{self.guid}::"
        )

    @property
    def stored_instance(self) -> Instance:
        """The hub, group and project under which the jobs are stored."""
        return Instance(HUB, self.guid, "")

    def is_open_to(self, account: Account) -> bool:
        """Return whether a user may use the instance."""
        return self.users is None or account.name in self.users


DEFAULT_INSTANCES: Final = (
    ServiceInstance("open-instance", OPEN_PLAN),
    ServiceInstance("premium-instance", PREMIUM_PLAN),
    ServiceInstance("frankfurt-instance", PAYGO_PLAN, "eu-de"),
)


class Instances:
    """All instances of a service.

    Args:
        instances: the instances in list order.

    Raises:
        EmulatorError: an instance is configured twice or has an unknown region.
    """

    def __init__(self, instances: Sequence[ServiceInstance] = DEFAULT_INSTANCES) -> None:
        self._by_crn = {instance.crn: instance for instance in instances}
        if len(self._by_crn) != len(instances):
            raise EmulatorError("an instance is configured twice")
        for instance in instances:
            if instance.region not in REGIONS:
                raise EmulatorError(f"the instance {instance.name!r} is in an unknown region")

    def check_devices(self, offered: Iterable[str]) -> None:
        """Check that the devices of the instances exist.

        Raises:
            EmulatorError: a device does not exist.
        """
        known = set(offered)
        for instance in self._by_crn.values():
            for name in instance.devices or ():
                if name not in known:
                    raise EmulatorError(f"instance {instance.name!r}: no device {name!r}")

    @property
    def default(self) -> ServiceInstance:
        """The default instance: the first one without limits.

        Raises:
            EmulatorError: the service has no instances.
        """
        listed = list(self._by_crn.values())
        if not listed:
            raise EmulatorError("the service has no instance")
        unlimited = [one for one in listed if one.plan.usage_seconds is None and one.users is None]
        return (unlimited or listed)[0]

    def visible(self, account: Account) -> list[ServiceInstance]:
        """Return the instances that a user may use, in all regions."""
        return [one for one in self._by_crn.values() if one.is_open_to(account)]

    def plan(self, plan_id: str) -> Plan | None:
        """Return the plan with this id, if an instance has it."""
        return next((one.plan for one in self._by_crn.values() if one.plan.id == plan_id), None)

    def find(self, crn: str | None, region: str, account: Account) -> ServiceInstance:
        """Return the instance that a request names.

        Args:
            crn: the header ``Service-CRN``.
            region: the region of the request URL.
            account: the user.

        Raises:
            PlatformError: the header is missing or is not a CRN, the instance does not exist in
                the region, or it is not open to the user.
        """
        if not crn:
            raise errors.crn_missing()
        parts = _CRN.fullmatch(crn)
        if parts is None:
            raise errors.crn_invalid(crn)
        found = self._by_crn.get(crn)
        if found is None:
            if parts[3] not in {one.account_id for one in self._by_crn.values()}:
                raise errors.instance_forbidden(crn)
            raise errors.instance_not_found(crn)
        if found.region != region:
            raise errors.instance_not_found(crn)
        if not found.is_open_to(account):
            raise errors.instance_forbidden(crn)
        return found
