"""A submission to IBM Quantum Platform creates one job, whatever the service replies."""

from __future__ import annotations

import httpx
import pytest

from ibmq_backend._errors.translate import raising_backend_errors
from ibmq_backend.api.sampler.programs import NO_PARAMETERS
from ibmq_backend.exceptions import (
    ApiConflict,
    ApiError,
    ApiForbidden,
    ApiInputError,
    ApiNotFound,
    ApiRateLimited,
    ApiStatusError,
    IBMQBackendJobLimitError,
    IBMQJobSubmissionUncertain,
)
from tests.support.fake_service import Turn
from tests.support.platform_replies import (
    CRN,
    DEVICE,
    JOB_ID,
    calibration,
    error_reply,
    job,
)
from tests.support.platform_submission import TAG, qobj, submission


def test_a_submission_is_one_sampler_job(service, client):
    record = client.submit(submission(name="my bell", tags=("a", "b")))
    assert service.names() == ["getBackendConfiguration", "getUsage", "createJob"]
    body = service.body("createJob")
    assert body["program_id"] == "sampler"
    assert body["backend"] == DEVICE
    assert body["tags"] == ["a", "b", TAG, "ibmq_name_my bell"]
    assert body["params"]["version"] == 2
    assert body["params"]["support_qiskit"] is False
    ((text, values, shots),) = body["params"]["pubs"]
    assert text.startswith('OPENQASM 3.0;\ninclude "stdgates.inc";\n')
    assert (values, shots) == (NO_PARAMETERS, 4)
    assert (record.job_id, record.name, record.status) == (JOB_ID, "my bell", "INITIALIZING")
    assert record.tags == ("a", "b", TAG)
    assert service.sent("createJob")[0].headers["service-crn"] == CRN
    client.submit(submission())
    assert service.names()[3:] == ["createJob"]


def test_identities_have_the_duration_of_the_calibration(service, client):
    document = qobj()
    document["experiments"][0]["instructions"].insert(0, {"name": "id", "qubits": [1]})
    client.submit(submission(qobj=document))
    assert "delay[8dt] $1; // id" in service.body("createJob")["params"]["pubs"][0][0]
    assert service.names().count("getBackendProperties") == 1
    client.submit(submission(qobj=document))
    assert service.names().count("getBackendProperties") == 1


def test_faulty_qubits_are_rejected(service, client):
    document = calibration()
    document["qubits"][1].append(
        {"name": "operational", "value": 0, "unit": "", "date": "2026-08-17T00:40:11Z"}
    )
    service.replies["getBackendProperties"] = document
    client.properties(DEVICE)
    with pytest.raises(ApiInputError, match="qubit 1 as not operational"):
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


NAME = "ibmq_name_a long name of a job"
LONG_NAME = f"These do not fit: '{NAME}' (the job name) with 30 characters."
SIX = f"The job has 6 tags: 'a', 'b', 'c', 'd', '{TAG}', '{NAME}' (the job name)."


@pytest.mark.parametrize(
    ("code", "message", "named"),
    [
        (1205, "A tag may have 24 characters.", LONG_NAME),
        (1205, "A tag is too long.", LONG_NAME),
        (1204, "A job has at most 5 tags.", SIX),
        (1208, "body.tags[5] must NOT have more than 24 characters", LONG_NAME),
        (1208, "body.tags must NOT have more than 5 items", SIX),
        (1208, "body.cost is above 99", None),
    ],
)
def test_tags_that_the_service_refuses_are_named(service, client, code, message, named):
    refusal = error_reply(400, code, message)
    service.replies["createJob"] = service.replies["replaceJobTags"] = refusal
    tags = ("a", "b", "c", "d")
    with pytest.raises(ApiStatusError) as caught:
        client.submit(submission(name="a long name of a job", tags=tags))
    assert message.rstrip(".") in caught.value.message
    assert caught.value.message.endswith(named or "333-abcdefabcdef.)")
    service.replies["getJob"] = job(tags=["a", "b", "c", "d", TAG])
    if named:
        with pytest.raises(ApiStatusError) as caught:
            client.relabel(JOB_ID, name="a long name of a job")
        assert caught.value.message.endswith(named)


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
def test_refusals_are_not_retried(service, client, status, code, cls):
    service.replies["createJob"] = error_reply(status, code, "Not like this", "Do it otherwise")
    with pytest.raises(cls) as caught:
        client.submit(submission())
    assert caught.value.code == (int(code) if code else None)
    assert "Not like this" in caught.value.message
    assert "Do it otherwise" in caught.value.message
    assert service.names().count("createJob") == 1
    assert "listJobs" not in service.names()


def test_after_a_lost_reply_the_job_is_searched(service, client):
    service.replies["createJob"] = httpx.ReadTimeout("lost")
    service.replies["listJobs"] = {"jobs": [job(id="found", tags=[TAG])], "count": 1}
    assert client.submit(submission()).job_id == "found"
    assert service.names().count("createJob") == 1
    assert service.query("listJobs")["tags"] == [TAG]


def test_jobs_without_the_tag_are_ignored(service, client):
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
        *(
            httpx.Response(200, json=reply)
            for reply in ({"no": "id"}, {"id": None}, {"id": 5}, None)
        ),
        httpx.Response(201, text='{"id": "d2a'),
        httpx.Response(202, json={"accepted": True}),
        httpx.Response(202),
        httpx.Response(204),
    ],
    ids=repr,
)
def test_an_unclear_outcome_is_never_sent_again(service, client, fault):
    service.replies["createJob"] = fault
    with pytest.raises(IBMQJobSubmissionUncertain):
        client.submit(submission())
    assert service.names().count("createJob") == 1
    service.replies["listJobs"] = {"jobs": [job(id="there", tags=[TAG])], "count": 1}
    assert client.submit(submission()).job_id == "there"
    assert service.names().count("createJob") == 2


@pytest.mark.parametrize("status", [500, 503])
def test_a_failure_without_a_job_is_tried_again(service, client, status):
    service.replies["createJob"] = [
        Turn(error_reply(status)),
        Turn({"id": "second", "backend": DEVICE}),
    ]
    assert client.submit(submission()).job_id == "second"
    assert service.names()[2:] == ["createJob", "listJobs", "listJobs", "createJob"]


def test_a_failure_with_a_job_is_not_tried_again(service, client):
    service.replies["createJob"] = error_reply(500)
    service.replies["listJobs"] = {"jobs": [job(id="there", tags=[TAG])], "count": 1}
    assert client.submit(submission()).job_id == "there"
    assert service.names().count("createJob") == 1


@pytest.mark.parametrize("entry", [None, {"tags": [TAG]}, job(id=None, tags=[TAG]), job(tags=None)])
def test_a_listed_job_that_cannot_be_read_may_be_the_job(service, client, entry):
    service.replies["createJob"] = error_reply(500)
    service.replies["listJobs"] = {"jobs": [entry], "count": 1}
    with pytest.raises(IBMQJobSubmissionUncertain, match="contains an unreadable job"):
        client.submit(submission())
    assert service.names().count("createJob") == 1


def test_an_expired_token_is_renewed_after_the_search(service, client):
    service.replies["createJob"] = [
        Turn(error_reply(401, 1219)),
        Turn({"id": "second", "backend": DEVICE}),
    ]
    service.replies["listJobs"] = [
        Turn(error_reply(401, 1219)),
        Turn({"jobs": [], "count": 0}),
    ]
    assert client.submit(submission()).job_id == "second"
    assert service.names()[2:] == [
        *("createJob", "listJobs", "exchangeToken", "listJobs", "listJobs", "createJob"),
    ]


def test_a_submission_waits_for_the_rate_limit(service, client, no_pauses):
    service.replies["createJob"] = [
        Turn(error_reply(429, None)),
        Turn(error_reply(429, 1202, **{"retry-after": "0"})),
        Turn(error_reply(429, 1202, **{"retry-after": "30"})),
        Turn({"id": "at last", "backend": DEVICE}),
    ]
    assert client.submit(submission()).job_id == "at last"
    assert no_pauses == [12.0, 12.0, 30.0]  # one pause for each refusal
    assert service.names().count("createJob") == 4
    assert "listJobs" not in service.names()


@pytest.mark.parametrize("code", [3458, 1012])
def test_too_many_unfinished_jobs_are_not_waited_for(service, client, no_pauses, code):
    service.replies["createJob"] = error_reply(429, code, **{"retry-after": "1"})
    with pytest.raises(IBMQBackendJobLimitError), raising_backend_errors("submitting the job"):
        client.submit(submission())
    assert (no_pauses, service.names().count("createJob")) == ([], 1)


def test_a_lasting_rate_limit_is_an_error(service, client, no_pauses):
    service.replies["createJob"] = error_reply(429, 1202)
    with pytest.raises(ApiRateLimited, match="five new jobs per minute"):
        client.submit(submission())
    assert no_pauses == [12.0] * 10
    assert service.names().count("createJob") == 11


def test_a_submission_waits_two_minutes_in_total(service, client, no_pauses):
    full = Turn(error_reply(429, 1202, **{"retry-after": "50"}))
    lost = Turn(error_reply(503, 1999))
    service.replies["createJob"] = [full, lost, full, lost, full]
    service.replies["listJobs"] = {"jobs": [], "count": 0}
    with pytest.raises(ApiRateLimited):
        client.submit(submission())
    assert [pause for pause in no_pauses if pause >= 12.0] == [50.0, 50.0]


def test_a_retry_after_beyond_the_limit_is_not_waited_for(service, client, no_pauses):
    service.replies["createJob"] = error_reply(429, 1202, **{"retry-after": "3600"})
    with pytest.raises(ApiRateLimited):
        client.submit(submission())
    assert (no_pauses, service.names().count("createJob")) == ([], 1)
