import socket
import traceback

import pytest

from ibmq_backend import IBMQ
from ibmq_backend._errors.causes import DEBUG_VARIABLE, showing_causes, shown
from ibmq_backend._errors.translate import raising_job_errors
from ibmq_backend.exceptions import (
    ApiConnectionError,
    ApiNotFound,
    ApiServerError,
    IBMQBackendValueError,
    IBMQJobApiError,
    find_api_error,
)

MAX_LINES = 40


def lines_of(error):
    return "".join(traceback.format_exception(error)).splitlines()


def unreachable():
    with pytest.raises(ApiConnectionError) as caught:
        IBMQ.enable_account("token", url="http://127.0.0.1:1/api")
    return caught.value


@pytest.fixture(autouse=True)
def causes_are_hidden(monkeypatch):
    monkeypatch.delenv(DEBUG_VARIABLE, raising=False)


def test_the_traceback_of_an_unreachable_server_is_short():
    error = unreachable()
    lines = lines_of(error)
    assert len(lines) < MAX_LINES
    assert sum(line.startswith("Traceback") for line in lines) == 1
    assert not any("/httpx/" in line or "/httpcore/" in line for line in lines)
    assert error.message.count(". ") == 1
    assert type(error.__context__).__module__ == "httpx"


@pytest.mark.parametrize("handled", [KeyError(), ConnectionRefusedError(), socket.gaierror()])
def test_what_the_caller_is_handling_is_not_the_reason(monkeypatch, handled):
    def no_name(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    try:
        raise handled
    except type(handled):
        assert "No server listens on this port" in unreachable().message
        monkeypatch.setattr(socket, "getaddrinfo", no_name)
        with pytest.raises(ApiConnectionError, match="Its name cannot be resolved"):
            IBMQ.enable_account("token", url="https://quantum.example/api")


def test_causes_are_shown_on_request(monkeypatch):
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    lines = lines_of(unreachable())
    assert sum(line.startswith("Traceback") for line in lines) == 3
    assert any("/httpcore/" in line for line in lines)


def test_causes_are_shown_inside_the_block_only():
    cause = ValueError("x")
    with showing_causes():
        assert shown(cause) is cause
    assert shown(cause) is None


def test_a_documented_error_has_the_attributes_of_its_hidden_cause():
    with pytest.raises(IBMQJobApiError) as caught, raising_job_errors("asking"):
        raise ApiNotFound("Gone.", status_code=404, code=3250)
    error = caught.value
    assert (error.status_code, error.code, error.__cause__) == (404, 3250, None)
    assert isinstance(find_api_error(error), ApiNotFound)
    assert sum(line.startswith("Traceback") for line in lines_of(error)) == 1


def test_an_error_raised_while_another_is_handled_has_not_its_attributes():
    def check():
        raise IBMQBackendValueError("limit must be a whole number.")

    try:
        raise ApiServerError("Out of order.", status_code=503)
    except ApiServerError:
        with pytest.raises(IBMQBackendValueError) as caught:
            check()
    assert caught.value.status_code is None
