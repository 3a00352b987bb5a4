"""Administration: list the unfinished jobs of all users, and cancel any of them.

``GET /admin/jobs`` and ``POST /admin/jobs/{job_id}/cancel`` belong to no emulated dialect. They
need ``Authorization: Bearer <admin token>``; errors have the classic format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.binding import ERROR_FORMAT
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.errors import UnknownJob, WrongLogin
from ibmq_backend.emulator.core.records import JobRecord, job_record
from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.schema import jobs
from ibmq_backend.emulator.wire.body import SMALL_BODY_BYTES, Body
from ibmq_backend.emulator.wire.endpoints import Endpoint
from ibmq_backend.emulator.wire.exchange import Exchanges, JsonReply, Operation

_BEARER: Final = "bearer"
_JOB_ID: Final = re.compile(r"[0-9a-z]{1,24}")


class _WrongAdminToken(errors.ServiceError, WrongLogin):
    pass


def admin_routes(
    service_state: ServiceState, dialects: Iterable[Dialect], exchanges: Exchanges
) -> list[Endpoint]:
    """Return the endpoints of the administration; without an admin token they reply 403."""
    by_name = {dialect.name: dialect for dialect in dialects}

    def authorize(http: HttpRequest) -> None:
        exchanges.check_login(
            http, "admin", check_admin, service_state, http.headers.get("authorization", "")
        )

    def list_jobs(_http: HttpRequest, _body: Body, _authorization: None) -> Response:
        return JsonReply({"jobs": unfinished_jobs(service_state)})

    def cancel_job(http: HttpRequest, _body: Body, _authorization: None) -> Response:
        return JsonReply(cancel(service_state, by_name, http.path_params["job_id"]))

    def no_owner(_authorization: None) -> str:
        return ""

    def route(path: str, method: str, operation: Operation[None]) -> Endpoint:
        endpoint = partial(exchanges.answer, operation=operation, error_format=ERROR_FORMAT)
        return Endpoint(operation.name, method, path, endpoint)

    size = SMALL_BODY_BYTES
    return [
        route(
            "/admin/jobs",
            "GET",
            Operation("adminListJobs", size, False, authorize, list_jobs, no_owner),
        ),
        route(
            "/admin/jobs/{job_id}/cancel",
            "POST",
            Operation("adminCancelJob", size, False, authorize, cancel_job, no_owner),
        ),
    ]


def check_admin(service_state: ServiceState, header: str) -> None:
    """Check an ``Authorization`` header.

    Raises:
        ServiceError: 403, the service has no admin token; 401, the token is missing or wrong.
    """
    if not service_state.accounts.has_admin:
        raise errors.ServiceError(
            403,
            "ADMINISTRATION_OFF",
            "The administration of this server is off. To enable it, add the line "
            'admin_token = "..." to the accounts file.',
        )
    scheme, _, token = header.partition(" ")
    if scheme.lower() != _BEARER or not token.strip():
        raise errors.ServiceError(401, "ADMIN_TOKEN_MISSING", "The admin token is missing.")
    if not service_state.accounts.is_admin(token.strip()):
        raise _WrongAdminToken(401, "ADMIN_TOKEN_WRONG", "This is not the admin token.")


def unfinished_jobs(service_state: ServiceState) -> list[dict[str, Any]]:
    """Return the documents of the unfinished jobs, oldest first."""
    query = (
        select(jobs)
        .where(jobs.c.final.is_(False), jobs.c.deleted.is_(False))
        .order_by(jobs.c.creation_ms)
    )
    with service_state.store.read() as connection:
        rows = connection.execute(query).all()
    now = service_state.jobs.now()
    return [_document(service_state, job_record(row), now) for row in rows]


def cancel(
    service_state: ServiceState, dialects: Mapping[str, Dialect], job_id: str
) -> dict[str, Any]:
    """Cancel a job on behalf of its owner.

    Returns:
        A document with the ``id``, the ``status`` and whether the job is ``cancelled``.

    Raises:
        UnknownJob: the job does not exist.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise UnknownJob(job_id)
    with service_state.store.read() as connection:
        record = service_state.jobs.require(connection, job_id)
    dialects[record.dialect].cancel(record)
    with service_state.store.read() as connection:
        status = service_state.jobs.require(connection, job_id).status
    return {"id": job_id, "cancelled": status == lifecycle.CANCELLED, "status": status}


def _document(service_state: ServiceState, record: JobRecord, now: int) -> dict[str, Any]:
    account = service_state.accounts.account(record.user_id)
    running = record.status == lifecycle.RUNNING
    return {
        "id": record.id,
        "user": record.user_id if account is None else account.name,
        "backend": record.backend_name,
        "status": record.status,
        "dialect": record.dialect,
        "age_seconds": (now - record.creation_ms) / 1000,
        "running_seconds": (now - record.last_step_ms) / 1000 if running else None,
    }
