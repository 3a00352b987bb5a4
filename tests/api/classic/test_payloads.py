"""The text of a submitted Qobj."""

from __future__ import annotations

import json

import pytest

from ibmq_backend.api.classic.payloads import encode_qobj


@pytest.mark.parametrize("value", [0.1, 1e-7, -0.0, 2**64 - 1, 2**64, "é \ud800", [[0.5, -0.25]]])
def test_a_qobj_is_read_back_as_it_was(value):
    header = {"phase": float("inf"), "name": value}
    qobj = {
        "config": {"shots": 8192},
        "experiments": [{"header": header, "instructions": [{"params": [value]}]}, {}],
        "header": header,
        "qobj_id": "1",
    }
    assert json.loads(encode_qobj(qobj)) == qobj


def test_headers_contain_the_tokens_that_json_lacks():
    text = encode_qobj({"experiments": [{"header": {"x": float("nan")}}], "header": {"y": -1e999}})
    assert b"NaN" in text
    assert b"-Infinity" in text
