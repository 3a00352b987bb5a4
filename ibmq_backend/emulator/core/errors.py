"""Errors of an emulated service, without HTTP statuses, codes or messages.

The class and attributes of a :class:`DomainError` say what is wrong. Each dialect translates it
into its own error reply.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ibmq_backend.emulator.core.records import Instance


class EmulatorError(Exception):
    """The emulator cannot run: wrong configuration, or a database of another version."""


class DomainError(Exception):
    """The service refuses a request."""

    def __str__(self) -> str:
        return repr(self)


# -- logging in -----------------------------------------------------------------------------------


class WrongLogin(Exception):
    """Base of errors whose reply is delayed, which slows down the guessing of tokens.

    Attributes:
        delay_seconds: the delay.
    """

    delay_seconds = 0.0


class UnknownToken(DomainError, WrongLogin):
    """No user has this API token."""


class LicenseNotAccepted(DomainError):
    """The user has not accepted the licence."""


@dataclass(eq=False)
class ClassEnded(DomainError):
    """The class has ended: its users can neither log in nor submit jobs.

    Attributes:
        last_day: the last day of the class.
    """

    last_day: date

    @property
    def sentence(self) -> str:
        """What users read."""
        return f"This class ended on {self.last_day}: logins and new jobs are no longer accepted."


class NotLoggedIn(DomainError):
    """The access token is missing, unknown or expired, or its user has been removed."""


@dataclass(eq=False)
class TooManyLogins(DomainError):
    """Other wrong logins from the same address are being delayed.

    Attributes:
        retry_after_seconds: time until the first of them is answered.
    """

    retry_after_seconds: int


# -- projects, backends, jobs ---------------------------------------------------------------------


@dataclass(eq=False)
class UnknownProject(DomainError):
    """The project does not exist or is not open to the user.

    Attributes:
        instance: hub, group and project of the request.
    """

    instance: Instance


@dataclass(eq=False)
class UnknownBackend(DomainError):
    """The project does not have this backend.

    Attributes:
        name: name in the request.
        nearest: similar names that the project has.
        reason: why it is not in service on the emulation's date; empty if it never was.
    """

    name: str
    nearest: tuple[str, ...] = ()
    reason: str = ""


@dataclass(eq=False)
class UnknownJob(DomainError):
    """The job does not exist, was deleted, or belongs to another user or project.

    Attributes:
        job_id: id in the request.
        where: where it was searched, to be written after "not found"; empty if that is not told.
    """

    job_id: str
    where: str = ""


@dataclass(eq=False)
class DataNotUploaded(DomainError):
    """A job cannot be accepted before its data has been uploaded.

    Attributes:
        job_id: id of the job.
    """

    job_id: str


@dataclass(eq=False)
class DataAlreadyAccepted(DomainError):
    """The data of a job that has been accepted cannot be replaced.

    Attributes:
        job_id: id of the job.
    """

    job_id: str


# -- limits ---------------------------------------------------------------------------------------


@dataclass(eq=False)
class TooManyJobs(DomainError):
    """The user has reached the limit of unfinished jobs on a backend.

    Attributes:
        limit: number of jobs.
    """

    limit: int


@dataclass(eq=False)
class JobQuotaExceeded(DomainError):
    """The user has reached the limit of stored jobs, finished ones included.

    Attributes:
        limit: number of jobs.
    """

    limit: int


@dataclass(eq=False)
class SessionQuotaExceeded(DomainError):
    """The user has reached the limit of open sessions.

    Attributes:
        sessions: number of open sessions.
    """

    sessions: int


@dataclass(eq=False)
class DataQuotaExceeded(DomainError):
    """The data of the user's jobs would exceed its limit.

    Attributes:
        limit_bytes: limit of the total size of data and results.
    """

    limit_bytes: int


@dataclass(eq=False)
class BodyTooLarge(DomainError):
    """The body of the request is too large.

    Attributes:
        limit_bytes: limit of this operation.
    """

    limit_bytes: int


class BodyTooSlow(DomainError):
    """The body of the request did not arrive in time."""


# -- the service itself ---------------------------------------------------------------------------


class StorageFull(DomainError):
    """Nothing more can be stored until something is deleted."""


class ServiceUnavailable(DomainError):
    """The service is temporarily unavailable."""


class InternalError(DomainError):
    """A defect of the emulator."""
