"""Who is told a secret: the configured host, over a connection nobody can read, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ibmq_backend import IBMQ
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.platform.auth import PlatformServiceClient
from ibmq_backend.exceptions import (
    ApiError,
    ApiProtocolError,
    IBMQAccountCredentialsInvalidUrl,
)
from ibmq_backend.records import Submission
from tests.support.classic_replies import FAST, hubs, job
from tests.support.http_faults import FaultyServer, faulty_server, json_reply, reply

API_TOKEN = "canary-of-the-account"
ACCESS_TOKEN = "canary-of-the-session"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/canaryaccount:11111111-2222::"
SECRETS = (API_TOKEN, ACCESS_TOKEN, "canaryaccount")
VERSION = {"api-auth": "1"}
LOGIN = {"id": ACCESS_TOKEN, "ttl": 1000}
BEARER = {"access_token": ACCESS_TOKEN, "expires_in": 3600}


@pytest.fixture
def other() -> Iterator[FaultyServer]:
    """A server of somebody else, which says yes to everything."""
    with faulty_server([json_reply(b"{}")]) as server:
        yield server


def told(server: FaultyServer) -> list[str]:
    """Which secrets a server has seen."""
    everything = b"\n".join(server.requests).decode()
    return [secret for secret in SECRETS if secret in everything]


def answers(*documents: object) -> list[object]:
    return [json_reply(json.dumps(document).encode()) for document in documents]


def names_itself(server: FaultyServer, api: str) -> object:
    return {"urls": {"http": api, "ws": f"{api.replace('http', 'ws', 1)}/"}}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_secret_follows_a_redirect(other: FaultyServer, status: int) -> None:
    target = other.url.replace("127.0.0.1", "localhost")
    with faulty_server() as server:
        server.acts = [
            *answers(VERSION, LOGIN, names_itself(server, server.url)),
            reply(f"{status} Elsewhere", b"", f"Location: {target}/Network"),
        ]
        account = ClassicServiceClient(server.url, API_TOKEN, FAST)
        with pytest.raises(ApiProtocolError, match="redirects are not followed"):
            account.instances()
        account.close()
        assert told(server) == [API_TOKEN, ACCESS_TOKEN]
    assert other.requests == []


@pytest.mark.parametrize("status", [302, 307])
def test_the_key_follows_no_redirect(other: FaultyServer, status: int) -> None:
    with faulty_server(
        [reply(f"{status} Elsewhere", b"", f"Location: {other.url}/identity/token")]
    ) as server:
        account = PlatformServiceClient(f"{server.url}/api", API_TOKEN, CRN, FAST)
        with pytest.raises(ApiProtocolError, match="redirects are not followed"):
            account.log_in()
        account.close()
        assert told(server) == [API_TOKEN]
    assert other.requests == []


def test_storage_sees_no_secret_and_leads_nowhere(other: FaultyServer) -> None:
    leading_on = reply("307 Elsewhere", b"", f"Location: {other.url}/take")
    with faulty_server([leading_on]) as storage, faulty_server() as server:
        created = job(
            status="CREATING",
            objectStorageInfo={"uploadUrl": f"{storage.url}/bucket?signature=1234567890"},
        )
        server.acts = [
            *answers(VERSION, LOGIN, names_itself(server, server.url), hubs(), created),
            *answers({"url": f"{storage.url}/bucket?signature=1234567890"}),
            *answers({"cancelled": True}, {}),
        ]
        account = ClassicServiceClient(server.url, API_TOKEN, FAST)
        client = account.open(account.instances()[0].id)
        with pytest.raises(ApiError) as refusal:
            client.submit(Submission("ibmq_vigo", {}, "tag"))
        account.close()
        assert "signature" not in str(refusal.value)
        assert storage.requests
        assert told(storage) == []
    assert other.requests == []


def test_the_host_that_the_login_names_is_told_the_session_and_not_the_account() -> None:
    with faulty_server(answers(hubs())) as api, faulty_server() as server:
        server.acts = answers(VERSION, LOGIN, names_itself(server, api.url))
        account = ClassicServiceClient(server.url, API_TOKEN, FAST)
        assert account.instances()
        account.close()
        assert told(api) == [ACCESS_TOKEN]


@pytest.mark.parametrize("named", ["http://far.invalid/api", "http://192.0.2.7/api", "ftp://x/y"])
def test_a_login_that_names_a_readable_way_is_refused(named: str) -> None:
    with faulty_server() as server:
        server.acts = answers(VERSION, LOGIN, names_itself(server, named))
        account = ClassicServiceClient(server.url, API_TOKEN, FAST)
        with pytest.raises(ApiProtocolError, match="cannot be used"):
            account.instances()
        account.close()


@pytest.mark.parametrize(
    "address",
    [
        "http://far.invalid/api",
        "http://192.0.2.7/api",
        "http://localhost.far.invalid/api",
        "http://127.0.0.1.far.invalid/api",
        "http://127.0.0.1@far.invalid/api",
        "http://[::ffff:192.0.2.7]/api",
        "http://0.0.0.0.far.invalid/api",
    ],
)
@pytest.mark.parametrize("instance", [None, CRN], ids=["classic", "platform"])
def test_no_secret_travels_unencrypted_to_another_machine(
    address: str, instance: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> object:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("httpx.HTTPTransport.handle_request", asked)
    options = {} if instance is None else {"instance": instance}
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match="not encrypted") as refusal:
        IBMQ.enable_account(API_TOKEN, address, **options)
    assert API_TOKEN not in str(refusal.value)


def test_the_key_goes_to_the_token_service_only() -> None:
    with faulty_server() as server:
        server.acts = answers(BEARER, {"devices": []})
        provider = IBMQ.enable_account(API_TOKEN, f"{server.url}/api", instance=CRN)
        assert provider.backends() == []
        IBMQ.disable_account()
        first, *others = server.requests
        assert b"/identity/token" in first
        assert API_TOKEN.encode() in first
        for request in others:
            assert API_TOKEN.encode() not in request
        assert others
