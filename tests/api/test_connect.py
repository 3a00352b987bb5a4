from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.connect import connect
from ibmq_backend.exceptions import ApiAuthError, IBMQAccountCredentialsInvalidUrl
from tests.support.http_faults import faulty_server, json_reply, reply


@dataclass
class Account:
    base_url: str
    token: str = "a-token-of-the-account"
    dialect: str = "classic"
    instance: str | None = None
    proxies: dict = field(default_factory=dict)
    verify: bool = True
    region: str | None = None
    plans_preference: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def handshake(api: str):
    return [
        json_reply(b'{"id": "access-of-the-account"}'),
        json_reply(f'{{"urls": {{"http": "{api}", "ws": "ws://127.0.0.1:1/"}}}}'.encode()),
        json_reply(b"[]"),
    ]


@pytest.mark.parametrize(("given", "target"), [(None, "classic"), ("local", "local")])
def test_a_classic_account_is_logged_in(given, target):
    with faulty_server() as server:
        server.acts = handshake(server.url)
        service = connect(Account(server.url), target=given)
        assert service.info.target == target
        assert service.info.url == server.url
        assert service.instances() == []
        service.close()
    assert len(server.requests) == 3


def test_a_failed_login_closes_its_connections():
    with (
        faulty_server([reply("404 Not Found")]) as server,
        pytest.raises(IBMQAccountCredentialsInvalidUrl),
    ):
        connect(Account(server.url))


def test_the_credentials_proxies_are_used():
    with faulty_server() as proxy:
        proxy.acts = handshake("http://127.0.0.1:9")
        account = Account("http://127.0.0.1:9", proxies={"urls": {"http": proxy.url}})
        connect(account).close()
    assert all(request.split(b" ")[1].startswith(b"http://") for request in proxy.requests)


def test_plain_http_needs_permission(monkeypatch):
    account = Account("http://10.255.255.1:9")
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match="IBMQ_BACKEND_PLAIN_HTTP"):
        connect(account)
    monkeypatch.setenv("IBMQ_BACKEND_PLAIN_HTTP", "allow")
    with faulty_server() as proxy:
        proxy.acts = handshake("http://10.255.255.1:9")
        account.proxies = {"urls": {"http": proxy.url}}
        connect(account).close()
    with pytest.raises(IBMQAccountCredentialsInvalidUrl):
        connect(account, NetworkSettings())


CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123:4567::"
TOKEN_REPLY = b'{"access_token": "token-of-the-account", "expires_in": 3600}'


def test_a_platform_account_is_logged_in():
    with faulty_server([json_reply(TOKEN_REPLY)]) as server:
        account = Account(f"{server.url}/api", dialect="platform", instance=CRN)
        service = connect(account)
        assert service.info.target == "platform"
        assert [record.id.crn for record in service.instances()] == [CRN]
        service.close()
    assert len(server.requests) == 1
    assert server.requests[0].startswith(b"POST /identity/token ")


def test_a_refused_key_closes_its_connections():
    refusal = b'{"errorCode": "BXNIM0415E", "errorMessage": "No such key."}'
    with (
        faulty_server([json_reply(refusal, "400 Bad Request")]) as server,
        pytest.raises(ApiAuthError, match="BXNIM0415E"),
    ):
        connect(Account(f"{server.url}/api", dialect="platform", instance=CRN))
    assert len(server.requests) == 1
