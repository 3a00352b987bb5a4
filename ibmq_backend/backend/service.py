"""``provider.backend``: the backends of a provider, and the jobs on all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend._errors.malformed import reading
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend.names import describe_unknown, identifiers, resolve
from ibmq_backend.backend.provider import Provider
from ibmq_backend.backend.reservation import BackendReservation
from ibmq_backend.backend.variants import IBMQBackend, IBMQRetiredBackend, IBMQSimulator
from ibmq_backend.exceptions import ApiNotSupported, IBMQBackendApiProtocolError
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.listing import JobListing, arguments_like
from ibmq_backend.job.query import JobSelection, select_jobs
from ibmq_backend.models import configuration_from
from ibmq_backend.records import BackendRecord

__all__ = ["IBMQBackendService"]

logger = get_logger(__name__)

_STATUS_FIELDS = frozenset({"operational", "pending_jobs", "status_msg", "backend_version"})


class IBMQBackendService:
    """Backends and jobs of one provider.

    Every backend is an attribute (``provider.backend.ibmq_vigo``), its name turned into a Python
    identifier in snake case. The object can be called: ``provider.backends()``. The backends are
    asked for when first needed and kept; :meth:`refresh` asks again.

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
        """Ask the service again which backends there are.

        Wire: listBackends.
        """
        with self._lock:
            records = {record.name: record for record in self._api_client.backends()}
            self._records = records
            self._made = {name: made for name, made in self._made.items() if name in records}

    def _known(self) -> dict[str, BackendRecord]:
        with self._lock:
            if not self._records:  # an instance without backends is asked again, as documented
                self.refresh()
            assert self._records is not None
            return self._records

    def _backend(self, name: str) -> IBMQBackend | None:
        """Return the one object of a backend, or None when the configuration cannot be read."""
        with self._lock:
            if name not in self._made:
                record = self._known()[name]
                try:
                    what = f"The configuration of {name}"
                    with reading(what, raises=IBMQBackendApiProtocolError):
                        configuration = configuration_from(record.configuration)
                except IBMQBackendApiProtocolError as error:
                    logger.warning("%s", error.message)
                    return None
                kind = IBMQSimulator if record.simulator else IBMQBackend
                self._made[name] = kind(
                    configuration, self._provider, self._provider.credentials, self._api_client
                )
            return self._made[name]

    def _all(self) -> list[IBMQBackend]:
        return [found for name in self._known() if (found := self._backend(name)) is not None]

    def __getattr__(self, name: str) -> IBMQBackend:
        if name.startswith("__"):  # copy, pickle and inspection look these up; no backend has them
            raise AttributeError(name)
        by_identifier = identifiers(self._known())
        backend_name = by_identifier.get(name, resolve(name))
        if backend_name in self._known():
            found = self._backend(backend_name)
            if found is not None:
                return found
        raise AttributeError(describe_unknown(name, list(by_identifier)))

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
        """Return the backends that match every condition.

        Args:
            name: name or historic alias.
            filters: called with each backend that is left; false leaves it out.
            timeout: accepted and without effect.
            min_num_qubits: at least so many qubits.
            input_allowed: kinds of input, all of which must be supported.
            **kwargs: values of fields of the configuration (``n_qubits=5``, ``simulator=False``)
                or, where no configuration has the field, of the status (``operational=True``).

        Returns:
            Backends in the service's order; empty when nothing matches.

        Raises:
            ApiError: a call failed.

        Wire: listBackends once per provider; getBackendStatus per backend for status fields.
        """
        del timeout
        wanted = kwargs.pop("backend_name", name)
        if wanted is not None and not isinstance(wanted, str):
            raise TypeError(f"The name of a backend is text, not {wanted!r}.")
        if filters is not None and not callable(filters):
            raise TypeError(f"filters must be a function of a backend, not {filters!r}.")
        if wanted is not None:
            resolved = resolve(wanted)
            found = [self._backend(resolved)] if resolved in self._known() else []
            left = [backend for backend in found if backend is not None]
        else:
            left = self._all()
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
        """Return the one backend that matches; see :meth:`backends`.

        Raises:
            QiskitBackendNotFoundError: none matches, or more than one.
        """
        found = self.backends(name, **kwargs)
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(backend.name() for backend in found)
            raise QiskitBackendNotFoundError(
                f"More than one backend matches the criteria: {names}."
            )
        known = list(self._known())
        if name is not None and resolve(name) not in known:
            raise QiskitBackendNotFoundError(describe_unknown(name, known))
        raise QiskitBackendNotFoundError(
            f"No backend matches the criteria. Available: {', '.join(sorted(known)) or 'none'}."
        )

    # -- jobs ------------------------------------------------------------------------------------

    @arguments_like(select_jobs)
    def jobs(self, *, backend_name: str | None = None, **arguments: Any) -> list[IBMQJob]:
        """Return jobs of this provider.

        Args:
            backend_name: of this backend only; a historic alias is fine.
            **arguments: as for :func:`~ibmq_backend.job.query.select_jobs`.

        Raises:
            IBMQBackendValueError: an argument has a value that cannot be used.
            TypeError: an argument has a wrong type.
            ApiError: a call failed.

        Wire: listJobStatuses, page by page.
        """
        return self._listing.jobs(_selected(backend_name, arguments))

    @arguments_like(select_jobs, without=("experiment_id", "db_filter"))
    def job_ids(self, *, backend_name: str | None = None, **arguments: Any) -> list[dict[str, Any]]:
        """Return id, creation time (UTC text) and live data flag of jobs, and nothing more.

        Args:
            backend_name: of this backend only; a historic alias is fine.
            **arguments: as for :func:`~ibmq_backend.job.query.select_jobs`.

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
            IBMQBackendApiError: the service does not know it, or the call failed.

        Wire: getJob.
        """
        return self._listing.retrieve_job(job_id)

    def _named_by_a_job(self, name: str) -> IBMQBackend:
        backend = self._backend(name) if name in self._known() else None
        return backend or IBMQRetiredBackend.from_name(
            name, self._provider, self._provider.credentials, self._api_client
        )

    def my_reservations(self) -> list[BackendReservation]:
        """Return own upcoming reservations on all backends.

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
        where = self._api_client.info.place_text(self._api_client.instance)
        return f"<IBMQBackendService for {where}>"


def count_known_backends(service: IBMQBackendService) -> int | None:
    """Return how many backends a service has read so far, ``None`` before; no request."""
    return None if service._records is None else len(service._records)


def _selected(backend_name: str | None, arguments: Mapping[str, Any]) -> JobSelection:
    name = None if backend_name is None else resolve(backend_name)
    return select_jobs(**arguments).on_backend(name)


def _by_fields(backends: list[IBMQBackend], wanted: Mapping[str, Any]) -> list[IBMQBackend]:
    """Keep backends whose configuration, or else status, has the values wanted."""
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
    left = []
    for backend in backends:
        status = backend.status()
        if all(getattr(status, field) == value for field, value in by_status.items()):
            left.append(backend)
    return left
