"""What is different between the dialects, as data: names, codes, and what each one offers."""

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
"""What the emulator offers here, in the order of its lists: few, so that cassettes stay small."""

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
"""Instances of the account, and one of somebody else."""


class Trait(Enum):
    """What a dialect has beside the capabilities of the port."""

    SIMULATOR = "a backend that is a simulator"
    CHECKED_ADDRESS = "logging in finds out whether a service of the dialect is there"
    SEARCH_LANGUAGE = "the service searches jobs by any condition"
    EXPERIMENTS = "jobs may belong to an experiment"
    UPLOADS = "input travels to a storage of its own"
    JOBS_ON_TRUST = "jobs are sent as they are; what the device cannot run ends in an error"
    STEPS = "the job says when it took each step"
    STRICT_NAMES = "every operation of a device refuses unknown names"


@dataclass(frozen=True)
class Facts:
    """A dialect, and the account that the suite has in it.

    Attributes:
        capabilities: of the port.
        traits: beside them.
        devices: of ``instance``, in the order of the service.
        device: one of them that can be held while ``runner`` runs.
        runner: where jobs run that are to give results.
        qubits: of ``device``.
        basis: gates of ``device``.
        entangler: gate of ``runner`` that joins two qubits, ``cx`` or ``cz``; empty for neither.
        pair: of qubits that ``device`` joins.
        further: instances of the account.
        simulators: those of ``devices`` that are none.
        pulse: whether ``device`` takes pulses.
        instance: of the account, its default.
        other: of the account, with ``device`` only; live the default again when it has no other.
        stranger: somebody else's.
        wrong_token: status, code and operation of the refusal of a token.
        forbidden: status and code of the refusal of ``stranger``.
        no_device: status and code for an unknown device.
        no_job: status and code for an unknown job.
        too_early: status and code of the refusal of a result that is not there yet.
        no_job_id: of a job that does not exist.
        token_seconds: how long a login holds.
        ended: the service's own words for done and cancelled.
        now: the time of the emulated service, which stands still.
        job_operations: the operation that each method of the port fails in for an unknown job.
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
    stranger: InstanceId
    wrong_token: tuple[int, int | str, str]
    forbidden: tuple[int, int | None]
    no_device: tuple[int, int | None]
    no_job: tuple[int, int]
    too_early: tuple[int, int]
    no_job_id: str
    token_seconds: int
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
        """All of the account, the default one first."""
        return list(dict.fromkeys((self.instance, self.other, *self.further)))

    def renamed(self, text: Callable[[str], str]) -> Facts:
        """The same with resource names that have been put through ``text``."""

        def rename(instance: InstanceId) -> InstanceId:
            if instance.crn is None:
                return instance
            return instance_of_crn(text(instance.crn), instance.label)

        return replace(
            self,
            instance=rename(self.instance),
            other=rename(self.other),
            stranger=rename(self.stranger),
        )


_PLATFORM_IDS: Final = tuple(instance_of_crn(one.crn, one.name) for one in PLATFORM_INSTANCES)

FACTS: Final = {
    "classic": Facts(
        dialect="classic",
        capabilities=frozenset(Capability),
        traits=frozenset(Trait),
        devices=DEVICES,
        device=DEVICE,
        runner=SIMULATOR,
        qubits=5,
        instance=OPEN,
        other=OTHER,
        stranger=InstanceId("no/such/place", hub="no", group="such", project="place"),
        wrong_token=(401, 3446, "loginWithToken"),
        forbidden=(403, 2911),
        no_device=(404, 2620),
        no_job=(404, 3250),
        too_early=(400, 3211),
        no_job_id="0" * 24,
        token_seconds=14 * 86_400,
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
        capabilities=frozenset({Capability.PROPERTIES_BY_DATE, Capability.JOB_NAMES}),
        traits=frozenset(),
        devices=_TODAY,
        device=_TODAY[0],
        runner=_TODAY[1],
        qubits=7,
        instance=_PLATFORM_IDS[0],
        other=_PLATFORM_IDS[1],
        stranger=_PLATFORM_IDS[2],
        wrong_token=(400, "BXNIM0415E", "exchangeToken"),
        forbidden=(403, None),
        no_device=(404, None),
        no_job=(404, 1291),
        too_early=(400, 1234),
        no_job_id="0" * 20,
        token_seconds=3600,
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
