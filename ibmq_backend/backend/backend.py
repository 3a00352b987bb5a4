"""``IBMQBackend``: a device or simulator of an IBM Quantum service, with the documented methods."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qiskit.providers import BackendV1, Options
from qiskit.providers.models import BackendProperties, BackendStatus, PulseDefaults
from qiskit.tools.events.pubsub import Publisher

from ibmq_backend._errors.malformed import reading
from ibmq_backend._errors.translate import raising_backend_errors, raising_protocol_errors
from ibmq_backend._html import card
from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend.job_limit import BackendJobLimit
from ibmq_backend.backend.provider import Provider
from ibmq_backend.backend.reservation import BackendReservation
from ibmq_backend.backend.run_input import Qobj, is_qobj, to_qobj
from ibmq_backend.backend.run_options import KNOWN_RUN_OPTIONS, SHARE_LEVELS, default_options
from ibmq_backend.backend.version import CallableVersion
from ibmq_backend.exceptions import (
    ApiNotSupported,
    IBMQBackendApiProtocolError,
    IBMQBackendError,
    IBMQBackendValueError,
)
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.listing import arguments_of
from ibmq_backend.job.query import check_order, select_jobs
from ibmq_backend.job.tags import check_tags, new_submission_tag
from ibmq_backend.models import (
    Configuration,
    defaults_from,
    properties_of,
    status_from,
)
from ibmq_backend.notices import notify_once
from ibmq_backend.records import Document, Submission
from ibmq_backend.units import to_utc

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials

__all__ = ["IBMQBackend"]

ACTIVE_STATUSES = ("INITIALIZING", "VALIDATING", "QUEUED", "RUNNING")


class IBMQBackend(BackendV1):
    """A device that runs circuits remotely.

    Users get one from a provider: ``provider.backends.ibmq_vigo`` or
    ``provider.get_backend('ibmq_vigo')``.

    Attributes:
        hub: hub of the provider, ``None`` where the service has no hubs.
        group: group of the provider, ``None`` likewise.
        project: project of the provider, ``None`` likewise.

    Source: ``IBMQBackend`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(
        self,
        configuration: Configuration,
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
        return default_options(simulator=False)

    @property
    def version(self) -> CallableVersion:
        """Terra's interface version, 1; called, ``backend.version()``, the device's version."""
        return CallableVersion(1, str(self._configuration.backend_version))

    def name(self) -> str:
        """Return the name of the backend, for example ``ibmq_vigo``."""
        return str(self._configuration.backend_name)

    def provider(self) -> Provider:
        """Return the provider this backend comes from."""
        return self._provider  # type: ignore[no-any-return]

    def configuration(self) -> Configuration:
        """Return the configuration of the backend; no request.

        Returns:
            Qubits, coupling map, basis gates and limits. ``dt`` and repetition times in seconds,
            frequencies in Hz, ``online_date`` in UTC.
        """
        return self._configuration

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
        """Submit circuits, schedules or a Qobj; exactly one job comes of one call.

        Nothing is transpiled, and the caller's circuits are left as they are. Options that are
        ``None`` come from ``backend.options``. None of the options after ``experiment_id`` applies
        to a Qobj, which carries its own.

        Args:
            circuits: a circuit, a schedule, a list of them, or a QasmQobj or PulseQobj. Also
                accepted as ``qobj=``.
            job_name: any text; need not be unique.
            job_share_level: accepted and without effect, as with the provider since 0.15.
            job_tags: list of text.
            experiment_id: label under which several jobs belong together.
            header: copied to the header of the result.
            shots: repetitions of each circuit; 4000 (or the backend's maximum, if that is
                smaller) when not given.
            memory: return the outcome of every shot too.
            qubit_lo_freq: drive frequencies in Hz, one for each qubit.
            meas_lo_freq: measurement frequencies in Hz, one for each qubit.
            schedule_los: frequencies for each schedule.
            meas_level: 0 raw, 1 kerneled, 2 discriminated.
            meas_return: ``avg`` or ``single``; for levels 0 and 1.
            memory_slots: classical memory slots.
            memory_slot_size: size of a slot for level 0.
            rep_time: time of a repetition in seconds, one of the configuration's.
            rep_delay: pause between repetitions in seconds, where the configuration says
                ``dynamic_reprate_enabled``; elsewhere it is left out with a warning.
            init_qubits: start every shot in the ground state.
            parameter_binds: one mapping of parameters to values for each circuit.
            use_measure_esp: excited state promoted readout, where the backend has it.
            live_data_enabled: ask for live data.
            **run_config: further options; ``qobj`` and ``validate_qobj`` are accepted. What no
                device is known to take is sent on, with a notice.

        Returns:
            The job, already known to the service.

        Raises:
            IBMQBackendValueError: the input cannot run on this backend, or an option is wrong.
            IBMQBackendJobLimitError: too many unfinished jobs.
            IBMQJobSubmissionUncertain: whether a job came of it could not be found out.
            IBMQBackendApiError: the service refused or failed.
            IBMQBackendError: the service made a job that has failed already.

        Wire: createJob, the upload, markJobDataUploaded. Source: qiskit-ibmq-provider 0.8 to 0.20.
        """
        qobj = run_config.pop("qobj", None)
        if circuits is None:
            circuits = qobj
        elif qobj is not None:
            raise IBMQBackendValueError("Give either circuits or qobj, not both.")
        if circuits is None:
            raise IBMQBackendValueError("There is nothing to run: no circuits were given.")
        run_config.pop("validate_qobj", None)
        if isinstance(experiment_id, bool):  # fifth positional argument until 0.11: validate_qobj
            experiment_id = None
        if isinstance(header, bool):  # and sixth from 0.12 to 0.15
            header = None
        if job_share_level is not None and str(job_share_level).lower() not in SHARE_LEVELS:
            raise IBMQBackendValueError(
                f"{job_share_level!r} is not a share level. Known: {', '.join(SHARE_LEVELS)}."
            )
        if job_name is not None and not isinstance(job_name, str):
            raise IBMQBackendValueError(f"job_name must be text, not {job_name!r}.")
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
            **run_config,
        }
        return self._submit(
            self._assembled(circuits, given).to_dict(),
            name=job_name,
            tags=check_tags(job_tags),
            experiment_id=experiment_id,
            live_data=live_data_enabled,
        )

    def _assembled(self, circuits: Any, given: Mapping[str, Any]) -> Qobj:
        """Return what ``run`` submits for these circuits and run options."""
        if given.get("use_measure_esp") and not getattr(
            self._configuration, "measure_esp_enabled", False
        ):
            raise IBMQBackendValueError(f"{self.name()} has no excited state promoted readout.")
        if given.get("dynamic"):
            raise IBMQBackendValueError("Dynamic circuits cannot be submitted in this way.")
        apart = ("dynamic", "header", "live_data_enabled")
        options = self._merged_options({k: v for k, v in given.items() if k not in apart})
        options.pop("live_data_enabled", None)
        other_header = options.pop("qobj_header", None)
        header = given.get("header")
        return to_qobj(
            circuits,
            self,
            {} if is_qobj(circuits) else options,
            other_header if header is None else header,
        )

    def _merged_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        options = {**self.options.__dict__, **{k: v for k, v in given.items() if v is not None}}
        if given.get("shots") is None and options.get("shots") is not None:
            options["shots"] = min(options["shots"], self._configuration.max_shots)
        for name in () if self._configuration.simulator else given.keys() - KNOWN_RUN_OPTIONS:
            text = f"{name!r} is not a known run option of a device; {self.name()} may ignore it."
            notify_once(f"option {name}", text)
        return {name: value for name, value in options.items() if value is not None}

    def _submit(
        self,
        qobj: Document,
        *,
        name: str | None,
        tags: tuple[str, ...],
        experiment_id: str | None,
        live_data: bool | None,
    ) -> IBMQJob:
        submission = Submission(
            backend_name=self.name(),
            qobj=qobj,
            submission_id=new_submission_tag(uuid.uuid4()),
            name=name or None,
            tags=tags,
            experiment_id=experiment_id,
            live_data=live_data,
        )
        with raising_backend_errors("submitting the job"):
            record = self._api_client.submit(submission)
        if record.error is not None:
            raise IBMQBackendError(
                f"Job {record.job_id} could not be started: {record.error.message}"
            )
        job = IBMQJob(self, self._api_client, record, qobj=qobj)
        Publisher().publish("ibmq.job.start", job)
        return job

    def status(self) -> BackendStatus:
        """Return the state of the backend now.

        Returns:
            ``operational``, ``pending_jobs``, ``status_msg``, ``backend_version``.

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
            refresh: ask again instead of returning what was read before.
            datetime: return the newest calibration older than this; local time if it has no zone.

        Returns:
            T1, T2, frequencies, gate and readout errors, their dates in local time; ``None`` where
            there is none.

        Raises:
            TypeError: an argument of a wrong type.
            ApiError: the call failed.
            IBMQBackendApiProtocolError: the calibration is not in the documented form.

        Wire: getBackendProperties.
        """
        if not isinstance(refresh, bool):
            raise TypeError(
                f"refresh must be True or False, not {refresh!r}. A time goes to datetime=."
            )
        if datetime is not None:
            return self._read_properties(before=_required_datetime(datetime))
        if refresh or self._properties is None:
            self._properties = self._read_properties(before=None)
        return self._properties

    def _read_properties(self, before: datetime | None) -> BackendProperties | None:
        document = self._api_client.properties(self.name(), before)
        return properties_of(document, self.name())

    def defaults(self, refresh: bool = False) -> PulseDefaults | None:
        """Return the pulse defaults of the backend.

        Args:
            refresh: ask again instead of returning what was read before.

        Returns:
            Frequencies in Hz and calibrated pulses; ``None`` without pulse access. Unlike the
            original, an answer of ``None`` is kept too, so that transpiling does not ask again.

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
        """Return how many jobs may be unfinished at a time, and how many are.

        Raises:
            ApiError: the call failed.

        Wire: getJobsLimit.
        """
        with raising_protocol_errors("reading the job limit"):
            return BackendJobLimit.from_record(self._api_client.job_limit(self.name()))

    def remaining_jobs_count(self) -> int | None:
        """Return how many more jobs can be submitted now; ``None`` without a limit.

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
            limit: at most so many; ``None`` or 0 = all.

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
                f"{job.backend().name()}. provider.backend.retrieve_job() takes jobs of any "
                "backend."
            )
        return job

    def reservations(
        self, start_datetime: datetime | None = None, end_datetime: datetime | None = None
    ) -> list[BackendReservation]:
        """Return reservations of this backend that overlap a window.

        Args:
            start_datetime: local time if it has no zone; open when not given.
            end_datetime: likewise.

        Raises:
            TypeError: not a datetime.
            ApiError: the call failed.

        Wire: listBackendBookings.
        """
        start = None if start_datetime is None else _required_datetime(start_datetime)
        end = None if end_datetime is None else _required_datetime(end_datetime)
        check_order(start, end)
        try:
            records = self._api_client.reservations(self.name(), start, end)
        except ApiNotSupported:
            return []
        return [BackendReservation.from_record(record, self.name()) for record in records]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}('{self.name()}') from {self._place_text()}>"

    def _place_text(self) -> str:
        return self._api_client.info.place_text(self._api_client.instance)

    def _repr_html_(self) -> str:
        configuration = self.configuration()
        return card(
            self.name(),
            {
                "provider": self._place_text(),
                "version": configuration.backend_version,
                "qubits": configuration.n_qubits,
                "quantum volume": getattr(configuration, "quantum_volume", None),
                "basis gates": ", ".join(configuration.basis_gates),
                "maximum shots": configuration.max_shots,
                "maximum circuits": getattr(configuration, "max_experiments", None),
                "kind": "simulator" if configuration.simulator else "device",
            },
        )


def _required_datetime(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"A datetime is needed, not {type(value).__name__}: {value!r}.")
    return to_utc(value)
