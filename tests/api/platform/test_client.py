"""Every method of the port on today's service: what is asked, what comes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from qiskit import QuantumCircuit, assemble
from qiskit.result import Result

from ibmq_backend.api.platform.client import PlatformAccountClient
from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import (
    ApiConflict,
    ApiError,
    ApiForbidden,
    ApiInputError,
    ApiNotFound,
    ApiNotSupported,
    ApiProtocolError,
    ApiRateLimited,
    ApiServerError,
    ApiStatusError,
    IBMQJobSubmissionUncertain,
)
from ibmq_backend.records import JobQuery, Submission
from tests.support.classic_replies import Turn
from tests.support.platform_replies import (
    CRN,
    DEVICE,
    JOB_ID,
    Service,
    calibration,
    error_reply,
    examples,
    job,
    line_device,
    metrics,
    plain_results,
)

TAG = "ibmq_run_0123"


def qobj(shots=4, **options):
    circuit = QuantumCircuit(2, 2, name="bell", metadata={"k": 1})
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return assemble(circuit, shots=shots, qobj_id="qobj-1", **options).to_dict()


def submission(**changes):
    values = {"backend_name": DEVICE, "qobj": qobj(), "submission_id": TAG, **changes}
    return Submission(**values)


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def client(service, no_pauses) -> PlatformAccountClient:
    return service.open(sleep=lambda seconds: seconds and no_pauses.append(seconds))


@pytest.fixture
def no_pauses():
    return []


def test_it_implements_the_port(client):
    assert isinstance(client, AccountClient)
    assert client.capabilities == {Capability.PROPERTIES_BY_DATE, Capability.JOB_NAMES}
    assert client.instance.crn == CRN
    assert client.info.place == "platform"


# -- backends -------------------------------------------------------------------------------------


def test_backends_are_one_request_and_configurations_wait(service, client):
    records = client.backends()
    assert [record.name for record in records] == [DEVICE, "ibm_other"]
    assert service.names() == ["listBackends"]
    configuration = dict(records[0].configuration)
    assert configuration["backend_name"] == DEVICE
    assert configuration["open_pulse"] is False
    dict(records[0].configuration)
    client.backends()
    assert service.names() == ["listBackends", "getBackendConfiguration", "listBackends"]
    path = service.sent("getBackendConfiguration")[0].url.path
    assert path == f"/api/v1/backends/{DEVICE}/configuration"


@pytest.mark.parametrize("devices", examples("listBackends").values())
def test_lists_of_every_version(service, client, devices):
    service.replies["listBackends"] = devices
    assert [record.name for record in client.backends()] == ["ibm_example", "ibm_other"]


def test_a_listed_device_without_a_configuration(service, client):
    (record, _) = client.backends()
    service.replies["getBackendConfiguration"] = error_reply(404, 1009)
    with pytest.raises(KeyError, match="configuration"):
        dict(record.configuration)
    service.replies["getBackendConfiguration"] = [1]
    with pytest.raises(ApiProtocolError):
        dict(record.configuration)
    service.replies["getBackendConfiguration"] = {"backend_name": DEVICE}
    with pytest.raises(KeyError, match="n_qubits"):
        dict(record.configuration)


def test_a_wrong_instance_is_said_with_the_next_step(service, client):
    service.replies["listBackends"] = error_reply(
        404, 1279, f"No instance {CRN} here", solution="Use another region"
    )
    with pytest.raises(ApiNotFound) as caught:
        client.backends()
    error = caught.value
    assert (error.code, error.trace_id) == (1279, "7a0e6d2c-1111-4222-8333-abcdefabcdef")
    assert "Use another region" in error.message
    assert "Check the instance (CRN)" in error.message
    assert "a/..." in error.message
    assert len(service.requests) == 1


def test_status(service, client):
    record = client.status(DEVICE)
    assert (record.operational, record.pending_jobs, record.version) == (True, 3, "1.0.3")
    service.replies["getBackendStatus"] = error_reply(404)
    with pytest.raises(ApiNotFound):
        client.status("nowhere")


def test_properties_and_their_date(service, client):
    document = client.properties(DEVICE)
    assert document["backend_name"] == DEVICE
    assert service.query("getBackendProperties") == {}
    client.properties(DEVICE, datetime(2026, 8, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    assert service.query("getBackendProperties") == {
        "updated_before": ["2026-08-01T10:00:00+00:00"]
    }


@pytest.mark.parametrize(
    "nothing", [httpx.Response(200, content=b"null"), {}, error_reply(404, None)]
)
def test_no_properties(service, client, nothing):
    service.replies["getBackendProperties"] = nothing
    assert client.properties(DEVICE) is None


def test_properties_that_are_none(service, client):
    service.replies["getBackendProperties"] = {"qubits": [5], "gates": 3}
    with pytest.raises(ApiProtocolError, match="calibration"):
        client.properties(DEVICE)
    service.replies["getBackendProperties"] = error_reply(404, 1279)
    with pytest.raises(ApiNotFound):
        client.properties(DEVICE)


def test_defaults_are_none_today(service, client):
    assert client.defaults(DEVICE) is None
    service.replies["getBackendDefaults"] = error_reply(404, None)
    assert client.defaults(DEVICE) is None
    service.replies["getBackendDefaults"] = {"cmd_def": [1], "buffer": 0}
    assert client.defaults(DEVICE) == {"cmd_def": [1], "buffer": 0}
    service.replies["getBackendDefaults"] = error_reply(404, "1279")
    with pytest.raises(ApiNotFound):
        client.defaults(DEVICE)


def test_job_limit_knows_only_what_is_there(service, client):
    service.replies["listJobs"] = {"jobs": [job(status="Queued")], "count": 7}
    limit = client.job_limit(DEVICE)
    assert (limit.maximum_jobs, limit.running_jobs) == (None, 7)
    query = service.query("listJobs")
    assert (query["pending"], query["backend"], query["limit"]) == (["true"], [DEVICE], ["1"])


def test_what_does_not_exist_is_refused_by_name_without_a_request(service, client):
    for refused in (
        lambda: client.reservations(DEVICE),
        client.my_reservations,
        lambda: client.watch_job(JOB_ID, None),
        lambda: client.jobs(JobQuery(where={"a": 1}), None),
        lambda: client.submit(submission(experiment_id="e")),
    ):
        with pytest.raises(ApiNotSupported):
            refused()
    assert service.requests == []


@pytest.mark.parametrize("name", ["", " ", ".", "..", None, 5])
def test_names_that_are_no_part_of_a_path(service, client, name):
    for ask in (client.status, client.job, client.job_result, client.cancel, client.delete):
        with pytest.raises(ApiNotFound):
            ask(name)
    assert service.requests == []


def test_ids_are_encoded(service, client):
    client.job_status("a/b?c")
    assert service.requests[0].url.raw_path.startswith(b"/api/v1/jobs/a%2Fb%3Fc?")


# -- submission -----------------------------------------------------------------------------------


def test_a_submission_is_one_sampler_job(service, client):
    record = client.submit(submission(name="my bell", tags=("a", "b")))
    assert service.names() == ["getBackendConfiguration", "createJob"]
    body = service.body("createJob")
    assert body["program_id"] == "sampler"
    assert body["backend"] == DEVICE
    assert body["tags"] == ["a", "b", TAG, "ibmq_name_my bell"]
    assert body["params"]["version"] == 2
    assert body["params"]["support_qiskit"] is False
    ((text, values, shots),) = body["params"]["pubs"]
    assert text.startswith('OPENQASM 3.0;\ninclude "stdgates.inc";\n')
    assert (values, shots) == (None, 4)
    assert (record.job_id, record.name, record.status) == (JOB_ID, "my bell", "INITIALIZING")
    assert record.tags == ("a", "b", TAG)
    assert service.sent("createJob")[0].headers["service-crn"] == CRN
    client.submit(submission())
    assert service.names()[2:] == ["createJob"]


def test_identities_last_as_long_as_the_calibration_says(service, client):
    document = qobj()
    document["experiments"][0]["instructions"].insert(0, {"name": "id", "qubits": [1]})
    client.submit(submission(qobj=document))
    assert "delay[8dt] $1; // id" in service.body("createJob")["params"]["pubs"][0][0]
    assert service.names().count("getBackendProperties") == 1
    client.submit(submission(qobj=document))
    assert service.names().count("getBackendProperties") == 1


def test_known_faults_are_refused(service, client):
    document = calibration()
    document["qubits"][1].append(
        {"name": "operational", "value": 0, "unit": "", "date": "2026-08-17T00:40:11Z"}
    )
    service.replies["getBackendProperties"] = document
    client.properties(DEVICE)
    with pytest.raises(ApiInputError, match="qubit 1 as out of order"):
        client.submit(submission())
    assert "createJob" not in service.names()


@pytest.mark.parametrize(
    "bad",
    [
        {"experiments": [{"instructions": [{"name": "h", "qubits": [0]}]}], "config": {"shots": 1}},
        {"experiments": [{"instructions": [{"qubits": ["x"]}]}], "config": {"shots": 1}},
        {"experiments": [{"instructions": 5}], "config": {"shots": 1}},
        {"experiments": 5, "config": {"shots": 1}},
        {"type": "QASM"},
        {"header": {"x": float("nan")}},
    ],
)
def test_what_cannot_run_is_not_sent(service, client, bad):
    with pytest.raises(ApiError) as caught:
        client.submit(submission(qobj=bad))
    assert not caught.value.accepted
    assert "createJob" not in service.names()


def test_tags_that_do_not_fit_are_not_sent(service, client):
    with pytest.raises(ApiInputError, match="9 tags"):
        client.submit(submission(tags=tuple("abcdefgh")))
    assert "createJob" not in service.names()


@pytest.mark.parametrize(
    ("status", "code", "cls"),
    [
        (400, 1208, ApiStatusError),
        (403, 4317, ApiForbidden),
        (403, "3458", ApiForbidden),
        (409, None, ApiConflict),
        (404, 1279, ApiNotFound),
        (413, 5302, ApiStatusError),
    ],
)
def test_refusals_are_final_and_said_once(service, client, status, code, cls):
    service.replies["createJob"] = error_reply(status, code, "Not like this", "Do it otherwise")
    with pytest.raises(cls) as caught:
        client.submit(submission())
    assert caught.value.code == (int(code) if code else None)
    assert "Not like this" in caught.value.message
    assert "Do it otherwise" in caught.value.message
    assert service.names().count("createJob") == 1
    assert "listJobs" not in service.names()


def test_a_lost_reply_is_looked_up(service, client):
    service.replies["createJob"] = httpx.ReadTimeout("lost")
    service.replies["listJobs"] = {"jobs": [job(id="found", tags=[TAG])], "count": 1}
    assert client.submit(submission()).job_id == "found"
    assert service.names().count("createJob") == 1
    assert service.query("listJobs")["tags"] == [TAG]


def test_a_list_that_ignores_the_tag_is_not_believed(service, client):
    service.replies["createJob"] = httpx.ReadTimeout("lost")
    service.replies["listJobs"] = {"jobs": [job(id="another", tags=["x"])], "count": 9}
    with pytest.raises(IBMQJobSubmissionUncertain) as caught:
        client.submit(submission())
    assert caught.value.submission_id == TAG


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadTimeout("lost"),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(502, html="<html>"),
        httpx.Response(524, html="<html>"),
        httpx.Response(200, html="<html><title>Log in</title>"),
        httpx.Response(200, json={"no": "id"}),
    ],
    ids=repr,
)
def test_an_unclear_outcome_is_never_sent_again(service, client, fault):
    service.replies["createJob"] = fault
    with pytest.raises(IBMQJobSubmissionUncertain):
        client.submit(submission())
    assert service.names().count("createJob") == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_without_a_job_is_tried_again(service, client, status):
    service.replies["createJob"] = [
        Turn(error_reply(status)),
        Turn({"id": "second", "backend": DEVICE}),
    ]
    assert client.submit(submission()).job_id == "second"
    assert service.names()[1:] == ["createJob", "listJobs", "listJobs", "createJob"]


def test_a_failure_with_a_job_is_not(service, client):
    service.replies["createJob"] = error_reply(500)
    service.replies["listJobs"] = {"jobs": [job(id="there", tags=[TAG])], "count": 1}
    assert client.submit(submission()).job_id == "there"
    assert service.names().count("createJob") == 1


def test_a_token_that_lapsed_is_renewed_after_looking(service, client):
    service.replies["createJob"] = [
        Turn(error_reply(401, 1219)),
        Turn({"id": "second", "backend": DEVICE}),
    ]
    service.replies["listJobs"] = [
        Turn(error_reply(401, 1219)),
        Turn({"jobs": [], "count": 0}),
    ]
    assert client.submit(submission()).job_id == "second"
    assert service.names()[1:] == [
        *("createJob", "listJobs", "exchangeToken", "listJobs", "listJobs", "createJob"),
    ]


def test_a_full_minute_is_waited_for(service, client, no_pauses):
    service.replies["createJob"] = [
        Turn(error_reply(429, 1202)),
        Turn(error_reply(429, 1202, **{"retry-after": "0"})),
        Turn(error_reply(429, 1202, **{"retry-after": "30"})),
        Turn({"id": "at last", "backend": DEVICE}),
    ]
    assert client.submit(submission()).job_id == "at last"
    assert no_pauses == [12.0, 12.0, 30.0]  # each refusal waited for once, by one layer
    assert service.names().count("createJob") == 4
    assert "listJobs" not in service.names()


def test_a_limit_that_lasts_is_said(service, client, no_pauses):
    service.replies["createJob"] = error_reply(429, 1202)
    with pytest.raises(ApiRateLimited, match="five new jobs a minute"):
        client.submit(submission())
    assert no_pauses == [12.0] * 10
    assert service.names().count("createJob") == 11


def test_places_are_waited_for_two_minutes_in_all(service, client, no_pauses):
    full = Turn(error_reply(429, 1202, **{"retry-after": "50"}))
    lost = Turn(error_reply(503, 1999))
    service.replies["createJob"] = [full, lost, full, lost, full]
    service.replies["listJobs"] = {"jobs": [], "count": 0}
    with pytest.raises(ApiRateLimited):
        client.submit(submission())
    assert [pause for pause in no_pauses if pause >= 12.0] == [50.0, 50.0]


def test_a_wait_that_the_service_makes_too_long_is_not_begun(service, client, no_pauses):
    service.replies["createJob"] = error_reply(429, 1202, **{"retry-after": "3600"})
    with pytest.raises(ApiRateLimited):
        client.submit(submission())
    assert (no_pauses, service.names().count("createJob")) == ([], 1)


# -- reading jobs ---------------------------------------------------------------------------------


def test_a_job_that_ended_with_all_that_is_known(service, client):
    record = client.job(JOB_ID)
    assert service.names() == ["getJob", "getJobMetrics"]
    assert service.query("getJob") == {"exclude_params": ["true"]}
    assert record.time_per_step["COMPLETED"] == datetime(2026, 8, 17, 1, 40, 12, 300000, tzinfo=UTC)
    assert record.client == {"ibmq-backend": "0.1.0"}
    assert record.extra["cost"] == 600
    client.job(JOB_ID)
    assert service.names() == ["getJob", "getJobMetrics", "getJob"]


def test_a_waiting_job_has_no_metrics_yet(service, client):
    service.replies["getJob"] = job(status="Queued", state={"status": "Queued"})
    record = client.job(JOB_ID)
    assert service.names() == ["getJob"]
    assert list(record.time_per_step) == ["QUEUED"]
    assert record.queue is None
    assert client.job_status(JOB_ID).status == "QUEUED"


def test_metrics_that_fail_spoil_nothing(service, client):
    service.replies["getJobMetrics"] = error_reply(500)
    assert client.job(JOB_ID).status == "DONE"
    assert client.job_result(JOB_ID)["results"]


def test_pending_usage_is_asked_again(service, client):
    service.replies["getJobMetrics"] = metrics(
        usage={"qpu_charge_time_seconds": 0, "status": "pending"}
    )
    client.job(JOB_ID)
    client.job(JOB_ID)
    assert service.names().count("getJobMetrics") == 2


def test_a_job_of_a_session_tells_its_mode(service, client):
    service.replies["getJob"] = job(session_id="6e2c7a1c")
    assert client.job(JOB_ID).run_mode == "batch"
    service.replies["getSession"] = error_reply(404)
    assert client.job(JOB_ID).run_mode is None


def test_a_failed_job_without_a_reason(service, client):
    service.replies["getJob"] = job(status="Failed", state={"status": "Failed", "reason": ""})
    body = "log\nTraceback (most recent call last):\n  boom"
    service.replies["getJobResults"] = httpx.Response(200, text=body)
    assert client.job(JOB_ID).error.message.endswith("boom")
    service.replies["getJobResults"] = httpx.Response(204)
    assert client.job(JOB_ID).error is None


def test_a_job_that_is_gone(service, client):
    service.replies["getJob"] = error_reply(404, 1291, f"No job {JOB_ID}")
    with pytest.raises(ApiNotFound, match="1291.*IBMQ.providers"):
        client.job(JOB_ID)
    assert len(service.requests) == 1


def test_jobs_of_all_programs_are_listed(service, client):
    jobs = [job(id=f"j{n}", program={"id": name}) for n, name in enumerate(("executor", "x", "y"))]
    service.replies["listJobs"] = {"jobs": jobs, "count": 3, "offset": 0, "limit": 10}
    query = JobQuery(
        DEVICE, created_from=datetime(2026, 8, 1, tzinfo=UTC), tags=("a", "b"), all_tags=True
    )
    assert [record.kind for record in client.jobs(query, 10)] == ["executor", "x", "y"]
    assert service.query("listJobs") == {
        "limit": ["10"],
        "offset": ["0"],
        "backend": [DEVICE],
        "created_after": ["2026-08-01T00:00:00+00:00"],
        "sort": ["DESC"],
        "tags": ["a", "b"],
        "exclude_params": ["true"],
    }
    assert "program" not in service.query("listJobs")
    summaries = list(client.job_summaries(JobQuery(), 2))
    assert [summary.job_id for summary in summaries] == ["j0", "j1"]


def test_results_of_a_job_made_here(service, client):
    document = qobj(memory=True, qobj_header={"u": 1})
    job_id = client.submit(submission(qobj=document)).job_id
    service.requests.clear()
    result = Result.from_dict(dict(client.job_result(job_id)))
    assert service.names() == ["getJobResults", "getJobMetrics"]
    assert result.get_counts("bell") == {"00": 1, "11": 1}
    assert result.qobj_id == "qobj-1"
    assert result.header.u == 1
    assert result.results[0].header.metadata == {"k": 1}
    assert result.time_taken == 2.5
    assert result.backend_version == "1.0.3"


def test_results_and_input_of_a_job_made_elsewhere(service, client):
    document = json.loads(json.dumps(qobj(memory=True, qobj_header={"u": 1})))
    client.submit(submission(qobj=document))
    params = service.body("createJob")["params"]
    other = service.open()
    service.replies["getJob"] = job(params=params)
    service.requests.clear()
    result = Result.from_dict(dict(other.job_result(JOB_ID)))
    assert service.names() == ["getJob", "getJobResults", "getJobMetrics"]
    assert service.query("getJob") == {"exclude_params": ["false"]}
    assert result.get_memory("bell") == ["00", "11"]
    assert result.results[0].header.metadata == {"k": 1}
    assert result.header.u == 1
    assert other.job_input(JOB_ID) == document


@pytest.mark.parametrize("name", ["plain", "typed"])
def test_results_of_jobs_of_other_clients(service, client, name):
    binary = {"__type__": "QuantumCircuit", "__value__": "eJyL"}
    service.replies["getJob"] = job(params={"pubs": [[binary, None, 4]], "support_qiskit": True})
    service.replies["getJobResults"] = examples("getJobResults")[name]
    result = Result.from_dict(dict(client.job_result(JOB_ID)))
    assert result.get_counts() == {"00": 2, "11": 2}
    with pytest.raises(ApiNotSupported, match="QPY"):
        client.job_input(JOB_ID)


@pytest.mark.parametrize("program", ["estimator", "executor", "noise-learner"])
def test_jobs_of_other_programs_are_no_circuit_jobs(service, client, program):
    service.replies["getJob"] = job(program={"id": program}, params={"anything": [1]})
    assert client.job(JOB_ID).kind == program
    for ask in (client.job_result, client.job_input):
        with pytest.raises(ApiNotSupported, match=f"not a circuit job.*{program}"):
            ask(JOB_ID)
    assert "getJobResults" not in service.names()


def test_a_private_job(service, client):
    service.replies["getJob"] = job(private=True, params={})
    result = Result.from_dict(dict(client.job_result(JOB_ID)))
    assert result.get_counts() == {"00": 1, "11": 1}
    with pytest.raises(ApiNotSupported, match="private"):
        client.job_input(JOB_ID)


@pytest.mark.parametrize("nothing", [httpx.Response(204), httpx.Response(200, content=b" ")])
def test_no_results(service, client, nothing):
    service.replies["getJobResults"] = nothing
    with pytest.raises(ApiNotFound, match="stores no result"):
        client.job_result(JOB_ID)


def test_results_asked_too_early(service, client):
    service.replies["getJobResults"] = error_reply(400, 1234, "Not final")
    with pytest.raises(ApiStatusError, match="1234.*wait_for_final_state") as caught:
        client.job_result(JOB_ID)
    assert caught.value.code == 1234
    assert service.names().count("getJobResults") == 1


@pytest.mark.parametrize(
    "body",
    [b"not json", b"[]", b"{}", b'{"results": [{"data": {"c": 5}}]}', b'"text"', b"\xff\xfe\x00"],
)
def test_results_that_cannot_be_read(service, client, body):
    service.replies["getJobResults"] = httpx.Response(200, content=body)
    with pytest.raises(ApiProtocolError):
        client.job_result(JOB_ID)


def test_the_calibration_of_a_run(service, client):
    assert client.job_properties(JOB_ID)["backend_name"] == DEVICE
    assert service.query("getBackendProperties") == {
        "updated_before": ["2026-08-17T01:40:10+00:00"]
    }
    service.replies["getJobMetrics"] = {"timestamps": {"created": "2026-08-17T01:39:15Z"}}
    service.requests.clear()
    assert service.open().job_properties(JOB_ID) is None
    assert "getBackendProperties" not in service.names()


# -- changing jobs --------------------------------------------------------------------------------


def test_cancel(service, client):
    assert client.cancel(JOB_ID) is True
    assert service.names() == ["cancelJob"]
    assert service.requests[0].method == "POST"


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize(("word", "expected"), [("Cancelled", True), ("Completed", False)])
def test_a_refused_cancel_is_checked(service, client, status, word, expected):
    service.replies["cancelJob"] = error_reply(status)
    service.replies["getJob"] = job(status=word, state={"status": word})
    assert client.cancel(JOB_ID) is expected


def test_a_cancel_of_nothing(service, client):
    service.replies["cancelJob"] = error_reply(404, 1291)
    with pytest.raises(ApiNotFound):
        client.cancel(JOB_ID)


def test_names_and_tags_are_changed_in_one_list(service, client):
    service.replies["getJob"] = job(tags=["a", TAG, "ibmq_name_old"])
    assert client.relabel(JOB_ID, name="new") is None
    assert service.body("replaceJobTags") == {"tags": ["a", TAG, "ibmq_name_new"]}
    client.relabel(JOB_ID, tags=["b", TAG])
    assert service.body("replaceJobTags") == {"tags": ["b", TAG, "ibmq_name_old"]}
    client.relabel(JOB_ID, tags=[])
    assert service.body("replaceJobTags") == {"tags": ["ibmq_name_old"]}
    client.relabel(JOB_ID, name="")
    assert service.body("replaceJobTags") == {"tags": ["a", TAG]}
    assert service.requests[-1].method == "PUT"
    with pytest.raises(ApiInputError):
        client.relabel(JOB_ID, name="n" * 80)


def test_delete(service, client):
    client.delete(JOB_ID)
    assert service.requests[0].method == "DELETE"
    service.replies["deleteJob"] = error_reply(400, None, "Not final.")
    with pytest.raises(ApiStatusError, match="Not final"):
        client.delete(JOB_ID)


@pytest.mark.parametrize("status", [201, 206, 299])
def test_successes_nobody_described(service, client, status):
    service.replies["replaceJobTags"] = httpx.Response(status)
    with pytest.raises(ApiProtocolError, match=str(status)):
        client.relabel(JOB_ID, tags=[])


# -- the wire -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, html="<html><title>Quantum</title></html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, json=None),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"id": 5, "created": 5, "program": 5, "state": 5}),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
    ],
    ids=lambda reply: f"{reply.status_code} {reply.content[:20]!r}",
)
def test_replies_that_are_something_else(service, client, reply):
    for name, ask in (
        ("getJob", lambda: client.job(JOB_ID)),
        ("listJobs", lambda: list(client.jobs(JobQuery(), 1))),
        ("listBackends", client.backends),
    ):
        service.replies[name] = reply
        with pytest.raises(ApiProtocolError):
            ask()


def test_safe_requests_are_repeated(service, client):
    service.replies["getJob"] = [Turn(httpx.Response(520)), Turn(job())]
    assert client.job_status(JOB_ID).status == "DONE"
    service.replies["getJob"] = httpx.Response(520)
    with pytest.raises(ApiServerError):
        client.job_status(JOB_ID)


def test_the_device_is_read_from_the_list_again(service, client):
    (record, _) = client.backends()
    assert dict(record.configuration)["n_qubits"] == 5
    service.replies["getBackendConfiguration"] = line_device(qubits=7)
    (record, _) = client.backends()
    assert dict(record.configuration)["n_qubits"] == 7


def test_plain_results_can_be_large(service, client):
    samples = ["0x0", "0x1"] * 100_000
    service.replies["getJobResults"] = plain_results({"c": samples})
    document = client.job_result(JOB_ID)
    assert document["results"][0]["data"]["counts"] == {"0x0": 100_000, "0x1": 100_000}
