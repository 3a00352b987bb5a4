"""Every error this package raises, in one tree.

::

    QiskitError
    └─ IBMQError
       ├─ IBMQAccountError
       │  ├─ IBMQAccountCredentialsNotFound / InvalidFormat / InvalidToken / InvalidUrl
       │  ├─ IBMQAccountMultipleCredentialsFound
       │  └─ IBMQProviderError
       ├─ IBMQAccountValueError, IBMQInputValueError, IBMQNotAuthorizedError, IBMQApiError
       ├─ IBMQBackendError
       │  ├─ IBMQBackendApiError ── IBMQBackendApiProtocolError
       │  ├─ IBMQBackendValueError (also ValueError)
       │  └─ IBMQBackendJobLimitError
       ├─ IBMQJobError (also qiskit JobError)
       │  ├─ IBMQJobApiError ── IBMQJobSubmissionUncertain (also IBMQBackendApiError)
       │  ├─ IBMQJobFailureError, IBMQJobInvalidStateError
       │  └─ IBMQJobTimeoutError (also qiskit JobTimeoutError)
       ├─ IBMQJobManagerError
       │  ├─ IBMQJobManagerInvalidStateError, IBMQJobManagerTimeoutError
       │  ├─ IBMQJobManagerJobNotFound, IBMQJobManagerUnknownJobSet
       │  └─ IBMQManagedResultDataNotAvailable
       ├─ CredentialsError ── InvalidCredentialsFormatError, CredentialsNotFoundError
       ├─ HubGroupProjectError ── HubGroupProjectInvalidStateError
       └─ ApiError (old name: RequestsApiError)
          ├─ ApiConnectionError ── ApiTimeoutError          no reply came
          ├─ ApiStatusError                                 a reply with status 400 or above
          │  └─ ApiAuthError, ApiForbidden, ApiNotFound, ApiConflict, ApiRateLimited, ApiServerError
          │     (ApiAuthError ── AuthenticationLicenseError)
          ├─ ApiProtocolError (old name: ApiIBMQProtocolError)   not what the description says
          ├─ ApiInputError                                  not sent: the service would not take it
          └─ ApiNotSupported                                the service has no such operation

The documented names keep their spelling and their bases; the ``ApiError`` family says what happened
on the wire. Source: the exceptions of qiskit-ibmq-provider 0.20.2; the ``ApiError`` subclasses,
``IBMQJobSubmissionUncertain`` and the common root of the managed errors are our choice.
"""

from __future__ import annotations

from qiskit.exceptions import QiskitError
from qiskit.providers.exceptions import JobError, JobTimeoutError

__all__ = [
    "ApiAuthError",
    "ApiConflict",
    "ApiConnectionError",
    "ApiError",
    "ApiForbidden",
    "ApiIBMQProtocolError",
    "ApiInputError",
    "ApiNotFound",
    "ApiNotSupported",
    "ApiProtocolError",
    "ApiRateLimited",
    "ApiServerError",
    "ApiStatusError",
    "ApiTimeoutError",
    "AuthenticationLicenseError",
    "CredentialsError",
    "CredentialsNotFoundError",
    "HubGroupProjectError",
    "HubGroupProjectInvalidStateError",
    "IBMQAccountCredentialsInvalidFormat",
    "IBMQAccountCredentialsInvalidToken",
    "IBMQAccountCredentialsInvalidUrl",
    "IBMQAccountCredentialsNotFound",
    "IBMQAccountError",
    "IBMQAccountMultipleCredentialsFound",
    "IBMQAccountValueError",
    "IBMQApiError",
    "IBMQBackendApiError",
    "IBMQBackendApiProtocolError",
    "IBMQBackendError",
    "IBMQBackendJobLimitError",
    "IBMQBackendValueError",
    "IBMQError",
    "IBMQInputValueError",
    "IBMQJobApiError",
    "IBMQJobError",
    "IBMQJobFailureError",
    "IBMQJobInvalidStateError",
    "IBMQJobManagerError",
    "IBMQJobManagerInvalidStateError",
    "IBMQJobManagerJobNotFound",
    "IBMQJobManagerTimeoutError",
    "IBMQJobManagerUnknownJobSet",
    "IBMQJobSubmissionUncertain",
    "IBMQJobTimeoutError",
    "IBMQManagedResultDataNotAvailable",
    "IBMQNotAuthorizedError",
    "IBMQProviderError",
    "InvalidCredentialsFormatError",
    "RequestsApiError",
    "UserTimeoutExceededError",
    "WebsocketAuthenticationError",
    "WebsocketError",
    "WebsocketIBMQProtocolError",
    "WebsocketRetryableError",
    "WebsocketTimeoutError",
]


class IBMQError(QiskitError):
    """Base class of every error of this package.

    Whatever the class, an error that a reply of a service led to tells which reply: its facts are
    those of the ``ApiError`` behind it, and ``None`` where there is none.
    """

    @property
    def operation(self) -> str | None:
        """Operation id of the service description."""
        return None if (found := _behind(self)) is None else found.operation

    @property
    def method(self) -> str | None:
        """HTTP method."""
        return None if (found := _behind(self)) is None else found.method

    @property
    def path(self) -> str | None:
        """Path of the request without host and query."""
        return None if (found := _behind(self)) is None else found.path

    @property
    def status_code(self) -> int | None:
        """HTTP status; -1 when there was no reply."""
        return None if (found := _behind(self)) is None else found.status_code

    @property
    def code(self) -> int | str | None:
        """Error code of the service."""
        return None if (found := _behind(self)) is None else found.code

    @property
    def trace_id(self) -> str | None:
        """The service's id for the request."""
        return None if (found := _behind(self)) is None else found.trace_id

    @property
    def job_id(self) -> str | None:
        """The job that the request was about."""
        return None if (found := _behind(self)) is None else found.job_id

    @property
    def hint(self) -> str | None:
        """What to do, as a sentence."""
        return None if (found := _behind(self)) is None else found.hint


def _behind(error: BaseException) -> ApiError | None:
    """Return the ``ApiError`` that led to an error."""
    cause = error.__cause__
    while cause is not None and not isinstance(cause, ApiError):
        cause = cause.__cause__
    return cause


class IBMQAccountError(IBMQError):
    """Something about the account: none active, already active, not usable."""


class IBMQAccountCredentialsNotFound(IBMQAccountError):
    """No credentials where they were looked for."""


class IBMQAccountCredentialsInvalidFormat(IBMQAccountError):
    """A credentials file or variable could not be read."""


class IBMQAccountCredentialsInvalidToken(IBMQAccountError):
    """The token is not text, is empty, or the service does not accept it."""


class IBMQAccountCredentialsInvalidUrl(IBMQAccountError):
    """The URL is not the login address of a quantum service."""


class IBMQAccountMultipleCredentialsFound(IBMQAccountError):
    """A credentials file holds several accounts where one is expected."""


class IBMQProviderError(IBMQAccountError):
    """No provider, or more than one, matches the hub, group and project asked for."""


class IBMQAccountValueError(IBMQError):
    """An account argument has a value that cannot be used."""


class IBMQInputValueError(IBMQError):
    """An argument has a value that cannot be used."""


class IBMQNotAuthorizedError(IBMQError):
    """The account does not offer this service."""


class IBMQApiError(IBMQError):
    """A call to the service failed, outside backends and jobs."""


class IBMQBackendError(IBMQError):
    """Something about a backend."""


class IBMQBackendApiError(IBMQBackendError):
    """A call to the service failed while a backend was used."""


class IBMQBackendApiProtocolError(IBMQBackendApiError):
    """The service answered a backend call with something that cannot be understood."""


class IBMQBackendValueError(IBMQBackendError, ValueError):
    """An argument of a backend method has a value that cannot be used."""


class IBMQBackendJobLimitError(IBMQBackendError):
    """The limit of unfinished jobs of this backend is reached."""


class IBMQJobError(IBMQError, JobError):
    """Something about a job."""


class IBMQJobApiError(IBMQJobError):
    """A call to the service failed while a job was used."""


class IBMQJobFailureError(IBMQJobError):
    """The job failed; the message carries the reason."""


class IBMQJobInvalidStateError(IBMQJobError):
    """The job is not in a state in which this can be done."""


class IBMQJobTimeoutError(JobTimeoutError, IBMQJobError):
    """The job did not end within the time allowed; it goes on, and the object stays usable."""


class IBMQJobSubmissionUncertain(IBMQJobApiError, IBMQBackendApiError):
    """It could not be found out whether the submission made a job.

    Attributes:
        submission_id: the tag that this submission carries on the service; if the job exists,
            ``backend.jobs(job_tags=[error.submission_id])`` finds it.
    """

    def __init__(self, message: str, submission_id: str) -> None:
        super().__init__(message)
        self.submission_id = submission_id


class IBMQJobManagerError(IBMQError):
    """Something about a managed set of jobs."""


class IBMQJobManagerInvalidStateError(IBMQJobManagerError):
    """The job set is not in a state in which this can be done."""


class IBMQJobManagerTimeoutError(IBMQJobManagerError):
    """The jobs of the set did not end within the time allowed."""


class IBMQJobManagerJobNotFound(IBMQJobManagerError):
    """No job of the set holds this experiment."""


class IBMQJobManagerUnknownJobSet(IBMQJobManagerError):
    """No jobs carry this job set id."""


class IBMQManagedResultDataNotAvailable(IBMQJobManagerError):
    """The data of this experiment is not there."""


class CredentialsError(IBMQError):
    """Base class of the errors of the credentials files."""


class InvalidCredentialsFormatError(CredentialsError):
    """A credentials file could not be read."""


class CredentialsNotFoundError(CredentialsError):
    """These credentials are not stored."""


class HubGroupProjectError(IBMQError):
    """Base class of the errors of hub/group/project triples."""


class HubGroupProjectInvalidStateError(HubGroupProjectError):
    """The triple is incomplete where a complete one is needed."""


class ApiError(IBMQError):
    """A call to the service failed.

    Attributes:
        operation: operation id of the service description, or the name of the step.
        method: HTTP method, or ``None`` when no request was made.
        path: path of the request without host and query, or ``None``.
        status_code: HTTP status; -1 when there was no reply.
        code: error code of the service (an integer, in some replies a word), or ``None``.
        trace_id: the service's id for this request, to quote to its operators, or ``None``.
        job_id: the job that the request was about, or ``None``.
        hint: what to do, as a sentence, or ``None``; docs/errors.md lists them all.
        retry_after: seconds the service asked to wait, or ``None``.
        accepted: False when the service certainly did not act on the request, True when it
            may have.
        temporary: whether the same request may well succeed later: nothing came back, or what an
            overloaded or broken service answers (408, 425, 429, 500 and above except 501 and 505).
    """

    operation: str = ""
    method: str | None = None
    path: str | None = None
    status_code: int = -1
    code: int | str | None = None
    trace_id: str | None = None
    job_id: str | None = None
    hint: str | None = None
    temporary: bool = False

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        method: str | None = None,
        path: str | None = None,
        status_code: int = -1,
        code: int | str | None = None,
        trace_id: str | None = None,
        retry_after: float | None = None,
        accepted: bool = True,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.method = method
        self.path = path
        self.status_code = status_code
        self.code = code
        self.trace_id = trace_id
        self.retry_after = retry_after
        self.accepted = accepted
        if status_code in (408, 425, 429) or (status_code >= 500 and status_code not in (501, 505)):
            self.temporary = True


class ApiConnectionError(ApiError):
    """No usable reply came: the connection failed, was cut, or the reply broke off."""

    temporary = True


class ApiTimeoutError(ApiConnectionError):
    """The service did not answer in time."""


class ApiStatusError(ApiError):
    """The service answered with an error status."""


class ApiAuthError(ApiStatusError):
    """The service does not accept the token (401)."""


class AuthenticationLicenseError(ApiAuthError):
    """The account has to accept a licence before it can be used."""


class ApiForbidden(ApiStatusError):
    """The account may not do this (403)."""


class ApiNotFound(ApiStatusError):
    """The service does not know this job, device or path (404)."""


class ApiConflict(ApiStatusError):
    """The thing is not in a state in which this can be done (409)."""


class ApiRateLimited(ApiStatusError):
    """Too many requests (429)."""


class ApiServerError(ApiStatusError):
    """The service failed (500 and above)."""


class ApiProtocolError(ApiError):
    """The reply is not what the service description says."""


class ApiInputError(ApiError):
    """What was to be sent cannot run there; nothing was sent."""

    def __init__(self, message: str, *, operation: str = "") -> None:
        super().__init__(message, operation=operation, accepted=False)


class ApiNotSupported(ApiError):
    """This service has no such operation."""


RequestsApiError = ApiError
ApiIBMQProtocolError = ApiProtocolError

# Old names of what a status stream can end with. Waiting falls back to polling, so none of them
# reaches a user by itself; programs name them in their except clauses.
UserTimeoutExceededError = ApiTimeoutError
WebsocketError = ApiConnectionError
WebsocketAuthenticationError = ApiAuthError
WebsocketIBMQProtocolError = ApiProtocolError
WebsocketRetryableError = ApiConnectionError
WebsocketTimeoutError = ApiTimeoutError
