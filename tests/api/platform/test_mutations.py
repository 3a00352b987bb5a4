"""Replies with a field removed, retyped or added give a value or an ``ApiError``."""

from __future__ import annotations

from functools import lru_cache

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibmq_backend.backoff import Backoff
from ibmq_backend.exceptions import ApiError, IBMQAccountError, IBMQJobSubmissionUncertain
from ibmq_backend.records import JobQuery, Submission
from tests.support.changed_documents import changed
from tests.support.platform_replies import JOB_ID, Service, defaults, examples, plan, resource

PARAMS = {"pubs": [["OPENQASM 3.0;\nbit[2] c;\nc[0] = measure $0;", None, 4]]}
TYPED = {**defaults(), "getJob": {**defaults()["getJob"], "params": PARAMS}}
QOBJ = {"config": {"shots": 1}, "experiments": [{"instructions": [{"name": "x", "qubits": [0]}]}]}
CALLS = {
    "listBackends": lambda client: client.backends(),
    "getBackendConfiguration": lambda client: client.submit(Submission("x", QOBJ, "tag")),
    "getBackendStatus": lambda client: client.status("x"),
    "getBackendProperties": lambda client: client.properties("x"),
    "createJob": lambda client: client.submit(Submission("x", QOBJ, "tag")),
    "listJobs": lambda client: list(client.jobs(JobQuery(), 1)),
    "getJob": lambda client: (client.job(JOB_ID), client.job_result(JOB_ID)),
    "getJobMetrics": lambda client: (client.job(JOB_ID), client.job_properties(JOB_ID)),
    "getJobResults": lambda client: client.job_result(JOB_ID),
    "the parameters": lambda client: (client.job_result(JOB_ID), client.job_input(JOB_ID)),
}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("ibmq_backend.api.exactly_once.LOOK_UP", Backoff(0.0, tries=2))


@lru_cache
def replies_to(operation):
    """The scripted document and the examples of the specification."""
    found = [TYPED[operation]]
    if operation in ("getJobResults", "getJobMetrics", "getJob", "listJobs"):
        found += examples(operation).values()
    return found


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("operation", CALLS)
def test_a_changed_reply_gives_a_value_or_a_typed_error(operation, data):
    ask = CALLS[operation]
    if operation == "the parameters":
        operation = "getJob"
        document = {**TYPED["getJob"], "params": data.draw(changed(PARAMS))}
    else:
        document = data.draw(st.sampled_from(replies_to(operation)).flatmap(changed))
    service = Service(dict(TYPED))
    client = service.open()
    service.replies[operation] = lambda _: httpx.Response(200, json=document)
    try:
        ask(client)
    except (ApiError, IBMQJobSubmissionUncertain) as error:
        raised = error
    else:
        return
    assert len(str(raised)) < 2500
    if isinstance(raised, IBMQJobSubmissionUncertain):
        assert operation == "createJob"
        assert raised.submission_id == "tag"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("operation", ["exchangeToken", "searchInstances", "getCatalogEntry"])
def test_a_changed_account_reply_gives_a_value_or_a_typed_error(operation, data):
    usual = {
        "exchangeToken": {"access_token": "a-token", "expires_in": 3600, "expiration": 1},
        "searchInstances": {
            "items": [resource("mine", TYPED["searchInstances"]["items"][0]["crn"])]
        },
        "getCatalogEntry": plan("Open", "free"),
    }
    document = data.draw(changed(usual[operation]))
    service = Service()
    service.replies[operation] = lambda _: httpx.Response(200, json=document)
    account = service.account(None)
    try:
        account.log_in()
        assert account.instances()
    except (ApiError, IBMQAccountError) as error:
        raised = error
    else:
        return
    assert len(str(raised)) < 2500
