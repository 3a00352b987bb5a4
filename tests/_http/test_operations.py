from __future__ import annotations

import httpx
import pytest

from ibmq_backend._http.auth import HeaderTokenAuth, RenewingToken, Token
from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import call
from ibmq_backend._http.operations import Operation, OperationTable
from ibmq_backend._http.settings import NetworkSettings

TABLE = OperationTable.of(
    [
        Operation("one", "GET", "/Jobs/{job_id}/v/1", retry_safe=True),
        Operation("listed", "GET", "/Jobs/status/v/1", retry_safe=True),
        Operation("create", "POST", "/Jobs", retry_safe=False),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/api/Jobs/7/v/1", "one"),
        ("GET", "/api/Jobs/a%2Fb/v/1", "one"),
        ("GET", "/api/Jobs/status/v/1?filter=%7B%7D", "listed"),
        ("POST", "/api/Jobs", "create"),
        ("PUT", "/api/Jobs", None),
        ("GET", "/api/Jobs/7/8/v/1", None),
    ],
)
def test_requests_are_matched_to_operations(method, path, found):
    request = httpx.Request(method, f"https://host{path}")
    operation = TABLE.find(request)
    assert (operation and operation.id) == found


def test_the_operation_of_a_call_is_known_and_not_searched(monkeypatch):
    url = "https://host/api/Jobs/7/v/1"
    sent, searched = [], []

    def answer(request):
        sent.append(request.headers["X-Token"])
        return httpx.Response(200, json={})

    auth = HeaderTokenAuth(RenewingToken(lambda: Token("t")), "X-Token", [httpx.URL(url)], TABLE)
    find = OperationTable.find
    monkeypatch.setattr(
        OperationTable, "find", lambda table, request: searched.append(1) or find(table, request)
    )
    settings = NetworkSettings(trust_env=False)
    leaf = httpx.MockTransport(answer)
    with build_client(settings, auth=auth, operation_of=TABLE.operation_of, leaf=leaf) as client:
        call(TABLE["one"], lambda: client.get(url))
        assert (sent, searched) == (["t"], [])
        client.get(url)
        assert sent == ["t", "t"]
        assert searched
