"""Copying and pickling of providers, backends and jobs.

Programs copy objects with backends, and Terra sends them to other processes. A pickle contains no
connection and no secret, only the instance. An unpickled object uses the connection of its process
to that instance as soon as there is one; data that was read before (the configuration, a
calibration) is available without a connection.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from attrs import evolve

from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.backend.backend import IBMQBackend
from ibmq_backend.backend.service import IBMQBackendService
from ibmq_backend.backend.variants import IBMQRetiredBackend, IBMQSimulator
from ibmq_backend.credentials import Credentials, display_instance
from ibmq_backend.exceptions import IBMQAccountError
from ibmq_backend.job.job import IBMQJob, record_of
from ibmq_backend.records import InstanceId, JobRecord, ServiceInfo

__all__ = ["AbsentClient", "look_for_providers_in"]

_open_providers: Callable[[], Iterable[AccountProvider]] = list


def look_for_providers_in(open_providers: Callable[[], Iterable[AccountProvider]]) -> None:
    """Set the function that returns the providers of this process."""
    global _open_providers
    _open_providers = open_providers


class AbsentClient:
    """Replaces the connection of an unpickled provider.

    It delegates to the connection of this process to the same instance as soon as there is one.
    """

    def __init__(self, instance: InstanceId, info: ServiceInfo) -> None:
        self.instance = instance
        self.info = info

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The capabilities of the connection; empty if there is none."""
        found = _find(self.instance, self.info)
        return frozenset() if found is None else found._api_client.capabilities

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = _find(self.instance, self.info)
        if found is None:
            raise IBMQAccountError(
                f"This object was pickled in another process, and this process has no connection "
                f"to {self.instance.label}. Call IBMQ.load_account(), and IBMQ.get_provider() if "
                "hub, group and project are not the account's first."
            )
        return getattr(found._api_client, name)


def _find(instance: InstanceId, info: ServiceInfo) -> AccountProvider | None:
    for provider in _open_providers():
        here = provider._api_client
        if isinstance(here, AbsentClient) or _without_account(here.instance) != instance:
            continue
        # The local service of another process has another port but is equivalent.
        if here.info.target == info.target == "local" or here.info.url == info.url:
            return provider
    return None


def _provider(credentials: Credentials, instance: InstanceId, info: ServiceInfo) -> AccountProvider:
    found = _find(instance, info)
    if found is not None:
        return found
    return AccountProvider(credentials, cast(AccountClient, AbsentClient(instance, info)))


def _reduce_provider(provider: AccountProvider) -> tuple[Any, ...]:
    client = provider._api_client
    return _provider, (provider.credentials, _without_account(client.instance), client.info)


def _without_account(instance: InstanceId) -> InstanceId:
    """Return an instance for pickling; without its account part the CRN is still unique."""
    return evolve(instance, crn=instance.crn and display_instance(instance.crn))


def _service(provider: AccountProvider) -> IBMQBackendService:
    return provider.backend


def _reduce_service(service: IBMQBackendService) -> tuple[Any, ...]:
    return _service, (service._provider,)


_READ: Final = ("_properties", "_defaults", "_defaults_known")
"""Attributes with data that a backend has read."""


def _backend(
    kind: type[IBMQBackend],
    configuration: Any,
    provider: AccountProvider,
    options: dict[str, Any],
    read: dict[str, Any],
) -> IBMQBackend:
    backend = kind(configuration, provider, provider.credentials, provider._api_client)
    backend.options.update_options(**options)
    for name, value in read.items():
        setattr(backend, name, value)
    return backend


def _reduce_backend(backend: IBMQBackend) -> tuple[Any, ...]:
    return _backend, (
        type(backend),
        backend.configuration(),
        backend.provider(),
        dict(backend.options.__dict__),
        {name: getattr(backend, name) for name in _READ},
    )


def _job(backend: IBMQBackend, record: JobRecord) -> IBMQJob:
    return IBMQJob(backend, backend._api_client, record)


def _reduce_job(job: IBMQJob) -> tuple[Any, ...]:
    return _job, (job.backend(), record_of(job))


copyreg.pickle(AccountProvider, _reduce_provider)
copyreg.pickle(IBMQBackendService, _reduce_service)
copyreg.pickle(IBMQJob, _reduce_job)
for _kind in (IBMQBackend, IBMQSimulator, IBMQRetiredBackend):
    copyreg.pickle(_kind, _reduce_backend)
