"""What can go wrong in an emulated service, without statuses, codes or sentences for the user.

A :class:`DomainError` says what is wrong by its class and attributes. Each dialect turns it into
an error reply of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from ibmq_backend.emulator.core.records import Instance


class EmulatorError(Exception):
    """The emulator cannot go on: a wrong set-up, or a database of another version."""


class DomainError(Exception):
    """The service does not do what a request asks for."""

    def __str__(self) -> str:
        return repr(self)


# -- logging in -----------------------------------------------------------------------------------


class WrongLogin(Exception):
    """Marks errors whose reply is held back, so that guessing tokens is slow.

    Attributes:
        delay_seconds: for how long.
    """

    delay_seconds = 0.0


class UnknownToken(DomainError, WrongLogin):
    """No user has this API token."""


class LicenseNotAccepted(DomainError):
    """The user has not accepted the licence."""


class NotLoggedIn(DomainError):
    """The access token is missing, unknown or expired, or its user has been removed."""


@dataclass(eq=False)
class TooManyLogins(DomainError):
    """Replies to other wrong logins from the same address are being held back.

    Attributes:
        retry_after_seconds: until the first of them is sent.
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
    """

    name: str
    nearest: tuple[str, ...] = ()


@dataclass(eq=False)
class UnknownJob(DomainError):
    """The job does not exist, was deleted, or belongs to another user or project.

    Attributes:
        job_id: id in the request.
    """

    job_id: str


@dataclass(eq=False)
class DataNotUploaded(DomainError):
    """A job is to be accepted before its data has been uploaded.

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
    """The user has as many unfinished jobs on a backend as allowed.

    Attributes:
        limit: number of jobs.
    """

    limit: int


@dataclass(eq=False)
class JobQuotaExceeded(DomainError):
    """The user keeps as many jobs as allowed, finished ones included.

    Attributes:
        limit: number of jobs.
    """

    limit: int


@dataclass(eq=False)
class SessionQuotaExceeded(DomainError):
    """The user has as many open sessions as allowed.

    Attributes:
        sessions: number of open sessions.
    """

    sessions: int


@dataclass(eq=False)
class DataQuotaExceeded(DomainError):
    """The data of the user's jobs would occupy more than allowed.

    Attributes:
        limit_bytes: total size of data and results.
    """

    limit_bytes: int


@dataclass(eq=False)
class BodyTooLarge(DomainError):
    """The body of the request is too large.

    Attributes:
        limit_bytes: size of the largest body of this operation.
    """

    limit_bytes: int


class BodyTooSlow(DomainError):
    """The body of the request did not arrive in time."""


# -- the service itself ---------------------------------------------------------------------------


class StorageFull(DomainError):
    """Nothing more can be stored until something is deleted."""


class ServiceUnavailable(DomainError):
    """The service cannot work at the moment."""


class InternalError(DomainError):
    """A defect of the emulator."""
