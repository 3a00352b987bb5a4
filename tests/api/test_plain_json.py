"""Values of Python programs in the types of JSON, as qiskit-ibmq-provider 0.20.2 sent them."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime
import decimal
import enum
import json
import pathlib
import types

import numpy as np
import pytest
from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter

from ibmq_backend.api.plain_json import plain_json, plain_qobj
from ibmq_backend.exceptions import ApiInputError

NAN = float("nan")
PHI = Parameter("φ")
HALF = (PHI * 2).bind({PHI: 0.25})
Pair = collections.namedtuple("Pair", "a b")


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 2


class Basis(str, enum.Enum):  # noqa: UP042 (its str() is not its text)
    X = "x"


@dataclasses.dataclass(frozen=True)
class Point:
    x: int = 1


class Converts:
    """An object whose conversion fails in a way of its own."""

    def to_dict(self):
        raise LookupError("no entry")


KEYS = [
    ("text", "text"),
    (np.str_("text"), "text"),
    (Basis.X, "x"),
    (True, "true"),
    (None, "null"),
    (1, "1"),
    (0.5, "0.5"),
    (NAN, "NaN"),
    (Level.HIGH, "2"),
    (np.int64(3), "3"),
    (np.float64(0.5), "0.5"),
    (np.float32(0.5), "0.5"),
    (np.bool_(True), "True"),
    (PHI, "φ"),
    (2 * PHI, "2*φ"),
    (HALF, "0.5"),
    ((0, 1), "(0, 1)"),
    (QuantumRegister(1, "q")[0], "Qubit(QuantumRegister(1, 'q'), 0)"),
    (Colour.RED, "Colour.RED"),
    (b"a", "b'a'"),
    (1j, "1j"),
    (frozenset({1}), "frozenset({1})"),
    (pathlib.PurePosixPath("a/b"), "a/b"),
    (datetime.datetime(2021, 1, 1), "2021-01-01 00:00:00"),
    (Point(), "Point(x=1)"),
]


@pytest.mark.parametrize(("key", "text"), KEYS, ids=[text for _, text in KEYS])
@pytest.mark.parametrize("around", [lambda v: v, lambda v: [v], lambda v: {"in": ({"x": v},)}])
def test_keys_become_text(key, text, around):
    given = around({key: 1})
    plain = plain_json(given, "metadata")
    assert plain == json.loads(json.dumps(around({text: 1})))
    assert list(around({key: 1})) == list(given)


VALUES = [
    (np.int64(3), 3),
    (np.uint8(3), 3),
    (np.float32(0.5), 0.5),
    (np.bool_(True), True),
    (np.str_("a"), "a"),
    (np.array([[1, 2.5]]), [[1.0, 2.5]]),
    (np.array([1j]), [[0.0, 1.0]]),
    (np.array(3), 3),
    (np.array([{PHI: 1}]), [{"φ": 1}]),
    (1 + 2j, [1.0, 2.0]),
    (np.complex128(1j), [0.0, 1.0]),
    (HALF, 0.5),
    ((PHI * 2j).bind({PHI: 0.5}), [0.0, 1.0]),
    ((0, 1), [0, 1]),
    (Pair(1, 2), [1, 2]),
    ({1}, [1]),
    (Level.HIGH, 2),
    (Basis.X, "x"),
    (None, None),
    (10**400, 10**400),
    ("\ud800", "\ud800"),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    (collections.UserDict({PHI: 1}), {"φ": 1}),
    (types.MappingProxyType({"a": 1}), {"a": 1}),
]


@pytest.mark.parametrize(("value", "wanted"), VALUES, ids=[repr(v)[:40] for v, _ in VALUES])
@pytest.mark.parametrize("beside", ["text", PHI])
def test_values_become_json(value, wanted, beside):
    plain = plain_json({"k": value, beside: 0}, "metadata")
    assert plain == {"k": wanted, str(beside): 0}
    assert repr(plain["k"]) == repr(wanted)


@pytest.mark.parametrize("beside", ["text", PHI])
@pytest.mark.parametrize("value", [NAN, np.float32("nan"), np.inf, -np.inf, complex(0, NAN)])
def test_nan_and_infinity_are_numbers_of_headers_only(value, beside):
    plain = plain_json({"k": [value], beside: 0}, "header")
    assert repr(plain["k"]) == repr([[value.real, value.imag]] if value.imag else [float(value)])
    with pytest.raises(ApiInputError, match=r"config\['k'\]\[0\](\[1\])? is (nan|-?inf)\. Use"):
        plain_json({"k": [value], beside: 0}, "config", finite=True)


LOOP: dict[str, object] = {}
LOOP["me"] = LOOP
DEEP: list[object] = []
for _ in range(3000):
    DEEP = [DEEP]


@pytest.mark.parametrize("beside", ["text", PHI])
@pytest.mark.parametrize(
    "value",
    [
        PHI,
        np.array([PHI], dtype=object),
        QuantumRegister(1, "q")[0],
        QuantumCircuit(1),
        Colour.RED,
        Point(),
        b"a",
        datetime.datetime(2021, 1, 1),
        np.datetime64("2021-01-01"),
        decimal.Decimal(1),
        pathlib.Path("a"),
        range(3),
        (each for each in [1]),
        len,
        int,
        np.ndarray,
        object(),
        Converts(),
        10**5000,
    ],
    ids=lambda value: type(value).__name__ if value != 10**5000 else "huge",
)
def test_what_has_no_json_form_is_one_error_with_its_place(value, beside):
    for given, place in (
        ({3: value}, r"\[3\]"),
        ({"a": [0, {"b": value}]}, r"\['a'\]\[1\]\['b'\]"),
    ):
        with pytest.raises(ApiInputError, match=rf"metadata{place}.* has no JSON form. Use text"):
            plain_json({**given, beside: 0}, "metadata")


@pytest.mark.parametrize("beside", ["text", PHI])
@pytest.mark.parametrize("value", [LOOP, DEEP, [[DEEP]]], ids=["loop", "deep", "deeper"])
def test_what_has_no_end_is_refused(value, beside):
    with pytest.raises(ApiInputError, match="metadata is nested too deeply, or contains itself"):
        plain_json({"k": value, beside: 0}, "metadata")


def test_a_qobj_is_converted_without_being_changed():
    metadata = {PHI: np.int64(1), "chi": NAN, "list": [1]}
    document = {
        "header": {"grid": np.arange(2)},
        "config": {"shots": np.int64(5)},
        "experiments": [
            {
                "header": {"name": "c", "metadata": metadata},
                "instructions": [{"name": "rx", "params": [HALF, 1j]}],
            }
        ],
        "type": "QASM",
    }
    before = copy.copy(metadata)
    plain = plain_qobj(document)
    metadata["list"].append(2)
    header = plain["experiments"][0]["header"]
    assert repr(header) == "{'name': 'c', 'metadata': {'φ': 1, 'chi': nan, 'list': [1]}}"
    assert plain["experiments"][0]["instructions"] == [{"name": "rx", "params": [0.5, [0.0, 1.0]]}]
    assert (plain["header"], plain["config"]) == ({"grid": [0, 1]}, {"shots": 5})
    assert list(plain) == list(document)
    assert metadata == before

    document["experiments"][0]["instructions"][0]["params"][0] = NAN
    place = r"^\"Circuit 0 \('c'\): instructions\[0\]\['params'\]\[0\] is nan"
    with pytest.raises(ApiInputError, match=place):
        plain_qobj(document)
