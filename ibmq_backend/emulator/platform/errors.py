"""Errors of the platform dialect as they are sent to clients."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from ibmq_backend.emulator.core import errors as domain
from ibmq_backend.emulator.sampler import errors as sampler

MORE_INFO: Final = "https://quantum.cloud.ibm.com/docs/errors"

BODY_INVALID: Final = 1208
PROGRAM_FAILED: Final = sampler.PROGRAM_FAILED
RAN_TOO_LONG: Final = 1305
SESSION_CLOSED: Final = 1217

_SOLUTIONS: Final[dict[int, str]] = {
    sampler.CANNOT_LOAD_QASM: "Send a valid OpenQASM 3 program; its first statement is OPENQASM 3.",
    sampler.CANNOT_LOAD_QPY: (
        "Send the circuit as OpenQASM 3, or as QPY of a version that can be read."
    ),
    sampler.NOT_ISA: "Transpile the circuit for the backend before it is sent.",
    sampler.OVER_SYSTEM_LIMITS: "Ask for fewer shots or circuits in one job.",
    sampler.OPTIONS_DO_NOT_FIT: "Change or remove the option.",
    PROGRAM_FAILED: "Use the program 'sampler'.",
    RAN_TOO_LONG: "Make the job smaller or raise its maximum execution time.",
    SESSION_CLOSED: "Send the job outside of the session or open a new one.",
}


class PlatformError(Exception):
    """A refusal that reaches the client as ``{"errors": [...], "trace": ...}``.

    Args:
        status: HTTP status of the reply.
        code: The service's own number; None for the errors that carry none.
        message: What is wrong.
        solution: What to do about it.
        headers: Further reply headers.
    """

    def __init__(
        self,
        status: int,
        code: int | None,
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
        """The JSON body.

        Args:
            trace: The id of the request.
        """
        error: dict[str, Any] = {"message": self.message}
        if self.solution:
            error["solution"] = self.solution
        if self.code is not None:
            error = {"code": self.code, **error, "more_info": f"{MORE_INFO}#{self.code}"}
        return {"errors": [error], "trace": trace}


class IdentityError(PlatformError):
    """A refusal in the shape of the identity service (``exchangeToken``).

    Args:
        status: HTTP status of the reply.
        word: The identity service's own code, for example ``BXNIM0415E``; empty without one.
        message: What is wrong.
    """

    def __init__(self, status: int, word: str, message: str) -> None:
        super().__init__(status, None, message)
        self.word = word

    def body(self, trace: str) -> dict[str, Any]:
        """The JSON body: ``{errorCode, errorMessage, context}``."""
        return {
            **({"errorCode": self.word} if self.word else {}),
            "errorMessage": self.message,
            "context": {"requestId": trace, "requestType": "incoming.Identity_Token"},
        }


def new_trace() -> str:
    """The id of a request."""
    return str(uuid.uuid4())


def solution_of(code: int) -> str:
    """What the service advises when a job ends with this code."""
    return _SOLUTIONS.get(code, "Check the job and send it again.")


def reason_of(message: str, code: int) -> str:
    """The ``reason`` of a failed job: message, advice and link."""
    return f"{message} -- {solution_of(code)} -- {MORE_INFO}#{code}"


def unauthorized() -> PlatformError:
    """The token is missing, foreign or lapsed."""
    return PlatformError(
        401, 1219, "The access token is missing or not valid.", "Exchange the API key again."
    )


def crn_missing() -> PlatformError:
    """The header ``Service-CRN`` is absent."""
    return PlatformError(
        400, 1241, "The header Service-CRN is missing.", "Send the CRN of the instance."
    )


def crn_invalid(text: str) -> PlatformError:
    """The header ``Service-CRN`` holds something else than the CRN of a quantum instance."""
    return PlatformError(
        400, 1348, f"'{text[:200]}' is not the CRN of an instance.", "Copy the CRN of the instance."
    )


def instance_not_found(crn: str) -> PlatformError:
    """No such instance in the region of this address."""
    return PlatformError(
        404,
        1279,
        f"The instance {crn} does not exist in this region.",
        "Check the CRN and the region of the address.",
    )


def instance_forbidden(crn: str) -> PlatformError:
    """The instance belongs to somebody else."""
    return PlatformError(
        403, None, f"The instance {crn} is not open to you.", "Ask its owner for access."
    )


def backend_not_found(name: str) -> PlatformError:
    """No such device in the instance; the service sends no code with it."""
    return PlatformError(404, None, f"The backend '{name}' was not found.")


def job_not_found(job_id: str) -> PlatformError:
    """No such job in the instance, or it is somebody else's, or it was deleted."""
    return PlatformError(404, 1291, f"Job '{job_id}' was not found.", "Check the id and instance.")


def session_not_found(session_id: str) -> PlatformError:
    """No such session in the instance."""
    return PlatformError(
        404, None, f"Session '{session_id}' was not found.", "Check the id and instance."
    )


def account_not_found(account_id: str) -> PlatformError:
    """The account is not that of the instance."""
    return PlatformError(404, None, f"Account '{account_id}' was not found.", "Check the id.")


def results_not_ready() -> PlatformError:
    """The job is not final (``getJobResults``)."""
    return PlatformError(400, 1234, "The job is not in a final state.", "Ask again later.")


def job_final() -> PlatformError:
    """The job cannot be cancelled any more (``cancelJob``)."""
    return PlatformError(409, None, "The job is final and cannot be cancelled.")


def job_not_final() -> PlatformError:
    """The job cannot be deleted yet (``deleteJob``)."""
    return PlatformError(400, None, "The job is not final.", "Cancel it first.")


def too_many_tags(limit: int) -> PlatformError:
    """More tags than a job can carry."""
    return PlatformError(400, 1204, f"A job has at most {limit} tags.", "Leave some out.")


def tag_too_long(limit: int) -> PlatformError:
    """A tag with too many characters."""
    return PlatformError(400, 1205, f"A tag has at most {limit} characters.", "Shorten it.")


def too_many_requests(seconds: int) -> PlatformError:
    """More new jobs in a minute than the plan allows."""
    return PlatformError(
        429,
        1202,
        "The limit of requests for this period is exceeded.",
        "Wait a minute.",
        headers={"Retry-After": str(seconds)},
    )


def too_many_pending(limit: int) -> PlatformError:
    """More pending jobs than the plan allows."""
    return PlatformError(
        409, 3458, f"At most {limit} jobs may be pending.", "Wait until one of them has ended."
    )


def open_plan_used_up() -> PlatformError:
    """The time of the open plan is used up."""
    return PlatformError(
        403, 4317, "The usage of the open plan is used up.", "Wait for the next period."
    )


def usage_exceeded() -> PlatformError:
    """The job would exceed what the instance may use."""
    return PlatformError(
        409, None, "The job would exceed the usage limit of the instance.", "Raise the limit."
    )


def plan_without(what: str) -> PlatformError:
    """The plan of the instance does not include something."""
    return PlatformError(403, 1352, f"The plan does not include {what}.", "Use another instance.")


def session_closed(session_id: str) -> PlatformError:
    """The session takes no more jobs (``createJob``)."""
    return PlatformError(
        400, SESSION_CLOSED, f"Session '{session_id}' is closed.", "Open a new session."
    )


def invalid(message: str) -> PlatformError:
    """The body or the query does not have its documented form."""
    return PlatformError(400, BODY_INVALID, message, "Correct the request.")


def not_emulated(operation_id: str) -> PlatformError:
    """The operation exists in the real service but not here."""
    return PlatformError(501, None, f"The emulator does not offer the operation {operation_id}.")


def no_such_path(method: str, path: str) -> PlatformError:
    """The path, or the method on this path, is unknown."""
    return PlatformError(404, None, f"{method} {path} was not found.")


def _quota_exceeded(reason: str) -> PlatformError:
    return PlatformError(
        403, None, f"{reason}.", "Delete jobs or close sessions that you do not need."
    )


def unavailable() -> PlatformError:
    """The store cannot be reached at the moment."""
    return PlatformError(
        503,
        1999,
        "The service is temporarily unavailable.",
        "Try again later.",
        headers={"Retry-After": "1"},
    )


def internal() -> PlatformError:
    """A defect of the emulator."""
    return PlatformError(500, 9999, "Internal error.", "Try again later.")


def wire_error(error: domain.DomainError) -> PlatformError:
    """Return a domain error in the words of this dialect."""
    match error:
        case domain.UnknownToken() | domain.LicenseNotAccepted() | domain.NotLoggedIn():
            return unauthorized()
        case domain.TooManyLogins(retry_after_seconds=seconds):
            return PlatformError(
                429,
                1202,
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
            return _quota_exceeded(f"You have {limit} jobs, which is the limit")
        case domain.SessionQuotaExceeded(sessions=sessions):
            return _quota_exceeded(f"You have {sessions} open sessions, which is the limit")
        case domain.DataQuotaExceeded(limit_bytes=limit):
            return _quota_exceeded(f"Your jobs would occupy more than {limit} bytes, the limit")
        case domain.BodyTooLarge(limit_bytes=limit):
            message = f"The request is larger than {limit} bytes."
            return PlatformError(413, 5302, message, "Split the job.")
        case domain.BodyTooSlow():
            return PlatformError(408, None, "The request did not arrive in time.", "Send it again.")
        case domain.StorageFull():
            return PlatformError(507, 1999, "The storage of the service is full.", "Delete jobs.")
        case domain.ServiceUnavailable():
            return unavailable()
        case domain.UnknownProject() | domain.DataNotUploaded() | domain.DataAlreadyAccepted():
            return internal()  # this dialect has no projects and no uploads
        case domain.InternalError():
            return internal()
    raise TypeError(f"the platform dialect has no words for {error!r}")


def identity_error(error: domain.DomainError) -> PlatformError:
    """Return a domain error in the words of the identity service (``exchangeToken``)."""
    match error:
        case domain.UnknownToken() | domain.LicenseNotAccepted():
            return IdentityError(400, "BXNIM0415E", "Provided API key could not be found.")
        case domain.TooManyLogins(retry_after_seconds=seconds):
            refused = IdentityError(429, "", "Too many wrong logins from this address.")
            refused.headers = {"Retry-After": str(seconds)}
            return refused
    return wire_error(error)
