"""All names that could be imported from qiskit.providers.ibmq, and their base classes."""

from __future__ import annotations

import importlib

import pytest
from qiskit.providers import BackendV1, JobV1, ProviderV1

import ibmq_backend
from ibmq_backend import exceptions

OLD = "qiskit.providers.ibmq"
ERRORS = """
    IBMQError IBMQAccountError IBMQAccountCredentialsNotFound IBMQAccountCredentialsInvalidFormat
    IBMQAccountCredentialsInvalidToken IBMQAccountCredentialsInvalidUrl
    IBMQAccountMultipleCredentialsFound IBMQProviderError IBMQAccountValueError IBMQBackendError
    IBMQBackendApiError IBMQBackendApiProtocolError IBMQBackendValueError IBMQBackendJobLimitError
    IBMQInputValueError IBMQNotAuthorizedError IBMQApiError
"""


def test_names_of_the_package():
    package = importlib.import_module(OLD)
    names = (
        "IBMQ IBMQFactory AccountProvider IBMQBackend IBMQBackendService BackendJobLimit IBMQJob "
        "IBMQJobManager RunnerResult least_busy __version__ " + ERRORS
    ).split()
    for name in names:
        assert getattr(package, name) is getattr(ibmq_backend, name)
    for name in ERRORS.split():
        assert issubclass(getattr(package, name), package.IBMQError)


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("accountprovider", "AccountProvider"),
        ("ibmqfactory", "IBMQFactory"),
        ("ibmqbackend", "IBMQBackend IBMQSimulator IBMQRetiredBackend"),
        ("ibmqbackendservice", "IBMQBackendService"),
        ("backendjoblimit", "BackendJobLimit"),
        ("backendreservation", "BackendReservation"),
        (
            "job",
            "IBMQJob QueueInfo job_monitor IBMQJobError IBMQJobApiError IBMQJobFailureError "
            "IBMQJobInvalidStateError IBMQJobTimeoutError",
        ),
        (
            "managed",
            "IBMQJobManager ManagedJobSet ManagedJob ManagedResults IBMQJobManagerError "
            "IBMQJobManagerInvalidStateError IBMQJobManagerTimeoutError IBMQJobManagerJobNotFound "
            "IBMQJobManagerUnknownJobSet IBMQManagedResultDataNotAvailable",
        ),
        (
            "credentials",
            "Credentials HubGroupProject discover_credentials CredentialsError "
            "InvalidCredentialsFormatError CredentialsNotFoundError store_credentials "
            "read_credentials_from_qiskitrc read_credentials_from_environ",
        ),
        (
            "credentials.configrc",
            "read_credentials_from_qiskitrc store_credentials remove_credentials",
        ),
        ("credentials.environ", "read_credentials_from_environ"),
        ("credentials.hubgroupproject", "HubGroupProject"),
        ("apiconstants", "ApiJobStatus ApiJobKind ApiJobShareLevel API_JOB_FINAL_STATES"),
        ("exceptions", ERRORS),
        (
            "api.exceptions",
            "ApiError RequestsApiError WebsocketError WebsocketIBMQProtocolError "
            "WebsocketAuthenticationError WebsocketTimeoutError WebsocketRetryableError "
            "AuthenticationLicenseError ApiIBMQProtocolError UserTimeoutExceededError",
        ),
    ],
)
def test_names_of_its_modules(module, names):
    found = importlib.import_module(f"{OLD}.{module}")
    assert [name for name in names.split() if not hasattr(found, name)] == []
    assert found.__name__.startswith("ibmq_backend.")


def test_base_classes():
    assert issubclass(ibmq_backend.AccountProvider, ProviderV1)
    assert issubclass(ibmq_backend.IBMQBackend, BackendV1)
    assert issubclass(ibmq_backend.IBMQSimulator, ibmq_backend.IBMQBackend)
    assert issubclass(ibmq_backend.IBMQRetiredBackend, ibmq_backend.IBMQBackend)
    assert issubclass(ibmq_backend.IBMQJob, JobV1)


def test_errors_of_the_stream_keep_their_names():
    stream = [
        exceptions.WebsocketError,
        exceptions.WebsocketIBMQProtocolError,
        exceptions.WebsocketAuthenticationError,
        exceptions.WebsocketTimeoutError,
        exceptions.WebsocketRetryableError,
        exceptions.UserTimeoutExceededError,
    ]
    assert all(issubclass(each, exceptions.ApiError) for each in stream)
    assert issubclass(exceptions.WebsocketTimeoutError, exceptions.WebsocketError)


def test_no_dictionaries_of_jobs():
    assert not hasattr(ibmq_backend.IBMQJob, "to_dict")
    assert not hasattr(ibmq_backend.IBMQJob, "from_dict")
