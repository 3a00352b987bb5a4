"""Values that the service adapters return to the documented classes; times are in UTC.

A record has the same meaning for every service. Documents in a format of Qiskit (configuration,
properties, pulse defaults, Qobj, result) are passed on as ``Document`` and read by Qiskit's own
classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, field, fields, frozen

Document = Mapping[str, Any]
"""A JSON object in a format of Qiskit; not interpreted here."""


@frozen
class InstanceId:
    """The hub/group/project triple or the cloud instance of a provider.

    Attributes:
        label: short text for messages and ``repr``, for example ``hub/group/project``.
        hub: hub name, ``None`` for a cloud instance.
        group: group name, ``None`` for a cloud instance.
        project: project name, ``None`` for a cloud instance.
        crn: cloud resource name, ``None`` for a triple; never shown by ``repr``.
        plan: name of the plan in lower case, ``None`` if it is not known.
    """

    label: str
    hub: str | None = None
    group: str | None = None
    project: str | None = None
    crn: str | None = field(default=None, repr=False)
    plan: str | None = field(default=None, eq=False, repr=False)

    def text(self) -> str:
        """Return the parts as they appear in the ``repr`` of objects."""
        if self.hub is None:
            return f"instance='{self.label}'"
        return f"hub='{self.hub}', group='{self.group}', project='{self.project}'"


@frozen
class InstanceRecord:
    """An instance that the account may use.

    Attributes:
        description: plan and region of a cloud instance, for messages.
    """

    id: InstanceId
    is_default: bool = False
    description: str = ""


@frozen
class BackendRecord:
    """A backend in a list of the service.

    Attributes:
        qubits: number of qubits, if the list has it.
        configuration: the configuration document in the format of
            ``QasmBackendConfiguration.from_dict`` (frequencies in GHz, ``dt`` in ns).
    """

    name: str
    simulator: bool
    configuration: Document = field(repr=False)
    qubits: int | None = None


@frozen
class StatusRecord:
    """The current state of a backend.

    Attributes:
        pending_jobs: jobs waiting, 0 or more.
        message: status of the service in a word, ``active`` when jobs run.
    """

    name: str
    version: str
    operational: bool
    pending_jobs: int
    message: str


@frozen
class LimitRecord:
    """The limit of unfinished jobs of a user on a backend.

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
    """A reserved time slot; for other users' slots only the times are known."""

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
    """The position of a waiting job in the queue.

    Attributes:
        position: 1 is next; ``None`` when unknown.
        status: state in the queue, in the service's own word.
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
    """The reason why a job failed, in the service's words; ``hint`` says what to do about it."""

    message: str
    code: int | str | None = None
    hint: str | None = None


@frozen
class JobRecord:
    """A job as one reply describes it; ``None`` for fields that the reply leaves out.

    Attributes:
        status: name of a ``qiskit.providers.JobStatus`` member.
        service_status: status in the service's own word.
        has_known_status: false if that word is not known. ``status`` is then ``DONE`` if the job
            has ended, otherwise ``INITIALIZING``.
        created: creation time.
        tags: all tags on the service, including the tag of the submission.
        time_per_step: time at which each service status was entered.
        run_mode: for example ``fairshare`` or ``dedicated``.
        client: names and versions of the submitting client.
        queue: position in the queue, only while the job waits.
        extra: all other keys of the reply, in snake case.
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
    has_known_status: bool = True

    def updated(self, newer: JobRecord) -> JobRecord:
        """Return this record with a newer reply; fields that the reply lacks keep their values.

        In a state that is not known, a job that has not ended keeps its last known state.
        """
        known = {
            each.name: getattr(newer, each.name)
            for each in fields(JobRecord)
            if each.name != "job_id" and getattr(newer, each.name) is not None
        }
        if newer.status == "INITIALIZING" and not newer.has_known_status:
            known["status"] = self.status
        known["extra"] = {**self.extra, **newer.extra}
        known["queue"] = newer.queue
        return evolve(self, **known)


@frozen
class JobTerms:
    """How a job runs and what it may cost, where the service lets its users say so.

    Attributes:
        max_execution_time: the longest time on the device in seconds; ``None`` leaves it to the
            adapter.
        private: whether the service deletes the input after the run and the result once it is read.
        session_id: the session or batch that the job belongs to.
        options: further options of the run in the service's own form, for example
            ``dynamical_decoupling``.
    """

    max_execution_time: int | None = None
    private: bool = False
    session_id: str | None = None
    options: Document = field(factory=dict)


@frozen
class UsageRecord:
    """The time on devices that an instance has used in the current period.

    Attributes:
        consumed_seconds: time used.
        limit_seconds: time that may be used; ``None`` if there is no limit.
        start: start of the period.
        end: end of the period.
        limit_reached: whether the service accepts no more jobs for this reason.
    """

    consumed_seconds: float
    limit_seconds: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit_reached: bool = False

    @property
    def remaining_seconds(self) -> float | None:
        """Time that is left, 0 or more; ``None`` if there is no limit."""
        if self.limit_seconds is None:
            return None
        return max(self.limit_seconds - self.consumed_seconds, 0.0)


@frozen
class SessionRecord:
    """A session or batch, in which the jobs of one user run together.

    Attributes:
        mode: ``dedicated`` or ``batch``.
        state: state in the service's own word, ``closed`` at the end.
        accepting_jobs: whether more jobs can be submitted to it.
        max_seconds: longest life in seconds.
    """

    session_id: str
    mode: str
    backend_name: str | None = None
    state: str | None = None
    accepting_jobs: bool | None = None
    max_seconds: int | None = None


@frozen
class Submission:
    """The input of one ``run()``, which creates exactly one job.

    Attributes:
        qobj: the Qobj document, in the format of Qiskit's Qobj 1.3 and the types of JSON; headers
            may contain ``NaN`` and infinity.
        submission_id: unique id made by the client. It is sent as a job tag, so that the job can be
            found if the reply to the submission is lost.
        live_data: request live data if the service offers it.
        terms: how the job runs and what it may cost.
    """

    backend_name: str
    qobj: Document = field(repr=False)
    submission_id: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    experiment_id: str | None = None
    live_data: bool | None = None
    terms: JobTerms = field(factory=JobTerms)


@frozen
class JobQuery:
    """Filter of a list of jobs; all conditions must match.

    Attributes:
        statuses: names of ``JobStatus`` members, any of which matches; empty for all.
        name_pattern: regular expression that matches anywhere in the name.
        created_from: earliest creation time.
        created_to: latest creation time.
        tags: tags of the job; all of them with ``all_tags``, otherwise any of them.
        descending: return the newest jobs first.
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
    """A job in a list of ids: id, creation time, live data."""

    job_id: str
    created: datetime | None
    live_data: bool | None = None


@frozen
class ServiceInfo:
    """The service of an account, for ``repr`` and notices.

    Attributes:
        target: ``local``, ``classic`` or ``platform``.
        url: base address, without secrets.
        emulated: True if the service identifies itself as an emulator.
    """

    target: str
    url: str
    details: Sequence[str] = ()
    emulated: bool = False

    def describe_service(self, instance: InstanceId) -> str:
        """Return the instance and its service as they appear in the ``repr`` of objects."""
        where = f"IBMQ({instance.text()})"
        if self.target == "local":
            return f"{where}, emulated locally"
        return f"{where}, emulated at {self.url}" if self.emulated else where
