"""Results are summarized for pages, whatever program made them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ibmq_backend.emulator.engine.engine import JobRefused
from ibmq_backend.emulator.engine.result_summary import MAX_VALUES, summarize_result
from ibmq_backend.emulator.engine.task_handlers import TaskHead
from ibmq_backend.emulator.sampler.typed_values import bit_array, encode_array


def summary(result: Any, circuit: int = 0) -> dict[str, Any]:
    return summarize_result(None, TaskHead("j", "ibmq_vigo", circuit=circuit), result)


def experiment(data: dict[str, Any], **header: Any) -> dict[str, Any]:
    return {"shots": 100, "success": True, "status": "DONE", "header": header, "data": data}


def test_counts_have_the_bits_of_their_registers() -> None:
    data = {"counts": {"0x0": 60, "0x5": 40}, "memory": ["0x0"] * 100, "statevector": []}
    sizes = {"creg_sizes": [["a", 1], ["b", 2]], "memory_slots": 3, "name": "bell"}
    found = summary({"results": [experiment({}), experiment(data, **sizes)]}, 7)
    assert (found["circuits"], found["index"], found["name"]) == (2, 1, "bell")
    assert found["histograms"] == [
        {"title": "", "shots": 100, "bars": [["00 0", 60], ["10 1", 40]], "others": [0, 0]}
    ]
    assert found["remarks"] == [
        "The result contains the 100 single shots (memory).",
        "The result also contains statevector.",
    ]


def test_rare_values_are_added_up() -> None:
    counts = {hex(value): value + 1 for value in range(40)}
    (histogram,) = summary({"results": [experiment({"counts": counts}, memory_slots=6)]})[
        "histograms"
    ]
    assert len(histogram["bars"]) == MAX_VALUES
    assert histogram["bars"][0] == ["001000", 9]
    assert histogram["others"] == [8, 36]


@pytest.mark.parametrize("typed", [False, True])
def test_samples_of_registers(typed: bool) -> None:
    bits = bit_array([1, 1, 513], 10, [3])
    plain = {"samples": ["0x1", "0x1", "0x201"], "num_bits": 10}
    points = encode_array(np.zeros((3, 1), dtype=complex))
    if typed:
        data = {"__value__": {"fields": {"c": bits, "iq": points}}}
        result: Any = {"__value__": {"pub_results": [{"__value__": {"data": data}}]}}
    else:
        result = {"results": [{"data": {"c": plain, "iq": points}}]}
    found = summary(result)
    assert found["histograms"] == [
        {
            "title": "Register c",
            "shots": 3,
            "bars": [["0000000001", 2], ["1000000001", 1]],
            "others": [0, 0],
        }
    ]
    assert found["remarks"] == ["Register iq contains points in the IQ plane."]


@pytest.mark.parametrize("typed", [False, True])
def test_expectation_values(typed: bool) -> None:
    values = np.arange(35.0).reshape(5, 7)
    if typed:
        arrays = {"evs": encode_array(values), "stds": encode_array(values / 10)}
        data: Any = {"__value__": {"fields": arrays}}
        result: Any = {"__value__": {"pub_results": [{"__value__": {"data": data}}]}}
    else:
        lists = {"evs": values.tolist(), "stds": (values / 10).tolist()}
        result = {"results": [{"data": lists}]}
    found = summary(result)
    assert found["estimates"][:2] == [(0.0, 0.0), (1.0, 0.1)]
    assert len(found["estimates"]) == MAX_VALUES
    assert found["remarks"] == ["The result contains 3 further expectation values."]


@pytest.mark.parametrize(
    "result",
    [
        None,
        {},
        {"results": []},
        {"results": [None]},
        {"results": [experiment({"counts": {"x": 1}})]},
        {"results": [experiment({"counts": [1]})]},
        {"results": [experiment({}, creg_sizes=5)]},
        {"results": [{"data": {"c": 1}}]},
        {"__value__": {"pub_results": [{"__value__": {"data": {"__value__": {}}}}]}},
    ],
)
def test_results_of_another_form(result: Any) -> None:
    with pytest.raises(JobRefused):
        summary(result)
