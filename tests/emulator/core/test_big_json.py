"""Large documents are read and written as the standard library does, but piece by piece."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.core import big_json
from ibmq_backend.emulator.core.big_json import dumps, loads, one_line

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([1.5e300, -0.0, '\n\r\t"\\', "x" * 40]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=30,
)
INDENTS = st.sampled_from([None, 0, 1, "\t"])


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Any:
    """Pieces so small that every document has many, cut at every possible place."""
    patch = pytest.MonkeyPatch()
    patch.setattr(big_json, "SMALL", 0)
    patch.setattr(big_json, "_CHUNK", 16)
    yield
    patch.undo()


@settings(max_examples=80, deadline=None)
@given(VALUES, INDENTS, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-le"]))
@example([123456789, -1.25e-7, True, None, "a\\u00e9"], None, "utf-8")
def test_what_was_written_is_read(value: Any, indent: Any, encoding: str) -> None:
    content = json.dumps(value, indent=indent).encode(encoding)
    assert loads(content) == value == json.loads(content)
    line = one_line(content)
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line) == value


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(VALUES, st.data())
def test_what_is_broken_is_broken_for_both(value: Any, data: st.DataObject) -> None:
    content = bytearray(json.dumps(value).encode())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + 1] = data.draw(
        st.sampled_from([b"", b",", b"]", b'"', b"{", b"1", b":"])
    )
    try:
        expected = json.loads(bytes(content))
    except ValueError:
        with pytest.raises(ValueError):
            loads(bytes(content))
    else:
        assert loads(bytes(content)) == expected


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_pieces_make_the_whole(value: Any) -> None:
    assert dumps(value) == json.dumps(value, separators=(",", ":")).encode()


def test_numbers_are_never_cut() -> None:
    numbers = [10**n + 0.5 for n in range(1, 15)] + [10**n for n in range(40)]
    for blanks in range(20):
        content = (" " * blanks + json.dumps(numbers, separators=(",", ":"))).encode()
        assert loads(content) == numbers


def test_what_the_standard_library_takes_beyond_json() -> None:
    (number,) = loads(b"[NaN]")
    assert math.isnan(number)
    assert loads(b'{"a": 1, "a": [Infinity]}') == {"a": [math.inf]}


@pytest.mark.parametrize(
    "content", [b"", b" ", b"[1] 2", b"[1", b'{"a" 1}', b"{1: 2}", b"\xff\xfe"]
)
def test_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        loads(content)


def test_too_many_values_and_too_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecursionError):
        loads(b"[" * 100_000 + b"]" * 100_000)
    monkeypatch.setattr(big_json, "MOST_VALUES_IN_SERVER", 10)
    assert len(loads(b"[" + b"0," * 9 + b"0]")) == 10
    with pytest.raises(ValueError, match="more than 10 values"):
        loads(b"[" + b"[]," * 10 + b"0]")
