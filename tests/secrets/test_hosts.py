"""Secrets are sent only to the configured host, over an encrypted connection."""

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
LOGIN = {"id": ACCESS_TOKEN, "ttl": 1000}
BEARER = {"access_token": ACCESS_TOKEN, "expires_in": 3600}


@pytest.fixture
def other() -> Iterator[FaultyServer]:
    """Run a foreign server that accepts every request."""
    with faulty_server([json_reply(b"{}")]) as server:
        yield server


def received(server: FaultyServer) -> list[str]:
    """Return the secrets that a server has received."""
    everything = b"\n".join(server.requests).decode()
    return [secret for secret in SECRETS if secret in everything]


def answers(*documents: object) -> list[object]:
    return [json_reply(json.dumps(document).encode()) for document in documents]


def user_with_urls(server: FaultyServer, api: str) -> object:
    return {"urls": {"http": api, "ws": f"{api.replace('http', 'ws', 1)}/"}}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_classic_client_follows_no_redirect(other: FaultyServer, status: int) -> None:
    target = other.url.replace("127.0.0.1", "localhost")
    with faulty_server() as server:
        server.acts = [
            *answers(LOGIN, user_with_urls(server, server.url)),
            reply(f"{status} Elsewhere", b"", f"Location: {target}/Network"),
        ]
        account = ClassicServiceClient(server.url, API_TOKEN, FAST)
        with pytest.raises(ApiProtocolError, match="redirects are not followed"):
            account.instances()
        account.close()
        assert received(server) == [API_TOKEN, ACCESS_TOKEN]
    assert other.requests == []


@pytest.mark.parametrize("status", [302, 307])
def test_platform_client_follows_no_redirect(other: FaultyServer, status: int) -> None:
    with faulty_server(
        [reply(f"{status} Elsewhere", b"", f"Location: {other.url}/identity/token")]
    ) as server:
        account = PlatformServiceClient(f"{server.url}/api", API_TOKEN, CRN, FAST)
        with pytest.raises(ApiProtocolError, match="redirects are not followed"):
            account.log_in()
        account.close()
        assert received(server) == [API_TOKEN]
    assert other.requests == []


def test_storage_receives_no_secret_and_cannot_redirect(other: FaultyServer) -> None:
    redirect = reply("307 Elsewhere", b"", f"Location: {other.url}/take")
    with faulty_server([redirect]) as storage, faulty_server() as server:
        created = job(
            status="CREATING",
            objectStorageInfo={"uploadUrl": f"{storage.url}/bucket?signature=1234567890"},
        )
        server.acts = [
            *answers(LOGIN, user_with_urls(server, server.url), hubs(), created),
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
        assert received(storage) == []
    assert other.requests == []


def test_host_named_by_the_login_receives_only_the_access_token() -> None:
    with faulty_server(answers(hubs())) as api, faulty_server() as server:
        server.acts = answers(LOGIN, user_with_urls(server, api.url))
        account = ClassicServiceClient(server.url, API_TOKEN, FAST)
        assert account.instances()
        account.close()
        assert received(api) == [ACCESS_TOKEN]


@pytest.mark.parametrize("named", ["http://far.invalid/api", "http://192.0.2.7/api", "ftp://x/y"])
def test_unencrypted_url_named_by_the_login_is_refused(named: str) -> None:
    with faulty_server() as server:
        server.acts = answers(LOGIN, user_with_urls(server, named))
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
def test_unencrypted_url_of_another_machine_is_refused(
    address: str, instance: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("httpx.HTTPTransport.handle_request", refuse)
    options = {} if instance is None else {"instance": instance}
    with pytest.raises(IBMQAccountCredentialsInvalidUrl, match="not encrypted") as refusal:
        IBMQ.enable_account(API_TOKEN, address, **options)
    assert API_TOKEN not in str(refusal.value)


def test_key_is_sent_only_to_the_token_service() -> None:
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
