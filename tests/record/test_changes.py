"""The report of scripts/record about two recordings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from vcr.request import Request

from ibmq_backend.testing import cassette_files
from ibmq_backend.testing.cassette_files import CassetteFile
from scripts._record.changes import Change, changes, differences, report
from tests.support.exchanges import Exchange

CLIENT = "x-qx-client-application"


def exchange(path: str = "/jobs", reply: Any = None, body: Any = None, **more: Any) -> Exchange:
    headers = {CLIENT: "ibmq-backend/1", "ibm-api-version": "2026-04-15"}
    return Exchange(
        method=more.pop("method", "GET"),
        url=f"https://s{path}",
        headers=headers,
        body=b"" if body is None else json.dumps(body).encode(),
        status=more.pop("status", 200),
        reply_headers={"content-type": "application/json", "uber-trace-id": "trace-1"},
        reply_body=json.dumps(reply).encode(),
        **more,
    )


def test_values_that_differ_every_time_are_ignored() -> None:
    old = exchange(
        "/jobs/d7s8kg0000000000000g",
        {"id": "d7s8kg0000000000000g", "created": "2026-05-04T12:00:00Z", "counts": {"0x0": 5}},
    )
    new = exchange(
        "/jobs/d9aaaa0000000000000g",
        {
            "id": "d9aaaa0000000000000g",
            "created": "2027-01-01T00:00:00.5+00:00",
            "counts": {"0x1": 9},
        },
    )
    new = replace(
        new,
        headers={**new.headers, CLIENT: "ibmq-backend/2"},
        reply_headers={**new.reply_headers, "uber-trace-id": "trace-77"},
    )
    assert list(differences([old], [new])) == []


def test_values_fields_headers_and_exchanges_are_compared() -> None:
    old = [exchange(reply={"a": 1}), exchange("/gone"), *[exchange("/last")] * 2]
    changed = exchange(reply={"a": 2, "b": None}, body={"shots": 1})
    changed = replace(changed, headers={**changed.headers, "ibm-api-version": "2027-01-01"})
    new = [changed, exchange("/last"), exchange("/more", method="PUT", status=204)]
    assert list(differences(old, new)) == [
        "~ #1 GET https://s/jobs -> 200\n"
        "    request header ibm-api-version: recorded 2026-04-15, now 2027-01-01\n"
        '    request as a whole: new, {"shots": 1}\n'
        "    reply /a: recorded 1, now 2\n"
        "    reply /b: new, null",
        "- #2 GET https://s/gone -> 200",
        "~ #2 GET https://s/last -> 200\n    times: recorded 2, now 1",
        "+ #3 PUT https://s/more -> 204",
    ]


def response_of(exchange: Exchange) -> dict[str, Any]:
    return {
        "status": {"code": exchange.status, "message": ""},
        "headers": {name: [value] for name, value in exchange.reply_headers.items()},
        "body": {"string": exchange.reply_body},
    }


def written(folder: Path, cassettes: dict[str, list[Exchange]]) -> Path:
    for path, exchanges in cassettes.items():
        document = {
            "requests": [Request(e.method, e.url, e.body, e.headers) for e in exchanges],
            "responses": [response_of(exchange) for exchange in exchanges],
        }
        CassetteFile().save_cassette(folder / path, document, cassette_files)
    return folder


def test_folders_are_compared_by_file(tmp_path: Path) -> None:
    one, dated = exchange(reply={"a": 1}), "2026-05-04T12:00:00Z"
    old = written(
        tmp_path / "old",
        {
            "a/same": [one],
            "a/like.yaml": [exchange(reply=dated)],
            "a/x.yaml": [one],
            "a/gone.yaml": [one],
        },
    )
    new = written(
        tmp_path / "new",
        {
            "a/same": [one],
            "a/like.yaml": [exchange(reply=dated.replace("6", "7"))],
            "a/x.yaml": [exchange(reply={"a": 2})],
            "a/new.yaml": [one, one],
        },
    )
    found = changes(old, new)
    assert [(change.path, change.kind) for change in found] == [
        ("a/gone.yaml", "gone"),
        ("a/like.yaml", "same"),
        ("a/new.yaml", "new"),
        ("a/x.yaml", "changed"),
    ]
    assert report(found, 1).splitlines() == [
        "gone     a/gone.yaml",
        "new      a/new.yaml",
        "    2 exchanges",
        "changed  a/x.yaml",
        "    ~ #1 GET https://s/jobs -> 200",
        "        reply /a: recorded 1, now 2",
        "2 cassettes are the same as before.",
    ]


def test_change_of_several_cassettes_is_reported_once() -> None:
    line = "~ #{} POST https://s/token -> 200\n    reply /new: new, 1"
    found = [Change(f"a/{n}.yaml", "changed", (line.format(n),)) for n in range(5)]
    found += [Change(f"b/{n}.yaml", "new", ("3 exchanges",)) for n in range(3)]
    found.append(Change("a/own.yaml", "changed", (line.format(9), "- #1 GET https://s/x -> 200")))
    assert report(found, 0).splitlines() == [
        "in 6 cassettes, such as a/0.yaml:",
        "    ~ POST https://s/token -> 200",
        "        reply /new: new, 1",
        *(line for n in range(3) for line in (f"new      b/{n}.yaml", "    3 exchanges")),
        "changed  a/own.yaml",
        "    - #1 GET https://s/x -> 200",
        "0 cassettes are the same as before.",
    ]
