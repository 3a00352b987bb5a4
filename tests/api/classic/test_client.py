from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.backoff import Backoff
from ibmq_backend.exceptions import (
    ApiError,
    ApiNotFound,
    ApiProtocolError,
    ApiServerError,
    ApiStatusError,
    IBMQJobSubmissionUncertain,
)
from ibmq_backend.records import JobQuery, Submission
from tests.support.classic_replies import (
    API,
    JOB_ID,
    PRESIGNED,
    Service,
    error_reply,
    filter_of,
    job,
)
from tests.support.fake_service import Turn

SUBMISSION = Submission(
    "ibmq_vigo", {"qobj_id": "q"}, "tag-1", name="bell", tags=("course",), experiment_id="e"
)


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def client(service):
    return service.open()


def test_the_client_implements_the_port(client):
    assert isinstance(client, AccountClient)
    assert client.instance.label == "h/g/p"
    assert client.info.target == "classic"
    today = {Capability.JOB_LOGS, Capability.JOB_TERMS, Capability.SESSIONS, Capability.USAGE}
    assert client.capabilities - {Capability.STATUS_STREAM} == (
        frozenset(Capability) - {Capability.STATUS_STREAM} - today
    )


def test_backends(service, client):
    [record] = client.backends()
    assert (record.name, record.simulator) == ("ibmq_vigo", False)
    assert str(service.requests[0].url) == f"{API}/Network/h/Groups/g/Projects/p/devices/v/1"


def test_properties_with_and_without_a_date(service, client):
    assert client.properties("ibmq_vigo") is None
    document = {"backend_name": "ibmq_vigo", "qubits": []}
    service.replies["getBackendProperties"] = document
    moment = datetime(2021, 2, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert client.properties("ibmq_vigo", moment) == document
    plain, dated = service.requests
    assert dict(plain.url.params) == {"version": "1"}
    assert dated.url.params["version"] == "1"
    assert filter_of(dated) == {"where": {"last_update_date": {"lt": "2021-02-01T00:00:00+00:00"}}}


def test_defaults_limits_and_reservations(service, client):
    assert client.defaults("ibmq_vigo") is None
    assert client.job_limit("ibmq_vigo").maximum_jobs == 5
    service.replies["listBackendBookings"] = [
        {"initialDate": "2021-05-04T10:00:00.000Z", "endDate": "2021-05-04T10:30:00.000Z"}
    ]
    start = datetime(2021, 5, 4, tzinfo=UTC)
    [slot] = client.reservations("ibmq_vigo", start, start)
    assert slot.backend_name == "ibmq_vigo"
    request = service.requests[-1]
    assert str(request.url).startswith(f"{API}/Network/devices/ibmq_vigo/bookings/v2?")
    assert dict(request.url.params) == {
        "initialDate": "2021-05-04T00:00:00+00:00",
        "endDate": "2021-05-04T00:00:00+00:00",
    }
    assert client.my_reservations() == []


def test_requests_of_a_submission(service, client):
    record = client.submit(SUBMISSION)
    assert record.job_id == JOB_ID
    create, upload, mark = service.requests
    assert json.loads(create.content) == {
        "backend": {"name": "ibmq_vigo"},
        "allowObjectStorage": True,
        "liveDataEnabled": None,
        "name": "bell",
        "tags": ["course", "tag-1"],
        "experimentTag": "e",
    }
    assert (upload.method, str(upload.url)) == ("PUT", PRESIGNED)
    assert json.loads(upload.content) == {"qobj_id": "q"}
    assert upload.headers["content-type"] == "application/json"
    assert mark.content == b""


def test_the_job_id_of_the_last_reply_is_used(service, client):
    service.replies["markJobDataUploaded"] = {"job": job(id="another", status="CREATED")}
    assert client.submit(SUBMISSION).job_id == "another"


def test_a_job_limit_keeps_its_code(service, client):
    service.replies["createJob"] = error_reply(400, "Reached maximum number", 3458)
    with pytest.raises(ApiStatusError) as caught:
        client.submit(SUBMISSION)
    assert caught.value.code == 3458
    assert "Error code: 3458." in str(caught.value)
    assert service.names() == ["createJob"]


def test_a_failed_creation_is_searched_before_it_is_repeated(service, client):
    service.replies["createJob"] = httpx.ReadTimeout("lost")
    service.replies["listJobStatuses"] = [job(status="CREATING")]
    assert client.submit(SUBMISSION).job_id == JOB_ID
    assert service.names() == [
        "createJob",
        "listJobStatuses",
        "getJobUploadUrl",
        "storage",
        "markJobDataUploaded",
    ]
    asked = filter_of(service.sent("listJobStatuses")[0])
    assert asked["where"] == {"tags": "tag-1"}


def test_after_a_401_the_job_is_searched_before_it_is_created_again(service, client):
    def create(request):
        if request.headers["x-access-token"] == "access-1":
            return error_reply(401, code=3445)
        return httpx.Response(
            200, json=job(status="CREATING", objectStorageInfo={"uploadUrl": PRESIGNED})
        )

    def listed(request):
        if request.headers["x-access-token"] == "access-1":
            return error_reply(401, code=3445)
        return httpx.Response(200, json=[])

    service.replies.update(createJob=create, listJobStatuses=listed)
    client.submit(SUBMISSION)
    assert service.names() == [
        "createJob",
        "listJobStatuses",
        "loginWithToken",
        "listJobStatuses",
        "listJobStatuses",  # lists may lag behind
        "createJob",
        "storage",
        "markJobDataUploaded",
    ]


def test_an_unreadable_creation_without_a_job_is_uncertain(service, client, monkeypatch):
    monkeypatch.setattr("ibmq_backend.api.exactly_once.LOOK_UP", Backoff(0.0, tries=2))
    service.replies["createJob"] = httpx.Response(200, html="<title>Hotel login</title>")
    with pytest.raises(IBMQJobSubmissionUncertain, match="Hotel login"):
        client.submit(SUBMISSION)


@pytest.mark.parametrize("reply", [{}, {"id": JOB_ID}, job(), {"id": 7, "objectStorageInfo": {}}])
def test_a_creation_reply_without_id_or_url_is_recovered(service, client, reply):
    service.replies["createJob"] = reply
    service.replies["listJobStatuses"] = [job(status="CREATING")]
    assert client.submit(SUBMISSION).job_id == JOB_ID


def test_storage_requests_contain_no_token(service, client):
    client.submit(SUBMISSION)
    client.job_result(JOB_ID)
    client.job_input(JOB_ID)
    stored = service.sent("storage")
    assert len(stored) == 3
    for request in stored:
        assert "x-access-token" not in request.headers
        assert "access-1" not in str(request.headers.raw)


def test_job_documents(service, client):
    assert client.job(JOB_ID).status == "DONE"
    assert client.job_status(JOB_ID).status == "DONE"
    paths = [request.url.path.partition("/Jobs")[2] for request in service.requests]
    assert paths == [f"/{JOB_ID}/v/1", f"/{JOB_ID}/status/v/1"]


@pytest.mark.parametrize(
    "field",
    [
        "infoQueue",
        "backend",
        "kind",
        "tags",
        "name",
        "timePerStep",
        "qObject",
        "qObjectResult",
        "error",
        "runMode",
        "clientInfo",
        "hubInfo",
        "summaryData",
        "endDate",
        "experimentTag",
        "liveDataEnabled",
    ],
)
def test_null_fields_equal_missing_fields(service, client, field):
    whole = job(**{field: None})
    service.replies.update(
        getJob=whole,
        getJobStatus=whole,
        listJobStatuses=[Turn([whole]), Turn([])],
        createJob={**whole, "objectStorageInfo": {"uploadUrl": PRESIGNED}},
        markJobDataUploaded={"job": whole},
    )
    records = [client.job(JOB_ID), client.job_status(JOB_ID), client.submit(SUBMISSION)]
    records += client.jobs(JobQuery(), None)
    for record in records:
        assert (record.job_id, record.status) == (JOB_ID, "DONE")
        assert record.error is None


@pytest.mark.parametrize("field", ["id", "status", "creationDate"])
def test_replies_without_required_fields_are_rejected(service, client, field):
    document = job()
    del document[field]
    service.replies["getJob"] = document
    with pytest.raises(ApiProtocolError) as caught:
        client.job(JOB_ID)
    assert caught.value.operation == "getJob"
    assert field in str(caught.value)


def test_listing_and_summaries(service, client):
    service.replies["listJobStatuses"] = [
        Turn([job(id="2"), job(id="1", creationDate="2021-05-03T00:00:00Z")]),
        Turn([]),
    ]
    query = JobQuery(backend_name="ibmq_vigo", statuses=("DONE",))
    assert [record.job_id for record in client.jobs(query, None)] == ["2", "1"]
    first, second = map(filter_of, service.requests)
    assert first["where"] == {"backend.name": "ibmq_vigo", "status": "COMPLETED"}
    assert second["where"]["and"][1:] == [
        {"creationDate": {"lte": "2021-05-03T00:00:00+00:00"}},
        {"id": {"nin": ["1"]}},
    ]
    service.replies["listJobs"] = [{"id": "1", "creationDate": "2021-05-03T00:00:00Z"}]
    [summary] = client.job_summaries(JobQuery(), 1)
    assert (summary.job_id, summary.live_data) == ("1", None)
    assert filter_of(service.requests[-1])["fields"] == {
        "id": True,
        "liveDataEnabled": True,
        "creationDate": True,
    }


def test_an_unknown_status_in_a_listing_names_the_job(service, client):
    service.replies["listJobStatuses"] = [job(), job(id="odd-one", status="HIBERNATING")]
    with pytest.raises(ApiProtocolError, match=r"odd-one.*HIBERNATING"):
        list(client.jobs(JobQuery(), None))


def test_a_result_is_returned_although_the_confirmation_fails(service, client):
    service.replies["markResultDownloaded"] = error_reply(500)
    assert client.job_result(JOB_ID) == {"stored": True}


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b'{"a": '])
def test_a_result_that_is_not_an_object(service, client, body):
    service.replies["storage"] = httpx.Response(200, content=body)
    with pytest.raises(ApiProtocolError) as caught:
        client.job_result(JOB_ID)
    assert "canaryofstorage" not in str(caught.value)


def test_errors_of_expired_urls_hide_the_signature(service, client):
    service.replies["storage"] = httpx.Response(
        403, text=f"<Error><Resource>{PRESIGNED}</Resource></Error>"
    )
    with pytest.raises(ApiStatusError) as caught:
        client.job_result(JOB_ID)
    assert "canaryofstorage" not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "status", "cancelled"),
    [
        ({"cancelled": True}, "COMPLETED", True),
        ({"cancelled": False}, "COMPLETED", False),
        ({"cancelled": False}, "CANCELLED", True),
        ({}, "RUNNING", False),
        ({"error": {"message": "no", "code": 3209}}, "RUNNING", False),
        ({"cancelled": True, "error": {"message": "no"}}, "RUNNING", False),
        (error_reply(400, code=3211), "COMPLETED", False),
        (error_reply(400, code=3211), "CANCELLED", True),
    ],
)
def test_cancelling(service, client, reply, status, cancelled):
    service.replies.update(cancelJob=reply, getJobStatus=job(status=status))
    assert client.cancel(JOB_ID) is cancelled


def test_cancelling_an_unknown_job(service, client):
    service.replies["cancelJob"] = error_reply(404, "Job not found.", 3250)
    with pytest.raises(ApiNotFound):
        client.cancel(JOB_ID)


def test_changing_name_and_tags(service, client):
    service.replies["updateJob"] = {"tags": ["b", "a"]}
    assert client.relabel(JOB_ID, tags=["a", "b"]) is None
    assert json.loads(service.requests[-1].content) == {"tags": ["a", "b"]}
    service.replies["updateJob"] = {"name": "n"}
    client.relabel(JOB_ID, name="n")
    assert json.loads(service.requests[-1].content) == {"name": "n"}
    service.replies["updateJob"] = {"tags": []}
    client.relabel(JOB_ID, tags=[])


@pytest.mark.parametrize(
    ("change", "reply"),
    [
        ({"name": "n"}, {}),
        ({"name": "n"}, {"name": "m"}),
        ({"tags": ["a"]}, {"tags": []}),
        ({"tags": ["a"]}, {}),
    ],
)
def test_an_unconfirmed_change_is_an_error(service, client, change, reply):
    service.replies["updateJob"] = reply
    with pytest.raises(ApiProtocolError, match="confirm"):
        client.relabel(JOB_ID, **change)


def test_deleting_and_properties_of_a_job(service, client):
    client.delete(JOB_ID)
    assert service.requests[-1].method == "DELETE"
    assert client.job_properties(JOB_ID) is None
    service.replies["getJobProperties"] = {"qubits": []}
    assert client.job_properties(JOB_ID) == {"qubits": []}


@pytest.mark.parametrize("name", ["", ".", "..", " "])
def test_names_that_would_change_the_path_are_rejected(service, client, name):
    for ask in (client.job, client.cancel, client.delete, client.status, client.properties):
        with pytest.raises(ApiNotFound):
            ask(name)
    assert service.requests == []


def test_names_are_quoted(service, client):
    client.status("a/b?c#d")
    assert service.requests[0].url.raw_path.endswith(b"/devices/a%2Fb%3Fc%23d/queue/status")


CALLS = {
    "listBackends": lambda client: client.backends(),
    "getBackendStatus": lambda client: client.status("x"),
    "getBackendProperties": lambda client: client.properties("x"),
    "getBackendDefaults": lambda client: client.defaults("x"),
    "getJobsLimit": lambda client: client.job_limit("x"),
    "listBackendBookings": lambda client: client.reservations("x"),
    "listMyBookings": lambda client: client.my_reservations(),
    "getJob": lambda client: client.job("x"),
    "getJobStatus": lambda client: client.job_status("x"),
    "listJobStatuses": lambda client: list(client.jobs(JobQuery(), None)),
    "listJobs": lambda client: list(client.job_summaries(JobQuery(), None)),
    "getJobDownloadUrl": lambda client: client.job_input("x"),
    "getResultDownloadUrl": lambda client: client.job_result("x"),
    "getJobProperties": lambda client: client.job_properties("x"),
    "cancelJob": lambda client: client.cancel("x"),
    "updateJob": lambda client: client.relabel("x", name="n"),
    "deleteJob": lambda client: client.delete("x"),
    "getJobUploadUrl": lambda client: client.upload_url("x"),
    "createJob": lambda client: client.create(SUBMISSION),
    "markJobDataUploaded": lambda client: client.mark_uploaded("x"),
}
BAD_BODIES = {
    "empty": b"",
    "HTML": b"<html><title>Sign in</title></html>",
    "half": b'{"id": "60910000',
    "number": b"7",
    "text": b'"text"',
    "bytes": b"\xff\xfe",
    "list of numbers": b"[7]",
    "deep": b"[" * 60_000,
}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("body", BAD_BODIES)
def test_every_unusable_reply_is_an_api_error(service, client, operation, body):
    """Any reply with status 200 gives a record or an ``ApiError`` with the operation."""
    service.replies[operation] = httpx.Response(200, content=BAD_BODIES[body])
    # The reply to a deletion is not read; a list of numbers contains no backend.
    readable = {("deleteJob", "number"), ("deleteJob", "text"), ("deleteJob", "list of numbers")}
    readable |= {("listBackends", "list of numbers")}
    if (operation, body) in readable:
        CALLS[operation](client)
        return
    with pytest.raises(ApiProtocolError) as caught:
        CALLS[operation](client)
    assert caught.value.operation == operation
    assert caught.value.status_code == 200
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("status", [202, 204, 301, 307])
def test_undocumented_success_statuses_are_errors(service, client, operation, status):
    service.replies[operation] = httpx.Response(status)
    with pytest.raises(ApiProtocolError):
        CALLS[operation](client)


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("status", [418, 429, 499, 500, 502, 520, 524, 599])
def test_documented_and_undocumented_error_statuses(service, client, operation, status):
    service.replies[operation] = httpx.Response(
        status, html=f"<title>{status}</title>" + "x" * 9999
    )
    with pytest.raises(ApiStatusError) as caught:
        CALLS[operation](client)
    assert caught.value.status_code == status
    assert caught.value.operation == operation
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("operation", CALLS)
def test_a_broken_connection(service, client, operation):
    service.replies[operation] = httpx.RemoteProtocolError("Server disconnected")
    with pytest.raises(ApiError) as caught:
        CALLS[operation](client)
    assert caught.value.operation == operation
    assert len(service.sent(operation)) == (1 if operation == "createJob" else 2)


def test_the_trace_id_is_kept(service, client):
    service.replies["getJob"] = error_reply(500, "Internal.", 1000)
    with pytest.raises(ApiServerError) as caught:
        client.job(JOB_ID)
    assert (caught.value.trace_id, caught.value.code) == ("trace-7", 1000)
