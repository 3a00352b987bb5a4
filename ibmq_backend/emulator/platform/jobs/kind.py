"""Jobs of today's dialect for the dispatcher: accepted as they are, judged when they run."""

# The kinds answer the same questions; not each needs every argument.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.big_json import SMALL, loads
from ibmq_backend.emulator.core.clock import moment_of
from ibmq_backend.emulator.core.raw_json import RawJson, raw_json
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.catalog import UnknownDevice
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.engine.engine import SAMPLER_TASK, TIMED_OUT, Task
from ibmq_backend.emulator.engine.job_kind import INTERNAL_CODE, Outcome
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.jobs.submission import run_ms
from ibmq_backend.emulator.platform.state.runs import PARAMS
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.sampler.form import SAMPLER, executions_of

_INPUT_GONE: Final = "The input of the job is gone"
FAILED_CHARGE_MS = 2_000
"""What the service charges for a job that fails when it is loaded."""


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
        """Return what ends a job without input; it comes with the run, so none waits for it."""
        return {"message": _INPUT_GONE, "code": INTERNAL_CODE}

    def read(self, record: JobRecord) -> Any:
        """Return the input of the program and its name."""
        content = self._jobs.blob(record.id, PARAMS)
        if content is None:
            raise JobRefused(_INPUT_GONE, INTERNAL_CODE)
        return {"program": self._runs.run(record.id).program, "params": loads(content)}

    def refusal(self, record: JobRecord, document: Any) -> JobRefused | None:
        """None: what has the right form is queued, whatever it holds."""
        try:
            self._catalog.get(record.backend_name)
        except UnknownDevice:
            return JobRefused(f"The backend {record.backend_name!r} is no longer offered", 1007)
        return None

    def work(self, record: JobRecord, document: Any) -> Work:
        """Shots and circuits of the pubs."""
        if not document or document["program"] != SAMPLER:
            return Work(1, 1, record.seed)
        shots = executions_of(document["params"]) or [1]
        return Work(max(shots), len(shots), record.seed)

    def summary(self, document: Any) -> dict[str, Any]:
        """Nothing yet."""
        return {}

    def task(self, record: JobRecord, document: Any) -> Task:
        """Return the input of the sampler, with the seed that it asks for or that of the job.

        Raises:
            JobRefused: the program is none that the emulator runs.
        """
        if document["program"] != SAMPLER:
            raise JobRefused(
                f"The emulator does not run the program '{document['program']}'",
                errors.PROGRAM_FAILED,
            )
        params = document["params"]
        simulator = (params.get("options") or {}).get("simulator") or {}
        requested = simulator.get("seed_simulator")
        large = (record.input_bytes or 0) > SMALL
        return Task(
            job_id=record.id,
            device=record.backend_name,
            qobj=params,
            seed=record.seed if requested is None else requested,
            kind=SAMPLER_TASK,
            content=self._jobs.blob(record.id, PARAMS) if large else None,
        )

    def outcome(
        self,
        record: JobRecord,
        document: Any,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
    ) -> Outcome:
        """Return the result with its times; nothing for a failed run or one that took too long."""
        now, run = self._jobs.now(), self._runs.run(record.id)
        content: RawJson | None = None
        status, charged = lifecycle.ERROR_RUNNING, FAILED_CHARGE_MS
        if result is not None:
            charged = -(-run_ms(result["executions"]) // 1000) * 1000
            if charged > run.cost * 1000:
                message = f"The job ran longer than its maximum execution time of {run.cost} s"
                error = {"message": message, "code": errors.RAN_TOO_LONG}
                status, charged = lifecycle.CANCELLED, run.cost * 1000
            else:
                status = lifecycle.COMPLETED
                stored = with_spans(
                    result["document"],
                    result["shapes"],
                    moment_of(record.last_step_ms).replace(tzinfo=None).isoformat(),
                    moment_of(now).replace(tzinfo=None).isoformat(),
                )
                content = raw_json(stored)
        elif error is None:
            error = {"message": "Internal error", "code": INTERNAL_CODE}
        elif error["code"] == TIMED_OUT:
            error = {**error, "code": errors.RAN_TOO_LONG}
            status, charged = lifecycle.CANCELLED, run.cost * 1000
        summary = {**(record.summary or {}), "executions": (result or {}).get("executions")}

        def also(connection: Connection) -> None:
            self._runs.charge(connection, record.id, charged, now)

        return Outcome(status, content, summary, error, also)


def with_spans(document: dict[str, Any], shapes: list[list[Any]], start: str, stop: str) -> Any:
    """Write into a result when it was measured.

    Args:
        document: a plain or a typed result.
        shapes: for each pub the shape of its values and the number of shots.
        start: ISO 8601 in UTC, without a zone.
        stop: the same.

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
