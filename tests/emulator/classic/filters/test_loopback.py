"""Filters on plain documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend.emulator.classic.errors import ServiceError
from ibmq_backend.emulator.classic.filters.loopback import (
    compile_where,
    parse_filter,
    sort_documents,
)

JOB: dict[str, Any] = {
    "id": "609100000000000000000001",
    "status": "COMPLETED",
    "name": "Bell pair (3)",
    "creationDate": "2021-05-04T11:34:58.965Z",
    "tags": ["week 3", "course"],
    "shots": 4000,
    "liveDataEnabled": False,
    "nothing": None,
    "backend": {"name": "ibmq_vigo"},
    "hubInfo": {"hub": {"name": "ibm-q"}},
    "summaryData": {"summary": {"qobj_config": {"n_qubits": 5}}},
    "timePerStep": {"RUNNING": "2021-05-04T11:35:00.300Z"},
    "steps": [{"at": 1}, {"at": 2}],
    "dotted.name": 7,
}


@pytest.mark.parametrize(
    ("where", "matches"),
    [
        (None, True),
        ({}, True),
        # equality
        ({"status": "COMPLETED"}, True),
        ({"status": "completed"}, False),
        ({"status": "COMPLETED", "shots": 1}, False),
        ({"shots": 4000}, True),
        ({"shots": "4000"}, False),
        ({"liveDataEnabled": False}, True),
        ({"liveDataEnabled": 0}, False),
        ({"name": {"eq": "Bell pair (3)"}}, True),
        ({"name": None}, False),
        ({"nothing": None}, True),
        ({"absent": None}, True),
        ({"absent": "x"}, False),
        # dotted paths
        ({"backend.name": "ibmq_vigo"}, True),
        ({"backend.name.more": "ibmq_vigo"}, False),
        ({"hubInfo.hub.name": "ibm-q"}, True),
        ({"summaryData.summary.qobj_config.n_qubits": 5}, True),
        ({"summaryData.summary.qobj_config.n_qubits": {"gt": 5}}, False),
        ({"timePerStep.RUNNING": {"lt": "2021-05-04T11:36:00Z"}}, True),
        ({"steps.at": 2}, True),
        ({"steps.at": {"gt": 2}}, False),
        ({"dotted.name": 7}, True),
        # lists
        ({"tags": "course"}, True),
        ({"tags": "week"}, False),
        ({"tags": ["week 3", "course"]}, True),
        ({"tags": {"inq": ["x", "course"]}}, True),
        ({"tags": {"inq": ["x"]}}, False),
        ({"tags": {"nin": ["x"]}}, True),
        ({"tags": {"nin": ["x", "course"]}}, False),
        ({"tags": {"neq": "course"}}, False),
        ({"tags": {"regexp": "^week"}}, True),
        ({"and": [{"tags": "course"}, {"tags": "week 3"}]}, True),
        ({"and": [{"tags": "course"}, {"tags": "x"}]}, False),
        # inq, nin, neq
        ({"status": {"inq": ["QUEUED", "COMPLETED"]}}, True),
        ({"status": {"inq": []}}, False),
        ({"status": {"nin": ["QUEUED"]}}, True),
        ({"status": {"nin": ["COMPLETED"]}}, False),
        ({"status": {"neq": "QUEUED"}}, True),
        ({"status": {"neq": "COMPLETED"}}, False),
        # missing fields
        ({"absent": {"neq": "x"}}, True),
        ({"absent": {"nin": ["x"]}}, True),
        ({"absent": {"nlike": "x"}}, True),
        ({"absent": {"inq": ["x"]}}, False),
        ({"absent": {"inq": [None]}}, True),
        ({"absent": {"neq": None}}, False),
        ({"absent": {"gt": 0}}, False),
        ({"absent": {"lt": 0}}, False),
        ({"absent": {"between": [0, 9]}}, False),
        ({"absent": {"regexp": ""}}, False),
        ({"absent": {"like": "%"}}, False),
        ({"absent": {"exists": False}}, True),
        ({"shots": {"exists": True}}, True),
        # order
        ({"shots": {"gt": 3999}}, True),
        ({"shots": {"gt": 4000}}, False),
        ({"shots": {"gte": 4000, "lte": 4000}}, True),
        ({"shots": {"gte": 4000, "lt": 4000}}, False),
        ({"shots": {"lt": 4000.5}}, True),
        ({"shots": {"between": [4000, 5000]}}, True),
        ({"shots": {"between": [1, 3999]}}, False),
        ({"shots": {"gt": "1"}}, False),
        ({"name": {"gt": "Bell"}}, True),
        # dates are instants
        ({"creationDate": "2021-05-04T11:34:58.965Z"}, True),
        ({"creationDate": "2021-05-04T11:34:58.965000+00:00"}, True),
        ({"creationDate": "2021-05-04T13:34:58.965+02:00"}, True),
        ({"creationDate": "2021-05-04T11:34:58.965"}, True),
        ({"creationDate": {"neq": "2021-05-04T11:34:58.965000+00:00"}}, False),
        ({"creationDate": {"gt": "2021-05-04T11:34:58.965000+00:00"}}, False),
        ({"creationDate": {"gt": "2021-05-04T11:34:58.964999+00:00"}}, True),
        ({"creationDate": {"lt": "2021-05-04T11:34:58.965001+00:00"}}, True),
        ({"creationDate": {"gte": "2021-05-04"}}, True),
        ({"creationDate": {"lte": "2021-05-04T13:34:58.965+02:00"}}, True),
        (
            {"creationDate": {"between": ["2021-05-04T11:00:00Z", "2021-05-04T14:00:00+02:00"]}},
            True,
        ),
        ({"creationDate": {"inq": ["2021-05-04T11:34:58.965000+00:00"]}}, True),
        # texts
        ({"name": {"regexp": "pair"}}, True),
        ({"name": {"regexp": "^pair"}}, False),
        ({"name": {"regexp": "^Bell.*\\(\\d\\)$"}}, True),
        ({"name": {"regexp": "bell"}}, False),
        ({"name": {"regexp": "/bell/i"}}, True),
        ({"name": {"regexp": "/^BELL/"}}, False),
        ({"name": {"regexp": "bell", "options": "i"}}, True),
        ({"name": {"regexp": "(?<kind>Bell) pair"}}, True),
        ({"shots": {"regexp": "4000"}}, False),
        ({"status": {"regexp": "^ERROR"}}, False),
        ({"name": {"like": "Bell%"}}, True),
        ({"name": {"like": "%pair%"}}, True),
        ({"name": {"like": "Bel_ pair%"}}, True),
        ({"name": {"like": "pair%"}}, False),
        ({"name": {"like": "%(_)"}}, True),
        ({"name": {"like": "pair"}}, True),
        ({"name": {"like": "bell%"}}, False),
        ({"name": {"like": "bell%", "options": "i"}}, True),
        ({"name": {"ilike": "bell%"}}, True),
        ({"name": {"nlike": "Bell%"}}, False),
        ({"name": {"nlike": "x%"}}, True),
        ({"name": {"nilike": "bell%"}}, False),
        # and, or, nor
        ({"or": [{"status": "QUEUED"}, {"shots": 4000}]}, True),
        ({"or": [{"status": "QUEUED"}, {"shots": 1}]}, False),
        ({"or": []}, False),
        ({"and": []}, True),
        ({"nor": [{"status": "QUEUED"}]}, True),
        ({"and": [{"or": [{"shots": 1}, {"shots": 4000}]}, {"status": "COMPLETED"}]}, True),
    ],
)
def test_where(where: Any, matches: bool) -> None:
    assert compile_where(where)(JOB) is matches


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "5",
        '"x"',
        "null",
        "NaN",
        '{"where": []}',
        '{"where": "x"}',
        '{"where": {"or": {}}}',
        '{"where": {"and": ["x"]}}',
        '{"where": {"x": {"nearby": 1}}}',
        '{"where": {"x": {}}}',
        '{"where": {"x": {"options": "i"}}}',
        '{"where": {"x": {"inq": "y"}}}',
        '{"where": {"x": {"between": [1]}}}',
        '{"where": {"x": {"between": 1}}}',
        '{"where": {"x": {"regexp": "("}}}',
        '{"where": {"x": {"regexp": 5}}}',
        '{"where": {"x": {"regexp": "x", "options": 1}}}',
        '{"where": {"x": {"like": 5}}}',
        '{"where": {"x": {"gt": NaN}}}',
        '{"where": {"x": {"regexp": "' + "x" * 600 + '"}}}',
        '{"where": ' + '{"and": [' * 30 + "{}" + "]}" * 30 + "}",
        "[" * 100_000,
        '{"order": 5}',
        '{"order": "a b c"}',
        '{"limit": -1}',
        '{"limit": "many"}',
        '{"limit": true}',
        '{"skip": 1.5}',
        '{"fields": 5}',
        '{"fields": [5]}',
    ],
)
def test_invalid_filters(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_filter(text)
    assert (caught.value.status, caught.value.code) == (400, 2400)
    assert caught.value.message.startswith("The filter is not valid")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ('{"order": "creationDate DESC"}', (("creationDate", True),)),
        ('{"order": "creationDate"}', (("creationDate", False),)),
        ('{"order": ["status asc", "a.b desc"]}', (("status", False), ("a.b", True))),
        ("{}", ()),
        (None, ()),
        ("", ()),
    ],
)
def test_order(text: str | None, order: Any) -> None:
    assert parse_filter(text).order == order


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        (None, {"id", "status", "name"}),
        ({}, {"id", "status", "name"}),
        ({"id": True, "absent": True}, {"id"}),
        ({"id": True, "name": False}, {"id"}),
        ({"name": False}, {"id", "status"}),
        (["id", "status"], {"id", "status"}),
        ("id", {"id"}),
    ],
)
def test_fields(fields: Any, kept: set[str]) -> None:
    made = parse_filter(json.dumps({"fields": fields})).fields
    assert set(made({"id": 1, "status": 2, "name": 3})) == kept


def test_numbers_in_texts() -> None:
    wanted = parse_filter('{"limit": "10", "offset": 3}')
    assert (wanted.limit, wanted.skip) == (10, 3)


def test_sorting() -> None:
    documents = [{"n": n, "k": k} for n, k in ((1, "b"), (2, None), (1, "a"), (3, "c"))]
    documents[1].pop("k")
    by_two = sort_documents(documents, (("n", True), ("k", False)))
    assert [(one["n"], one.get("k")) for one in by_two] == [
        (3, "c"), (2, None), (1, "a"), (1, "b"),
    ]  # fmt: skip
    assert "k" not in sort_documents(documents, (("k", False),))[0]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["and", "or", "inq", "nin", "gt", "lte", "between", "regexp", "like", "neq", "tags",
             "creationDate", "backend.name", "x"]
        )
        | st.text(max_size=4),
        inner,
        max_size=3,
    ),
    max_leaves=12,
)  # fmt: skip


@given(_JSON)
def test_any_filter_works_or_is_rejected(where: Any) -> None:
    """Every filter works or raises the error of the service."""
    try:
        wanted = parse_filter(json.dumps({"where": where}))
    except ServiceError:
        return
    assert wanted.matches(JOB) in (True, False)
    assert wanted.matches({}) in (True, False)
