"""Documents of jobs for each API version."""

from __future__ import annotations

from typing import Any, Final

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import moment_of, wire_time
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.snapshots import terra_version
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents.versions import (
    CLASSIC_USAGE,
    FIRST_OF_2026,
    METRICS_IN_USAGE,
)
from ibmq_backend.emulator.platform.state.runs import Run
from ibmq_backend.emulator.service_state import QueuePosition

QUEUED: Final = "Queued"
RUNNING: Final = "Running"
COMPLETED: Final = "Completed"
CANCELLED: Final = "Cancelled"
FAILED: Final = "Failed"


def get_state(record: JobRecord) -> str:
    """Return the state of a job: Queued, Running, Completed, Cancelled or Failed."""
    if record.status == lifecycle.RUNNING:
        return RUNNING
    if not record.final:
        return QUEUED
    if record.status == lifecycle.COMPLETED:
        return COMPLETED
    code = (record.error or {}).get("code")
    if record.status == lifecycle.CANCELLED and code in (None, ErrorCode.RAN_TOO_LONG):
        return CANCELLED
    return FAILED


def job_document(record: JobRecord, run: Run, version: str, params: Any = None) -> dict[str, Any]:
    """Return the document of ``getJob`` and the entries of ``listJobs``.

    Args:
        record: the job.
        run: the platform part of the job.
        version: the API version.
        params: the input of the job; None to omit it.
    """
    state_name = get_state(record)
    state: dict[str, Any] = {"status": state_name}
    if record.error is not None:
        code = int(record.error["code"])
        state["reason"] = errors.format_reason(str(record.error["message"]), code)
        state["reason_code"] = code
        state["reason_solution"] = errors.get_solution(code)
    too_long = state_name == CANCELLED and record.error is not None
    document: dict[str, Any] = {
        "id": record.id,
        "backend": record.backend_name,
        "created": _format_time(record.creation_ms),
        "cost": run.cost,
        "program": {"id": run.program},
        "state": state,
        "status": "Cancelled - Ran too long" if too_long else state_name,
        "user_id": f"IBMid-{record.user_id}",
        "estimated_running_time_seconds": run.estimate_ms / 1000,
        "usage": usage_document(record, run, version),
    }
    if record.tags:
        document["tags"] = list(record.tags)
    if run.session_id is not None:
        document["session_id"] = run.session_id
    if run.private:
        document["private"] = True
    if version >= FIRST_OF_2026 and run.calibration_id is not None:
        document["calibration_id"] = run.calibration_id
    if params is not None:
        document["params"] = {} if run.private else params
    return document


def created_document(run: Run, backend: str, version: str) -> dict[str, Any]:
    """Return the reply of ``createJob``."""
    document: dict[str, Any] = {"id": run.job_id, "backend": backend}
    if run.session_id is not None:
        document["session_id"] = run.session_id
    if run.private:
        document["private"] = True
    if version >= FIRST_OF_2026:
        document["calibration_id"] = run.calibration_id
    return document


def usage_document(record: JobRecord, run: Run, version: str) -> dict[str, Any]:
    """Return the device time that a job has used."""
    seconds = run.charged_ms / 1000
    if version <= CLASSIC_USAGE:
        return {"seconds": seconds}
    return {
        "qpu_charge_time_seconds": seconds,
        "status": "complete" if record.final else "pending",
    }


def metrics_document(
    record: JobRecord, run: Run, version: str, position: QueuePosition | None
) -> dict[str, Any]:
    """Return the document of ``getJobMetrics``; only old versions have the position in a queue."""
    began = dict(record.steps).get(lifecycle.RUNNING)
    seconds = run.charged_ms / 1000
    document: dict[str, Any] = {
        "timestamps": {
            "created": _format_time(record.creation_ms),
            "running": None if began is None else _format_time(began),
            "finished": None if record.end_ms is None else _format_time(record.end_ms),
        },
        "qiskit_version": terra_version(),
    }
    if version <= CLASSIC_USAGE:
        document["usage"] = {"quantum_seconds": int(seconds), "seconds": int(seconds)}
        document["bss"] = {"seconds": int(seconds)}
        if position is not None and version < FIRST_OF_2026:
            document["position_in_queue"] = position.position
            document["estimated_start_time"] = _format_time(position.start_ms)
            document["estimated_completion_time"] = _format_time(position.complete_ms)
        return document
    document["usage"] = usage_document(record, run, version)
    if run.caller is not None:
        document["caller"] = run.caller
    if record.status == lifecycle.COMPLETED:
        target = document["usage"] if version == METRICS_IN_USAGE else document
        target["circuits_execution_time_ns"] = run.charged_ms * 1_000_000
    return document


def _format_time(at_ms: int) -> str:
    """Return a time with microseconds, as in job documents."""
    return moment_of(at_ms).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def get_end_time(record: JobRecord) -> str | None:
    """Return the end time of a job; None for an unfinished job."""
    return None if record.end_ms is None else wire_time(record.end_ms)
