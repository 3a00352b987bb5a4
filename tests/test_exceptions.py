"""The error tree is part of the public interface; each change must be visible in a diff."""

import inspect

from qiskit.exceptions import QiskitError
from qiskit.providers.exceptions import JobError, JobTimeoutError

from ibmq_backend import exceptions as module

TREE = """
IBMQError(QiskitError)
  ApiError
    ApiConnectionError
      ApiTimeoutError
    ApiInputError
    ApiNotSupported
    ApiProtocolError
    ApiStatusError
      ApiAuthError
        AuthenticationLicenseError
      ApiConflict
      ApiForbidden
      ApiNotFound
      ApiRateLimited
      ApiServerError
  CredentialsError
    CredentialsNotFoundError
    InvalidCredentialsFormatError
  HubGroupProjectError
    HubGroupProjectInvalidStateError
  IBMQAccountError
    IBMQAccountCredentialsInvalidFormat
    IBMQAccountCredentialsInvalidToken
    IBMQAccountCredentialsInvalidUrl
    IBMQAccountCredentialsNotFound
    IBMQAccountMultipleCredentialsFound
    IBMQProviderError
  IBMQAccountValueError
  IBMQApiError
  IBMQBackendError
    IBMQBackendApiError
      IBMQBackendApiProtocolError
      IBMQJobSubmissionUncertain
    IBMQBackendJobLimitError
    IBMQBackendValueError
  IBMQInputValueError
  IBMQJobError
    IBMQJobApiError
      IBMQJobSubmissionUncertain
    IBMQJobFailureError
    IBMQJobInvalidStateError
    IBMQJobTimeoutError
  IBMQJobManagerError
    IBMQJobManagerInvalidStateError
    IBMQJobManagerJobNotFound
    IBMQJobManagerTimeoutError
    IBMQJobManagerUnknownJobSet
    IBMQManagedResultDataNotAvailable
  IBMQNotAuthorizedError
"""


def drawn(cls, depth=0):
    lines = ["  " * depth + cls.__name__ + ("(QiskitError)" if depth == 0 else "")]
    for below in sorted(cls.__subclasses__(), key=lambda each: each.__name__):
        if below.__module__ == module.__name__:
            lines += drawn(below, depth + 1)
    return lines


def test_tree():
    assert "\n".join(drawn(module.IBMQError)) == TREE.strip()


def test_every_class_is_exported_and_shown_in_the_tree():
    classes = {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }
    assert classes == set(module.__all__)
    assert issubclass(module.IBMQError, QiskitError)


def test_documented_second_bases():
    assert issubclass(module.IBMQBackendValueError, ValueError)
    assert issubclass(module.IBMQJobError, JobError)
    assert issubclass(module.IBMQJobTimeoutError, JobTimeoutError)
    assert module.RequestsApiError is module.ApiError
    assert module.ApiIBMQProtocolError is module.ApiProtocolError


def test_api_error_has_its_attributes():
    error = module.ApiNotFound("gone", operation="getJob", status_code=404, code=3250)
    assert error.message == "gone"
    assert (error.operation, error.status_code, error.code) == ("getJob", 404, 3250)
    assert error.trace_id is None
    assert error.retry_after is None
