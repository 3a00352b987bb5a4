"""Listing jobs, for ``jobs()``, ``job_ids()`` and ``retrieve_job()`` of backends and providers.

Their parameters are declared once, in :func:`~ibmq_backend.job.query.select_jobs`; a decorator
copies them to a method.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Collection
from inspect import Parameter
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from qiskit.providers import BackendV1

from ibmq_backend._errors.translate import raising_backend_errors
from ibmq_backend.api.port import AccountClient
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.query import JobSelection

P = ParamSpec("P")
R = TypeVar("R")

_POSITION_OF_OWN: Final = 2  # after limit and skip
_ARGUMENTS: Final = re.compile(r"^Args:\n((?: +.*\n)+)\n?", re.MULTILINE)


class JobListing:
    """The jobs of one instance.

    Args:
        api_client: client of the account.
        backend_named: returns the backend with a name.
    """

    def __init__(
        self, api_client: AccountClient, backend_named: Callable[[str], BackendV1]
    ) -> None:
        self._api_client = api_client
        self._backend_named = backend_named

    def jobs(self, selection: JobSelection) -> list[IBMQJob]:
        """Return jobs. Wire: listJobStatuses, page by page."""
        found = self._api_client.jobs(selection.query, selection.limit, selection.skip)
        backend_named = functools.cache(self._backend_named)
        return [
            IBMQJob(backend_named(each.backend_name or "unknown"), self._api_client, each)
            for each in found
        ]

    def job_ids(self, selection: JobSelection) -> list[dict[str, Any]]:
        """Return id, creation time and live data flag of jobs. Wire: listJobs, page by page."""
        found = self._api_client.job_summaries(selection.query, selection.limit, selection.skip)
        return [
            {
                "id": summary.job_id,
                "liveDataEnabled": summary.live_data,
                "creationDate": summary.created and summary.created.isoformat(),
            }
            for summary in found
        ]

    def retrieve_job(self, job_id: str) -> IBMQJob:
        """Return one job by its id.

        Raises:
            IBMQBackendApiError: the service does not know the job, or the call failed.
            TypeError: the id is not text.

        Wire: getJob.
        """
        if not isinstance(job_id, str) or not job_id:
            raise TypeError(f"job_id must be text, not {job_id!r}.")
        with raising_backend_errors(f"retrieving job {job_id}"):
            record = self._api_client.job(job_id)
        backend = self._backend_named(record.backend_name or "unknown")
        return IBMQJob(backend, self._api_client, record)


def arguments_of(
    source: Callable[P, object],
) -> Callable[[Callable[..., R]], Callable[Concatenate[Any, P], R]]:
    """Copy the parameters of a function and their descriptions to the decorated method.

    Args:
        source: the function; the method receives the arguments by name.
    """

    def decorate(method: Callable[..., R]) -> Callable[Concatenate[Any, P], R]:
        return _with_arguments(method, source, ())

    return decorate


def arguments_like(
    source: Callable[..., object], without: Collection[str] = ()
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Copy the parameters of a function to a method; its own parameters follow the first two.

    Args:
        source: the function; the method receives the arguments by name.
        without: names of parameters that the method does not have.
    """

    def decorate(method: Callable[..., R]) -> Callable[..., R]:
        return _with_arguments(method, source, without)

    return decorate


def _with_arguments(
    method: Callable[..., R], source: Callable[..., object], without: Collection[str]
) -> Callable[..., R]:
    itself, *own = [
        each
        for each in inspect.signature(method).parameters.values()
        if each.kind is not Parameter.VAR_KEYWORD
    ]
    shared = [
        each for each in inspect.signature(source).parameters.values() if each.name not in without
    ]
    shared[_POSITION_OF_OWN:_POSITION_OF_OWN] = [
        each.replace(kind=Parameter.POSITIONAL_OR_KEYWORD) for each in own
    ]
    signature = inspect.signature(method).replace(parameters=[itself, *shared])

    @functools.wraps(method)
    def taking_arguments(*args: Any, **kwargs: Any) -> R:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{method.__qualname__}() {error}") from None
        bound.apply_defaults()
        given = dict(bound.arguments)
        return method(given.pop(itself.name), **given)

    taking_arguments.__signature__ = signature  # type: ignore[attr-defined]
    taking_arguments.__doc__ = _documented(method, source, [each.name for each in shared])
    return taking_arguments


def _documented(
    method: Callable[..., object], source: Callable[..., object], names: list[str]
) -> str | None:
    """Return the docstring of a method with the descriptions of these parameters."""
    if method.__doc__ is None or source.__doc__ is None:  # python -OO removes docstrings
        return method.__doc__
    described: dict[str, str] = {}
    for each in (source, method):
        found = _ARGUMENTS.search(f"{inspect.getdoc(each)}\n")
        for entry in re.split(r"^(?=    \S)", found.group(1) if found else "", flags=re.MULTILINE):
            described[entry.partition(":")[0].strip()] = entry
    arguments = "Args:\n" + "".join(described[name] for name in names)
    text = _ARGUMENTS.sub("", inspect.getdoc(method) or "")
    before, raises, after = text.partition("Raises:")
    return f"{before.rstrip()}\n\n{arguments}\n{raises}{after}"
