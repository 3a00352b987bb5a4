"""The instances of the service: CRN, plan, limits, and who may use them."""

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
"""Stands in the place of the hub of jobs, which this dialect does not have."""

DEFAULT_REGION: Final = "us-east"
REGIONS: Final = ("us-east", "eu-de")
USAGE_PERIOD_SECONDS: Final = 28 * 86_400

_CRN: Final = re.compile(
    r"crn:v1:(bluemix|staging):public:quantum-computing:([\w-]+):a/([0-9a-f]{32}):([\w-]{1,64})::"
)


def _made_up(purpose: str, name: str) -> str:
    return hashlib.sha256(f"ibmq_backend {purpose}\0{name}".encode()).hexdigest()


ACCOUNT_ID: Final = _made_up("account", "emulated")[:32]
"""The account part of the CRNs of this service; made up, and the same for every service."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan allows.

    Attributes:
        name: its name in lower case, as clients compare it.
        pricing: ``free``, ``trial``, ``paygo``, ``paid`` or ``subscription``.
        creations_per_minute: jobs that a user may create in a minute; None for any number.
        pending_jobs: jobs that a user may have pending in an instance; None for any number.
        usage_seconds: seconds of device time in 28 days; None for any number.
        max_execution_seconds: the longest a job may run, and what is assumed without ``cost``.
        dedicated_sessions: whether sessions other than batches may be created.
        max_session_seconds: the longest life of a session or batch.
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
        return str(uuid.UUID(_made_up("plan", self.name)[:32]))


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
        name: the name people gave it.
        plan: what it allows.
        region: where it lives.
        users: the names of the users who may use it; None for all.
        devices: the names of its devices; None for all that are offered.
        usage_limit_seconds: a limit that its owner has set below that of the plan.
        tags: tags for the search.
        account_id: 32 hex characters.
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
        return str(uuid.UUID(_made_up("instance", f"{self.account_id} {self.name}")[:32]))

    @property
    def crn(self) -> str:
        """The CRN of the instance."""
        return (
            f"crn:v1:bluemix:public:quantum-computing:{self.region}:a/{self.account_id}:"
            f"{self.guid}::"
        )

    @property
    def place(self) -> Instance:
        """Where its jobs are kept."""
        return Instance(HUB, self.guid, "")

    def open_to(self, account: Account) -> bool:
        """Return whether a user may use it."""
        return self.users is None or account.name in self.users


DEFAULT_INSTANCES: Final = (
    ServiceInstance("open-instance", OPEN_PLAN),
    ServiceInstance("premium-instance", PREMIUM_PLAN),
    ServiceInstance("frankfurt-instance", PAYGO_PLAN, "eu-de"),
)


class Instances:
    """All instances of a service.

    Args:
        instances: the instances, in the order in which the search lists them.

    Raises:
        EmulatorError: two have the same name, or one has an unknown region.
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
            EmulatorError: one does not.
        """
        known = set(offered)
        for instance in self._by_crn.values():
            for name in instance.devices or ():
                if name not in known:
                    raise EmulatorError(f"instance {instance.name!r}: no device {name!r}")

    @property
    def default(self) -> ServiceInstance:
        """The instance that a user without a preference is told: the first without limits.

        Raises:
            EmulatorError: there is none at all.
        """
        listed = list(self._by_crn.values())
        if not listed:
            raise EmulatorError("the service has no instance")
        unlimited = [one for one in listed if one.plan.usage_seconds is None and one.users is None]
        return (unlimited or listed)[0]

    def visible(self, account: Account) -> list[ServiceInstance]:
        """Return the instances that a user may use, in all regions."""
        return [one for one in self._by_crn.values() if one.open_to(account)]

    def plan(self, plan_id: str) -> Plan | None:
        """Return the plan with this id, if an instance has it."""
        return next((one.plan for one in self._by_crn.values() if one.plan.id == plan_id), None)

    def find(self, crn: str | None, region: str, account: Account) -> ServiceInstance:
        """Return the instance that a request names.

        Args:
            crn: the header ``Service-CRN``.
            region: the region of the address that the request was sent to.
            account: the user.

        Raises:
            PlatformError: the header is missing or no CRN, the instance does not exist in the
                region, or it is not open to the user.
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
        if not found.open_to(account):
            raise errors.instance_forbidden(crn)
        return found
