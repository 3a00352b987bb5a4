"""Platform bindings: what they send, and replies of both versions."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from ibmq_api_cloud import AuthenticatedClient as CloudClient
from ibmq_api_cloud import Client as OpenCloudClient
from ibmq_api_cloud.api.discovery import get_catalog_entry, search_instances
from ibmq_api_cloud.api.iam import exchange_token
from ibmq_api_cloud.models import (
    CatalogEntry,
    ResourceDetails,
    SearchReply,
    SearchRequest,
    TokenError,
    TokenReply,
    TokenRequest,
)
from ibmq_api_platform import AuthenticatedClient, Client
from ibmq_api_platform.api.backends import (
    get_backend_configuration,
    get_backend_defaults,
    get_backend_properties,
    list_backends,
)
from ibmq_api_platform.api.jobs import (
    cancel_job,
    create_job,
    delete_job,
    get_job,
    get_job_logs,
    get_job_metrics,
    get_job_results,
    list_jobs,
    list_tags,
    replace_job_tags,
)
from ibmq_api_platform.api.sessions import close_session, create_session, update_session
from ibmq_api_platform.api.versions import get_versions
from ibmq_api_platform.api.workloads import list_workloads
from ibmq_api_platform.models import (
    BackendList,
    CreatedJob,
    Device,
    ErrorReply,
    Job,
    JobMetrics,
    JobRequest,
    JobTags,
    Session,
    SessionRequest,
    SessionUpdate,
    VersionList,
)
from ibmq_api_platform.types import UNSET, Unset

from tests.support.fake_service import FakeService

CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123:4567::"
HEADERS = {"Service-CRN": CRN, "IBM-API-Version": "2026-04-15"}
JOB = {
    "id": "d2abc0q4t1vs70a2b3cg",
    "state": {"status": "Queued"},
    "program": {"id": "sampler"},
    "created": "2026-08-17T01:39:15.646554Z",
}
Handler = Callable[[httpx.Request], httpx.Response]


def service_of(status: int = 200, **body: Any) -> FakeService:
    """A service that sends the same reply to every request."""
    return FakeService(lambda _request: httpx.Response(status, **body))


def client_of(service: FakeService) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url="http://service.test/api",
        token="canary-access-token",
        headers=HEADERS,
        httpx_args={"transport": service.transport},
    )


def test_every_request_carries_the_three_headers_set_once() -> None:
    service = service_of(json=JOB)
    reply = get_job.sync_detailed("a/b", client=client_of(service), exclude_params=True)
    assert reply.status_code == 200
    request = service.request
    assert request.headers["Authorization"] == "Bearer canary-access-token"
    assert request.headers["Service-CRN"] == CRN
    assert request.headers["IBM-API-Version"] == "2026-04-15"
    assert request.url.raw_path == b"/api/v1/jobs/a%2Fb?exclude_params=true"


def test_omitted_parameters_are_not_sent() -> None:
    service = service_of(json={"jobs": []})
    list_jobs.sync_detailed(client=client_of(service))
    assert service.request.url.query == b""


def test_list_of_jobs_repeats_the_key_of_each_tag() -> None:
    service = service_of(json={"jobs": [JOB], "count": 1, "limit": 5, "offset": 0})
    reply = list_jobs.sync_detailed(
        client=client_of(service),
        limit=5,
        pending=False,
        created_after="2026-08-01T00:00:00+00:00",
        tags=["a&b", "week 3"],
        sort="ASC",
    )
    parameters = service.request.url.params
    assert parameters.get_list("tags") == ["a&b", "week 3"]
    assert parameters["pending"] == "false"
    assert parameters["created_after"] == "2026-08-01T00:00:00+00:00"
    assert reply.parsed is not None
    assert not isinstance(reply.parsed, ErrorReply)
    [job] = reply.parsed.jobs
    assert (job.id, reply.parsed.count) == (JOB["id"], 1)


def test_new_job_is_one_request_with_unchanged_input() -> None:
    service = service_of(json={"id": "j1", "backend": "ibm_a", "calibration_id": "c"})
    params = {"version": 2, "support_qiskit": False, "pubs": [["OPENQASM 3.0;", None, 100]]}
    body = JobRequest(program_id="sampler", backend="ibm_a", params=params, tags=["t"])
    reply = create_job.sync_detailed(client=client_of(service), body=body)
    assert service.request.method == "POST"
    assert json.loads(service.request.content) == {
        "program_id": "sampler",
        "backend": "ibm_a",
        "params": params,
        "tags": ["t"],
    }
    assert "Parent-Job-Id" not in service.request.headers
    assert isinstance(reply.parsed, CreatedJob)
    assert (reply.parsed.id, reply.parsed.session_id) == ("j1", UNSET)


@pytest.mark.parametrize(
    "addition",
    [
        {"usage": {"seconds": 2}},
        {"usage": {"qpu_charge_time_seconds": 2, "status": "complete"}, "calibration_id": "c"},
        {"usage": None, "tags": None, "session_id": None},
        {
            "status": "Cancelled - Ran too long",
            "state": {"status": "Cancelled", "reason_code": 1305},
        },
        {"status": "Brand new", "state": {"status": "Brand new"}, "added_one_day": {"a": [1]}},
        {"params": {}, "private": True, "cost": None},
        {"params": {"circuits": {"__type__": "QuantumCircuit", "__value__": "x"}}},
    ],
)
def test_jobs_of_either_version_are_read_and_lose_nothing(addition: dict[str, Any]) -> None:
    body = {**JOB, **addition}
    reply = get_job.sync_detailed("j1", client=client_of(service_of(json=body)))
    assert isinstance(reply.parsed, Job)
    assert reply.parsed.to_dict() == body


def test_devices_may_be_objects_or_names() -> None:
    objects = {"devices": [{"name": "ibm_a", "clops": None, "status": {"name": "new word"}}]}
    reply = list_backends.sync_detailed(client=client_of(service_of(json=objects)))
    assert isinstance(reply.parsed, BackendList)
    [device] = reply.parsed.devices
    assert isinstance(device, Device)
    assert (device.name, device.clops, device.queue_length) == ("ibm_a", None, UNSET)
    reply = list_backends.sync_detailed(client=client_of(service_of(json={"devices": ["ibm_a"]})))
    assert isinstance(reply.parsed, BackendList)
    assert reply.parsed.devices == ["ibm_a"]


@pytest.mark.parametrize("body", [None, {}, {"qubits": [[{"value": 1.5}]], "gates": None}])
def test_free_documents_are_passed_on_unchanged(body: Any) -> None:
    for operation in (get_backend_configuration, get_backend_properties, get_backend_defaults):
        reply = operation.sync_detailed(
            "ibm_a", client=client_of(service_of(text=json.dumps(body)))
        )
        assert (reply.status_code, reply.parsed) == (200, body)


def test_properties_are_requested_by_date() -> None:
    service = service_of(json={})
    get_backend_properties.sync_detailed(
        "ibm_a", client=client_of(service), updated_before="2026-08-17T01:39:15+00:00"
    )
    assert service.request.url.params["updated_before"] == "2026-08-17T01:39:15+00:00"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"results": []}', "application/json"),
        ('{"results": []}', "text/plain"),
        ('{"results": [{"data": {"evs": Infinity}}]}', "application/json"),
        ("Traceback (most recent call last): no JSON", "text/plain"),
        ("Traceback (most recent call last): no JSON", "application/json"),
    ],
)
def test_results_are_text_for_every_content_type(body: str, kind: str) -> None:
    service = service_of(content=body.encode(), headers={"content-type": kind})
    reply = get_job_results.sync_detailed("j1", client=client_of(service))
    assert (reply.parsed, reply.content) == (body, body.encode())


def test_no_stored_result_is_204() -> None:
    reply = get_job_results.sync_detailed("j1", client=client_of(service_of(204)))
    assert (reply.status_code, reply.parsed) == (204, None)


def test_empty_log_is_an_empty_text() -> None:
    reply = get_job_logs.sync_detailed("j1", client=client_of(service_of(text="")))
    assert (reply.status_code, reply.parsed) == (200, "")


def test_changes_of_a_job_send_the_described_requests() -> None:
    service = service_of(204)
    client = client_of(service)
    cancel_job.sync_detailed("j1", client=client)
    delete_job.sync_detailed("j1", client=client)
    replace_job_tags.sync_detailed("j1", client=client, body=JobTags(tags=[]))
    update_session.sync_detailed("s1", client=client, body=SessionUpdate(accepting_jobs=False))
    close_session.sync_detailed("s1", client=client)
    sent = [(r.method, r.url.path, r.content) for r in service.requests]
    assert sent == [
        ("POST", "/api/v1/jobs/j1/cancel", b""),
        ("DELETE", "/api/v1/jobs/j1", b""),
        ("PUT", "/api/v1/jobs/j1/tags", b'{"tags":[]}'),
        ("PATCH", "/api/v1/sessions/s1", b'{"accepting_jobs":false}'),
        ("DELETE", "/api/v1/sessions/s1/close", b""),
    ]


def test_new_session_is_answered_with_200() -> None:
    service = service_of(json={"id": "s1", "backend_name": None, "state": "open", "mode": "batch"})
    body = SessionRequest(mode="batch", backend="ibm_a", max_ttl=600)
    reply = create_session.sync_detailed(client=client_of(service), body=body)
    assert isinstance(reply.parsed, Session)
    assert reply.parsed.backend_name is None
    assert json.loads(service.request.content)["max_ttl"] == 600


@pytest.mark.parametrize(
    "body",
    [
        {"timestamps": {"created": "2026-08-17T01:39:15Z", "running": None, "finished": None}},
        {
            "usage": {"quantum_seconds": 2, "seconds": 2},
            "bss": {"seconds": 2},
            "position_in_queue": 4,
        },
        {"usage": {"qpu_charge_time_seconds": 2.5, "status": "pending"}, "caller": "c"},
        {"usage": None, "timestamps": None, "circuits_execution_time_ns": 1250000},
    ],
)
def test_metrics_of_either_version_are_read(body: dict[str, Any]) -> None:
    reply = get_job_metrics.sync_detailed("j1", client=client_of(service_of(json=body)))
    assert isinstance(reply.parsed, JobMetrics)
    assert reply.parsed.to_dict() == body


@pytest.mark.parametrize("code", [1291, "1291", None])
def test_error_reply_is_read(code: object) -> None:
    body = {"errors": [{"code": code, "message": "No such job."}], "trace": "t"}
    reply = get_job.sync_detailed("j1", client=client_of(service_of(404, json=body)))
    assert isinstance(reply.error, ErrorReply)
    assert not isinstance(reply.error.errors, Unset)
    assert (reply.error.errors[0].code, reply.error.trace) == (code, "t")


def test_versions_need_no_token_and_come_in_two_shapes() -> None:
    for versions in (["2025-05-01"], [{"version": "2026-04-15", "status": "live"}]):
        service = service_of(json={"versions": versions})
        transport = service.transport
        with Client("http://service.test/api", httpx_args={"transport": transport}) as client:
            reply = get_versions.sync_detailed(client=client)
        assert isinstance(reply.parsed, VersionList)
        assert reply.parsed.to_dict() == {"versions": versions}
        assert "Authorization" not in service.request.headers


def test_lists_with_names_that_python_reserves() -> None:
    service = service_of(json={"workloads": [], "tags": []})
    client = client_of(service)
    list_workloads.sync_detailed(client=client, next_="c=", status=["pending", "failed"])
    list_tags.sync_detailed(client=client, type_="job", search="week")
    first, second = (request.url.params for request in service.requests)
    assert first["next"] == "c="
    assert first.get_list("status") == ["pending", "failed"]
    assert (second["type"], second["search"]) == ("job", "week")


def test_key_is_exchanged_as_a_form() -> None:
    service = service_of(json={"access_token": "t", "expires_in": 3600, "expiration": 1790000000})
    transport = service.transport
    with OpenCloudClient("http://iam.test", httpx_args={"transport": transport}) as client:
        body = TokenRequest(grant_type="urn:ibm:params:oauth:grant-type:apikey", apikey="k+/=")
        reply = exchange_token.sync_detailed(client=client, body=body)
    request = service.request
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.content == (
        b"grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=k%2B%2F%3D"
    )
    assert isinstance(reply.parsed, TokenReply)
    assert (reply.parsed.access_token, reply.parsed.expires_in) == ("t", 3600)


def test_rejected_key_has_the_error_schema_of_its_service() -> None:
    body = {"errorCode": "BXNIM0415E", "errorMessage": "no", "context": {"requestId": "r"}}
    transport = service_of(400, json=body).transport
    with OpenCloudClient("http://iam.test", httpx_args={"transport": transport}) as client:
        form = TokenRequest(grant_type="g", apikey="wrong")
        reply = exchange_token.sync_detailed(client=client, body=form)
    assert isinstance(reply.error, TokenError)
    assert reply.error.error_code == "BXNIM0415E"


def test_instances_are_searched_page_by_page_and_plans_looked_up() -> None:
    item = {"crn": CRN, "name": "n", "doc": {"extensions": {}}, "service_plan_unique_id": "p"}
    service = service_of(json={"items": [item], "search_cursor": "c2", "metadata": {"pricing": {}}})
    client = CloudClient(
        "http://search.test", token="t", httpx_args={"transport": service.transport}
    )
    query = SearchRequest(query="service_name:quantum-computing", search_cursor="c1")
    found = search_instances.sync_detailed(client=client, body=query, limit=100)
    plan = get_catalog_entry.sync_detailed("p", client=client)
    first, second = service.requests
    assert (first.url.path, first.url.query) == ("/v3/resources/search", b"limit=100")
    assert json.loads(first.content)["search_cursor"] == "c1"
    assert first.headers["Authorization"] == "Bearer t"
    assert second.url.path == "/api/v1/p"
    assert isinstance(found.parsed, SearchReply)
    assert found.parsed.items[0].doc == ResourceDetails(extensions={})
    assert found.parsed.search_cursor == "c2"
    assert isinstance(plan.parsed, CatalogEntry)
