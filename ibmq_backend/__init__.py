"""The documented ``IBMQBackend`` again, in three places behind one class.

Importing this package loads neither Qiskit nor an HTTP client nor the bindings: every name is
loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ibmq_backend.log_setup import set_up_logging

__version__ = "0.1.0"

_HOMES = {
    "AccountProvider": "provider",
    "BackendJobLimit": "job_limit",
    "BackendReservation": "reservation",
    "IBMQ": "factory",
    "IBMQAccountCredentialsInvalidFormat": "exceptions",
    "IBMQAccountCredentialsInvalidToken": "exceptions",
    "IBMQAccountCredentialsInvalidUrl": "exceptions",
    "IBMQAccountCredentialsNotFound": "exceptions",
    "IBMQAccountError": "exceptions",
    "IBMQAccountMultipleCredentialsFound": "exceptions",
    "IBMQAccountValueError": "exceptions",
    "IBMQApiError": "exceptions",
    "IBMQBackend": "backend",
    "IBMQBackendApiError": "exceptions",
    "IBMQBackendApiProtocolError": "exceptions",
    "IBMQBackendError": "exceptions",
    "IBMQBackendJobLimitError": "exceptions",
    "IBMQBackendService": "backend_service",
    "IBMQBackendValueError": "exceptions",
    "IBMQError": "exceptions",
    "IBMQFactory": "factory",
    "IBMQInputValueError": "exceptions",
    "IBMQJob": "job",
    "IBMQJobManager": "managed",
    "IBMQNotAuthorizedError": "exceptions",
    "IBMQProviderError": "exceptions",
    "IBMQRetiredBackend": "backend_variants",
    "IBMQSimulator": "backend_variants",
    "QueueInfo": "queue_info",
    "RunnerResult": "runner_result",
    "job_monitor": "monitor",
    "least_busy": "selection",
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
    from ibmq_backend.backend import IBMQBackend as IBMQBackend
    from ibmq_backend.backend_service import IBMQBackendService as IBMQBackendService
    from ibmq_backend.factory import IBMQ as IBMQ
    from ibmq_backend.factory import IBMQFactory as IBMQFactory
    from ibmq_backend.job import IBMQJob as IBMQJob
    from ibmq_backend.managed import IBMQJobManager as IBMQJobManager
    from ibmq_backend.monitor import job_monitor as job_monitor
    from ibmq_backend.provider import AccountProvider as AccountProvider
    from ibmq_backend.selection import least_busy as least_busy


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
