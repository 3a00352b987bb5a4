"""Without a deadline, no request waits forever for a reply that arrives slowly."""

from __future__ import annotations

import time

import httpx
import pytest
from ibmq_api_platform.api.jobs import create_job
from ibmq_api_platform.models import JobRequest
from ibmq_api_platform.operations import CREATE_JOB

from ibmq_backend._http.auth import RenewingToken, Token
from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.classic.calls import OPERATIONS as CLASSIC
from ibmq_backend.api.classic.calls import StorageCalls
from ibmq_backend.api.classic.mapping import pushed_job
from ibmq_backend.api.platform.auth import PlatformServiceClient
from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS, operation_of
from ibmq_backend.api.status_stream import StatusStream
from ibmq_backend.exceptions import ApiConnectionError, ApiTimeoutError
from tests.support.classic_replies import JOB_ID
from tests.support.http_faults import faulty_server, json_reply
from tests.support.platform_replies import CRN

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
LIMIT = 0.3
LATEST_END = 20.0  # seconds; the timeouts of a single wait are those of the settings, 10 and 60 s
ONCE = RetryPolicy(attempts=1)
DOCUMENTS = NetworkSettings(trust_env=False, document_seconds=LIMIT, retry=ONCE)
TRANSFERS = NetworkSettings(trust_env=False, transfer_seconds=LIMIT, retry=ONCE)


@pytest.fixture
def server():
    with faulty_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _in_time():
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < LATEST_END


def classic_login(url):
    return [
        json_reply(b'{"id": "an-access-token"}'),
        json_reply(f'{{"urls": {{"http": "{url}", "ws": "ws://127.0.0.1:1"}}}}'.encode()),
        json_reply(b'[{"name": "h", "groups": {"g": {"projects": {"p": {}}}}}]'),
    ]


def classic(server, replies, settings=DOCUMENTS):
    """An account of a service that answers some requests and then sends bytes slowly."""
    server.acts = [*classic_login(server.url)[:replies], server.trickling(HEAD)]
    return ClassicServiceClient(server.url, "a-token-of-the-account", settings)


@pytest.mark.parametrize("replies", [0, 1])
def test_every_step_of_the_classic_login(server, replies):
    account = classic(server, replies)
    with pytest.raises(ApiTimeoutError, match="in total"):
        account.log_in()
    account.close()
    assert len(server.requests) == replies + 1


def test_documents_of_the_classic_service(server):
    account = classic(server, 2)
    with pytest.raises(ApiTimeoutError, match="in total"):
        account.instances()
    account.close()


def test_object_storage(server):
    server.acts = [server.trickling(HEAD)]
    storage = StorageCalls(TRANSFERS, {})
    with pytest.raises(ApiTimeoutError, match="in total"):
        storage.download(server.url, JOB_ID)
    with pytest.raises(ApiTimeoutError, match="in total"):
        storage.upload(server.url, b"{}")
    storage.close()


def platform(server, acts, settings):
    token = b'{"access_token": "a-token-of-the-account", "expires_in": 3600}'
    server.acts = [json_reply(token), *acts, server.trickling(HEAD)]
    return PlatformServiceClient(f"{server.url}/api", "an-api-key", CRN, settings)


def test_the_platforms_login(server):
    account = platform(server, [], DOCUMENTS)
    server.acts = server.acts[1:]
    with pytest.raises(ApiTimeoutError, match="in total"):
        account.log_in()
    account.close()


def create_platform_job(client):
    body = JobRequest("sampler", "d", {})
    client._calls.call(CREATE_JOB, create_job.sync_detailed, client=client._client, body=body)


@pytest.mark.parametrize(
    ("settings", "ask"),
    [
        (DOCUMENTS, lambda client: client.job_status("x")),
        (DOCUMENTS, lambda client: client.backends()),
        (TRANSFERS, lambda client: client._results("x")),
        (TRANSFERS, lambda client: client.job_input("x")),
        (TRANSFERS, create_platform_job),
    ],
    ids=["job", "backends", "results", "job with its circuits", "submission"],
)
def test_the_platform(server, settings, ask):
    account = platform(server, [], settings)
    client = account.open(account.instances()[0].id)
    with pytest.raises(ApiTimeoutError, match="in total"):
        ask(client)
    account.close()


# -- the status stream -----------------------------------------------------------------------------


def watch(server, **limits):
    token = RenewingToken(lambda: Token("access-of-the-account"))
    settings = NetworkSettings(trust_env=False, **limits)
    stream = StatusStream(server.url.replace("http", "ws"), token, settings, pushed_job)
    with pytest.raises(ApiConnectionError):
        list(stream.watch(JOB_ID, None))


def test_the_handshake_of_the_status_stream(server):
    server.acts = [server.trickling(b"HTTP/1.1 101 Switching Protocols\r\nX-Long: ")]
    watch(server, connect_timeout=LIMIT)


def test_the_first_frame_of_the_status_stream(server):
    from websockets.server import ServerProtocol

    def act(connection):
        service = ServerProtocol()
        service.receive_data(server.requests[0])
        [request] = service.events_received()
        service.send_response(service.accept(request))
        head_of_a_long_frame = b"\x81\x7e\x40\x00"
        server.trickling(b"".join(service.data_to_send()) + head_of_a_long_frame)(connection)

    server.acts = [act]
    watch(server, read_timeout=LIMIT)


# -- kinds of operations ---------------------------------------------------------------------------


def test_transfers_of_circuits_and_results_have_more_time():
    transfers = {
        operation.id
        for table in (CLASSIC, PLATFORM_OPERATIONS, CLOUD_OPERATIONS)
        for operation in table.operations
        if operation.is_transfer
    }
    assert transfers == {
        "putStoredObject",
        "getStoredObject",
        "createJob",
        "getJobResults",
        "getInterimResults",
        "getTranspiledCircuits",
    }
    assert not CLASSIC.find(request("POST", "/Network/h/Groups/g/Projects/p/Jobs")).is_transfer


def request(method, path):
    return httpx.Request(method, f"https://host{path}")


def test_reading_a_job_with_params_is_a_transfer():
    assert operation_of(request("GET", "/v1/jobs/x?exclude_params=false")).is_transfer
    assert operation_of(request("GET", "/v1/jobs/x")).is_transfer
    assert not operation_of(request("GET", "/v1/jobs/x?exclude_params=true")).is_transfer
