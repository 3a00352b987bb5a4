"""Documents of jobs.

Unknown values are omitted rather than sent as null, since nulls broke the original client.
"""

from __future__ import annotations

from typing import Any, Final

from ibmq_backend.emulator.classic.documents.hubs import object_id
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import wire_time
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.service_state import QueuePosition

KIND: Final = "q-object-external-storage"


def status_document(record: JobRecord) -> dict[str, Any]:
    """Return the short form without ``infoQueue``; see :func:`queued_status_document`."""
    document: dict[str, Any] = {
        "id": record.id,
        "kind": KIND,
        "status": record.status,
        "creationDate": wire_time(record.creation_ms),
        "backend": {
            "id": object_id("device", record.backend_name),
            "name": record.backend_name,
        },
        "userId": record.user_id,
        "hubInfo": {
            "hub": {"name": record.hub, "priority": 1},
            "group": {"name": record.group_name, "priority": 1},
            "project": {"name": record.project, "priority": 1},
        },
        "tags": list(record.tags),
        "liveDataEnabled": bool(record.live_data),
        "allowObjectStorage": True,
        "deleted": False,
    }
    optional = {
        "name": record.name,
        "experimentTag": record.experiment_tag,
        "runMode": record.run_mode,
        "endDate": None if record.end_ms is None else wire_time(record.end_ms),
    }
    document.update({key: value for key, value in optional.items() if value is not None})
    return document


def job_document(record: JobRecord) -> dict[str, Any]:
    """Return the long form without ``infoQueue``; the filters of the job lists apply to it."""
    document = status_document(record)
    document["timePerStep"] = {status: wire_time(at) for status, at in record.steps}
    if record.client_name is not None:
        document["clientInfo"] = {
            "name": record.client_name,
            "version": record.client_version or "",
        }
    optional = {
        "shots": record.shots,
        "summaryData": record.summary,
        "error": record.error,
        "shareLevel": record.share_level,
        "ip": None if record.address is None else {"ip": record.address},
    }
    document.update({key: value for key, value in optional.items() if value is not None})
    return document


def created_document(record: JobRecord, upload_url: str, max_bytes: int) -> dict[str, Any]:
    """Return the reply of ``createJob``."""
    document = job_document(record)
    document["objectStorageInfo"] = {"uploadUrl": upload_url, "maxJobSizeInBytes": max_bytes}
    return document


def uploaded_document(record: JobRecord) -> dict[str, Any]:
    """Return the reply of ``markJobDataUploaded``.

    ``error`` is removed, because the original client would report a failed submission when it
    repeats the call for a job that has already failed.
    """
    document = job_document(record)
    document.pop("error", None)
    return {"job": document}


def queued_status_document(record: JobRecord, position: QueuePosition | None) -> dict[str, Any]:
    """Return the short form with ``infoQueue``: ``getJobStatus`` and the status stream."""
    return {**status_document(record), **_queue(position)}


def queued_job_document(record: JobRecord, position: QueuePosition | None) -> dict[str, Any]:
    """Return the long form with ``infoQueue``: ``getJob``."""
    return {**job_document(record), **_queue(position)}


def _queue(position: QueuePosition | None) -> dict[str, Any]:
    if position is None:
        return {}
    return {
        "infoQueue": {
            "status": "PENDING_IN_QUEUE",
            "position": position.position,
            "hubPriority": 0.5,
            "groupPriority": 0.5,
            "projectPriority": 0.5,
            "estimatedStartTime": wire_time(position.start_ms),
            "estimatedCompleteTime": wire_time(position.complete_ms),
        }
    }


def failed_result(
    record: JobRecord, qobj: Any, error: dict[str, Any], at_ms: int
) -> dict[str, Any]:
    """Return the result of a job whose whole run failed."""
    header = qobj.get("header") if isinstance(qobj, dict) else None
    qobj_id = qobj.get("qobj_id") if isinstance(qobj, dict) else None
    return {
        "backend_name": record.backend_name,
        "backend_version": record.backend_version,
        "qobj_id": str(qobj_id or ""),
        "job_id": record.id,
        "success": False,
        "status": lifecycle.ERROR_RUNNING,
        "date": result_date(at_ms),
        "header": header if isinstance(header, dict) else {},
        "results": [],
        "error": error,
    }


def result_date(at_ms: int) -> str:
    """Return the ``date`` of a result: UTC without time zone, as in the real service."""
    return wire_time(at_ms).removesuffix("Z")
