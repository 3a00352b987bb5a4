"""The differences between the dialects as data: names, error codes, capabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from ibmq_backend.api.platform.instances import instance_of_crn
from ibmq_backend.api.port import Capability
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.records import InstanceId

SIMULATOR: Final = "ibmq_qasm_simulator"
DEVICE: Final = "ibmq_vigo"
PULSE_DEVICE: Final = "ibmq_armonk"
DEVICES: Final = (PULSE_DEVICE, SIMULATOR, DEVICE)
"""The devices of the emulator in the order of its lists; few, to keep cassettes small."""

OPEN: Final = InstanceId("ibm-q/open/main", hub="ibm-q", group="open", project="main")
OTHER: Final = InstanceId(
    "university/physics/lab", hub="university", group="physics", project="lab"
)

_TODAY: Final = ("ibm_lagos", "ibm_oslo")
PLATFORM_INSTANCES: Final = (
    ServiceInstance("course", devices=_TODAY),
    ServiceInstance("laboratory", devices=_TODAY[:1]),
    ServiceInstance("elsewhere", devices=_TODAY[:1], users=()),
)
"""The instances of the account, and one of another user."""


class Trait(Enum):
    """A feature of a dialect that is not a capability of the port."""

    SIMULATOR = "a backend that is a simulator"
    CHECKED_URL = "the login checks whether the URL is that of a service"
    SEARCH_LANGUAGE = "the service searches jobs with arbitrary conditions"
    EXPERIMENTS = "jobs can belong to an experiment"
    UPLOADS = "the input of a job is uploaded to object storage"
    SERVER_SIDE_CHECKS = "the service checks jobs; one that the device cannot run ends in an error"
    STEP_TIMES = "a job has the time of each step"
    CHECKED_DEVICE_NAMES = "every operation of a device rejects unknown names"


@dataclass(frozen=True)
class Facts:
    """A dialect, and the account of the suite in it.

    Attributes:
        dialect: ``classic`` or ``platform``.
        capabilities: capabilities of the port.
        traits: further features.
        devices: devices of ``instance``, in the order of the service.
        device: a device that can be paused while ``runner`` runs jobs.
        runner: device or simulator that runs the jobs with results.
        qubits: number of qubits of ``device``.
        instance: default instance of the account.
        other: another instance, with ``device`` only; live, the default if there is no other.
        foreign_instance: an instance of another user.
        wrong_token: status, code and operation of the error for a wrong token.
        forbidden: status and code of the error for ``foreign_instance``.
        no_device: status and code of the error for an unknown device.
        no_job: status and code of the error for an unknown job.
        no_result: status and code of the error for a result that does not exist yet.
        unknown_job_id: ID of a job that does not exist.
        token_lifetime_seconds: lifetime of an access token.
        ended: statuses of the service for jobs that are done and cancelled.
        job_operations: method of the port to the operation that fails for an unknown job.
        now: time of the emulated service, which stands still.
        basis: basis gates of ``device``.
        entangler: two-qubit gate of ``runner``, ``cx`` or ``cz``; empty if it has neither.
        pair: two qubits that are coupled on ``device``.
        further: further instances of the account.
        simulators: the simulators among ``devices``.
        pulse: whether ``device`` has pulse access.
    """

    dialect: str
    capabilities: frozenset[Capability]
    traits: frozenset[Trait]
    devices: tuple[str, ...]
    device: str
    runner: str
    qubits: int
    instance: InstanceId
    other: InstanceId
    foreign_instance: InstanceId
    wrong_token: tuple[int, int | str, str]
    forbidden: tuple[int, int | None]
    no_device: tuple[int, int | None]
    no_job: tuple[int, int]
    no_result: tuple[int, int]
    unknown_job_id: str
    token_lifetime_seconds: int
    ended: tuple[str, str]
    job_operations: dict[str, str]
    now: datetime
    basis: tuple[str, ...] = ("id", "rz", "sx", "x", "cx")
    entangler: str = "cx"
    pair: tuple[int, int] = (0, 1)
    further: tuple[InstanceId, ...] = ()
    simulators: tuple[str, ...] = ()
    pulse: bool = False

    @property
    def instances(self) -> list[InstanceId]:
        """All instances of the account, with the default first."""
        return list(dict.fromkeys((self.instance, self.other, *self.further)))

    def renamed(self, text: Callable[[str], str]) -> Facts:
        """Return a copy in which ``text`` has changed the CRNs."""

        def rename(instance: InstanceId) -> InstanceId:
            if instance.crn is None:
                return instance
            return instance_of_crn(text(instance.crn), instance.label)

        return replace(
            self,
            instance=rename(self.instance),
            other=rename(self.other),
            foreign_instance=rename(self.foreign_instance),
        )


_NEW: Final = frozenset(
    {Capability.JOB_LOGS, Capability.JOB_TERMS, Capability.SESSIONS, Capability.USAGE}
)
"""What only the platform has."""

_PLATFORM_IDS: Final = tuple(instance_of_crn(one.crn, one.name) for one in PLATFORM_INSTANCES)

FACTS: Final = {
    "classic": Facts(
        dialect="classic",
        capabilities=frozenset(Capability) - _NEW,
        traits=frozenset(Trait),
        devices=DEVICES,
        device=DEVICE,
        runner=SIMULATOR,
        qubits=5,
        instance=OPEN,
        other=OTHER,
        foreign_instance=InstanceId("no/such/place", hub="no", group="such", project="place"),
        wrong_token=(401, 3446, "loginWithToken"),
        forbidden=(403, 2911),
        no_device=(404, 2620),
        no_job=(404, 3250),
        no_result=(400, 3211),
        unknown_job_id="0" * 24,
        token_lifetime_seconds=14 * 86_400,
        ended=("COMPLETED", "CANCELLED"),
        job_operations={
            "job": "getJob",
            "job_status": "getJobStatus",
            "job_input": "getJobDownloadUrl",
            "job_result": "getResultDownloadUrl",
            "job_properties": "getJobProperties",
            "cancel": "cancelJob",
            "relabel": "updateJob",
            "delete": "deleteJob",
        },
        now=datetime(2021, 5, 4, 12, tzinfo=UTC),
        simulators=(SIMULATOR,),
    ),
    "platform": Facts(
        dialect="platform",
        capabilities=frozenset({Capability.PROPERTIES_BY_DATE, Capability.JOB_NAMES}) | _NEW,
        traits=frozenset(),
        devices=_TODAY,
        device=_TODAY[0],
        runner=_TODAY[1],
        qubits=7,
        instance=_PLATFORM_IDS[0],
        other=_PLATFORM_IDS[1],
        foreign_instance=_PLATFORM_IDS[2],
        wrong_token=(400, "BXNIM0415E", "exchangeToken"),
        forbidden=(403, None),
        no_device=(404, None),
        no_job=(404, 1291),
        no_result=(400, 1234),
        unknown_job_id="0" * 20,
        token_lifetime_seconds=3600,
        ended=("Completed", "Cancelled"),
        job_operations={
            "job": "getJob",
            "job_status": "getJob",
            "job_input": "getJob",
            "job_result": "getJob",
            "job_properties": "getJob",
            "cancel": "cancelJob",
            "relabel": "getJob",
            "delete": "deleteJob",
        },
        now=datetime(2026, 5, 4, 12, tzinfo=UTC),
    ),
}
"""Facts by dialect."""
