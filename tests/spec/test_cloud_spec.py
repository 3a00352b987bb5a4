"""The rules of spec/cloud.yaml only: three services with three hosts."""

from typing import Any

import pytest

from tests.support.descriptions import DESCRIBED, Problems

OPERATIONS = {
    "exchangeToken": ("post", "/identity/token", "iam", "https://iam.cloud.ibm.com"),
    "searchInstances": (
        "post",
        "/v3/resources/search",
        "discovery",
        "https://api.global-search-tagging.cloud.ibm.com",
    ),
    "getCatalogEntry": (
        "get",
        "/api/v1/{entry_id}",
        "discovery",
        "https://globalcatalog.cloud.ibm.com",
    ),
}


def test_exactly_the_known_operations_are_described_with_their_hosts(
    cloud: dict[str, Any],
) -> None:
    found = {}
    for path, item in cloud["paths"].items():
        public, stand_in = item["servers"]
        assert stand_in["url"] == "{base}"
        for method, operation in item.items():
            if method in ("get", "post"):
                tag = operation["tags"][0]
                found[operation["operationId"]] = (method, path, tag, public["url"])
    assert found == OPERATIONS


def test_only_the_exchange_needs_no_token() -> None:
    found = {
        one.operation["operationId"]: one.operation["security"]
        for one in DESCRIBED
        if one.name == "cloud"
    }
    token: list[Any] = [{"accessToken": []}]
    assert found == {"exchangeToken": [], "searchInstances": token, "getCatalogEntry": token}


def test_key_is_sent_as_a_form(cloud: dict[str, Any]) -> None:
    body = cloud["paths"]["/identity/token"]["post"]["requestBody"]
    assert list(body["content"]) == ["application/x-www-form-urlencoded"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("TokenReply", {"access_token": "t"}),
        ("SearchReply", {"items": []}),
        ("SearchReply", {"items": [{"crn": "crn:v1:a::", "doc": None, "tags": None}]}),
        ("CatalogEntry", {}),
        ("CatalogEntry", {"overview_ui": {"en": {"display_name": "Open"}, "fr": {}}}),
    ],
)
def test_minimal_replies_are_valid(
    problems_in: dict[str, Problems], schema: str, value: Any
) -> None:
    assert problems_in["cloud"]({"$ref": f"#/components/schemas/{schema}"}, value) == []
    broken = {"TokenReply": {"expires_in": 3600}, "SearchReply": {"items": [{"name": "n"}]}}
    if schema in broken:
        assert problems_in["cloud"]({"$ref": f"#/components/schemas/{schema}"}, broken[schema])
