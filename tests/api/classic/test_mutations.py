"""Replies with a field removed, retyped or added give a value or an ``ApiError``."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibmq_backend.exceptions import ApiError
from ibmq_backend.records import JobQuery, Submission
from tests.support.changed_documents import changed
from tests.support.classic_replies import Service
from tests.support.descriptions import DOCUMENTS

CALLS = {
    "listBackends": lambda client: client.backends(),
    "getBackendStatus": lambda client: client.status("x"),
    "getBackendProperties": lambda client: client.properties("x"),
    "getJobsLimit": lambda client: client.job_limit("x"),
    "listBackendBookings": lambda client: client.reservations("x"),
    "listMyBookings": lambda client: client.my_reservations(),
    "getJob": lambda client: client.job("x"),
    "getJobStatus": lambda client: client.job_status("x"),
    "listJobStatuses": lambda client: list(client.jobs(JobQuery(), 1)),
    "listJobs": lambda client: list(client.job_summaries(JobQuery(), 1)),
    "getResultDownloadUrl": lambda client: client.job_result("x"),
    "cancelJob": lambda client: client.cancel("x"),
    "updateJob": lambda client: client.relabel("x", name="bell pair again"),
    "createJob": lambda client: client.create(Submission("x", {}, "t")),
    "markJobDataUploaded": lambda client: client.mark_uploaded("x"),
}


def example_of(operation):
    for methods in DOCUMENTS["classic"]["paths"].values():
        for document in methods.values():
            if isinstance(document, dict) and document.get("operationId") == operation:
                content = document["responses"]["200"]["content"]["application/json"]
                if "example" in content:
                    return content["example"]
                return next(iter(content["examples"].values()))["value"]
    raise AssertionError(operation)


@pytest.mark.slow
@settings(max_examples=60)
@given(data=st.data())
@pytest.mark.parametrize("operation", CALLS)
def test_a_changed_reply_gives_a_value_or_a_typed_error(operation, data):
    document = data.draw(changed(example_of(operation)))
    service = Service()
    client = service.open()
    service.replies[operation] = lambda _: httpx.Response(200, json=document)
    service.replies["storage"] = {"stored": True}
    try:
        CALLS[operation](client)
    except ApiError as error:
        raised = error
    else:
        return
    assert raised.operation
    assert len(str(raised)) < 2000
