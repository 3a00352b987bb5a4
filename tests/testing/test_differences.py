"""The most similar recorded request, and the differences in words."""

from __future__ import annotations

import json

import pytest
from vcr.request import Request

from ibmq_backend.testing.differences import differences, nearest


def request(path: str, body: object = None, method: str = "GET") -> Request:
    text = b"" if body is None else json.dumps(body).encode()
    return Request(method, f"https://service{path}", text, {})


def test_method_and_path_count_more_than_the_body() -> None:
    recorded = [
        request("/Jobs/1", {"a": 1}, "PUT"),
        request("/Jobs", {"a": 1, "b": 2}, "POST"),
        request("/Jobs", {"c": 3, "d": [1, 2]}, "POST"),
        request("/devices"),
    ]
    assert nearest(request("/Jobs", {"c": 3, "d": [1, 4]}, "POST"), recorded) == 2
    assert nearest(request("/Jobs", {"a": 1, "b": 3}, "POST"), recorded) == 1
    assert nearest(request("/devices?limit=3"), recorded) == 3
    assert nearest(request("/Jobs/7", {"x": 1}, "PUT"), recorded) == 0
    with pytest.raises(ValueError, match="empty"):
        nearest(request("/x"), [])


def test_differences_have_a_path_and_both_values() -> None:
    one = request("/Jobs?limit=10&skip=0", {"shots": 5, "tags": ["a"], "gone": None}, "POST")
    other = request("/Job?limit=20&new=1", {"shots": 5.5, "tags": ["b"], "more": {}}, "PUT")
    assert differences(one, other) == [
        "method: recorded POST, now PUT",
        "URL: recorded https://service/Jobs, now https://service/Job",
        'query limit: recorded "10", now "20"',
        'query new: new, "1"',
        'query skip: recorded "0", now missing',
        "body /shots: recorded 5, now 5.5",
        'body /tags/0: recorded "a", now "b"',
        "body /gone: recorded null, now missing",
        "and 1 more",
    ]


def test_long_texts_are_cut_around_the_difference() -> None:
    one, other = ({"program": "x" * 500 + end + "y" * 500} for end in ("rz(0.5)", "rz(0.7)"))
    (line,) = differences(request("/", one), request("/", other))
    assert "rz(0.5)" in line
    assert "rz(0.7)" in line
    assert len(line) < 300


def test_forms_and_plain_texts() -> None:
    one = Request("POST", "https://s/token", b"grant_type=a&apikey=api-token-1", {})
    other = Request("POST", "https://s/token", b"grant_type=b&apikey=api-token-2", {})
    assert differences(one, other) == ['body /grant_type: recorded "a", now "b"']
    assert differences(one, Request("POST", "https://s/token", b"", {})) == [
        'body as a whole: recorded {"grant_type": "a", "apikey": "api-token-1"}, now missing'
    ]


def test_generated_values_are_not_a_difference() -> None:
    assert (
        differences(request("/", {"name": "circuit-1"}), request("/", {"name": "circuit-20"})) == []
    )
