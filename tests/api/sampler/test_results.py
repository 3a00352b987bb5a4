"""All forms of results give a ``Result`` with the measured counts."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from datetime import UTC, datetime

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.result import Result

from ibmq_backend.api.sampler import typed_json
from ibmq_backend.api.sampler.programs import JobPlan, plan_of
from ibmq_backend.api.sampler.results import JobFacts, last_error, read_text, result_document
from tests.support.platform_replies import examples, plain_results

FACTS = JobFacts("job-1", "ibm_five", "1.0.3", datetime(2026, 8, 17, 1, 40, tzinfo=UTC), 2.5)
CHECK_UINT8 = (
    "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomOgqGmjoKtQpk"
    "Ay4GZmYGAOUhG74="
)
CHECK_FLOAT = (
    "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuB"
    "jB4YA+hf9gDABdNHbM="
)


def packed(array, *, allow_pickle=False):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    text = base64.b64encode(zlib.compress(buffer.getvalue())).decode()
    return {"__type__": "ndarray", "__value__": text}


def bit_array(rows, bits):
    array = packed(np.asarray(rows, dtype=np.uint8))
    return {"__type__": "BitArray", "__value__": {"array": array, "num_bits": bits}}


def typed_results(*circuits, names=True):
    pubs = []
    for fields in circuits:
        data = {"fields": fields, "shape": []}
        if names:
            data |= {"field_names": list(fields), "field_types": ["BitArray"] * len(fields)}
        inner = {"data": {"__type__": "DataBin", "__value__": data}, "metadata": {}}
        pubs.append({"__type__": "SamplerPubResult", "__value__": inner})
    value = {"pub_results": pubs, "metadata": {"version": 2}}
    return {"__type__": "PrimitiveResult", "__value__": value}


def plan_for(*registers, header=None, memory=True):
    """The plan of a job with one circuit with these registers."""
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
    job = {"config": {"memory": memory}, "qobj_id": "qobj-1", "header": header or {}}
    lines.append(f"// ibmq_backend job {json.dumps(job)}")
    lines += [f"bit[{size}] {name};" for name, size in registers]
    return plan_of({"pubs": [["\n".join(lines), None, 4]]})


def qiskit_result(value, plan):
    return Result.from_dict(dict(result_document(value, plan, FACTS)))


def test_a_document_shares_nothing_with_the_plan():
    plan = plan_for(("c", 2), header={"mine": {"a": 1}})
    circuit = evolve(plan.circuits[0], header={"name": "bell", "metadata": {"b": 2}})
    plan = evolve(plan, circuits=(circuit,))
    result = qiskit_result(plain_results({"c": ["0x0"]}), plan)
    result.header.mine["a"] = result.results[0].header.metadata["b"] = 3
    assert (plan.header, circuit.header["metadata"]) == ({"mine": {"a": 1}}, {"b": 2})


def test_plain_results_of_one_register():
    value = plain_results({"c": ["0x0", "0x3", "0x3", "0x2"]})
    document = result_document(value, plan_for(("c", 2), header={"u": 1}), FACTS)
    assert document["results"][0]["data"] == {
        "counts": {"0x0": 1, "0x2": 1, "0x3": 2},
        "memory": ["0x0", "0x3", "0x3", "0x2"],
    }
    assert document["date"] == "2026-08-17T01:40:00+00:00"
    assert (document["time_taken"], document["qobj_id"]) == (2.5, "qobj-1")
    assert document["header"] == {"u": 1}
    result = Result.from_dict(dict(document))
    assert result.get_counts() == {"00": 1, "10": 1, "11": 2}
    assert result.get_memory() == ["00", "11", "11", "10"]
    assert (result.job_id, result.backend_version, result.success) == ("job-1", "1.0.3", True)
    assert result.results[0].shots == 4


def test_memory_is_returned_only_if_requested():
    value = plain_results({"c": ["0x0"]})
    document = result_document(value, plan_for(("c", 2), memory=False), FACTS)
    assert "memory" not in document["results"][0]["data"]


def test_registers_are_in_the_order_of_declaration():
    value = plain_results({"b": ["0x1", "0x0"], "a": ["0x2", "0x1"]})
    value["results"][0]["data"]["b"]["num_bits"] = 1
    result = qiskit_result(value, plan_for(("a", 2), ("b", 1)))
    assert result.get_memory() == ["1 10", "0 01"]
    assert result.to_dict()["results"][0]["data"]["memory"] == ["0x6", "0x1"]


def test_typed_results_equal_plain_results():
    value = typed_results({"a": bit_array([[2], [1]], 2), "b": bit_array([[1], [0]], 1)})
    result = qiskit_result(value, plan_for(("a", 2), ("b", 1)))
    assert result.get_memory() == ["1 10", "0 01"]


def test_without_a_readable_program_the_data_defines_the_registers():
    value = typed_results({"z": bit_array([[2]], 2), "a": bit_array([[1]], 1)}, names=False)
    plan = plan_of({"pubs": [[{"__type__": "QuantumCircuit", "__value__": "eJyL"}, None, 1]]})
    result = qiskit_result(value, plan)
    assert result.results[0].header.creg_sizes == [["z", 2], ["a", 1]]
    assert result.get_memory() == ["1 10"]
    without_plan = JobPlan((), {}, None, True)
    assert qiskit_result(value, without_plan).get_counts() == {"1 10": 1}


def test_wide_registers():
    wide = (1 << 126) | 5
    value = plain_results({"meas": [hex(wide), hex(wide), "0x1"]}, bits=127)
    result = qiskit_result(value, plan_for(("meas", 127)))
    assert result.get_counts()[format(wide, "0127b")] == 2
    rows = [list(wide.to_bytes(16, "big")), list((3).to_bytes(16, "big"))]
    value = typed_results({"meas": bit_array(rows, 127), "x": bit_array([[1], [0]], 1)})
    result = qiskit_result(value, plan_for(("meas", 127), ("x", 1)))
    assert result.get_memory() == ["1 " + format(wide, "0127b"), "0 " + format(3, "0127b")]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_registers_and_shots(data):
    sizes = data.draw(st.lists(st.integers(1, 70), min_size=1, max_size=4))
    shots = data.draw(st.integers(1, 5))
    registers = [(f"r{index}", size) for index, size in enumerate(sizes)]
    values = {
        name: data.draw(st.lists(st.integers(0, 2**size - 1), min_size=shots, max_size=shots))
        for name, size in registers
    }
    expected = []
    for shot in range(shots):
        bits = "".join(format(values[name][shot], f"0{size}b") for name, size in registers[::-1])
        expected.append(int(bits, 2))
    plain = plain_results({name: [hex(value) for value in values[name]] for name, _ in registers})
    for name, size in registers:
        plain["results"][0]["data"][name]["num_bits"] = size
    arrays = {
        name: bit_array([list(v.to_bytes((size + 7) // 8, "big")) for v in values[name]], size)
        for name, size in registers
    }
    for value in (plain, typed_results(arrays)):
        memory = result_document(value, plan_for(*registers), FACTS)["results"][0]["data"]["memory"]
        assert [int(entry, 16) for entry in memory] == expected


def test_a_sweep_gives_an_entry_for_each_set_of_parameters():
    rows = np.array([[[0], [1]], [[2], [3]], [[3], [3]]], dtype=np.uint8)
    value = typed_results({"c": bit_array(rows, 2)})
    result = qiskit_result(value, plan_for(("c", 2)))
    assert [result.get_counts(n) for n in range(3)] == [
        {"00": 1, "01": 1},
        {"10": 1, "11": 1},
        {"11": 2},
    ]
    value = plain_results({"c": [["0x0", "0x1"], ["0x2", "0x3"]]})
    assert len(result_document(value, plan_for(("c", 2)), FACTS)["results"]) == 2


def test_circuits_without_registers():
    document = result_document(plain_results({}), plan_for(), FACTS)
    assert document["results"][0]["data"] == {"counts": {}, "memory": []}
    assert document["results"][0]["shots"] == 4
    assert Result.from_dict(dict(document)).get_counts() == {}


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("averaged", [False, True])
def test_signals(averaged, private):
    kind = "avg_kerneled" if averaged else "kerneled"
    signals = np.array([1 + 2j, 3 - 1j]) if averaged else np.array([[1 + 2j, 3 - 1j], [0, 1j]])
    plan = plan_of(
        {
            "pubs": [["OPENQASM 3.0;\nbit[2] c;", None, 2]],
            "options": {"execution": {"meas_type": kind}},
        }
        if not private
        else {}
    )
    result = qiskit_result(typed_results({"c": packed(signals)}), plan)
    assert result.results[0].meas_level == 1
    assert result.results[0].meas_return == ("avg" if averaged else "single")
    np.testing.assert_allclose(result.get_memory(0), signals)


def test_examples_of_the_specification():
    for name, value in examples("getJobResults").items():
        if name in ("plain", "typed"):
            result = qiskit_result(value, plan_for(("c", 2)))
            assert result.get_counts() == {"00": 2, "11": 2}, name


def test_nan_and_infinity():
    value = read_text(b'{"results": [], "metadata": {"x": Infinity, "y": NaN}}')
    assert value["metadata"]["x"] == float("inf")


def test_json_in_json():
    assert read_text(json.dumps(json.dumps({"results": []})).encode()) == {"results": []}


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"results": {}},
        {"results": [1]},
        {"results": [{}]},
        {"results": [{"data": []}]},
        {"results": [{"data": {"c": {"samples": ["x"], "num_bits": 1}}}]},
        {"results": [{"data": {"c": {"samples": ["0x0"]}}}]},
        {"results": [{"data": {"c": 5}}]},
        plain_results({"a": ["0x0"], "b": ["0x0", "0x1"]}),
    ],
)
def test_malformed_results_are_errors(value):
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        result_document(value, plan_for(("a", 1), ("b", 1)), FACTS)


def test_the_last_traceback_is_the_error():
    text = (
        "log\nTraceback (most recent call last)\n one\nTraceback (most recent):\n  File\nE: two\n"
    )
    assert last_error(text.encode()) == "Traceback (most recent):\n  File\nE: two"
    assert last_error(b"{}") is None


# -- the typed encoding ---------------------------------------------------------------------------


def test_check_values_of_the_encoding():
    array = typed_json.decode({"__type__": "ndarray", "__value__": CHECK_UINT8})
    assert array.tolist() == [[0], [3], [3], [0]]
    assert typed_json.decode({"__type__": "ndarray", "__value__": CHECK_FLOAT}).tolist() == [
        0.5,
        1.5,
    ]
    ten_bits = typed_json.decode(bit_array([[2, 1]], 10))
    assert ten_bits.values().tolist() == [0b1000000001]


def test_pickles_are_never_opened():
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    with pytest.raises(ValueError, match="array of object"):
        typed_json.decode(packed(np.array([Trap()], dtype=object), allow_pickle=True))


def npy(shape, data=b"", kind="<f8", version=b"\1\0"):
    """An array with a given shape in its header."""
    head = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    content = b"\x93NUMPY" + version + struct.pack("<H", len(head)) + head + data
    text = base64.b64encode(zlib.compress(content)).decode()
    return {"__type__": "ndarray", "__value__": text}


@pytest.mark.parametrize(
    "array",
    [
        npy("(4000000000000,)"),
        npy("(1000000000000, 0)", kind="<f8, <f8"),
        npy("(1,)", b"0" * 8, kind="|O"),
        npy("(1,)", b"0" * 8, version=b"\3\0"),
        npy("(1,)", b"0" * 7),
        npy("(-1, -1)", b"0" * 8),
        npy("-" * 9000 + "1"),
        npy("__import__('pathlib').Path('evaluated').touch()"),
        npy("("),
        {"__type__": "ndarray", "__value__": base64.b64encode(zlib.compress(b"PK\3\4")).decode()},
    ],
)
def test_arrays_have_the_size_of_their_data(array, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, TypeError)):
        typed_json.decode(array)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bits", [10**12, 9, 0, -1])
def test_bit_arrays_have_the_right_number_of_bytes(bits):
    with pytest.raises(ValueError, match="bytes"):
        typed_json.decode(bit_array([[1]], bits))


def test_plain_registers_that_would_fill_the_memory():
    value = plain_results({"c": ["0x0"]})
    value["results"][0]["data"]["c"]["num_bits"] = 10**12
    with pytest.raises(ValueError, match="bits"):
        result_document(value, plan_of({}), FACTS)


@pytest.mark.parametrize(
    "text",
    [
        "!!",
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(b"x")[:-1]).decode(),
    ],
)
def test_arrays_that_cannot_be_unpacked(text):
    with pytest.raises(ValueError):
        typed_json.decode({"__type__": "ndarray", "__value__": text})


def test_arrays_that_are_too_large(monkeypatch):
    monkeypatch.setattr(typed_json, "MAX_ARRAY_BYTES", 64)
    with pytest.raises(ValueError, match="too large"):
        typed_json.decode(packed(np.zeros(100)))


def test_other_types_are_returned_unchanged():
    moment = {"__type__": "datetime", "__value__": "2026-08-17T01:40:10"}
    span = {"__type__": "DoubleSliceSpan", "__value__": {"start": moment}}
    spans = {"__type__": "ExecutionSpans", "__value__": {"spans": [span]}}
    assert typed_json.decode(spans) == [span]
    assert typed_json.decode(moment) == "2026-08-17T01:40:10"
    assert typed_json.decode({"__type__": "complex", "__value__": [1, 2]}) == 1 + 2j
    assert typed_json.decode({"__type__": "ndarray", "__value__": [1, 2]}).tolist() == [1, 2]
    unknown = {"__type__": "settings", "__value__": {"x": 1}}
    assert typed_json.decode({"a": [unknown]}) == {"a": [unknown]}
    with pytest.raises(TypeError):
        typed_json.decode(bit_array([1, 2], 2))


@pytest.mark.parametrize(
    "value",
    [
        plain_results({"c": [hex(shot) for shot in (1, 2) * 600]}),
        typed_results({"c": bit_array([[1], [2]] * 600, 2)}),
    ],
    ids=["plain", "typed"],
)
def test_equal_shots_of_the_memory_are_one_string(value):
    text = json.dumps(value).encode()
    (entry,) = result_document(read_text(text), plan_for(("c", 2)), FACTS)["results"]
    assert entry["data"]["memory"] == ["0x1", "0x2"] * 600
    assert len({id(shot) for shot in entry["data"]["memory"]}) == 2
