from __future__ import annotations

import threading
import traceback

import httpx
import pytest

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiConnectionError,
    ApiForbidden,
    ApiProtocolError,
    ApiServerError,
    AuthenticationLicenseError,
    IBMQAccountCredentialsInvalidUrl,
)
from ibmq_backend.records import InstanceId
from tests.support.classic_replies import (
    API,
    API_TOKEN,
    AUTH,
    FAST,
    Service,
    error_reply,
    hubs,
)
from tests.support.fake_service import Turn


def test_the_handshake_is_three_requests():
    service = Service()
    account = service.account()
    assert service.requests == []
    account.log_in()
    [instance] = account.instances()
    assert account.instances() == [instance]
    account.open(instance.id).status("ibmq_vigo")
    assert service.names() == [
        "loginWithToken",
        "getCurrentUser",
        "listHubs",
        "getBackendStatus",
    ]
    login, user, listed, status = service.requests
    assert login.content == b'{"apiToken":"' + API_TOKEN.encode() + b'"}'
    assert "x-access-token" not in login.headers
    for request in (user, listed, status):
        assert request.headers["x-access-token"] == "access-1"
    assert [str(r.url).partition("/api/")[0] + "/api" for r in (login, user)] == [AUTH] * 2
    assert str(status.url) == f"{API}/Network/h/Groups/g/Projects/p/devices/ibmq_vigo/queue/status"


def test_requests_name_the_client_program(monkeypatch):
    monkeypatch.setenv("QE_CUSTOM_CLIENT_APP_HEADER", "my course\r\nX-Evil: 1")
    service = Service()
    service.account().log_in()
    for request in service.requests:
        name = request.headers["x-qx-client-application"]
        assert name.startswith("ibmq-backend/")
        assert name.endswith("/my courseX-Evil: 1")
        assert "x-evil" not in request.headers


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text="6.4.15"),
        httpx.Response(200, json={"version": "1"}),
        httpx.Response(200, json=[]),
        httpx.Response(200, content=b""),
        httpx.Response(200, html="<title>Welcome</title>"),
        error_reply(404),
        error_reply(400, code=None),
        httpx.Response(403, html="<title>CSRF verification failed</title>"),
        httpx.Response(422, json={"detail": [{"msg": "Field required"}]}),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
        {"token": "x"},
        {"id": 7},
        {"id": ""},
        {"id": None},
    ],
)
def test_urls_of_other_services_are_rejected(reply):
    service = Service()
    service.replies["loginWithToken"] = reply
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match=r"auth\.example") as caught:
        service.account().log_in()
    assert set(service.names()) == {"loginWithToken"}
    assert (
        caught.value.hint
        == "Use the login URL, with https unless the service runs on this machine."
    )


@pytest.mark.parametrize(
    ("reply", "cls"),
    [
        (error_reply(503), ApiServerError),
        (httpx.ConnectError("no route"), ApiConnectionError),
        (error_reply(403, code=3458), ApiForbidden),
    ],
)
def test_an_outage_or_refusal_is_not_reported_as_a_wrong_url(reply, cls):
    service = Service()
    service.replies["loginWithToken"] = reply
    with pytest.raises(cls):
        service.account().log_in()


def test_a_wrong_token():
    service = Service()
    service.replies["loginWithToken"] = error_reply(401, "Login failed.", 3446)
    with pytest.raises(ApiAuthError) as caught:
        service.account().log_in()
    assert (caught.value.code, caught.value.operation) == (3446, "loginWithToken")
    assert service.names().count("loginWithToken") == 1


def test_a_licence_that_must_be_accepted():
    service = Service()
    service.replies["loginWithToken"] = httpx.Response(
        401, json={"error": {"name": "ACCEPT_LICENSE_REQUIRED", "message": "Accept first."}}
    )
    with pytest.raises(AuthenticationLicenseError, match=r"Accept first\."):
        service.account().log_in()


@pytest.mark.parametrize(
    "url",
    ["http://api.example", "http://10.0.0.7:8000", "ftp://api.example", "api.example", "https://"],
)
def test_unencrypted_and_invalid_urls_are_rejected(url):
    with pytest.raises(IBMQAccountCredentialsInvalidUrl):
        ClassicServiceClient(url, API_TOKEN, FAST)


def test_plain_http_needs_loopback_or_permission():
    for url in ("http://127.0.0.1:8000", "http://localhost:8000/api", "http://[::1]:8000"):
        ClassicServiceClient(url, API_TOKEN, FAST).close()
    ClassicServiceClient(
        "http://10.0.0.7:8000", API_TOKEN, NetworkSettings(allow_plain_http=True)
    ).close()


@pytest.mark.parametrize(
    "urls",
    [
        {"http": "http://api.example", "ws": "wss://ws.example"},
        {"http": API, "ws": "ws://ws.example"},
        {"http": "somewhere", "ws": "wss://ws.example"},
        {"http": API},
        {"http": 7, "ws": "wss://ws.example"},
        None,
    ],
)
def test_a_login_with_an_unencrypted_api_url_is_rejected(urls):
    service = Service()
    service.replies["getCurrentUser"] = {"urls": urls}
    account = service.account()
    with pytest.raises(ApiProtocolError):
        account.log_in()


def test_a_refused_token_is_renewed_once_and_resent():
    service = Service()
    client = service.open()

    def status(request):
        if request.headers["x-access-token"] == "access-1":
            return error_reply(401, "Login with some authorized provider required.", 3445)
        return httpx.Response(200, json={"state": True})

    service.replies["getBackendStatus"] = status
    assert client.status("ibmq_vigo").operational
    assert service.names() == ["getBackendStatus", "loginWithToken", "getBackendStatus"]
    service.replies["getBackendStatus"] = error_reply(401, code=3445)
    with pytest.raises(ApiAuthError):
        client.status("ibmq_vigo")
    assert service.logins == 3


def test_a_token_is_renewed_before_it_expires():
    service, now = Service(), [0.0]
    account = service.account(clock=lambda: now[0])
    account.log_in()
    now[0] = 1209600.0 - 30.0
    account.instances()
    assert service.names()[-2:] == ["loginWithToken", "listHubs"]


def test_many_threads_over_an_expiry_log_in_once():
    service = Service()
    client = service.open()
    together = threading.Barrier(20)

    def status(request):
        if request.headers["x-access-token"] == "access-1":
            together.wait(10)
            return error_reply(401, code=3445)
        return httpx.Response(200, json={"state": True})

    service.replies["getBackendStatus"] = status
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(client.status("x").operational))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 20
    assert service.logins == 2


def test_an_account_without_instances():
    service = Service()
    service.replies["listHubs"] = []
    assert service.account().instances() == []


@pytest.mark.parametrize(
    "reply", [[{"name": "h"}], [{"groups": {}}], {"a": 1}, [{"name": "h", "groups": {"g": None}}]]
)
def test_malformed_hubs(reply):
    service = Service()
    service.replies["listHubs"] = reply
    with pytest.raises(ApiProtocolError):
        service.account().instances()


def test_a_temporary_fault_during_login_is_retried():
    service = Service()
    service.replies["listHubs"] = [Turn(error_reply(503)), Turn(hubs())]
    service.replies["getCurrentUser"] = [
        Turn(httpx.ReadError("reset")),
        Turn(service.replies["getCurrentUser"]),
    ]
    assert len(service.account().instances()) == 1


def test_a_forbidden_account():
    service = Service()
    service.replies["listHubs"] = error_reply(403, "Forbidden", 2409)
    with pytest.raises(ApiForbidden):
        service.account().instances()


def test_a_closed_account_raises_an_error():
    service = Service()
    account = service.account()
    client = account.open(account.instances()[0].id)
    account.close()
    with pytest.raises(ApiConnectionError, match="closed"):
        client.backends()


def test_an_instance_of_the_platform_is_rejected():
    service = Service()
    with pytest.raises(Exception, match="not a hub, group and project"):
        service.account().open(InstanceId("cloud", crn="crn:v1:x"))


def test_no_text_contains_the_token(caplog):
    caplog.set_level("DEBUG")
    service = Service()
    account = service.account()
    client = account.open(account.instances()[0].id)
    service.replies["getBackendStatus"] = error_reply(400, f"bad token access-1 of {API_TOKEN}")
    shown = [repr(account), repr(client), str(vars(account)), str(vars(client))]
    with pytest.raises(Exception, match="400") as caught:
        client.status("x")
    shown += traceback.format_exception(caught.value)
    shown += [record.getMessage() for record in caplog.records]
    assert len(caplog.records) > 5
    for text in shown:
        assert API_TOKEN not in text
        assert "access-1" not in text
