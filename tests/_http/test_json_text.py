"""JSON text is read as by the standard library, with less memory."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend._http.json_text import read_json

MEMORY = ["0x0", "0x3"] * 6000
LONG = json.dumps(MEMORY)
OTHER = json.dumps(["0x1", "0x2"] * 6000)

SMALL = (
    "NaN", "-Infinity", "1e400", "-0", "-0.0", "1e-400", "00", "1.", "\t[] ", "", "{", "[1,]", '"',
    "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
    "[1, -9223372036854775809]", '{"a":18446744073709551616}', "9" * 4300, "9" * 5000,
    "0." + "3" * 40, "[0.00012345678901234567,\n9223372036854775808]",
    '"\\ud83d\\ude00 \\ud800"', '"\\u0000"', '"\t"', '"\x7f"', '{"a": 1, "a": 2}', "\ufeff[]",
    "[" * 900 + "]" * 900, "[" * 90_000 + "]" * 90_000,
)  # fmt: skip

LARGE = {
    "result": f'{{"results": [{{"data": {{"memory": {LONG}}}}}, {{"memory": {OTHER}}}]}}',
    "distinct": json.dumps([hex(value) for value in range(9000)]),
    "only a list": LONG,
    "nested": f"[[{LONG}, [{OTHER}]], {LONG}]",
    "NaN": f'{{"memory": {LONG}, "phase": NaN, "big": {2**80}}}',
    "same key": f'{{"memory": {LONG}, "memory": {OTHER}}}',
    "as a key": f'{{{LONG}: 1}}',
    "in a string": f'{{"name": {json.dumps(LONG)}, "text[": "0x1"}}',
    "after a string": f'{{"name[{LONG}": 1}}',
    "escapes": json.dumps(["0x1", 'a"]', "\\", "é", "\n"] * 6000),
    "bracket": json.dumps(["0x1", "a]"] * 9000),
    "numbers": json.dumps(["0x1", 1, 1.0, True, None] * 6000),
    "objects": json.dumps(["0x1", {"a": "b"}, 1] * 6000),
    "list in it": json.dumps(["0x1", ["0x1"] * 9000, "0x2"]),
    "truncated in a list": f'{{"memory": {LONG}, "other": {OTHER[:-9]}',
    "truncated after a list": f'{{"memory": {LONG}',
    "not UTF-16": f'{{"memory": {LONG}, "name": "\udcff"}}',
}  # fmt: skip


def outcome(read, text):
    try:
        return repr(read(text))
    except (ValueError, RecursionError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("text", [*SMALL, *LARGE.values()], ids=lambda text: repr(text[:20]))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_value_or_error_is_that_of_the_standard_library(text, encoding):
    data = text.encode(encoding, "surrogatepass")
    assert outcome(read_json, data) == outcome(json.loads, data)


@pytest.mark.slow
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.just(MEMORY),
    ),
    cut=st.integers(0),
    ascii_only=st.booleans(),
)
def test_any_value_or_part_of_one_is_read_as_by_the_standard_library(value, cut, ascii_only):
    data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    for text in (data, data[: cut % len(data)]):
        assert outcome(read_json, text) == outcome(json.loads, text)
