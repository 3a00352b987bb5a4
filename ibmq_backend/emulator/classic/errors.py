"""The errors of the service, as it words them on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class WrongLogin(Exception):
    """Marks the refusal of an API token that nobody has.

    Attributes:
        delay_seconds: For how long the reply is held back.
    """

    delay_seconds = 0.0


class QuotaExceeded(Exception):
    """A user may not store anything more; each dialect has its own words for it."""


class ServiceError(Exception):
    """A refusal that reaches the client as an error envelope.

    Args:
        status: HTTP status of the reply.
        code: The service's own code: a number, or a word in errors made by its framework.
        message: The sentence for the user.
        name: The ``name`` of the envelope; clients look at it in the licence case only.
        headers: Further reply headers.
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


class LoginFailed(ServiceError, WrongLogin):
    """A token that nobody has."""


def login_failed() -> ServiceError:
    """The API token is unknown (``loginWithToken``)."""
    return LoginFailed(401, 3446, "Login failed.")


def too_many_logins(seconds: int) -> ServiceError:
    """Wrong logins from the same address are being held back."""
    return ServiceError(
        429,
        "TOO_MANY_REQUESTS",
        "Too many wrong logins from this address. Try again later.",
        headers={"Retry-After": str(seconds)},
    )


def license_required() -> ServiceError:
    """The account has not accepted the licence (``loginWithToken``)."""
    return ServiceError(
        401,
        3452,
        "You have to accept the license in your account's web page before you can log in.",
        name="ACCEPT_LICENSE_REQUIRED",
    )


def not_logged_in() -> ServiceError:
    """The access token is missing, unknown or lapsed."""
    return ServiceError(401, 3445, "Login with some authorized provider required.")


def bad_triple(hub: str, group: str, project: str) -> ServiceError:
    """The hub, group and project do not exist or are not open to the account."""
    return ServiceError(
        403, 2911, f"The hub, group and project '{hub}/{group}/{project}' are not open to you."
    )


def backend_not_found(name: str, known: list[str]) -> ServiceError:
    """No such device in the project."""
    hint = f" Available: {', '.join(known)}." if known else ""
    return ServiceError(404, 2620, f"Backend '{name}' not found.{hint}")


def job_not_found() -> ServiceError:
    """No such job, or it belongs to another user or another project, or it was deleted."""
    return ServiceError(404, 3250, "Job not found.")


def job_limit_reached(limit: int) -> ServiceError:
    """Too many unfinished jobs (``createJob``)."""
    return ServiceError(
        400, 3458, f"Reached maximum number of concurrent jobs: {limit} on this backend."
    )


def data_not_uploaded() -> ServiceError:
    """``markJobDataUploaded`` came before the upload."""
    return ServiceError(400, 3251, "The data of the job has not been uploaded.")


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


def too_large(limit: int) -> ServiceError:
    """The body is larger than the service takes."""
    return ServiceError(413, 1001, f"The body is larger than {limit} bytes.")


def too_slow() -> ServiceError:
    """The body did not arrive in time."""
    return ServiceError(408, 1001, "The body did not arrive in time.")


def quota_exceeded(reason: str) -> ServiceError:
    """The user has too many jobs or sessions, or too much data."""
    return ServiceError(403, 2409, f"{reason}. Delete jobs or close sessions that you do not need.")


def storage_full() -> ServiceError:
    """Nothing more can be stored until something is deleted."""
    return ServiceError(507, 1999, "The storage of the service is full. Delete jobs and try again.")


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
