"""Which recorded exchanges a change makes untrue."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts._drift.cassettes import Interaction, OperationFinder, read_cassettes, shows
from scripts._drift.changes import Change, Effect
from scripts._drift.operations import Version
from scripts._drift.problems import DriftError
from tests.support.descriptions import DOCUMENTS

REPLY = {"jobs": [{"id": "a1", "usage": {"seconds": 2}, "tags": None}], "count": 1}
REQUEST = {"backend": "ibm_example", "tags": ["long tag"]}


def interaction(**parts: Any) -> Interaction:
    values: dict[str, Any] = {
        "cassette": "platform/x.yaml",
        "method": "get",
        "path": "/api/v1/jobs",
        "query": {"limit": ["50"], "tags": ["a", "bbb"], "sort": ["ASC"]},
        "headers": {"content-type": "application/json", "service-crn": "crn"},
        "body": json.dumps(REQUEST),
        "status": "200",
        "reply_headers": {"content-type": "application/json; charset=utf-8", "etag": "x"},
        "reply_body": json.dumps(REPLY),
        **parts,
    }
    return Interaction(**values)


def change(part: str, where: str, field: str, kind: str, old: str = "", new: str = "") -> Change:
    return Change("op", "GET /v1/jobs", part, where, field, kind, old, new, Effect.BREAKING)


BODY = "200 application/json"


@pytest.mark.parametrize(
    ("changed", "is_stale"),
    [
        (change("operation", "", "", "operation removed"), True),
        (change("operation", "", "", "deprecated"), False),
        (change("parameter", "query limit", "", "parameter removed"), True),
        (change("parameter", "query other", "", "parameter removed"), False),
        (change("parameter", "query other", "", "became required"), True),
        (change("parameter", "query limit", "", "became required"), False),
        (change("parameter", "query q", "", "parameter added", new="string (required)"), True),
        (change("parameter", "query q", "", "parameter added", new="string"), False),
        (change("parameter", "query limit", "", "maximum changed", "200", "40"), True),
        (change("parameter", "query limit", "", "maximum changed", "200", "60"), False),
        (change("parameter", "query tags", "", "maxItems changed", "8", "1"), True),
        (change("parameter", "query tags", "", "maxItems changed", "8", "2"), False),
        (change("parameter", "query tags", "[]", "maxLength changed", "86", "2"), True),
        (change("parameter", "query tags", "[]", "maxLength changed", "86", "3"), False),
        (change("parameter", "query sort", "", "enum value removed", "ASC"), True),
        (change("parameter", "query sort", "", "enum value removed", "DESC"), False),
        (change("parameter", "header Service-CRN", "", "parameter removed"), True),
        (change("parameter", "header Other", "", "became required"), True),
        (change("parameter", "path id", "", "pattern changed", "", "^b$"), False),
        (change("request", "application/json", "backend", "field removed"), True),
        (change("request", "application/json", "cost", "field removed"), False),
        (change("request", "application/json", "cost", "became required"), True),
        (change("request", "application/json", "tags[]", "maxLength changed", "86", "4"), True),
        (change("request", "application/json", "tags[]", "maxLength changed", "4", "86"), False),
        (change("request", "text/plain", "backend", "field removed"), False),
        (change("request", "", "", "body removed"), True),
        (change("response", BODY, "jobs[].usage.seconds", "field removed"), True),
        (change("response", BODY, "jobs[].usage.status", "field removed"), False),
        (change("response", "404 application/json", "jobs", "field removed"), False),
        (change("response", BODY, "jobs[].usage.state", "field added", new="string"), False),
        (
            change("response", BODY, "jobs[].usage.state", "field added", new="string (required)"),
            True,
        ),
        (change("response", BODY, "jobs[].usage", "became optional"), False),
        (change("response", BODY, "count", "type changed", "integer", "string"), True),
        (change("response", BODY, "count", "type changed", "integer", "string or number"), False),
        (change("response", BODY, "jobs[].tags", "type changed", "array or null", "array"), True),
        (change("response", BODY, "count", "type changed", "integer", "anything"), False),
        (change("response", BODY, "count", "minimum changed", "0", "2"), True),
        (change("response", BODY, "jobs[].id", "pattern changed", "", "^[0-9]+$"), True),
        (change("response", BODY, "jobs[].id", "pattern changed", "", "^a[0-9]+$"), False),
        (change("response", BODY, "jobs[].id", "enum changed", "", '"a1", "a2"'), False),
        (change("response", BODY, "jobs[].id", "enum changed", "", '"b1"'), True),
        (change("response", BODY, "jobs[].id", "enum changed", '"b1"', ""), False),
        (change("response", "200", "", "status removed"), True),
        (change("response", "204", "", "status removed"), False),
        (change("response", BODY, "", "media type removed"), True),
        (change("response", "200 text/plain", "", "media type removed"), False),
        (change("response", "200 header etag", "", "header removed"), True),
        (change("response", "200 header other", "", "header removed"), False),
    ],
    ids=lambda value: f"{value.place} {value.kind}" if isinstance(value, Change) else str(value),
)
def test_exchange_is_untrue_when_it_shows_what_changed(changed: Change, is_stale: bool) -> None:
    assert shows(changed, interaction()) is is_stale


def test_body_that_is_no_json_shows_no_field() -> None:
    page = interaction(reply_body="<html>", reply_headers={"content-type": "text/html"})
    assert not shows(change("response", BODY, "jobs", "field removed"), page)


@pytest.mark.parametrize(
    ("method", "path", "operation_id"),
    [
        ("get", "/api/v1/jobs", "listJobs"),
        ("get", "/eu-de/api/v1/jobs/a1/metrics", "getJobMetrics"),
        ("get", "/api/v1/backends", "listBackends"),
        ("get", "/api/v1/2844167a", "getCatalogEntry"),
        ("post", "/identity/token", "exchangeToken"),
        ("get", "/nowhere", None),
        ("put", "/api/v1/jobs", None),
    ],
)
def test_operation_of_an_exchange(method: str, path: str, operation_id: str | None) -> None:
    versions = [Version(DOCUMENTS[name], name) for name in ("platform", "cloud")]
    key = OperationFinder(versions).key(interaction(method=method, path=path))
    named = {key: one.id for each in versions for key, one in each.operations.items()}
    assert (None if key is None else named[key]) == operation_id


def test_fixed_segments_go_before_variable_ones() -> None:
    finder = OperationFinder([Version(DOCUMENTS["classic"], "classic")])
    triple = "/Network/h/Groups/g/Projects/p"
    listed = finder.key(interaction(path=f"{triple}/Jobs/status/v/1"))
    one = finder.key(interaction(path=f"{triple}/Jobs/a1/v/1"))
    assert listed is not None
    assert one is not None
    assert listed[1].endswith("/Jobs/status/v/1")
    assert one[1].endswith("/Jobs/{}/v/1")


def test_every_recorded_exchange_has_its_operation(root: Path) -> None:
    recorded = read_cassettes(root / "tests/cassettes")
    assert len(recorded) > 400
    names = {"classic": ("classic",), "platform": ("platform", "cloud")}
    strays = []
    for folder, dialects in names.items():
        finder = OperationFinder([Version(DOCUMENTS[one], one) for one in dialects])
        own = [one for one in recorded if one.cassette.startswith(folder)]
        strays += [one.path for one in own if finder.key(one) is None]
    assert strays == []


def test_file_that_is_no_cassette(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("interactions: [{}]\n", encoding="utf-8")
    with pytest.raises(DriftError, match=r"other\.yaml: is no cassette"):
        read_cassettes(tmp_path)
