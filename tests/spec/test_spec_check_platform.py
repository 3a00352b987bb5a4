"""The checker of exchanges finds violations of the platform descriptions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.descriptions import DESCRIBED, Described, examples_of
from tests.support.exchanges import Exchange
from tests.support.spec_check import contract

BASE = "https://service.test/api"
SECRETS = {"authorization": "Bearer token-1", "service-crn": "crn:v1:example::"}
VERSION = {"ibm-api-version": "2026-04-15"}
TODAY = [one for one in DESCRIBED if one.name != "classic"]


def findings(name: str, *exchanges: Exchange) -> list[str]:
    found = contract(name).findings(exchanges, base=BASE, source="test")
    return [f"{finding.operation} {finding.pointer}" for finding in found]


def exchanges_of(one: Described) -> list[Exchange]:
    """An exchange for each example of each reply, sent with all parameters."""
    operation, path, query = one.operation, one.path, []
    headers = dict(SECRETS if operation["security"] else {})
    for parameter in operation["parameters"]:
        example = examples_of(parameter)[0]
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", example)
        elif parameter["in"] == "header":
            headers[parameter["name"].lower()] = example
        else:
            values = example if isinstance(example, list) else [example]
            texts = [v if isinstance(v, str) else json.dumps(v) for v in values]
            query += [(parameter["name"], value) for value in texts]
    body = b""
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        headers["content-type"] = media
        [sent] = examples_of(content)
        body = urlencode(sent).encode() if "form" in media else json.dumps(sent).encode()
    address = f"{BASE}{path}?{urlencode(query)}" if query else BASE + path
    made = []
    for status, reply in operation["responses"].items():
        bodies: list[tuple[dict[str, str], bytes]] = [
            (
                {"content-type": media},
                (json.dumps(example) if media == "application/json" else example).encode(),
            )
            for media, content in reply.get("content", {}).items()
            for example in examples_of(content)
        ]
        for reply_headers, text in bodies or [({}, b"")]:
            made.append(
                Exchange(
                    one.method.upper(), address, headers, body, int(status), reply_headers, text
                )
            )
    return made


@pytest.mark.parametrize("one", TODAY, ids=str)
def test_exchange_like_the_examples_passes(one: Described) -> None:
    exchanges = exchanges_of(one)
    assert len(exchanges) > 3
    assert findings(one.name, *exchanges) == []


def example(name: str, operation_id: str, status: int = 200) -> Exchange:
    [one] = [
        one for one in TODAY if (one.name, one.operation["operationId"]) == (name, operation_id)
    ]
    return next(exchange for exchange in exchanges_of(one) if exchange.status == status)


def test_missing_secrets_are_found() -> None:
    good = example("platform", "getJob")
    for header in SECRETS:
        headers = {name: value for name, value in good.headers.items() if name != header}
        pointer = f"getJob /request/header/{header}"
        assert findings("platform", replace(good, headers=headers)) == [pointer]


def test_secrets_sent_without_need_are_found() -> None:
    good = example("platform", "getVersions")
    found = findings("platform", replace(good, headers={**SECRETS, **VERSION}))
    assert found == [f"getVersions /request/header/{name}" for name in SECRETS]
    exchange = example("cloud", "exchangeToken")
    found = findings("cloud", replace(exchange, headers={**exchange.headers, **SECRETS}))
    assert found == ["exchangeToken /request/header/authorization"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("tags=" + "t" * 87, "listJobs /request/query/tags/0"),
        ("&".join(["tags=t"] * 9), "listJobs /request/query/tags"),
        ("tags[]=t", "listJobs /request/query/tags[]"),
        ("limit=0", "listJobs /request/query/limit"),
        ("limit=1&limit=2", "listJobs /request/query/limit"),
        ("pending=True", "listJobs /request/query/pending"),
        ("sort=DOWN", "listJobs /request/query/sort"),
        ("created_after=yesterday", "listJobs /request/query/created_after"),
    ],
)
def test_malformed_query_is_found(query: str, pointer: str) -> None:
    good = replace(example("platform", "listJobs"), url=f"{BASE}/v1/jobs?tags=a&tags=b")
    assert findings("platform", good) == []
    assert findings("platform", replace(good, url=f"{BASE}/v1/jobs?{query}")) == [pointer]


def test_old_or_garbled_version_header_is_found_only_if_garbled() -> None:
    good = example("platform", "getUsage")
    for version, wanted in (
        ("2025-05-01", []),
        ("v1", ["getUsage /request/header/IBM-API-Version"]),
    ):
        headers = {**good.headers, "ibm-api-version": version}
        assert findings("platform", replace(good, headers=headers)) == wanted


def test_form_without_its_key_is_found() -> None:
    good = example("cloud", "exchangeToken")
    found = findings("cloud", replace(good, body=b"grant_type=x"))
    assert found == ["exchangeToken /request/body"]


@pytest.mark.parametrize("media", ["text/plain", "application/json"])
def test_malformed_results_are_found_in_both_media_types(media: str) -> None:
    good = example("platform", "getJobResults")
    headers = {"content-type": media}

    def found(body: Any) -> list[str]:
        return findings("platform", replace(good, reply_headers=headers, reply_body=body))

    assert found(b'{"results": [{"data": {"evs": Infinity}}]}') == []
    assert found(b'{"results": {}}')
    assert bool(found(b"Traceback ...")) is (media == "application/json")


def test_reply_of_a_proxy_is_not_described() -> None:
    page = replace(example("platform", "getJob"), status=502, reply_body=b"<html>")
    assert findings("platform", page) == ["getJob /response/status"]
