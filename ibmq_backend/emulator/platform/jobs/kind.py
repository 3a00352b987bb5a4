"""Jobs of the platform dialect for the dispatcher: checked for their form when they are created.

Whether the device can run them is checked when they run.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import moment_of
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.raw_json import RawJson, raw_json
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.catalog import UnknownDevice
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.engine.engine import ESTIMATOR_TASK, SAMPLER_TASK, Engine, Task
from ibmq_backend.emulator.engine.job_kind import Inspection, Outcome
from ibmq_backend.emulator.platform.jobs.submission import run_ms
from ibmq_backend.emulator.platform.state.runs import PARAMS
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.sampler.form import ESTIMATOR, SAMPLER

_TASKS: Final = {SAMPLER: SAMPLER_TASK, ESTIMATOR: ESTIMATOR_TASK}
_INPUT_GONE: Final = "The input of the job has been deleted"
FAILED_CHARGE_MS: Final = 2_000
"""Device time that the service charges for a job that fails while it is loaded."""


class ProgramJobs:
    """Runs of programs: their input in, the document of ``getJobResults`` out.

    Args:
        state: the service.
    """

    def __init__(self, state: PlatformState) -> None:
        self._catalog = state.service.catalog
        self._jobs = state.service.jobs
        self._runs = state.runs

    def not_uploaded(self) -> dict[str, Any]:
        """Return ``message`` and ``code`` of a job without input, which ``createJob`` prevents."""
        return {"message": _INPUT_GONE, "code": ErrorCode.INTERNAL}

    def inspect(self, record: JobRecord, engine: Engine) -> Inspection:  # noqa: ARG002
        """Check that the device is still offered; the input was inspected at the creation.

        Args:
            record: the job.
            engine: not needed.
        """
        summary = record.summary or {}
        work = Work(summary.get("shots", 1), summary.get("circuits", 1), record.seed)
        try:
            self._catalog.get(record.backend_name)
        except UnknownDevice:
            message = f"The backend {record.backend_name!r} is no longer offered"
            return Inspection(work, JobRefused(message, ErrorCode.DEVICE_UNKNOWN))
        return Inspection(work)

    def task(self, record: JobRecord) -> Task:
        """Return the task that runs the program, with the seed of the job.

        Raises:
            JobRefused: if the emulator does not run the program, or its input was deleted.
        """
        content = self._jobs.data.read(record.id, PARAMS)
        if content is None:
            raise JobRefused(_INPUT_GONE, ErrorCode.INTERNAL)
        program = self._runs.run(record.id).program
        if program not in _TASKS:
            message = f"The emulator does not run the program '{program}'"
            raise JobRefused(message, ErrorCode.PROGRAM_FAILED)
        return Task(record.id, record.backend_name, content, record.seed, _TASKS[program])

    def outcome(
        self,
        record: JobRecord,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
        engine: Engine,  # noqa: ARG002
    ) -> Outcome:
        """Return the result with its times; a run that failed or took too long has none."""
        now, run = self._jobs.now(), self._runs.run(record.id)
        content: RawJson | None = None
        status, charged = lifecycle.ERROR_RUNNING, FAILED_CHARGE_MS
        if result is not None:
            executions = result["executions"]
            charged = -(-run_ms(len(executions), sum(executions)) // 1000) * 1000
            if charged > run.cost * 1000:
                message = f"The job ran longer than its maximum execution time of {run.cost} s"
                error = {"message": message, "code": ErrorCode.RAN_TOO_LONG}
                status, charged = lifecycle.CANCELLED, run.cost * 1000
            else:
                status = lifecycle.COMPLETED
                stored = result["document"]
                if run.program == SAMPLER:
                    began, ended = (
                        moment_of(at).replace(tzinfo=None).isoformat()
                        for at in (record.last_step_ms, now)
                    )
                    stored = with_spans(stored, result["shapes"], began, ended)
                content = raw_json(stored)
        elif error is None:
            error = {"message": "Internal error", "code": ErrorCode.INTERNAL}
        elif error["code"] == ErrorCode.TIMED_OUT:
            error = {**error, "code": ErrorCode.RAN_TOO_LONG}
            status, charged = lifecycle.CANCELLED, run.cost * 1000
        summary = {**(record.summary or {}), "executions": (result or {}).get("executions")}

        def also(connection: Connection) -> None:
            self._runs.charge(connection, record.id, charged, now)

        return Outcome(status, content, summary, error, also)


def with_spans(document: dict[str, Any], shapes: list[list[Any]], start: str, stop: str) -> Any:
    """Add the times of the measurement to a result.

    Args:
        document: a plain or a typed result.
        shapes: for each pub the shape of its values and the number of shots.
        start: ISO 8601 in UTC, without a zone.
        stop: in the same format.

    Returns:
        The document, changed in place.
    """
    sizes = [(shape, _product(shape), shots) for shape, shots in shapes]
    if "__type__" in document:
        slices = {
            str(index): [[*shape, shots], 0, size, 0, shots]
            for index, (shape, size, shots) in enumerate(sizes)
        }
        span = {
            "start": {"__type__": "datetime", "__value__": start},
            "stop": {"__type__": "datetime", "__value__": stop},
            "data_slices": slices,
        }
        spans = {
            "__type__": "ExecutionSpans",
            "__value__": {"spans": [{"__type__": "DoubleSliceSpan", "__value__": span}]},
        }
        document["__value__"]["metadata"]["execution"] = {"execution_spans": spans}
        return document
    plain = {
        str(index): [[*shape, shots], [0, size], [0, shots]]
        for index, (shape, size, shots) in enumerate(sizes)
    }
    document["metadata"]["execution"] = {
        "execution_spans": [[{"date": start}, {"date": stop}, plain]]
    }
    return document


def _product(shape: list[int]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
