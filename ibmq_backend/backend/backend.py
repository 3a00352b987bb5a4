"""``IBMQBackend``: a device of an IBM Quantum service, with the documented methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve
from qiskit.providers import Options
from qiskit.providers.models import BackendProperties, BackendStatus, PulseDefaults
from qiskit.tools.events.pubsub import Publisher

from ibmq_backend._errors.malformed import reading
from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend._errors.translate import raising_backend_errors, raising_protocol_errors
from ibmq_backend._html import MAX_READ_SECONDS
from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend import run_options
from ibmq_backend.backend.assembly import chosen_input, document_of
from ibmq_backend.backend.emulation import notify_emulated
from ibmq_backend.backend.html import backend_card
from ibmq_backend.backend.job_limit import BackendJobLimit
from ibmq_backend.backend.provider import Provider
from ibmq_backend.backend.reservation import BackendReservation, reservations_between
from ibmq_backend.backend.session import SessionBackend
from ibmq_backend.backend.terms import take_terms
from ibmq_backend.backend.version import CallableVersion
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiNotSupported,
    IBMQBackendApiProtocolError,
    IBMQBackendError,
    IBMQError,
)
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.listing import arguments_of
from ibmq_backend.job.query import select_jobs
from ibmq_backend.job.tags import check_tags, new_submission_tag
from ibmq_backend.models import (
    Configuration,
    defaults_from,
    read_configuration,
    read_properties,
    status_from,
)
from ibmq_backend.records import BackendRecord, Document, JobTerms, Submission
from ibmq_backend.units import required_datetime

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials

__all__ = ["IBMQBackend"]

ACTIVE_STATUSES = ("INITIALIZING", "VALIDATING", "QUEUED", "RUNNING")


@methods_suggest_keywords
class IBMQBackend(SessionBackend):
    """A device that runs circuits remotely.

    Users get one from a provider: ``provider.backends.ibmq_vigo`` or
    ``provider.get_backend('ibmq_vigo')``.

    >>> from ibmq_backend import IBMQ
    >>> from qiskit import QuantumCircuit, transpile
    >>> backend = IBMQ.enable_local().get_backend("ibmq_vigo")
    >>> backend.configuration().n_qubits, backend.configuration().basis_gates
    (5, ['id', 'rz', 'sx', 'x', 'cx'])
    >>> circuit = QuantumCircuit(2)
    >>> _ = circuit.h(0), circuit.cx(0, 1)
    >>> circuit.measure_all()
    >>> job = backend.run(transpile(circuit, backend), shots=1000)
    >>> sum(job.result().get_counts().values())
    1000

    Attributes:
        hub: hub of the provider, ``None`` where the service has no hubs.
        group: group of the provider, ``None`` where the service has no groups.
        project: project of the provider, ``None`` where the service has no projects.

    Source: ``IBMQBackend`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    _configuration: Configuration | BackendRecord

    def __init__(
        self,
        configuration: Configuration | BackendRecord,
        provider: Provider,
        credentials: Credentials,
        api_client: AccountClient,
    ) -> None:
        super().__init__(configuration=configuration, provider=provider)
        self._credentials = credentials
        self._api_client = api_client
        self._properties: BackendProperties | None = None
        self._defaults: PulseDefaults | None = None
        self._defaults_known = False
        self.hub = api_client.instance.hub
        self.group = api_client.instance.group
        self.project = api_client.instance.project

    @classmethod
    def _default_options(cls) -> Options:
        return run_options.default_options(simulator=False)

    @property
    def version(self) -> CallableVersion:
        """Terra's interface version, 1; ``backend.version()`` returns the device's version."""
        return CallableVersion(1, str(self.configuration().backend_version))

    def name(self) -> str:
        """Return the name of the backend, for example ``ibmq_vigo``."""
        known = self._configuration
        return known.name if isinstance(known, BackendRecord) else str(known.backend_name)

    def provider(self) -> Provider:
        """Return the provider of this backend."""
        return self._provider  # type: ignore[no-any-return]

    def configuration(self) -> Configuration:
        """Return the configuration of the backend. No request is sent.

        Returns:
            Qubits, coupling map, basis gates and limits. ``dt`` and repetition times are in
            seconds, frequencies in Hz, ``online_date`` is in UTC.

        Raises:
            IBMQBackendApiProtocolError: the configuration is not in the documented form.
        """
        known = self._configuration
        if isinstance(known, BackendRecord):
            # Threads that come here at the same time all return the object of one of them.
            built: Configuration = self.__dict__.setdefault("_built", read_configuration(known))
            self._configuration = known = built
        return known

    def run(
        self,
        circuits: Any = None,
        job_name: str | None = None,
        job_share_level: str | None = None,
        job_tags: Iterable[str] | None = None,
        experiment_id: str | bool | None = None,
        header: Mapping[str, Any] | bool | None = None,
        shots: int | None = None,
        memory: bool | None = None,
        qubit_lo_freq: list[float] | None = None,
        meas_lo_freq: list[float] | None = None,
        schedule_los: Any = None,
        meas_level: Any = None,
        meas_return: Any = None,
        memory_slots: int | None = None,
        memory_slot_size: int | None = None,
        rep_time: float | None = None,
        rep_delay: float | None = None,
        init_qubits: bool | None = None,
        parameter_binds: list[dict[Any, float]] | None = None,
        use_measure_esp: bool | None = None,
        live_data_enabled: bool | None = None,
        **run_config: Any,
    ) -> IBMQJob:
        """Submit circuits, schedules or a Qobj; each call creates exactly one job.

        Circuits are neither transpiled nor changed. Options that are ``None`` are taken from
        ``backend.options``. Options after ``experiment_id`` do not apply to a Qobj, which has its
        own.

        Args:
            circuits: a circuit, a schedule, a list of them, or a QasmQobj or PulseQobj. Also
                accepted as ``qobj=``.
            job_name: any text; need not be unique.
            job_share_level: ignored, as in the original since 0.15.
            job_tags: list of text.
            experiment_id: label of jobs that belong together.
            header: data that is copied to the header of the result.
            shots: repetitions of each circuit; by default 4000 or the backend's maximum, if that is
                smaller.
            memory: whether to return the outcome of each shot too.
            qubit_lo_freq: drive frequencies in Hz, one for each qubit.
            meas_lo_freq: measurement frequencies in Hz, one for each qubit.
            schedule_los: frequencies for each schedule.
            meas_level: 0 raw, 1 kerneled, 2 discriminated.
            meas_return: ``avg`` or ``single``; for levels 0 and 1.
            memory_slots: classical memory slots.
            memory_slot_size: size of a slot for level 0.
            rep_time: time of a repetition in seconds, one of those in the configuration.
            rep_delay: pause between repetitions in seconds, if ``dynamic_reprate_enabled`` is set
                in the configuration; otherwise it is ignored with a warning.
            init_qubits: whether to start every shot in the ground state.
            parameter_binds: one mapping of parameters to values for each circuit.
            use_measure_esp: use excited state promoted readout, if the backend supports it.
            live_data_enabled: request live data.
            **run_config: further options; ``qobj`` and ``validate_qobj`` are accepted. The emulator
                has ``scheduling_method``, ``alap`` or ``asap``, and ``noise``: ``full``, ``gates``
                or ``none``. Unknown options are sent with a notice.

        IBM Quantum Platform has no unknown options: they raise an error, or are left out with a
        warning if ``allow_unknown_options=True`` is given. Further options there:

        * ``max_execution_time``: longest time on the device in whole seconds, 1 to 10800, after
          which the job ends. By default that of the plan; on an open plan one that fits the job,
          60 s and twice the estimated time.
        * ``private``: the service deletes the input after the run and does not return it. The
          result can be read once, and names and metadata only by this process.
        * ``session_id``: id of an open session or batch.
        * ``dynamical_decoupling``, ``twirling``: True, or a dictionary of the options of the
          service, such as ``{"sequence_type": "XY4"}`` and ``{"enable_gates": True}``.

        Returns:
            The submitted job.

        Raises:
            IBMQBackendValueError: the input cannot run on this backend, or an option is not valid.
            IBMQBackendJobLimitError: there are too many unfinished jobs.
            IBMQJobSubmissionUncertain: it is not known whether a job was created.
            IBMQBackendApiError: the service refused the job or failed.
            IBMQBackendError: the service created a job that has already failed.

        Wire: createJob, the upload, markJobDataUploaded. Source: qiskit-ibmq-provider 0.8 to 0.20.
        """
        run_options.refuse_misspelled_options(run_config, (IBMQBackend.run, type(self).run))
        circuits = chosen_input(circuits, run_config.pop("qobj", None))
        run_config.pop("validate_qobj", None)
        if isinstance(experiment_id, bool):  # validate_qobj, fifth argument until 0.11
            experiment_id = None
        if isinstance(header, bool):  # validate_qobj, sixth argument from 0.12 to 0.15
            header = None
        run_options.check_share_level(job_share_level)
        run_options.check_texts(job_name=job_name, experiment_id=experiment_id)
        terms = take_terms(run_config, self)
        if live_data_enabled is None:
            live_data_enabled = getattr(self.options, "live_data_enabled", None)
        given = {
            "header": header,
            "shots": shots,
            "memory": memory,
            "qubit_lo_freq": qubit_lo_freq,
            "meas_lo_freq": meas_lo_freq,
            "schedule_los": schedule_los,
            "meas_level": meas_level,
            "meas_return": meas_return,
            "memory_slots": memory_slots,
            "memory_slot_size": memory_slot_size,
            "rep_time": rep_time,
            "rep_delay": rep_delay,
            "init_qubits": init_qubits,
            "parameter_binds": parameter_binds,
            "use_measure_esp": use_measure_esp,
            "live_data_enabled": live_data_enabled,
            **run_config,
        }
        return self._submit(
            document_of(circuits, self, given),
            name=job_name,
            tags=check_tags(job_tags),
            experiment_id=experiment_id,
            live_data=None if live_data_enabled is None else bool(live_data_enabled),
            terms=terms,
        )

    def _submit(
        self,
        qobj: Document,
        *,
        name: str | None,
        tags: tuple[str, ...],
        experiment_id: str | None,
        live_data: bool | None,
        terms: JobTerms,
    ) -> IBMQJob:
        if self._api_client.info.target == "local":
            notify_emulated(self)
        if self.session is not None and terms.session_id is None:
            terms = evolve(terms, session_id=self.session.session_id)
        submission = Submission(
            backend_name=self.name(),
            qobj=qobj,
            submission_id=new_submission_tag(),
            name=name or None,
            tags=tags,
            experiment_id=experiment_id,
            live_data=live_data,
            terms=terms,
        )
        with raising_backend_errors("submitting the job"):
            record = self._api_client.submit(submission)
        if record.error is not None:
            raise IBMQBackendError(
                f"Job {record.job_id} failed when it was submitted: {record.error.message}"
            )
        job = IBMQJob(self, self._api_client, record, qobj=qobj)
        Publisher().publish("ibmq.job.start", job)
        return job

    def status(self) -> BackendStatus:
        """Return the current state of the backend.

        Returns:
            An object with ``operational``, ``pending_jobs``, ``status_msg``, ``backend_version``.

        Raises:
            ApiError: the call failed.

        Wire: getBackendStatus.
        """
        with raising_protocol_errors("reading the status"):
            return status_from(self._api_client.status(self.name()))

    def properties(
        self, refresh: bool = False, datetime: datetime | None = None
    ) -> BackendProperties | None:
        """Return the calibration of the backend.

        Args:
            refresh: read it again instead of returning the cached calibration.
            datetime: return the newest calibration before this time; local time if it has no time
                zone.

        Returns:
            T1, T2, frequencies, gate and readout errors, with dates in local time; ``None`` if
            there is no calibration.

        Raises:
            TypeError: an argument has the wrong type.
            ApiError: the call failed.
            IBMQBackendApiProtocolError: the calibration is not in the documented form.

        Wire: getBackendProperties.
        """
        if not isinstance(refresh, bool | np.bool_):
            raise TypeError(
                f"refresh must be True or False, not {refresh!r}. Use datetime= for a time."
            )
        if datetime is not None:
            return self._read_properties(before=required_datetime(datetime))
        if refresh or self._properties is None:
            self._properties = self._read_properties(before=None)
        return self._properties

    def _read_properties(self, before: datetime | None) -> BackendProperties | None:
        document = self._api_client.properties(self.name(), before)
        return read_properties(document, self.name())

    def defaults(self, refresh: bool = False) -> PulseDefaults | None:
        """Return the pulse defaults of the backend.

        Args:
            refresh: read the defaults again instead of returning the cached ones.

        Returns:
            Frequencies in Hz and calibrated pulses; ``None`` if there is no pulse access. Unlike in
            the original, ``None`` is cached too, so that transpiling does not request it again.

        Raises:
            ApiError: the call failed.
            IBMQBackendApiProtocolError: the defaults are not in the documented form.

        Wire: getBackendDefaults.
        """
        if refresh or not self._defaults_known:
            try:
                document = self._api_client.defaults(self.name())
            except ApiNotSupported:
                document = None
            what = f"The pulse defaults document of {self.name()}"
            with reading(what, raises=IBMQBackendApiProtocolError):
                self._defaults = defaults_from(document) if document else None
            self._defaults_known = True
        return self._defaults

    def job_limit(self) -> BackendJobLimit:
        """Return the limit of unfinished jobs and their current number.

        Raises:
            ApiError: the call failed.

        Wire: getJobsLimit.
        """
        with raising_protocol_errors("reading the job limit"):
            return BackendJobLimit.from_record(self._api_client.job_limit(self.name()))

    def remaining_jobs_count(self) -> int | None:
        """Return how many more jobs can be submitted now; ``None`` if there is no limit.

        Raises:
            ApiError: the call failed.

        Wire: getJobsLimit.
        """
        limit = self.job_limit()
        if limit.maximum_jobs is None:
            return None
        return max(limit.maximum_jobs - limit.active_jobs, 0)

    @arguments_of(select_jobs)
    def jobs(self, **arguments: Any) -> list[IBMQJob]:
        """Return jobs submitted to this backend.

        Raises:
            IBMQBackendValueError: an argument has a value that cannot be used.
            TypeError: an argument has a wrong type.
            ApiError: the call failed.

        Wire: listJobStatuses, page by page.
        """
        return self.provider().backend.jobs(backend_name=self.name(), **arguments)

    def active_jobs(self, limit: int | None = 10) -> list[IBMQJob]:
        """Return unfinished jobs of this backend, newest first.

        Args:
            limit: maximum number of jobs; ``None`` or 0 for all.

        Raises:
            ApiError: the call failed.

        Wire: listJobStatuses.
        """
        return self.jobs(limit=limit, status=ACTIVE_STATUSES)

    def retrieve_job(self, job_id: str) -> IBMQJob:
        """Return a job of this backend by its id.

        Raises:
            IBMQBackendError: the job ran on another backend.
            IBMQBackendApiError: the service does not know the job, or the call failed.

        Wire: getJob.
        """
        job = self.provider().backend.retrieve_job(job_id)
        if job.backend().name() != self.name():
            raise IBMQBackendError(
                f"Job {job_id} does not belong to {self.name()}: it was submitted to "
                f"{job.backend().name()}. Use provider.backend.retrieve_job() for jobs of any "
                "backend."
            )
        return job

    def reservations(
        self, start_datetime: datetime | None = None, end_datetime: datetime | None = None
    ) -> list[BackendReservation]:
        """Return the reservations of this backend in a time window.

        Args:
            start_datetime: start of the window, in local time if it has no time zone; ``None`` for
                no limit.
            end_datetime: end of the window, in local time if it has no time zone; ``None`` for no
                limit.

        Raises:
            TypeError: an argument is not a datetime.
            ApiError: the call failed.

        Wire: listBackendBookings.
        """
        return reservations_between(self._api_client, self.name(), start_datetime, end_datetime)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}('{self.name()}') from {self._describe_service()}>"

    def _describe_service(self) -> str:
        return self._api_client.info.describe_service(self._api_client.instance)

    def _repr_html_(self) -> str:
        """Return the card of the backend. Only the service of this machine is asked for facts."""
        status, info = None, self._api_client.info
        if info.target == "local":
            with suppress(IBMQError), time_limit(MAX_READ_SECONDS):
                self.properties()
                status = self.status()
        provider = self._describe_service()
        return backend_card(self.configuration(), provider, info, status, self._properties)
