"""The documented ``IBMQBackend`` for three services: local emulator, classic, platform.

>>> from ibmq_backend import IBMQ
>>> from qiskit import QuantumCircuit
>>> circuit = QuantumCircuit(1, 1)
>>> _ = circuit.x(0), circuit.measure(0, 0)
>>> backend = IBMQ.enable_local().get_backend("ibmq_qasm_simulator")
>>> backend.run(circuit, shots=100).result().get_counts()
{'1': 100}

Importing this package loads neither Qiskit nor an HTTP client nor the bindings: every name is
loaded when it is first used.

``account`` opens accounts and returns providers; ``backend`` contains the devices, ``job`` their
jobs and ``managed`` sets of jobs. They use ``api``, the adapters for the two kinds of services over
``_http``, and the accounts of ``credentials``. ``emulator`` is a service of both kinds on this
machine and imports nothing from the rest but ``text_files``. ``cli`` and ``testing`` use the
package as any program does; ``doctor`` examines programs and installations; ``jupyter`` and
``visualization`` display it; ``_compat`` and ``_dropin`` provide it under the old import path.

All of them use ``exceptions`` (the tree of errors), ``records`` (values that services return),
``units`` (times), ``text_files`` (files of users), ``deadline`` (how long a caller waits),
``backoff`` (pauses between attempts), ``notices`` (messages shown once), ``models`` (Qiskit's own
classes), ``_errors`` (error texts), ``installation`` (what is installed), ``_secrets`` (redaction)
and ``_html`` (notebooks).
``_version`` is the version.
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
    try:
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    except Exception:  # a spoiled Qiskit fails in many ways
        from ibmq_backend.installation.owners import explain

        explanation = explain()
        if explanation is None:
            raise
        raise ImportError(explanation) from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


set_up_logging()
