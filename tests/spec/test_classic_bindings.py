"""Classic bindings: what they send, and the corrected defects of generated clients."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from ibmq_api_classic import AuthenticatedClient, Client
from ibmq_api_classic.api.accounts import get_version, list_hubs, login_with_token
from ibmq_api_classic.api.backends import get_backend_properties, list_backends
from ibmq_api_classic.api.jobs import (
    create_job,
    get_job,
    get_job_status,
    list_job_statuses,
    update_job,
)
from ibmq_api_classic.models import (
    BackendSelection,
    ErrorEnvelope,
    Hub,
    Job,
    JobRequest,
    JobStatus,
    JobUpdate,
    LoginReply,
    LoginRequest,
    ServiceVersion,
)
from ibmq_api_classic.types import UNSET

TOKEN = "canary-access-token"
TRIPLE = {"hub": "ibm-q", "group": "open", "project": "main"}
PREFIX = "/Network/ibm-q/Groups/open/Projects/main"
Handler = Callable[[httpx.Request], httpx.Response]


def client_for(handler: Handler, **arguments: Any) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url="http://service.test",
        token=TOKEN,
        prefix="",
        auth_header_name="X-Access-Token",
        httpx_args={"transport": httpx.MockTransport(handler)},
        **arguments,
    )


def answering(status: int, body: Any) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        if isinstance(body, str):
            return httpx.Response(status, html=body)
        return httpx.Response(status, json=body)

    return handler


JOB = {"id": "a1", "status": "RUNNING", "creationDate": "2021-05-04T11:34:58.965Z"}


def test_request_carries_token_path_and_filter() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[])

    text = '{"where":{"name":{"regexp":"a+b & c"}}}'
    reply = list_job_statuses.sync_detailed(client=client_for(handler), filter_=text, **TRIPLE)
    assert reply.parsed == []
    assert seen[0].headers["X-Access-Token"] == TOKEN
    assert seen[0].url.path == PREFIX + "/Jobs/status/v/1"
    assert seen[0].url.params["filter"] == text


def test_login_needs_no_token() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "new", "ttl": 1209600})

    with Client("http://service.test", httpx_args={"transport": httpx.MockTransport(handler)}) as c:
        reply = login_with_token.sync_detailed(client=c, body=LoginRequest(api_token="secret"))
    assert isinstance(reply.parsed, LoginReply)
    assert (reply.parsed.id, reply.parsed.ttl) == ("new", 1209600)
    assert json.loads(seen[0].content) == {"apiToken": "secret"}
    assert "X-Access-Token" not in seen[0].headers


def test_bodies_omit_missing_values_and_keep_null() -> None:
    request = JobRequest(backend=BackendSelection(name="ibmq_vigo"), live_data_enabled=None)
    assert request.to_dict() == {"backend": {"name": "ibmq_vigo"}, "liveDataEnabled": None}
    assert JobUpdate(tags=[]).to_dict() == {"tags": []}


def test_maps_keep_their_order_and_unknown_keys() -> None:
    body = [
        {
            "name": "ibm-q",
            "extra": 1,
            "groups": {
                "z": {"projects": {"y": {"isDefault": True}, "b": {}}},
                "a": {"projects": {}},
            },
        }
    ]
    reply = list_hubs.sync_detailed(client=client_for(answering(200, body)))
    assert isinstance(reply.parsed, list)
    hub = reply.parsed[0]
    assert isinstance(hub, Hub)
    assert list(hub.groups.additional_properties) == ["z", "a"]
    projects = hub.groups["z"].projects
    assert list(projects.additional_properties) == ["y", "b"]
    assert projects["y"].is_default is True
    assert projects["b"].is_default is UNSET
    assert hub.additional_properties == {"extra": 1}


@pytest.mark.parametrize("body", [{}, {"qubits": [[{"value": 1.5}]], "gates": None}])
def test_free_documents_are_passed_on_unchanged(body: dict[str, Any]) -> None:
    reply = get_backend_properties.sync_detailed(
        "ibm-q", "open", "main", "ibmq_vigo", client=client_for(answering(200, body))
    )
    assert reply.parsed == body
    listed = list_backends.sync_detailed(client=client_for(answering(200, [body])), **TRIPLE)
    assert listed.parsed == [body]


def test_job_document_with_harmless_nulls_is_read() -> None:
    nulls = dict.fromkeys(
        [
            *("qObjectResult", "error", "name", "runMode", "clientInfo", "timePerStep"),
            *("endDate", "shots", "liveDataEnabled"),
        ]
    )
    reply = get_job.sync_detailed(
        client=client_for(answering(200, {**JOB, **nulls})), job_id="a1", **TRIPLE
    )
    assert isinstance(reply.parsed, Job)
    assert reply.parsed.to_dict() == {**JOB, **nulls}


@pytest.mark.parametrize("code", [3250, "AUTHORIZATION_REQUIRED"])
def test_error_envelope_is_read(code: int | str) -> None:
    body = {"error": {"status": 404, "message": "Job not found.", "code": code}}
    reply = get_job.sync_detailed(client=client_for(answering(404, body)), job_id="a1", **TRIPLE)
    assert isinstance(reply.error, ErrorEnvelope)
    assert reply.error.error.code == code
    assert reply.parsed is None


@pytest.mark.parametrize("status", [520, 522, 524, 599])
def test_unknown_status_of_a_proxy_is_no_error(status: int) -> None:
    client = client_for(answering(status, "<html>a proxy</html>"))
    reply = get_version.sync_detailed(client=client)
    assert reply.status_code == status
    assert reply.parsed is None
    assert reply.content == b"<html>a proxy</html>"


def test_unknown_status_word_is_kept() -> None:
    client = client_for(answering(200, {"status": "PAUSED", "kind": "new-kind"}))
    reply = get_job_status.sync_detailed(client=client, job_id="a1", **TRIPLE)
    assert isinstance(reply.parsed, JobStatus)
    assert (reply.parsed.status, reply.parsed.kind) == ("PAUSED", "new-kind")


def test_repr_shows_no_secret() -> None:
    client = client_for(
        answering(200, {"api-auth": "1"}),
        headers={"Authorization": "canary-header"},
        cookies={"session": "canary-cookie"},
    )
    before = repr(client)
    assert isinstance(get_version.sync_detailed(client=client).parsed, ServiceVersion)
    assert "canary" not in before + repr(client) + str(client)
    assert "http://service.test" in repr(client)


def test_deriving_a_client_does_not_change_the_original() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"api-auth": "1"})

    original = client_for(handler, timeout=httpx.Timeout(7))
    get_version.sync_detailed(client=original)
    derived = original.with_headers({"x-tenant": "B"}).with_cookies({"c": "1"})
    derived = derived.with_timeout(httpx.Timeout(1))
    get_version.sync_detailed(client=original)
    get_version.sync_detailed(client=derived)
    assert [request.headers.get("x-tenant") for request in seen] == [None, None, "B"]
    assert [request.headers.get("cookie") for request in seen] == [None, None, "c=1"]
    assert original.get_httpx_client().timeout == httpx.Timeout(7)


def test_context_manager_closes_the_connection_pool() -> None:
    client = client_for(answering(200, {"api-auth": "1"}))
    with client as entered:
        assert entered is client
    assert client.get_httpx_client().is_closed


def test_injected_client_is_the_one_that_is_used() -> None:
    injected = httpx.Client(
        base_url="http://other.test", transport=httpx.MockTransport(answering(200, {"name": "n"}))
    )
    client = client_for(answering(500, {})).set_httpx_client(injected)
    reply = update_job.sync_detailed(client=client, job_id="a1", body=JobUpdate(name="n"), **TRIPLE)
    assert reply.status_code == 200


def test_create_job_is_one_request() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        body = {"id": "a1", "objectStorageInfo": {"uploadUrl": "http://storage.test/x?s=1"}}
        return httpx.Response(200, json=body)

    reply = create_job.sync_detailed(
        client=client_for(handler),
        body=JobRequest(backend=BackendSelection(name="ibmq_vigo"), tags=["a"]),
        **TRIPLE,
    )
    assert reply.parsed is not None
    assert len(seen) == 1
    assert (seen[0].method, seen[0].url.path) == ("POST", PREFIX + "/Jobs")
