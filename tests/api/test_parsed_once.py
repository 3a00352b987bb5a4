"""Transport, bindings and records parse each reply only once in total."""

from __future__ import annotations

import json

import httpx
import orjson
import pytest

from ibmq_backend.records import JobQuery
from tests.support import classic_replies, platform_replies

ASKED = {
    "job": lambda client: client.job("j"),
    "job status": lambda client: client.job_status("j"),
    "job list": lambda client: list(client.jobs(JobQuery(), 3)),
    "backend status": lambda client: client.status("ibmq_vigo"),
}


def received(document):
    """A reply with a body that is streamed and not in memory."""
    body = json.dumps(document).encode()
    headers = {"content-type": "application/json"}
    return lambda _: httpx.Response(200, content=iter([body]), headers=headers)


def classic():
    service = classic_replies.Service()
    listed = [classic_replies.job(id=name, tags=None, runMode=None) for name in "abc"]
    client = service.open()
    service.replies.update(
        getJob=received(classic_replies.job(error=None)),
        getJobStatus=received(classic_replies.job(kind=None)),
        listJobStatuses=received(listed),
        getBackendStatus=received({"state": True, "message": None}),
    )
    return client, service


def platform():
    service = platform_replies.Service()
    job = platform_replies.job(cost=None)
    client = service.open()
    service.replies.update(
        getJob=received(job),
        getJobMetrics=received({"caller": None}),
        listJobs=received({"jobs": [{**job, "id": name} for name in "abc"], "count": 3}),
        getBackendStatus=received({"state": True, "message": None}),
    )
    return client, service


def counting(load, parsed):
    def load_and_count(text, **options):
        parsed.append(text)
        return load(text, **options)

    return load_and_count


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("dialect", [classic, platform])
def test_a_reply_is_parsed_once(monkeypatch, dialect, asked):
    client, service = dialect()
    parsed = []
    for library in (json, orjson):
        monkeypatch.setattr(library, "loads", counting(library.loads, parsed))
    ASKED[asked](client)
    assert len(parsed) == len(service.requests) > 0
