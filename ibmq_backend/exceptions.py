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
          ├─ ApiConnectionError ── ApiTimeoutError          no reply
          ├─ ApiStatusError                                 a reply with status 400 or above
          │  └─ ApiAuthError, ApiForbidden, ApiNotFound, ApiConflict, ApiRateLimited, ApiServerError
          │     (ApiAuthError ── AuthenticationLicenseError)
          ├─ ApiProtocolError (old name: ApiIBMQProtocolError)   not as described
          ├─ ApiInputError                                  not sent: the service would refuse it
          └─ ApiNotSupported                                the service has no such operation

The documented names keep their spelling and their bases; ``ApiError`` and its subclasses describe
failed requests. Source: the exceptions of qiskit-ibmq-provider 0.20.2; the ``ApiError`` subclasses,
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

    An error caused by the reply of a service has the attributes of the ``ApiError`` that caused it;
    for any other error they are ``None``.
    """

    @property
    def operation(self) -> str | None:
        """Operation id of the service description."""
        return None if (found := find_api_error(self)) is None else found.operation

    @property
    def method(self) -> str | None:
        """HTTP method."""
        return None if (found := find_api_error(self)) is None else found.method

    @property
    def path(self) -> str | None:
        """Path of the request without host and query."""
        return None if (found := find_api_error(self)) is None else found.path

    @property
    def status_code(self) -> int | None:
        """HTTP status; -1 when there was no reply."""
        return None if (found := find_api_error(self)) is None else found.status_code

    @property
    def code(self) -> int | str | None:
        """Error code of the service."""
        return None if (found := find_api_error(self)) is None else found.code

    @property
    def trace_id(self) -> str | None:
        """The service's id for the request."""
        return None if (found := find_api_error(self)) is None else found.trace_id

    @property
    def job_id(self) -> str | None:
        """The job that the request was about."""
        return None if (found := find_api_error(self)) is None else found.job_id

    @property
    def hint(self) -> str | None:
        """What to do, as a sentence."""
        return None if (found := find_api_error(self)) is None else found.hint


def find_api_error(error: BaseException) -> ApiError | None:
    """Return the ``ApiError`` that caused an error, even if tracebacks do not show it."""
    cause: BaseException | None = error
    while cause is not None:
        # An error that was not raised "from None" may have any error as its context.
        cause = cause.__cause__ or (cause.__context__ if cause.__suppress_context__ else None)
        if isinstance(cause, ApiError):
            return cause
    return None


class IBMQAccountError(IBMQError):
    """The account is not active, is already active, or cannot be used."""


class IBMQAccountCredentialsNotFound(IBMQAccountError):
    """No credentials were found."""


class IBMQAccountCredentialsInvalidFormat(IBMQAccountError):
    """A credentials file or variable could not be read."""


class IBMQAccountCredentialsInvalidToken(IBMQAccountError):
    """The token is not text, is empty, or the service does not accept it."""


class IBMQAccountCredentialsInvalidUrl(IBMQAccountError):
    """The URL is not the login address of a quantum service."""


class IBMQAccountMultipleCredentialsFound(IBMQAccountError):
    """A credentials file contains several accounts, but only one is allowed."""


class IBMQProviderError(IBMQAccountError):
    """No provider, or more than one, matches the requested hub, group and project."""


class IBMQAccountValueError(IBMQError):
    """An account argument has a value that cannot be used."""


class IBMQInputValueError(IBMQError):
    """An argument has a value that cannot be used."""


class IBMQNotAuthorizedError(IBMQError):
    """The account does not offer this service."""


class IBMQApiError(IBMQError):
    """A call to the service failed, outside backends and jobs."""


class IBMQBackendError(IBMQError):
    """A backend cannot do what was requested."""


class IBMQBackendApiError(IBMQBackendError):
    """A call to the service failed while a backend was used."""


class IBMQBackendApiProtocolError(IBMQBackendApiError):
    """The service's reply to a backend call cannot be interpreted."""


class IBMQBackendValueError(IBMQBackendError, ValueError):
    """An argument of a backend method has a value that cannot be used."""


class IBMQBackendJobLimitError(IBMQBackendError):
    """The limit of unfinished jobs on this backend is reached."""


class IBMQJobError(IBMQError, JobError):
    """A job cannot do what was requested."""


class IBMQJobApiError(IBMQJobError):
    """A call to the service failed while a job was used."""


class IBMQJobFailureError(IBMQJobError):
    """The job failed; the message contains the reason."""


class IBMQJobInvalidStateError(IBMQJobError):
    """The state of the job does not allow this operation."""


class IBMQJobTimeoutError(JobTimeoutError, IBMQJobError):
    """The job did not end within the time allowed; it continues and can be waited for again."""


class IBMQJobSubmissionUncertain(IBMQJobApiError, IBMQBackendApiError):
    """It is not known whether the submission created a job.

    Attributes:
        submission_id: the job tag of this submission; if the job exists,
            ``backend.jobs(job_tags=[error.submission_id])`` finds it.
    """

    def __init__(self, message: str, submission_id: str) -> None:
        super().__init__(message)
        self.submission_id = submission_id


class IBMQJobManagerError(IBMQError):
    """A managed set of jobs cannot do what was requested."""


class IBMQJobManagerInvalidStateError(IBMQJobManagerError):
    """The state of the job set does not allow this operation."""


class IBMQJobManagerTimeoutError(IBMQJobManagerError):
    """The jobs of the set did not end within the time allowed."""


class IBMQJobManagerJobNotFound(IBMQJobManagerError):
    """No job of the set contains this experiment."""


class IBMQJobManagerUnknownJobSet(IBMQJobManagerError):
    """No jobs have this job set id."""


class IBMQManagedResultDataNotAvailable(IBMQJobManagerError):
    """The data of this experiment is not available."""


class CredentialsError(IBMQError):
    """Base class of errors in credentials files."""


class InvalidCredentialsFormatError(CredentialsError):
    """A credentials file could not be read."""


class CredentialsNotFoundError(CredentialsError):
    """These credentials are not stored."""


class HubGroupProjectError(IBMQError):
    """Base class of errors in hub/group/project triples."""


class HubGroupProjectInvalidStateError(HubGroupProjectError):
    """The triple is incomplete where a complete one is needed."""


class ApiError(IBMQError):
    """A call to the service failed.

    Attributes:
        operation: operation id of the service description, or the name of the step.
        method: HTTP method, or ``None`` when no request was made.
        path: path of the request without host and query, or ``None``.
        status_code: HTTP status; -1 when there was no reply.
        code: error code of the service (usually an integer, sometimes a word), or ``None``.
        trace_id: the service's id of this request, for its operators, or ``None``.
        job_id: the job that the request was about, or ``None``.
        hint: what to do, as a sentence, or ``None``; docs/errors.md lists all hints.
        retry_after: seconds the service asked to wait, or ``None``.
        accepted: False if the service certainly did not act on the request, True if it may have.
        temporary: True if the same request may succeed later: there was no reply, or the service is
            overloaded or broken (408, 425, 429, 500 and above except 501 and 505).
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
    """No usable reply arrived: the connection failed or was closed early."""

    temporary = True


class ApiTimeoutError(ApiConnectionError):
    """The service did not answer in time."""


class ApiStatusError(ApiError):
    """The service answered with an error status."""


class ApiAuthError(ApiStatusError):
    """The service does not accept the token (401)."""


class AuthenticationLicenseError(ApiAuthError):
    """The user of the account must accept a licence before using it."""


class ApiForbidden(ApiStatusError):
    """The account may not do this (403)."""


class ApiNotFound(ApiStatusError):
    """The service does not know this job, device or path (404)."""


class ApiConflict(ApiStatusError):
    """The state of the job or resource does not allow this operation (409)."""


class ApiRateLimited(ApiStatusError):
    """Too many requests (429)."""


class ApiServerError(ApiStatusError):
    """The service failed (500 and above)."""


class ApiProtocolError(ApiError):
    """The reply does not match the service description."""


class ApiInputError(ApiError):
    """The input cannot run on this service; nothing was sent."""

    def __init__(self, message: str, *, operation: str = "") -> None:
        super().__init__(message, operation=operation, accepted=False)


class ApiNotSupported(ApiError):
    """The service has no such operation."""


RequestsApiError = ApiError
ApiIBMQProtocolError = ApiProtocolError

# Old names of errors of the status stream. Programs use them in except clauses. They are never
# raised by a stream, since waiting falls back to polling.
UserTimeoutExceededError = ApiTimeoutError
WebsocketError = ApiConnectionError
WebsocketAuthenticationError = ApiAuthError
WebsocketIBMQProtocolError = ApiProtocolError
WebsocketRetryableError = ApiConnectionError
WebsocketTimeoutError = ApiTimeoutError
