"""Error replies of the classic dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ibmq_backend.emulator.core import errors as domain
from ibmq_backend.emulator.core.error_codes import ErrorCode


class ServiceError(Exception):
    """An error that the client receives as an error envelope.

    Args:
        status: HTTP status of the reply.
        code: error code of the service: a number, or a word in errors of its web framework.
        message: message for the user.
        name: the ``name`` of the envelope; clients use it for the licence error only.
        headers: further reply headers.
    """

    def __init__(
        self,
        status: int,
        code: ErrorCode | str,
        message: str,
        *,
        name: str = "Error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.name = name
        self.headers = dict(headers or {})

    def envelope(self) -> dict[str, Any]:
        """Return the JSON body: ``{"error": {status, statusCode, name, message, code}}``."""
        return {
            "error": {
                "status": self.status,
                "statusCode": self.status,
                "name": self.name,
                "message": self.message,
                "code": self.code,
            }
        }


def not_logged_in() -> ServiceError:
    """Return the error for a missing, unknown or expired access token."""
    return ServiceError(
        401, ErrorCode.LOGIN_REQUIRED, "Login with some authorized provider required."
    )


def invalid_state(message: str) -> ServiceError:
    """Return the error for a request that the state of the job does not allow."""
    return ServiceError(400, ErrorCode.JOB_NOT_VALID, message)


def missing_data(message: str) -> ServiceError:
    """Return the error for a request that lacks a required part."""
    return ServiceError(400, ErrorCode.MISSING_DATA, message)


def wrong_data(message: str) -> ServiceError:
    """Return the error for a request with an invalid part."""
    return ServiceError(400, ErrorCode.WRONG_DATA, message)


def forbidden(message: str) -> ServiceError:
    """Return the error for a request that the account or the signed URL does not allow."""
    return ServiceError(403, ErrorCode.FORBIDDEN, message)


def _quota_exceeded(reason: str) -> ServiceError:
    return ServiceError(
        403, ErrorCode.FORBIDDEN, f"{reason}. Delete jobs or close sessions that you do not need."
    )


def no_such_method(method: str, path: str) -> ServiceError:
    """Return the error for an unknown path or method."""
    model = next((part for part in path.split("/") if part), "Application")
    return ServiceError(
        404,
        ErrorCode.NO_OPERATION,
        f'Shared class "{model}" has no method handling {method} {path}',
    )


def not_emulated(operation_id: str) -> ServiceError:
    """Return the error for an operation that is not emulated."""
    return ServiceError(
        501, ErrorCode.NOT_ACCESSIBLE, f"The emulator does not offer the operation {operation_id}."
    )


def unavailable() -> ServiceError:
    """Return the error for an unreachable database."""
    return ServiceError(
        503,
        ErrorCode.OUTAGE,
        "The service is temporarily unavailable.",
        headers={"Retry-After": "1"},
    )


def internal_error() -> ServiceError:
    """Return the error for a bug in the emulator."""
    return ServiceError(500, ErrorCode.INTERNAL, "Internal error.")


def wire_error(error: domain.DomainError) -> ServiceError:
    """Return the wire error for a domain error."""
    match error:
        case domain.ClassEnded():
            return forbidden(error.sentence)
        case domain.UnknownToken():
            return ServiceError(401, ErrorCode.LOGIN_FAILED, "Login failed.")
        case domain.LicenseNotAccepted():
            return ServiceError(
                401,
                ErrorCode.LICENCE_NOT_ACCEPTED,
                "You have to accept the license in your account's web page before you can log in.",
                name="ACCEPT_LICENSE_REQUIRED",
            )
        case domain.NotLoggedIn():
            return not_logged_in()
        case domain.TooManyLogins(retry_after_seconds=seconds):
            return ServiceError(
                429,
                "TOO_MANY_REQUESTS",
                "Too many wrong logins from this address. Try again later.",
                headers={"Retry-After": str(seconds)},
            )
        case domain.UnknownProject(instance=instance):
            message = f"The hub, group and project '{instance}' are not open to you."
            return ServiceError(403, ErrorCode.PROJECT_NOT_VALID, message)
        case domain.UnknownBackend(name=name, nearest=nearest, reason=reason):
            message = f"Backend '{name}' not found{f': {reason}' if reason else ''}."
            if nearest:
                message += f" Available: {', '.join(nearest)}."
            return ServiceError(404, ErrorCode.SYSTEM_NOT_FOUND, message)
        case domain.UnknownJob(where=where):
            return ServiceError(404, ErrorCode.JOB_NOT_FOUND, f"Job not found{where}.")
        case domain.DataNotUploaded():
            return ServiceError(
                400, ErrorCode.NOT_UPLOADED, "The data of the job has not been uploaded."
            )
        case domain.DataAlreadyAccepted():
            return forbidden("The data of the job has been accepted already.")
        case domain.TooManyJobs(limit=limit):
            message = f"Reached maximum number of concurrent jobs: {limit} on this backend."
            return ServiceError(400, ErrorCode.TOO_MANY_JOBS, message)
        case domain.JobQuotaExceeded(limit=limit):
            return _quota_exceeded(f"You have reached the limit of {limit} jobs")
        case domain.SessionQuotaExceeded(sessions=sessions):
            return _quota_exceeded(f"You have reached the limit of {sessions} open sessions")
        case domain.DataQuotaExceeded(limit_bytes=limit):
            return _quota_exceeded(f"Your jobs would occupy more than the limit of {limit} bytes")
        case domain.BodyTooLarge(limit_bytes=limit):
            return ServiceError(413, ErrorCode.TOO_LARGE, f"The body is larger than {limit} bytes.")
        case domain.BodyTooSlow():
            return ServiceError(408, ErrorCode.BODY_WRONG, "The body did not arrive in time.")
        case domain.StorageFull():
            message = "The storage of the service is full. Delete jobs and try again."
            return ServiceError(507, ErrorCode.NOT_SAVED, message)
        case domain.ServiceUnavailable():
            return unavailable()
        case domain.InternalError():
            return internal_error()
    raise TypeError(f"the classic dialect has no wire error for {error!r}")
