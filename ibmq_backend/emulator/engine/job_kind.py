"""What the dispatcher asks of a kind of job: is it valid, what does it cost, how did it end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.engine.engine import Task

# Messages of jobs have no full stop: clients write "<message>. Error code: <code>."
INTERNAL_CODE: Final = 1000
RUN_FAILED_CODE: Final = 5203


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: COMPLETED, CANCELLED or ERROR_RUNNING_JOB.
        content: the result as clients download it; None without one.
        summary: what is kept of the run beside the result.
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
        """Return ``message`` and ``code`` of a job whose data did not come in time."""
        ...

    def read(self, record: JobRecord) -> Any:
        """Return the data of a job.

        Raises:
            JobRefused: They are not JSON.
        """
        ...

    def refusal(self, record: JobRecord, document: Any) -> JobRefused | None:
        """Return why the service would not run a job; None when it would."""
        ...

    def work(self, record: JobRecord, document: Any) -> Work:
        """Return what a job asks of its device."""
        ...

    def summary(self, document: Any) -> dict[str, Any]:
        """Return what is kept of the data for the documents of the job."""
        ...

    def task(self, record: JobRecord, document: Any) -> Task:
        """Return what the engine is given."""
        ...

    def outcome(
        self,
        record: JobRecord,
        document: Any,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
    ) -> Outcome:
        """Return what is stored of a run.

        Args:
            record: the job.
            document: its data.
            result: what the engine returned; None when it failed.
            error: ``message`` and ``code`` of its failure.
        """
        ...
