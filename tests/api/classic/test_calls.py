from __future__ import annotations

import httpx
import pytest

from ibmq_backend._http.operations import Content
from ibmq_backend.api.classic.calls import OPERATIONS
from tests.support.descriptions import DOCUMENTS

DESCRIBED = {
    document["operationId"]: (method.upper(), path, document)
    for path, methods in DOCUMENTS["classic"]["paths"].items()
    for method, document in methods.items()
    if isinstance(document, dict) and "operationId" in document
}


def test_all_operations_of_the_specification_are_in_the_table():
    assert {operation.id for operation in OPERATIONS.operations} == set(DESCRIBED)


@pytest.mark.parametrize("operation", OPERATIONS.operations, ids=lambda operation: operation.id)
def test_operations_have_the_facts_of_the_specification(operation):
    method, path, document = DESCRIBED[operation.id]
    assert (operation.method, operation.path) == (method, path)
    assert operation.retry_safe is document["x-retry-safe"]
    assert operation.authenticated is bool(document.get("security"))
    promised = set(document["responses"]["200"].get("content", {}))
    assert (
        promised == {Content.JSON: {"application/json"}, Content.NOTHING: set()}[operation.content]
    )


@pytest.mark.parametrize("operation", OPERATIONS.operations, ids=lambda operation: operation.id)
def test_operations_are_found_under_any_base_url(operation):
    path = operation.path.replace("{", "").replace("}", "")
    for base in ("https://host", "https://host:8000/api", "http://127.0.0.1:1/a/b"):
        assert OPERATIONS.find(httpx.Request(operation.method, base + path)) == operation
