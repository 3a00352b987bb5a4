"""``provider.backend``: the backends and jobs of a provider."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend._errors.malformed import reading
from ibmq_backend._errors.suggestions import (
    MOST_NAMES,
    methods_suggest_keywords,
    refuse_misspelled,
)
from ibmq_backend._errors.translate import raising_backend_errors, raising_protocol_errors
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend.names import (
    describe_elsewhere,
    describe_unknown,
    identifiers,
    is_device_name,
    is_retired,
    resolve,
)
from ibmq_backend.backend.provider import Provider
from ibmq_backend.backend.reservation import BackendReservation
from ibmq_backend.backend.selection import read_each, states_of
from ibmq_backend.backend.variants import IBMQBackend, IBMQRetiredBackend, IBMQSimulator
from ibmq_backend.exceptions import (
    ApiNotSupported,
    IBMQBackendApiProtocolError,
    IBMQBackendError,
    IBMQError,
)
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.listing import JobListing, arguments_like
from ibmq_backend.job.query import JobSelection, select_jobs
from ibmq_backend.job.wait import FINAL
from ibmq_backend.models import check_configuration
from ibmq_backend.records import BackendRecord

__all__ = ["IBMQBackendService"]

logger = get_logger(__name__)

_OPEN_GROUP_OF_2019 = frozenset(
    {
        "ibmq_qasm_simulator", "ibmqx2", "ibmq_16_melbourne", "ibmq_vigo", "ibmq_ourense",
        "ibmq_london", "ibmq_burlington", "ibmq_essex", "ibmq_armonk",
    }
)  # fmt: skip
"""Backends of the open group at the end of 2019, as the outputs of tutorials list them."""

_STATUS_FIELDS = frozenset({"operational", "pending_jobs", "status_msg", "backend_version"})


@methods_suggest_keywords
class IBMQBackendService:
    """The backends and jobs of a provider.

    Every backend is an attribute (``provider.backend.ibmq_vigo``), with its name as a Python
    identifier in snake case. The object can be called: ``provider.backends()``. The list of
    backends is requested when first needed and kept; :meth:`refresh` requests it again.

    >>> from ibmq_backend import IBMQ
    >>> service = IBMQ.enable_local().backend
    >>> service.ibmq_vigo.configuration().n_qubits
    5
    >>> [backend.name() for backend in service.backends(simulator=True)]
    ['ibmq_qasm_simulator', ...]
    >>> service.jobs(backend_name="ibmq_vigo", status="QUEUED")
    []

    Source: ``IBMQBackendService`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(self, provider: Provider, api_client: AccountClient) -> None:
        self._provider = provider
        self._api_client = api_client
        self._lock = threading.RLock()
        self._records: dict[str, BackendRecord] | None = None
        self._made: dict[str, IBMQBackend] = {}
        self._listing = JobListing(api_client, self._named_by_a_job)

    # -- discovery -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Request the list of backends again.

        Wire: listBackends.
        """
        with self._lock:
            records = {record.name: record for record in self._api_client.backends()}
            self._records = records
            self._made = {name: made for name, made in self._made.items() if name in records}

    def _known(self) -> dict[str, BackendRecord]:
        with self._lock:
            if not self._records:  # an empty list is requested again, as documented
                self.refresh()
            assert self._records is not None
            return self._records

    def _backend(self, name: str) -> IBMQBackend:
        """Return the object of a backend, which builds its configuration when it is first used.

        Raises:
            ApiError: the configuration could not be read.
            IBMQBackendApiProtocolError: the configuration lacks a required field.
        """
        with self._lock:
            if name not in self._made:
                record = self._known()[name]
                what = f"The configuration of {name}"
                with (
                    reading(what, raises=IBMQBackendApiProtocolError),
                    raising_protocol_errors(f"reading the configuration of {name}"),
                ):
                    check_configuration(record.configuration)
                kind = IBMQSimulator if record.simulator else IBMQBackend
                self._made[name] = kind(
                    record, self._provider, self._provider.credentials, self._api_client
                )
            return self._made[name]

    def __getattr__(self, name: str) -> IBMQBackend:
        if name.startswith("__"):  # used by copy, pickle and inspect
            raise AttributeError(name)
        by_identifier = identifiers(self._known())
        backend_name = by_identifier.get(name, resolve(name))
        if backend_name in self._known():
            return self._backend(backend_name)
        problem = self._describe_unknown(name, by_identifier)
        raise AttributeError(problem, name=name)  # without obj, Python adds no second suggestion

    def _describe_unknown(self, name: str, known: Iterable[str]) -> str:
        """Return an error text, which names the instance of the account that has the backend."""
        wanted, client = resolve(name), self._api_client
        if is_device_name(wanted) and (client.info.emulated or not is_retired(wanted)):
            other = client.instance_with(wanted)
            if other is not None:
                return describe_elsewhere(wanted, other)
        return describe_unknown(name, known, self._remote_qubits())

    def _refuse_misspelled(self, conditions: Iterable[str], made: Iterable[IBMQBackend]) -> None:
        """Raise ``TypeError`` if a condition looks like a field or an argument."""
        configurations = [each.configuration() for each in made]
        known = {*inspect.signature(self.backends).parameters, *_STATUS_FIELDS}
        unknown = [
            name
            for name in conditions
            if name not in known and not any(hasattr(each, name) for each in configurations)
        ]
        if unknown:
            known.update(name for each in configurations for name in each.to_dict())
            refuse_misspelled(unknown, known, "backends()")

    def _remote_qubits(self) -> dict[str, int] | None:
        """Return the number of qubits of each device, ``None`` for the local service."""
        if self._api_client.info.target == "local":
            return None
        return {
            name: record.qubits
            for name, record in self._known().items()
            if record.qubits is not None and not record.simulator
        }

    def __dir__(self) -> list[str]:
        known = () if self._records is None else identifiers(self._records)
        return sorted({*super().__dir__(), *known})

    # -- backends --------------------------------------------------------------------------------

    def backends(
        self,
        name: str | None = None,
        filters: Callable[[IBMQBackend], bool] | None = None,
        timeout: float | None = None,
        min_num_qubits: int | None = None,
        input_allowed: str | Iterable[str] | None = None,
        **kwargs: Any,
    ) -> list[IBMQBackend]:
        """Return the backends that match all conditions.

        Args:
            name: name or historic alias.
            filters: function that takes a backend and returns whether to include it.
            timeout: ignored.
            min_num_qubits: minimum number of qubits.
            input_allowed: kinds of input, all of which the backend must support.
            **kwargs: values of fields of the configuration (``n_qubits=5``, ``simulator=False``)
                or, if no configuration has the field, of the status (``operational=True``).

        Returns:
            Backends in the service's order; empty if no backend matches.

        Raises:
            TypeError: a condition is misspelled, or an argument has the wrong type.
            ApiError: the list could not be read, or no backend in question. One of several that
                cannot be read is left out with a line in the log.
            IBMQBackendApiProtocolError: no backend in question is in the documented form.

        Wire: listBackends once for a provider; getBackendStatus for each backend if a condition
        needs its status.
        """
        del timeout
        wanted = kwargs.pop("backend_name", name)
        if wanted is not None and not isinstance(wanted, str):
            raise TypeError(f"The name of a backend must be text, not {wanted!r}.")
        if filters is not None and not callable(filters):
            raise TypeError(f"filters must be a function of a backend, not {filters!r}.")
        resolved = None if wanted is None else resolve(wanted)
        names = [one for one in self._known() if resolved in (None, one)]
        has_conditions = (
            kwargs or filters or min_num_qubits is not None or input_allowed is not None
        )

        def read(name: str) -> IBMQBackend:
            backend = self._backend(name)
            if has_conditions:
                backend.configuration()
            return backend

        left = [backend for _, backend in read_each(names, read)]
        if kwargs:
            self._refuse_misspelled(kwargs, left)
        if min_num_qubits is not None:
            left = [each for each in left if each.configuration().n_qubits >= min_num_qubits]
        if input_allowed is not None:
            needed = {input_allowed} if isinstance(input_allowed, str) else set(input_allowed)
            left = [
                each
                for each in left
                if needed <= set(getattr(each.configuration(), "input_allowed", ["job"]))
            ]
        left = _by_fields(left, kwargs)
        return left if filters is None else list(filter(filters, left))

    __call__ = backends

    def get(self, name: str | None = None, **kwargs: Any) -> IBMQBackend:
        """Return the only backend that matches the conditions of :meth:`backends`.

        The local service has the devices of all years. If several of them match, it returns the
        one that the open group had at the end of 2019, if that was exactly one.

        Raises:
            QiskitBackendNotFoundError: no backend matches, or several do. On IBM Quantum Platform
                the message names another instance of the account that has the backend.
        """
        found = self.backends(name, **kwargs)
        if len(found) > 1 and self._api_client.info.target == "local":
            then = [backend for backend in found if backend.name() in _OPEN_GROUP_OF_2019]
            found = then if len(then) == 1 else found
        if len(found) == 1:
            return found[0]
        if found:
            names = [backend.name() for backend in found[:MOST_NAMES]]
            more = f" and {len(found) - MOST_NAMES} more" if len(found) > MOST_NAMES else ""
            raise QiskitBackendNotFoundError(
                f"More than one backend matches the criteria: {', '.join(names)}{more}. Name one: "
                f"get_backend({names[0]!r})."
            )
        known = self._known()
        name = kwargs.get("backend_name", name)
        if name is not None and resolve(name) not in known:
            raise QiskitBackendNotFoundError(self._describe_unknown(name, known))
        raise QiskitBackendNotFoundError(
            f"No backend matches the criteria. provider.backends() lists all {len(known)}."
        )

    # -- jobs ------------------------------------------------------------------------------------

    @arguments_like(select_jobs)
    def jobs(self, *, backend_name: str | None = None, **arguments: Any) -> list[IBMQJob]:
        """Return jobs of this provider.

        Args:
            backend_name: name or historic alias of the backend; ``None`` for all backends.
            **arguments: see :func:`~ibmq_backend.job.query.select_jobs`.

        Raises:
            IBMQBackendValueError: an argument has a value that cannot be used.
            TypeError: an argument has a wrong type.
            ApiError: a call failed.

        Wire: listJobStatuses, page by page.
        """
        return self._listing.jobs(_selected(backend_name, arguments))

    @arguments_like(select_jobs, without=("experiment_id", "db_filter"))
    def job_ids(self, *, backend_name: str | None = None, **arguments: Any) -> list[dict[str, Any]]:
        """Return id, creation time (UTC text) and live data flag of jobs.

        Args:
            backend_name: name or historic alias of the backend; ``None`` for all backends.
            **arguments: see :func:`~ibmq_backend.job.query.select_jobs`.

        Raises:
            IBMQBackendValueError: an argument has a value that cannot be used.
            TypeError: an argument has a wrong type.
            ApiError: a call failed.

        Wire: listJobs, page by page.
        """
        return self._listing.job_ids(_selected(backend_name, arguments))

    def retrieve_job(self, job_id: str) -> IBMQJob:
        """Return one job by its id.

        Raises:
            IBMQBackendApiError: the service does not know the job, or the call failed.

        Wire: getJob.
        """
        return self._listing.retrieve_job(job_id)

    def delete_job(self, job_id: str) -> None:
        """Delete a job that has ended, with its input and result. This cannot be undone.

        Raises:
            IBMQBackendError: the job has not ended.
            IBMQBackendApiError: the service does not know the job, or the call failed.

        Wire: getJobStatus, deleteJob.
        """
        with raising_backend_errors("deleting the job"):
            record = self._api_client.job_status(job_id)
            if record.status not in FINAL:
                raise IBMQBackendError(
                    f"Job {job_id} has not ended: its status is {record.status}. Cancel it first: "
                    f"provider.backend.retrieve_job({job_id!r}).cancel()."
                )
            self._api_client.delete(job_id)

    def _named_by_a_job(self, name: str) -> IBMQBackend:
        try:
            if name in self._known():
                return self._backend(name)
        except IBMQError as error:
            # The job can be read without it.
            logger.warning("The backend %s of a job cannot be read: %s", name, error.message)
        return IBMQRetiredBackend.from_name(
            name, self._provider, self._provider.credentials, self._api_client
        )

    def my_reservations(self) -> list[BackendReservation]:
        """Return the user's own upcoming reservations on all backends.

        Raises:
            ApiError: the call failed.

        Wire: listMyBookings.
        """
        try:
            records: Sequence[Any] = self._api_client.my_reservations()
        except ApiNotSupported:
            return []
        return [BackendReservation.from_record(record, "unknown") for record in records]

    def __repr__(self) -> str:
        where = self._api_client.info.describe_service(self._api_client.instance)
        return f"<IBMQBackendService for {where}>"


def count_known_backends(service: IBMQBackendService) -> int | None:
    """Return the number of listed backends, ``None`` before the first request."""
    return None if service._records is None else len(service._records)


def _selected(backend_name: str | None, arguments: Mapping[str, Any]) -> JobSelection:
    name = None if backend_name is None else resolve(backend_name)
    return select_jobs(**arguments).on_backend(name)


def _by_fields(backends: list[IBMQBackend], wanted: Mapping[str, Any]) -> list[IBMQBackend]:
    """Return the backends whose configuration, or else status, has the given values."""
    by_status = {}
    for field, value in wanted.items():
        if any(hasattr(backend.configuration(), field) for backend in backends):
            backends = [
                backend
                for backend in backends
                if getattr(backend.configuration(), field, None) == value
            ]
        elif field in _STATUS_FIELDS:
            by_status[field] = value
        elif backends:
            logger.warning(
                "No backend has a field %r in configuration or status, so none matches.", field
            )
            return []
    if not by_status:
        return backends
    return [
        backend
        for backend, status in states_of(backends)
        if all(getattr(status, field) == value for field, value in by_status.items())
    ]
