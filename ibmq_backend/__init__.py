"""The documented ``IBMQBackend`` again, at three services behind one class.

Importing this package loads neither Qiskit nor an HTTP client nor the bindings: every name is
loaded when it is first used.

``account`` opens accounts and hands out providers, ``backend`` holds the devices, ``job`` their
jobs and ``managed`` sets of jobs. They stand on ``api``, which speaks to two kinds of services over
``_http``, with the accounts of ``credentials``; ``emulator`` is a service of either kind on this
machine and shares nothing with the rest. ``cli`` and ``testing`` use all this as any program does;
``jupyter`` and ``visualization`` show it, and ``_compat`` with ``_dropin`` serves it under the old
import path.

Everything uses ``exceptions``, the tree of errors, and ``records``, the values that services hand
over; ``units`` for times, ``deadline`` for how long a caller waits, ``backoff`` for pauses between
attempts, ``notices`` for what users are told once, ``models`` for Qiskit's own classes, ``_errors``
for what errors say, ``_secrets`` for what they must not, and ``_html`` for notebooks. ``_version``
is the version.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ibmq_backend._secrets.log_setup import set_up_logging
from ibmq_backend._version import __version__ as __version__

_HOMES = {
    "AccountProvider": "account.provider",
    "BackendJobLimit": "backend.job_limit",
    "BackendReservation": "backend.reservation",
    "IBMQ": "account.factory",
    "IBMQAccountCredentialsInvalidFormat": "exceptions",
    "IBMQAccountCredentialsInvalidToken": "exceptions",
    "IBMQAccountCredentialsInvalidUrl": "exceptions",
    "IBMQAccountCredentialsNotFound": "exceptions",
    "IBMQAccountError": "exceptions",
    "IBMQAccountMultipleCredentialsFound": "exceptions",
    "IBMQAccountValueError": "exceptions",
    "IBMQApiError": "exceptions",
    "IBMQBackend": "backend.backend",
    "IBMQBackendApiError": "exceptions",
    "IBMQBackendApiProtocolError": "exceptions",
    "IBMQBackendError": "exceptions",
    "IBMQBackendJobLimitError": "exceptions",
    "IBMQBackendService": "backend.service",
    "IBMQBackendValueError": "exceptions",
    "IBMQError": "exceptions",
    "IBMQFactory": "account.factory",
    "IBMQInputValueError": "exceptions",
    "IBMQJob": "job.job",
    "IBMQJobManager": "managed",
    "IBMQNotAuthorizedError": "exceptions",
    "IBMQProviderError": "exceptions",
    "IBMQRetiredBackend": "backend.variants",
    "IBMQSimulator": "backend.variants",
    "QueueInfo": "job.queue_info",
    "RunnerResult": "job.runner_result",
    "job_monitor": "job.monitor",
    "least_busy": "backend.selection",
}

__all__ = [
    "IBMQ",
    "AccountProvider",
    "BackendJobLimit",
    "BackendReservation",
    "IBMQAccountCredentialsInvalidFormat",
    "IBMQAccountCredentialsInvalidToken",
    "IBMQAccountCredentialsInvalidUrl",
    "IBMQAccountCredentialsNotFound",
    "IBMQAccountError",
    "IBMQAccountMultipleCredentialsFound",
    "IBMQAccountValueError",
    "IBMQApiError",
    "IBMQBackend",
    "IBMQBackendApiError",
    "IBMQBackendApiProtocolError",
    "IBMQBackendError",
    "IBMQBackendJobLimitError",
    "IBMQBackendService",
    "IBMQBackendValueError",
    "IBMQError",
    "IBMQFactory",
    "IBMQInputValueError",
    "IBMQJob",
    "IBMQJobManager",
    "IBMQNotAuthorizedError",
    "IBMQProviderError",
    "IBMQRetiredBackend",
    "IBMQSimulator",
    "QueueInfo",
    "RunnerResult",
    "job_monitor",
    "least_busy",
]

if TYPE_CHECKING:
    from ibmq_backend.account.factory import IBMQ as IBMQ
    from ibmq_backend.account.factory import IBMQFactory as IBMQFactory
    from ibmq_backend.account.provider import AccountProvider as AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend as IBMQBackend
    from ibmq_backend.backend.selection import least_busy as least_busy
    from ibmq_backend.backend.service import IBMQBackendService as IBMQBackendService
    from ibmq_backend.job.job import IBMQJob as IBMQJob
    from ibmq_backend.job.monitor import job_monitor as job_monitor
    from ibmq_backend.managed import IBMQJobManager as IBMQJobManager


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


set_up_logging()
