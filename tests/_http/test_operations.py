from __future__ import annotations

import httpx
import pytest

from ibmq_backend._http.operations import Operation, OperationTable

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
