"""Jobs of the classic dialect for the dispatcher: Qobjs, checked before they are queued."""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from ibmq_backend.emulator.checks.qobj import DEFAULT_SHOTS, JobRefused, validate
from ibmq_backend.emulator.classic.documents.jobs import failed_result, result_date
from ibmq_backend.emulator.classic.documents.summaries import (
    circuits_of,
    requested_seed,
    shots_of,
    summarize,
)
from ibmq_backend.emulator.classic.jobs.large_qobj import QobjFacts, inspect
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.raw_json import raw_json
from ibmq_backend.emulator.core.records import LARGE_JOB_BYTES, JobRecord
from ibmq_backend.emulator.devices.catalog import Device, UnknownDevice
from ibmq_backend.emulator.devices.timing_model import Work
from ibmq_backend.emulator.engine.engine import Task
from ibmq_backend.emulator.engine.job_kind import INTERNAL_CODE, RUN_FAILED_CODE, Outcome
from ibmq_backend.emulator.store.jobs import QOBJ

_log: Final = logging.getLogger(__name__)

_NOT_JSON_CODE: Final = 1101
_NO_BACKEND_CODE: Final = 2000
_NOT_UPLOADED_CODE: Final = 3251


class QobjJobs:
    """Jobs of the classic dialect: a Qobj in, a Result document out.

    Args:
        state: the service.
    """

    def __init__(self, state: ClassicState) -> None:
        self._service = state.service

    def not_uploaded(self) -> dict[str, Any]:
        """Return what ends a job without data."""
        message = "The data of the job was not uploaded in time"
        return {"message": message, "code": _NOT_UPLOADED_CODE}

    def read(self, record: JobRecord) -> Any:
        """Return the Qobj, or what is known of a large one; see :meth:`JobKind.read`."""
        content = self._service.jobs.blob(record.id, QOBJ) or b""
        if len(content) > LARGE_JOB_BYTES:
            return inspect(self._device(record), content)
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise JobRefused("The data of the job is not valid JSON", _NOT_JSON_CODE) from None

    def refusal(self, record: JobRecord, document: Any) -> JobRefused | None:
        """Return the first thing that the device would not have run."""
        if isinstance(document, QobjFacts):
            return JobRefused(*document.refusal) if document.refusal else None
        try:
            validate(self._device(record), document)
        except JobRefused as refusal:
            return refusal
        except Exception:
            # Whatever an untrusted client uploads ends its job, never the service.
            _log.exception("the validation of job %s failed", record.id)
            return JobRefused("The data of the job cannot be understood", _NOT_JSON_CODE)
        return None

    def work(self, record: JobRecord, document: Any) -> Work:
        """Shots and circuits of the Qobj."""
        if isinstance(document, QobjFacts):
            return Work(document.shots or DEFAULT_SHOTS, max(1, document.circuits), record.seed)
        shots = shots_of(document) or DEFAULT_SHOTS
        return Work(shots, max(1, circuits_of(document)), record.seed)

    def summary(self, document: Any) -> dict[str, Any]:
        """Return the part of ``summaryData`` that describes the Qobj."""
        return document.summary if isinstance(document, QobjFacts) else summarize(document)

    def task(self, record: JobRecord, document: Any) -> Task:
        """Return the Qobj, with the seed that it asks for or that of the job."""
        large = isinstance(document, QobjFacts)
        requested = document.seed if large else requested_seed(document)
        return Task(
            job_id=record.id,
            device=record.backend_name,
            qobj=document.top if large else document,
            seed=record.seed if requested is None else requested,
            content=self._service.jobs.blob(record.id, QOBJ) if large else None,
        )

    def outcome(
        self,
        record: JobRecord,
        document: Any,
        result: dict[str, Any] | None,
        error: dict[str, Any] | None,
    ) -> Outcome:
        """Return the Result document; a failed run has one too."""
        now = self._service.jobs.now()
        if result is None:
            error = error or {"message": "Internal error", "code": INTERNAL_CODE}
            top = document.top if isinstance(document, QobjFacts) else document
            result = failed_result(record, top, error, now)
        elif not result.get("success", False):
            message = "The execution of circuits failed"
            error = result.get("error") or {"message": message, "code": RUN_FAILED_CODE}
        content = raw_json({**result, "job_id": record.id, "date": result_date(now)})
        summary = dict(record.summary or {})
        summary["size"] = {**summary.get("size", {}), "output": content.size}
        summary["success"] = error is None
        summary["resultTime"] = max(0, now - record.last_step_ms) / 1000
        status = lifecycle.COMPLETED if error is None else lifecycle.ERROR_RUNNING
        return Outcome(status, content, summary, error)

    def _device(self, record: JobRecord) -> Device:
        try:
            return self._service.catalog.get(record.backend_name)
        except UnknownDevice:
            gone = f"The backend {record.backend_name!r} is no longer offered"
            raise JobRefused(gone, _NO_BACKEND_CODE) from None
