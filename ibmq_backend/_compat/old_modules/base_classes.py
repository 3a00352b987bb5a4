"""``BaseBackend``, ``BaseJob`` and ``BaseProvider``, the base classes until Terra 0.20.

Every backend, job and provider is an instance of them, and programs can derive their own from them.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from qiskit.circuit import QuantumCircuit
from qiskit.providers import Backend, BackendV1, Job, JobV1, Options, Provider, ProviderV1
from qiskit.pulse import Schedule, ScheduleBlock

from ibmq_backend.backend.version import CallableVersion

OPTIONS: Final = (
    "init_qubits meas_level meas_lo_freq meas_lo_range meas_return memory memory_slot_size "
    "memory_slots qubit_lo_freq qubit_lo_range rep_delay rep_time schedule_los seed_simulator shots"
)
"""Arguments of ``execute`` that it passes to a backend with an option of that name."""


class _Described(ABCMeta):
    """Counts the instances of another class as instances of a class with that ``described``."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return cls.__subclasscheck__(type(instance))

    def __subclasscheck__(cls, subclass: type) -> bool:
        described = vars(cls).get("described")
        if described is not None and issubclass(subclass, described):
            return True
        return super().__subclasscheck__(subclass)


class BaseBackend(BackendV1, metaclass=_Described):
    """Base class of backends whose ``run`` accepts a ``Qobj``.

    Args:
        configuration: what the device or simulator can do.
        provider: the provider of the backend.
    """

    described = Backend

    def __init__(self, configuration: Any, provider: Any = None) -> None:
        super().__init__(configuration, provider)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "run" in vars(cls):
            cls.run = _with_qobj(cls.run)  # type: ignore[method-assign]

    @classmethod
    def _default_options(cls) -> Options:
        return Options(**dict.fromkeys(OPTIONS.split()))

    @property
    def version(self) -> CallableVersion:
        """Terra's interface version, 1; ``backend.version()`` returns that of the backend."""
        return CallableVersion(1, self.configuration().backend_version)

    @abstractmethod
    def run(self, qobj: Any, **options: Any) -> Any:
        """Run a ``Qobj`` and return the job."""


def _with_qobj(run: Callable[..., Any]) -> Callable[..., Any]:
    """Return a ``run`` that assembles the circuits or schedules that ``execute`` passes today."""

    @wraps(run)
    def assemble_and_run(self: BaseBackend, qobj: Any, *args: Any, **options: Any) -> Any:
        from qiskit.compiler import assemble

        first = qobj[0] if isinstance(qobj, list | tuple) and qobj else qobj
        if isinstance(first, QuantumCircuit | Schedule | ScheduleBlock):
            return run(self, assemble(qobj, self, **options), *args)
        return run(self, qobj, *args, **options)

    return assemble_and_run


class BaseJob(JobV1, metaclass=_Described):
    """Base class of jobs.

    Args:
        backend: the backend that runs the job.
        job_id: its identifier.
    """

    described = Job

    def __init__(self, backend: Any, job_id: str) -> None:
        super().__init__(backend, job_id)


class BaseProvider(ProviderV1, metaclass=_Described):
    """Base class of providers."""

    described = Provider
