"""The interface between the dispatcher and the jobs of one dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.engine.task import Task


@dataclass(frozen=True)
class Inspection:
    """The result of the checks of a job before it is queued.

    Attributes:
        work: what the job asks of its device.
        refusal: why the service would not run it; None if it would.
        summary: what is stored of its data for the documents of the job.
    """

    work: Work
    refusal: JobRefused | None = None
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The end of a run.

    Attributes:
        status: COMPLETED, CANCELLED or ERROR_RUNNING_JOB.
        content: the result as clients download it; None without one.
        summary: replaces the stored summary of the job.
        error: ``message`` and ``code`` of a failure; None after a success.
        also: further changes to be made in the same transaction.
    """

    status: str
    content: RawJson | None
    summary: dict[str, Any]
    error: dict[str, Any] | None
    also: Callable[[Connection], None] | None = None


class JobKind(Protocol):
    """The jobs of one dialect. The methods may be called from any thread."""

    def not_uploaded(self) -> dict[str, Any]:
        """Return ``message`` and ``code`` of a job whose data was not uploaded in time."""
        ...

    def inspect(self, record: JobRecord, engine: Engine) -> Inspection:
        """Check a job before it is queued.

        Args:
            record: the job.
            engine: inspects its data.

        Raises:
            EngineError: if the data could not be inspected.
        """
        ...

    def task(self, record: JobRecord) -> Task:
        """Return the task that runs a job.

        Raises:
            JobRefused: if the job cannot be run.
        """
        ...

    def outcome(
        self,
        record: JobRecord,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
        engine: Engine,
    ) -> Outcome:
        """Return what is stored of a run.

        Args:
            record: the job.
            result: the result of the engine; None if the run failed.
            error: ``message`` and ``code`` of the failure; None if the run ended.
            engine: inspects its data.
        """
        ...
