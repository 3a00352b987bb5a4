"""The nearest recorded request, and what is different in it, in words."""

from __future__ import annotations

import json

from ibmq_backend.testing.differences import differences, nearest
from ibmq_backend.testing.exchanges import Question


def asked(path: str, body: object = None, method: str = "GET") -> Question:
    text = b"" if body is None else json.dumps(body).encode()
    return Question(method, f"https://service{path}", {}, text)


def test_nearest_has_the_method_and_the_path_before_it_has_the_body() -> None:
    recorded = [
        asked("/Jobs/1", {"a": 1}, "PUT"),
        asked("/Jobs", {"a": 1, "b": 2}, "POST"),
        asked("/Jobs", {"c": 3, "d": [1, 2]}, "POST"),
        asked("/devices"),
    ]
    assert nearest(asked("/Jobs", {"c": 3, "d": [1, 4]}, "POST"), recorded) == 2
    assert nearest(asked("/Jobs", {"a": 1, "b": 3}, "POST"), recorded) == 1
    assert nearest(asked("/devices?limit=3"), recorded) == 3
    assert nearest(asked("/Jobs/7", {"x": 1}, "PUT"), recorded) == 0
    assert nearest(asked("/x"), []) is None


def test_differences_have_a_place_and_both_values() -> None:
    one = asked("/Jobs?limit=10&skip=0", {"shots": 5, "tags": ["a"], "gone": None}, "POST")
    other = asked("/Job?limit=20&new=1", {"shots": 5.5, "tags": ["b"], "more": {}}, "PUT")
    assert differences(one, other) == [
        "method: recorded POST, now PUT",
        "address: recorded https://service/Jobs, now https://service/Job",
        'query limit: recorded "10", now "20"',
        'query new: new, "1"',
        'query skip: recorded "0", now left out',
        "body /shots: recorded 5, now 5.5",
        'body /tags/0: recorded "a", now "b"',
        "body /gone: recorded null, now left out",
        "and 1 more",
    ]


def test_long_texts_are_cut_around_the_difference() -> None:
    one, other = ({"program": "x" * 500 + end + "y" * 500} for end in ("rz(0.5)", "rz(0.7)"))
    (line,) = differences(asked("/", one), asked("/", other))
    assert "rz(0.5)" in line
    assert "rz(0.7)" in line
    assert len(line) < 300


def test_forms_and_plain_texts() -> None:
    one = Question("POST", "https://s/token", {}, b"grant_type=a&apikey=api-token-1")
    other = Question("POST", "https://s/token", {}, b"grant_type=b&apikey=api-token-2")
    assert differences(one, other) == ['body /grant_type: recorded "a", now "b"']
    assert differences(one, Question("POST", "https://s/token", {}, b"")) == [
        'body as a whole: recorded {"grant_type": "a", "apikey": "api-token-1"}, now left out'
    ]


def test_what_a_program_makes_up_is_no_difference() -> None:
    assert differences(asked("/", {"name": "circuit-1"}), asked("/", {"name": "circuit-20"})) == []
