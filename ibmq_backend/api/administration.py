"""Lists and cancels the jobs of all users of an emulator server.

No service of IBM has these paths, so there are no bindings for them.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import httpx
from attrs import frozen

from ibmq_backend._http.client import build_client
from ibmq_backend._http.operations import Operation, OperationTable
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._secrets.redact import register_secret
from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend._version import __version__
from ibmq_backend.api.calls import HttpCalls, path_part, user_agent, wire_text
from ibmq_backend.api.secure_urls import check_address, is_plain_http_allowed

LIST_JOBS: Final = Operation("adminListJobs", "GET", "/admin/jobs", retry_safe=True)
CANCEL_JOB: Final = Operation(
    "adminCancelJob", "POST", "/admin/jobs/{job_id}/cancel", retry_safe=True
)
_OPERATIONS: Final = OperationTable.of([LIST_JOBS, CANCEL_JOB])


@frozen
class UnfinishedJob:
    """A job of any user that is not final.

    Attributes:
        id: the job id.
        user: the name of the user.
        backend: the name of the backend.
        status: the status in the words of the classic service.
        dialect: ``classic`` or ``platform``.
        age_seconds: the time since the job was created.
        running_seconds: the time since the job started to run; ``None`` unless it is running.
    """

    id: str
    user: str
    backend: str
    status: str
    dialect: str
    age_seconds: float
    running_seconds: float | None


class Administration:
    """The administration of one server.

    Args:
        url: the base URL of the server.
        token: the admin token of the server.
        settings: the network settings; by default those of the environment.

    Raises:
        IBMQAccountCredentialsInvalidUrl: the URL is not valid, or the token would be sent
            unencrypted to another machine.
    """

    def __init__(self, url: str, token: str, settings: NetworkSettings | None = None) -> None:
        settings = settings or NetworkSettings(allow_plain_http=is_plain_http_allowed())
        check_address(url, settings)
        token = hide(token)
        register_secret(token)
        self._http = build_client(
            settings,
            base_url=url,
            headers=user_agent(__version__),
            auth=_BearerAuth(token),
            operation_of=_OPERATIONS.operation_of,
        )
        self._calls = HttpCalls(self._http, _OPERATIONS)

    def jobs(self) -> list[UnfinishedJob]:
        """Return the jobs that are not final, oldest first.

        Raises:
            ApiAuthError: the token is not the admin token.
            ApiForbidden: the server has no administration.
            ApiError: any other failure.
        """
        return self._calls.exchange(LIST_JOBS, _unfinished_jobs, self._http.get, "admin/jobs")

    def cancel(self, job_id: str) -> str:
        """Cancel a job of any user unless it is final.

        Returns:
            The status of the job; ``CANCELLED`` if this call or an earlier one cancelled it.

        Raises:
            ApiNotFound: there is no such job.
            ApiAuthError: the token is not the admin token.
            ApiForbidden: the server has no administration.
            ApiError: any other failure.
        """
        path = f"admin/jobs/{quote(path_part('job', job_id), safe='')}/cancel"
        return self._calls.exchange(CANCEL_JOB, _status, self._http.post, path)

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()


class _BearerAuth(httpx.Auth):
    """Adds the token to each request; it does not appear in the ``repr`` of the client."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _unfinished_jobs(reply: httpx.Response) -> list[UnfinishedJob]:
    return [_unfinished_job(each) for each in reply.json()["jobs"]]


def _status(reply: httpx.Response) -> str:
    return wire_text(reply.json()["status"])


def _unfinished_job(document: Any) -> UnfinishedJob:
    running = document["running_seconds"]
    return UnfinishedJob(
        id=wire_text(document["id"]),
        user=wire_text(document["user"]),
        backend=wire_text(document["backend"]),
        status=wire_text(document["status"]),
        dialect=wire_text(document["dialect"]),
        age_seconds=float(document["age_seconds"]),
        running_seconds=None if running is None else float(running),
    )
