"""Malicious circuits and values are rejected with a reason, within limits."""

from __future__ import annotations

import base64
import struct
import zlib
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.sampler import run
from ibmq_backend.emulator.sampler.reading_limits import bounded_reading
from tests.emulator.sampler.test_run import HEAD, refusal, sampled

DEVICE = "ibm_lagos"
ANGLE = HEAD + "input float a; rz(a) $0;"
GOOD = HEAD + "bit[2] c; rz(0.5) $0; sx $1; barrier $0, $1; c[0] = measure $0; delay[8dt] $1;"


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set limits of 0.1 s of processor time and 1 GB."""
    monkeypatch.setattr(run, "bounded_reading", partial(bounded_reading, 0.1, 1 << 30))


def packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


def encoded(content: bytes) -> dict[str, str]:
    return {"__type__": "QuantumCircuit", "__value__": packed(content)}


def array(shape: str, data: bytes = b"", kind: str = "<f8") -> dict[str, str]:
    """Return a typed array with this shape in its header."""
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode() + b"\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data
    return {"__type__": "ndarray", "__value__": packed(content)}


def doubling(depth: int) -> str:
    """Return nested gate definitions that expand to 2^depth gates."""
    gates = "".join(f"gate g{n} a {{ g{n - 1} a; g{n - 1} a; }} " for n in range(1, depth))
    return f"{HEAD} gate g0 a {{ x a; }} {gates} g{depth - 1} $0;"


# The first interruption can hit a callback of the garbage collector, which prints a warning.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize(
    "text",
    [
        doubling(40),
        HEAD + "x $0;" * 60_000,
        HEAD + "".join(f"bit[90000] c{n};" for n in range(2000)),
        HEAD + "bit[10000*100000] c;",
        HEAD + "rz(" + "1+" * 5_000 + "1) $0;",
    ],
    ids=["doubling", "long", "wide", "computed width", "sum"],
)
def test_endless_computations_are_stopped(text: str) -> None:
    assert refusal(text, device=DEVICE).code in (1506, 1520)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 1506),
        ("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2];", 1506),
        (HEAD + "for int i in [0:1000000000] { x $0; }", 1517),
        (HEAD + "while (true) { x $0; }", 1506),
        (HEAD + "pow(1000000000) @ sx $0;", 1506),
        (HEAD + "ctrl(1000000) @ x $0;", 1506),
        (HEAD + "rz(9**9**9) $0;", 1506),
        (HEAD + "delay[1e300s] $0;", 1521),
        (HEAD + "delay[1e9s] $0;", 1521),
        (HEAD + "\0\ud800", 1506),
        (HEAD + "{" * 300 + "}" * 300, 1506),
        ('OPENQASM 3.0; include "/etc/passwd";', 1506),
        ("OPENQASM 3.0; /*" + "*" * 10_000, 1506),
        (HEAD + "bit[99999999999999999999] c;", 1506),
    ],
)  # fmt: skip
def test_hostile_texts(text: str, code: int) -> None:
    # The parser prints errors on standard error, which are not warnings.
    assert refusal(text or " ", device=DEVICE).code in (code, 1520)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        (ANGLE, array("(4000000000,)"), "MB to read|cannot be read"),
        (ANGLE, array("(1,)", b"cposix\nsystem\n.", "|O"), "cannot be read"),
        (ANGLE, array("(-1,)"), "cannot be read"),
        (ANGLE, array("(1,)", b"\0" * 3), "cannot be read"),
        (ANGLE, array("(2000000,1)", b"\0" * 16_000_000), "circuits|to read"),
        (ANGLE, {"__type__": "ndarray", "__value__": "e" * 1000}, "cannot be read"),
        (ANGLE, {"a": [[[[[[[["x"]]]]]]]]}, "cannot be read"),
        (ANGLE, {"a": 10**400}, "cannot be read"),
        (ANGLE, [float("inf")], "not a finite number"),
        (HEAD + "x $0;", array("(1000000000000,0)"), "points"),
        (ANGLE, array("(1000000000000,0,1)"), "points"),
        (ANGLE, array("(0,1000000000000,1)"), "points"),
        (HEAD + "x $0;", array("(999999999999999999,999999999999999,0)"), "points|cannot be read"),
    ],
)
def test_hostile_values(text: str, values: Any, says: str) -> None:
    with pytest.raises(JobRefused, match=says):
        sampled([text, values, 10], device=DEVICE)


def test_too_many_parameter_values() -> None:
    text = HEAD + "input float a; input float b; rz(a) $0; rz(b) $0;"
    values = {"a": [[0.0]] * 30_000, "b": [[0.0] * 30_000]}
    with pytest.raises(JobRefused, match="points"):
        sampled([text, values, 10], device=DEVICE)


def test_a_result_that_would_be_too_large() -> None:
    with pytest.raises(JobRefused, match="bits"):
        sampled([HEAD + "bit[5000] c;", None, 1_000_000], device=DEVICE)


@pytest.mark.parametrize("version", [5, 10, 13, 17, 255])
def test_compression_bombs_and_wrong_sizes_in_qpy(version: int) -> None:
    for content in (
        b"QISKIT" + bytes([version]),
        b"QISKIT" + bytes([version]) + b"\0" * 5_000_000,
        b"QISKIT" + bytes([version]) + b"\xff" * 200,
        b"QISKIT" + bytes([version, 0, 46, 3]) + b"\0" * 7 + b"\1fq" + b"\xff" * 200,
    ):
        assert refusal(encoded(content), device=DEVICE).code in (1603, 1520)


@pytest.mark.slow
def test_compression_bombs_are_not_unpacked() -> None:
    bomb = zlib.compress(b"\0" * (1 << 28) + b"end", 1)
    with pytest.raises(JobRefused, match="cut off or too large") as caught:
        sampled(
            [{"__type__": "QuantumCircuit", "__value__": base64.b64encode(bomb).decode()}, None, 1],
            device=DEVICE,
        )
    assert caught.value.code == 1603


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_programs(data: st.DataObject) -> None:
    """Programs with removed, duplicated or changed characters run or are rejected."""
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(GOOD))] * 2)))
    middle = data.draw(st.sampled_from(["", GOOD[start:end] * 2, ";", "{", "[9]", "$99", "1e999"]))
    try:
        document = sampled([GOOD[:start] + middle + GOOD[end:], None, 10], device=DEVICE)
    except JobRefused as refused:
        assert 1000 <= refused.code <= 9999  # noqa: PT017 (either outcome is fine)
    else:
        assert len(document["results"]) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_limits_are_reset_afterwards(short_limits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a stopped computation the next job of the same worker runs."""
    assert refusal(doubling(40), device=DEVICE).code == 1520
    monkeypatch.undo()
    document = sampled([GOOD, None, 10], device=DEVICE)
    assert len(document["results"][0]["data"]["c"]["samples"]) == 10


@pytest.mark.slow
def test_the_memory_limit() -> None:
    with (
        pytest.raises(JobRefused, match="more than 64 MB") as caught,
        bounded_reading(60, 64 << 20),
    ):
        bytearray(1 << 30)
    assert caught.value.code == 1520
    assert len(bytearray(1 << 30)) == 1 << 30
