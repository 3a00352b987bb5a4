"""Errors of the classic dialect as they are sent to clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ibmq_backend.emulator.core import errors as domain


class ServiceError(Exception):
    """A refusal that reaches the client as an error envelope.

    Args:
        status: HTTP status of the reply.
        code: the service's own code: a number, or a word in errors made by its framework.
        message: the sentence for the user.
        name: the ``name`` of the envelope; clients look at it in the licence case only.
        headers: further reply headers.
    """

    def __init__(
        self,
        status: int,
        code: int | str,
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
        """The JSON body: ``{"error": {status, statusCode, name, message, code}}``."""
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
    """The access token is missing, unknown or lapsed."""
    return ServiceError(401, 3445, "Login with some authorized provider required.")


def invalid_state(message: str) -> ServiceError:
    """The job is in a state that does not allow the request."""
    return ServiceError(400, 3211, message)


def missing_data(message: str) -> ServiceError:
    """A required part of the request is missing."""
    return ServiceError(400, 2403, message)


def wrong_data(message: str) -> ServiceError:
    """A part of the request cannot be understood."""
    return ServiceError(400, 2400, message)


def forbidden(message: str) -> ServiceError:
    """The account, or the signature of an address, does not allow the request."""
    return ServiceError(403, 2409, message)


def _quota_exceeded(reason: str) -> ServiceError:
    return ServiceError(403, 2409, f"{reason}. Delete jobs or close sessions that you do not need.")


def no_such_method(method: str, path: str) -> ServiceError:
    """The path, or the method on this path, is unknown."""
    model = next((part for part in path.split("/") if part), "Application")
    return ServiceError(404, 2411, f'Shared class "{model}" has no method handling {method} {path}')


def not_emulated(operation_id: str) -> ServiceError:
    """The operation exists in the real service but not here."""
    return ServiceError(501, 2410, f"The emulator does not offer the operation {operation_id}.")


def unavailable() -> ServiceError:
    """The store cannot be reached at the moment."""
    return ServiceError(
        503, 1999, "The service is temporarily unavailable.", headers={"Retry-After": "1"}
    )


def internal_error() -> ServiceError:
    """A defect of the emulator."""
    return ServiceError(500, 1000, "Internal error.")


def wire_error(error: domain.DomainError) -> ServiceError:
    """Return a domain error in the words of this dialect."""
    match error:
        case domain.UnknownToken():
            return ServiceError(401, 3446, "Login failed.")
        case domain.LicenseNotAccepted():
            return ServiceError(
                401,
                3452,
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
            return ServiceError(403, 2911, message)
        case domain.UnknownBackend(name=name, nearest=nearest):
            hint = f" Available: {', '.join(nearest)}." if nearest else ""
            return ServiceError(404, 2620, f"Backend '{name}' not found.{hint}")
        case domain.UnknownJob():
            return ServiceError(404, 3250, "Job not found.")
        case domain.DataNotUploaded():
            return ServiceError(400, 3251, "The data of the job has not been uploaded.")
        case domain.DataAlreadyAccepted():
            return forbidden("The data of the job has been accepted already.")
        case domain.TooManyJobs(limit=limit):
            message = f"Reached maximum number of concurrent jobs: {limit} on this backend."
            return ServiceError(400, 3458, message)
        case domain.JobQuotaExceeded(limit=limit):
            return _quota_exceeded(f"You have {limit} jobs, which is the limit")
        case domain.SessionQuotaExceeded(sessions=sessions):
            return _quota_exceeded(f"You have {sessions} open sessions, which is the limit")
        case domain.DataQuotaExceeded(limit_bytes=limit):
            return _quota_exceeded(f"Your jobs would occupy more than {limit} bytes, the limit")
        case domain.BodyTooLarge(limit_bytes=limit):
            return ServiceError(413, 1001, f"The body is larger than {limit} bytes.")
        case domain.BodyTooSlow():
            return ServiceError(408, 1001, "The body did not arrive in time.")
        case domain.StorageFull():
            message = "The storage of the service is full. Delete jobs and try again."
            return ServiceError(507, 1999, message)
        case domain.ServiceUnavailable():
            return unavailable()
        case domain.InternalError():
            return internal_error()
    raise TypeError(f"the classic dialect has no words for {error!r}")
