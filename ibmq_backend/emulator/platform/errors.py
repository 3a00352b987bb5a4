"""Error replies of the platform dialect."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from ibmq_backend.emulator.core import errors as domain
from ibmq_backend.emulator.core.error_codes import ErrorCode

MORE_INFO: Final = "https://quantum.cloud.ibm.com/docs/errors"

_SOLUTIONS: Final[dict[int, str]] = {
    ErrorCode.QASM_NOT_READ: "Send a valid OpenQASM 3 program; its first statement is OPENQASM 3.",
    ErrorCode.QPY_NOT_READ: (
        "Send the circuit as OpenQASM 3, or as QPY of a version that can be read."
    ),
    ErrorCode.NOT_ISA: "Transpile the circuit for the backend before it is sent.",
    ErrorCode.OVER_SYSTEM_LIMITS: "Ask for fewer shots or circuits in one job.",
    ErrorCode.OPTIONS_DO_NOT_FIT: "Change or remove the option.",
    ErrorCode.PROGRAM_FAILED: "Use the program 'sampler' or 'estimator'.",
    ErrorCode.RAN_TOO_LONG: "Make the job smaller or raise its maximum execution time.",
    ErrorCode.SESSION_CLOSED: "Send the job outside of the session or open a new one.",
}


class PlatformError(Exception):
    """An error that the client receives as ``{"errors": [...], "trace": ...}``.

    Args:
        status: HTTP status of the reply.
        code: error code of the service; None for errors without code.
        message: description of the error.
        solution: advice for the user.
        headers: further reply headers.
    """

    def __init__(
        self,
        status: int,
        code: ErrorCode | None,
        message: str,
        solution: str = "",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.solution = solution
        self.headers = dict(headers or {})

    def body(self, trace: str) -> dict[str, Any]:
        """Return the JSON body.

        Args:
            trace: the id of the request.
        """
        error: dict[str, Any] = {"message": self.message}
        if self.solution:
            error["solution"] = self.solution
        if self.code is not None:
            error = {"code": self.code, **error, "more_info": f"{MORE_INFO}#{self.code}"}
        return {"errors": [error], "trace": trace}


class IdentityError(PlatformError):
    """An error in the format of the identity service (``exchangeToken``).

    Args:
        status: HTTP status of the reply.
        word: code of the identity service, for example ``BXNIM0415E``; empty without one.
        message: description of the error.
    """

    def __init__(self, status: int, word: str, message: str) -> None:
        super().__init__(status, None, message)
        self.word = word

    def body(self, trace: str) -> dict[str, Any]:
        """Return the JSON body: ``{errorCode, errorMessage, context}``."""
        return {
            **({"errorCode": self.word} if self.word else {}),
            "errorMessage": self.message,
            "context": {"requestId": trace, "requestType": "incoming.Identity_Token"},
        }


def new_trace() -> str:
    """Return a new id for a request."""
    return str(uuid.uuid4())


def get_solution(code: int) -> str:
    """Return the advice for a job that failed with this code."""
    return _SOLUTIONS.get(code, "Check the job and send it again.")


def format_reason(message: str, code: int) -> str:
    """Return the ``reason`` of a failed job: message, advice and link."""
    return f"{message} -- {get_solution(code)} -- {MORE_INFO}#{code}"


def unauthorized() -> PlatformError:
    """Return the error for a missing, invalid or expired token."""
    return PlatformError(
        401,
        ErrorCode.TOKEN_NOT_VALID,
        "The access token is missing or not valid.",
        "Exchange the API key again.",
    )


def crn_missing() -> PlatformError:
    """Return the error for a request without ``Service-CRN``."""
    return PlatformError(
        400,
        ErrorCode.NO_INSTANCE,
        "The header Service-CRN is missing.",
        "Send the CRN of the instance.",
    )


def crn_invalid(text: str) -> PlatformError:
    """Return the error for a ``Service-CRN`` that is not the CRN of a quantum instance."""
    return PlatformError(
        400,
        ErrorCode.CRN_NOT_VALID,
        f"'{text[:200]}' is not the CRN of an instance.",
        "Copy the CRN of the instance.",
    )


def instance_not_found(crn: str) -> PlatformError:
    """Return the error for an unknown instance in the region of the request."""
    return PlatformError(
        404,
        ErrorCode.INSTANCE_UNKNOWN,
        f"The instance {crn} does not exist in this region.",
        "Check the CRN and the region of the address.",
    )


def instance_forbidden(crn: str) -> PlatformError:
    """Return the error for an instance that is not open to the user."""
    return PlatformError(
        403, None, f"The instance {crn} is not open to you.", "Ask its owner for access."
    )


def backend_not_found(name: str) -> PlatformError:
    """Return the error for an unknown device; it has no code in the real service."""
    return PlatformError(404, None, f"The backend '{name}' was not found.")


def job_not_found(job_id: str) -> PlatformError:
    """Return the error for a job that is unknown, deleted or of another user."""
    return PlatformError(
        404, ErrorCode.RUN_UNKNOWN, f"Job '{job_id}' was not found.", "Check the id and instance."
    )


def session_not_found(session_id: str) -> PlatformError:
    """Return the error for an unknown session."""
    return PlatformError(
        404, None, f"Session '{session_id}' was not found.", "Check the id and instance."
    )


def account_not_found(account_id: str) -> PlatformError:
    """Return the error for an account that does not own the instance."""
    return PlatformError(404, None, f"Account '{account_id}' was not found.", "Check the id.")


def results_not_ready() -> PlatformError:
    """Return the error of ``getJobResults`` for a job that is not final."""
    return PlatformError(
        400, ErrorCode.NOT_FINAL, "The job is not in a final state.", "Ask again later."
    )


def job_final() -> PlatformError:
    """Return the error of ``cancelJob`` for a final job."""
    return PlatformError(409, None, "The job is final and cannot be cancelled.")


def job_not_final() -> PlatformError:
    """Return the error of ``deleteJob`` for a job that is not final."""
    return PlatformError(400, None, "The job is not final.", "Cancel it first.")


def too_many_tags(limit: int) -> PlatformError:
    """Return the error for too many tags."""
    return PlatformError(
        400, ErrorCode.TOO_MANY_TAGS, f"A job has at most {limit} tags.", "Leave some out."
    )


def tag_too_long(limit: int) -> PlatformError:
    """Return the error for a tag with too many characters."""
    return PlatformError(
        400, ErrorCode.TAG_TOO_LONG, f"A tag has at most {limit} characters.", "Shorten it."
    )


def too_many_requests(seconds: int) -> PlatformError:
    """Return the error for more new jobs per minute than the plan allows."""
    return PlatformError(
        429,
        ErrorCode.TOO_MANY_REQUESTS,
        "The limit of requests for this period is exceeded.",
        "Wait a minute.",
        headers={"Retry-After": str(seconds)},
    )


def too_many_pending(limit: int) -> PlatformError:
    """Return the error for more pending jobs than the plan allows."""
    return PlatformError(
        409,
        ErrorCode.TOO_MANY_JOBS,
        f"At most {limit} jobs may be pending.",
        "Wait until one of them has ended.",
    )


def open_plan_used_up() -> PlatformError:
    """Return the error for an open plan without remaining time."""
    return PlatformError(
        403,
        ErrorCode.PLAN_USED_UP,
        "The usage of the open plan is used up.",
        "Wait for the next period.",
    )


def usage_exceeded() -> PlatformError:
    """Return the error for a job beyond the usage limit of the instance."""
    return PlatformError(
        409, None, "The job would exceed the usage limit of the instance.", "Raise the limit."
    )


def plan_without(what: str) -> PlatformError:
    """Return the error for a feature that the plan of the instance does not include."""
    return PlatformError(
        403, ErrorCode.NOT_IN_PLAN, f"The plan does not include {what}.", "Use another instance."
    )


def session_closed(session_id: str) -> PlatformError:
    """Return the error of ``createJob`` for a session that is closed."""
    return PlatformError(
        400, ErrorCode.SESSION_CLOSED, f"Session '{session_id}' is closed.", "Open a new session."
    )


def invalid(message: str) -> PlatformError:
    """Return the error for an invalid body or query."""
    return PlatformError(400, ErrorCode.BODY_NOT_VALID, message, "Correct the request.")


def not_emulated(operation_id: str) -> PlatformError:
    """Return the error for an operation that is not emulated."""
    return PlatformError(501, None, f"The emulator does not offer the operation {operation_id}.")


def no_such_path(method: str, path: str) -> PlatformError:
    """Return the error for an unknown path or method."""
    return PlatformError(404, None, f"{method} {path} was not found.")


def _quota_exceeded(reason: str) -> PlatformError:
    return PlatformError(
        403, None, f"{reason}.", "Delete jobs or close sessions that you do not need."
    )


def unavailable() -> PlatformError:
    """Return the error for an unreachable database."""
    return PlatformError(
        503,
        ErrorCode.OUTAGE,
        "The service is temporarily unavailable.",
        "Try again later.",
        headers={"Retry-After": "1"},
    )


def internal() -> PlatformError:
    """Return the error for a bug in the emulator."""
    return PlatformError(500, ErrorCode.UNEXPECTED, "Internal error.", "Try again later.")


def wire_error(error: domain.DomainError) -> PlatformError:
    """Return the wire error for a domain error."""
    match error:
        case domain.ClassEnded():
            return PlatformError(403, None, error.sentence)
        case domain.UnknownToken() | domain.LicenseNotAccepted() | domain.NotLoggedIn():
            return unauthorized()
        case domain.TooManyLogins(retry_after_seconds=seconds):
            return PlatformError(
                429,
                ErrorCode.TOO_MANY_REQUESTS,
                "Too many wrong logins from this address.",
                "Try again later.",
                headers={"Retry-After": str(seconds)},
            )
        case domain.UnknownBackend(name=name):
            return backend_not_found(name)
        case domain.UnknownJob(job_id=job_id):
            return job_not_found(job_id)
        case domain.TooManyJobs(limit=limit):
            return too_many_pending(limit)
        case domain.JobQuotaExceeded(limit=limit):
            return _quota_exceeded(f"You have reached the limit of {limit} jobs")
        case domain.SessionQuotaExceeded(sessions=sessions):
            return _quota_exceeded(f"You have reached the limit of {sessions} open sessions")
        case domain.DataQuotaExceeded(limit_bytes=limit):
            return _quota_exceeded(f"Your jobs would occupy more than the limit of {limit} bytes")
        case domain.BodyTooLarge(limit_bytes=limit):
            message = f"The request is larger than {limit} bytes."
            return PlatformError(413, ErrorCode.PAYLOAD_TOO_LARGE, message, "Split the job.")
        case domain.BodyTooSlow():
            return PlatformError(408, None, "The request did not arrive in time.", "Send it again.")
        case domain.StorageFull():
            return PlatformError(507, None, "The storage of the service is full.", "Delete jobs.")
        case domain.ServiceUnavailable():
            return unavailable()
        case domain.UnknownProject() | domain.DataNotUploaded() | domain.DataAlreadyAccepted():
            return internal()  # this dialect has no projects and no uploads
        case domain.InternalError():
            return internal()
    raise TypeError(f"the platform dialect has no wire error for {error!r}")


def identity_error(error: domain.DomainError) -> PlatformError:
    """Return the wire error of ``exchangeToken`` for a domain error."""
    match error:
        case domain.ClassEnded():
            return IdentityError(403, "", error.sentence)
        case domain.UnknownToken() | domain.LicenseNotAccepted():
            return IdentityError(400, "BXNIM0415E", "Provided API key could not be found.")
        case domain.TooManyLogins(retry_after_seconds=seconds):
            refused = IdentityError(429, "", "Too many wrong logins from this address.")
            refused.headers = {"Retry-After": str(seconds)}
            return refused
    return wire_error(error)
