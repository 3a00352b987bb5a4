"""What the service adapters hand to the documented classes: frozen values, times in UTC.

A record has the same meaning in every dialect. Documents whose form Qiskit itself defines
(configuration, properties, pulse defaults, Qobj, result) travel as ``Document`` inside a record
and are read by Qiskit's own classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

Document = Mapping[str, Any]
"""A JSON object whose form is Qiskit's: opaque here."""


@frozen
class InstanceId:
    """What a provider stands for: a hub/group/project triple, or one cloud instance.

    Attributes:
        label: short text for messages and ``repr``, for example ``hub/group/project``.
        hub: hub name, ``None`` for a cloud instance.
        group: group name, ``None`` for a cloud instance.
        project: project name, ``None`` for a cloud instance.
        crn: cloud resource name, ``None`` for a triple; never shown by ``repr``.
    """

    label: str
    hub: str | None = None
    group: str | None = None
    project: str | None = None
    crn: str | None = field(default=None, repr=False)

    def text(self) -> str:
        """Return the parts as they stand in ``repr`` of everything of this instance."""
        if self.hub is None:
            return f"instance='{self.label}'"
        return f"hub='{self.hub}', group='{self.group}', project='{self.project}'"


@frozen
class InstanceRecord:
    """One instance the account may use."""

    id: InstanceId
    is_default: bool = False


@frozen
class BackendRecord:
    """A backend as listed.

    Attributes:
        configuration: the configuration document in the form that
            ``QasmBackendConfiguration.from_dict`` takes (frequencies in GHz, ``dt`` in ns).
    """

    name: str
    simulator: bool
    configuration: Document = field(repr=False)


@frozen
class StatusRecord:
    """State of a backend now.

    Attributes:
        pending_jobs: jobs waiting, 0 or more.
        message: short word of the service, ``active`` when jobs run.
    """

    name: str
    version: str
    operational: bool
    pending_jobs: int
    message: str


@frozen
class LimitRecord:
    """Jobs a user may have unfinished on a backend.

    Attributes:
        maximum_jobs: ``None`` when there is no limit.
        running_jobs: unfinished jobs of this user on this backend.
        extra: further keys of the reply, in snake case.
    """

    maximum_jobs: int | None
    running_jobs: int
    extra: Document = field(factory=dict, repr=False)


@frozen
class ReservationRecord:
    """A booked time slot; for other people's slots only the times are known."""

    backend_name: str | None
    start: datetime
    end: datetime
    created: datetime | None = None
    mode: str | None = None
    reservation_id: str | None = None
    hub: str | None = None
    group: str | None = None
    project: str | None = None


@frozen
class QueueRecord:
    """Where a waiting job stands.

    Attributes:
        position: 1 is next; ``None`` when unknown.
        status: the service's word for the state in the queue.
        extra: further keys of the reply, in snake case.
    """

    position: int | None = None
    status: str | None = None
    estimated_start: datetime | None = None
    estimated_complete: datetime | None = None
    hub_priority: float | None = None
    group_priority: float | None = None
    project_priority: float | None = None
    extra: Document = field(factory=dict, repr=False)


@frozen
class JobErrorRecord:
    """Why a job failed, as the service says it; ``hint`` is what to do about this code."""

    message: str
    code: int | str | None = None
    hint: str | None = None


@frozen
class JobRecord:
    """A job as far as the reply at hand describes it; ``None`` means that it did not say.

    Attributes:
        status: name of a ``qiskit.providers.JobStatus`` member.
        service_status: the service's own word.
        created: creation time.
        tags: as the service keeps them, the submission's own tag included.
        time_per_step: service status to the time it was entered.
        run_mode: for example ``fairshare`` or ``dedicated``.
        client: names and versions of the submitting client.
        queue: only while the job waits.
        extra: every other key of the reply, in snake case.
    """

    job_id: str
    status: str
    service_status: str
    created: datetime | None = None
    kind: str | None = None
    backend_name: str | None = None
    name: str | None = None
    tags: tuple[str, ...] | None = None
    time_per_step: Mapping[str, datetime] | None = field(default=None, repr=False)
    run_mode: str | None = None
    client: Mapping[str, str] | None = None
    experiment_id: str | None = None
    error: JobErrorRecord | None = None
    queue: QueueRecord | None = None
    result: Document | None = field(default=None, repr=False)
    qobj: Document | None = field(default=None, repr=False)
    extra: Document = field(factory=dict, repr=False)


@frozen
class Submission:
    """One ``run()``: what has to become exactly one job.

    Attributes:
        qobj: the Qobj document, shape as in Qiskit's Qobj 1.3.
        submission_id: made by the client, unique; travels as a job tag so that the job can be
            found when the reply to the submission is lost.
        live_data: ask for live data, where the service has it.
    """

    backend_name: str
    qobj: Document = field(repr=False)
    submission_id: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    experiment_id: str | None = None
    live_data: bool | None = None


@frozen
class JobQuery:
    """Which jobs to list. Conditions are joined by *and*.

    Attributes:
        statuses: names of ``JobStatus`` members; any of them; empty = all.
        name_pattern: regular expression found anywhere in the name.
        created_from: inclusive.
        created_to: inclusive.
        tags: with ``all_tags`` every one of them, otherwise any.
        descending: newest first.
        where: further conditions in the service's own language (LoopBack ``where``).
    """

    backend_name: str | None = None
    statuses: tuple[str, ...] = ()
    name_pattern: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    tags: tuple[str, ...] = ()
    all_tags: bool = False
    experiment_id: str | None = None
    descending: bool = True
    where: Document | None = None


@frozen
class JobSummary:
    """A job in a bare listing: id, creation time, live data."""

    job_id: str
    created: datetime
    live_data: bool | None = None


@frozen
class ServiceInfo:
    """What is known of the place behind an account, for ``repr`` and notices.

    Attributes:
        place: ``local``, ``classic`` or ``platform``.
        url: base address, without secrets.
        emulated: the service says that it is an emulator.
    """

    place: str
    url: str
    details: Sequence[str] = ()
    emulated: bool = False

    def place_text(self, instance: InstanceId) -> str:
        """Return where an instance is, as it stands in ``repr`` of everything of it."""
        where = f"IBMQ({instance.text()})"
        if self.place == "local":
            return f"{where}, emulated locally"
        return f"{where}, emulated at {self.url}" if self.emulated else where
