"""Known defects of generated clients do not affect users."""

from __future__ import annotations

import httpx
import pytest

from ibmq_backend.exceptions import ApiProtocolError, ApiRateLimited, ApiServerError
from tests.support.classic_replies import API_TOKEN, JOB_ID, Service, job


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def client(service):
    return service.open()


def answer(service, reply):
    service.replies["getJob"] = reply


def test_a_valid_reply(client):
    assert client.job(JOB_ID).job_id == JOB_ID


@pytest.mark.parametrize("status", [520, 521, 522, 524])
def test_statuses_that_python_does_not_know(service, client, status):
    answer(service, httpx.Response(status, html="<title>A timeout occurred</title>"))
    with pytest.raises(ApiServerError, match="A timeout occurred") as caught:
        client.job(JOB_ID)
    assert caught.value.status_code == status


def test_html_instead_of_json(service, client):
    answer(service, httpx.Response(503, html="<title>Bad gateway</title>"))
    with pytest.raises(ApiServerError, match="Bad gateway"):
        client.job(JOB_ID)
    answer(service, httpx.Response(200, html="<title>Maintenance</title>"))
    with pytest.raises(ApiProtocolError, match="Maintenance"):
        client.job(JOB_ID)


def test_an_unknown_status(service, client):
    answer(service, job(status="Pending"))
    with pytest.raises(ApiProtocolError, match="Pending"):
        client.job(JOB_ID)


def test_a_missing_field(service, client):
    answer(service, {"id": JOB_ID, "status": "RUNNING"})
    with pytest.raises(ApiProtocolError, match="creationDate"):
        client.job(JOB_ID)


def test_a_429_with_and_without_a_delay(service, client):
    answer(service, httpx.Response(429, headers={"retry-after": "0"}))
    with pytest.raises(ApiRateLimited) as caught:
        client.job(JOB_ID)
    assert caught.value.retry_after == 0.0


def test_a_changed_token_is_sent(service, client):
    def status(request):
        fresh = request.headers["x-access-token"] == "access-2"
        return httpx.Response(200, json={"state": True}) if fresh else httpx.Response(401)

    service.replies["getBackendStatus"] = status
    client.status("x")
    client.job(JOB_ID)
    assert service.requests[-1].headers["x-access-token"] == "access-2"


def test_instances_do_not_share_headers(service):
    account = service.account()
    one, two = (account.open(account.instances()[0].id) for _ in range(2))
    one.status("x")
    two.status("x")
    first, second = service.sent("getBackendStatus")
    assert first.headers == second.headers


def test_no_repr_shows_a_token(client):
    inner = vars(client)
    assert "access-1" not in repr(inner)
    assert API_TOKEN not in repr(inner)
    assert "access-1" not in repr(client._client)
