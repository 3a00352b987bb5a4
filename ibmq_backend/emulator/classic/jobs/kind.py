"""Jobs of the classic dialect for the dispatcher: Qobjs, checked before they are queued."""

from __future__ import annotations

import json
import threading
from typing import Any

from ibmq_backend.emulator.checks.qobj import DEFAULT_SHOTS, JobRefused
from ibmq_backend.emulator.classic.documents.jobs import failed_result, result_date
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.raw_json import RawJson, raw_bytes, raw_json
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.catalog import UnknownDevice
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.engine.job_kind import (
    Inspection,
    Outcome,
)
from ibmq_backend.emulator.engine.task import QOBJ_TASK, EngineError, Task
from ibmq_backend.emulator.store.jobs import QOBJ


class QobjJobs:
    """Jobs of the classic dialect: a Qobj in, a Result document out.

    Args:
        state: the service.
    """

    def __init__(self, state: ClassicState) -> None:
        self._service = state.service
        self._failing = threading.Lock()

    def not_uploaded(self) -> dict[str, Any]:
        """Return ``message`` and ``code`` of a job whose data was not uploaded in time."""
        message = "The data of the job was not uploaded in time"
        return {"message": message, "code": ErrorCode.NOT_UPLOADED}

    def inspect(self, record: JobRecord, engine: Engine) -> Inspection:
        """Check the Qobj against its device; see :meth:`JobKind.inspect`.

        Raises:
            EngineError: if the Qobj could not be inspected.
        """
        try:
            self._check_device(record.backend_name)
            facts = engine.inspect(self.task(record))
        except JobRefused as refusal:
            return Inspection(Work(DEFAULT_SHOTS, 1, record.seed), refusal)
        work = Work(facts["shots"] or DEFAULT_SHOTS, max(1, facts["circuits"]), record.seed)
        if facts["refusal"] is not None:
            stated = facts["refusal"]
            refused = JobRefused(stated["message"], ErrorCode(stated["code"]))
            return Inspection(work, refused)
        return Inspection(work, None, facts["summary"])

    def task(self, record: JobRecord) -> Task:
        """Return the task that runs the Qobj, with the seed of the job."""
        content = self._service.jobs.data.read(record.id, QOBJ) or raw_bytes(b"")
        described = (record.summary or {}).get("summary") or {}
        return Task(
            record.id,
            record.backend_name,
            content,
            record.seed,
            QOBJ_TASK,
            circuits=max(1, described.get("num_circuits", 1)),
        )

    def outcome(
        self,
        record: JobRecord,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
        engine: Engine,
    ) -> Outcome:
        """Return the Result document; a failed run has one too."""
        now = self._service.jobs.now()
        if result is None:
            error = error or {"message": "Internal error", "code": ErrorCode.INTERNAL}
            result = failed_result(record, self._header(record, engine), error, now)
        elif not result.get("success", False):
            message = "The execution of circuits failed"
            error = result.get("error") or {"message": message, "code": ErrorCode.RUN_FAILED}
        content = raw_json({**result, "job_id": record.id, "date": result_date(now)})
        status = lifecycle.COMPLETED if error is None else lifecycle.ERROR_RUNNING
        return Outcome(status, content, _summary(record, content, error is None, now), error)

    def _header(self, record: JobRecord, engine: Engine) -> dict[str, Any]:
        """Return ``header`` and ``qobj_id`` of the Qobj, which only failed runs need."""
        try:
            self._check_device(record.backend_name)
            with self._failing:  # many failed runs must not keep new jobs from their inspection
                header: dict[str, Any] = json.loads(engine.inspect(self.task(record))["header"])
        except (JobRefused, EngineError):
            return {}
        return header

    def _check_device(self, name: str) -> None:
        try:
            self._service.catalog.get(name)
        except UnknownDevice:
            gone = f"The backend {name!r} is no longer offered"
            raise JobRefused(gone, ErrorCode.DEVICE_NOT_OFFERED) from None


def _summary(record: JobRecord, result: RawJson, success: bool, now: int) -> dict[str, Any]:
    summary = dict(record.summary or {})
    summary["size"] = {**summary.get("size", {}), "output": result.size}
    summary["success"] = success
    summary["resultTime"] = max(0, now - record.last_step_ms) / 1000
    return summary
