"""How long the instructions of a device take."""

from __future__ import annotations

from typing import Any

import pytest

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.devices.catalog import Catalog, Device
from ibmq_backend.emulator.simulation.durations import Durations

NS = 1e-9


def durations(device: Device) -> Durations:
    document = device.properties()
    assert document is not None
    return Durations(device, document)


def length(device: Device, name: str, *qubits: int, params: tuple[Any, ...] = ()) -> float:
    """Nanoseconds of one instruction."""
    instruction = {"name": name, "qubits": list(qubits), "params": list(params)}
    return durations(device).of(instruction) / NS


def stated(device: Device, name: str, *qubits: int) -> float:
    document = device.properties()
    assert document is not None
    (gate,) = (
        one for one in document["gates"] if (one["gate"], tuple(one["qubits"])) == (name, qubits)
    )
    (value,) = (one["value"] for one in gate["parameters"] if one["name"] == "gate_length")
    return float(value)


def test_gates_last_as_long_as_the_calibration_says(catalog: Catalog) -> None:
    vigo = catalog.get("ibmq_vigo")
    pulse = stated(vigo, "sx", 2)
    assert length(vigo, "sx", 2) == pytest.approx(pulse)
    assert length(vigo, "cx", 1, 3) == pytest.approx(stated(vigo, "cx", 1, 3))
    assert length(vigo, "rz", 2, params=(1.0,)) == 0.0
    # Gates of the other basis consist of those.
    assert length(vigo, "u1", 2, params=(0.1,)) == 0.0
    assert length(vigo, "u2", 2, params=(0.1, 0.2)) == pytest.approx(pulse)
    assert length(vigo, "u3", 2, params=(0.1, 0.2, 0.3)) == pytest.approx(2 * pulse)
    london = catalog.get("ibmq_london")
    assert length(london, "x", 0) == pytest.approx(stated(london, "u3", 0))
    assert length(london, "sx", 0) == pytest.approx(stated(london, "u2", 0))


def test_measurements_and_resets(catalog: Catalog) -> None:
    rome = catalog.get("ibmq_rome")
    assert length(rome, "measure", 0, 3) == pytest.approx(3022.2, abs=0.1)
    assert length(rome, "reset", 0) == pytest.approx(stated(rome, "reset", 0))
    vigo = catalog.get("ibmq_vigo")
    assert length(vigo, "reset", 0) == pytest.approx(5813.3 + stated(vigo, "sx", 0), abs=0.1)


def test_delays_are_counted_in_samples(catalog: Catalog) -> None:
    assert length(catalog.get("ibmq_rome"), "delay", 0, params=(900,)) == pytest.approx(200)
    assert length(catalog.get("ibmq_rome"), "delay", 0, params=([900, 0],)) == pytest.approx(200)
    with pytest.raises(JobRefused, match="does not state dt"):
        length(catalog.get("ibmq_london"), "delay", 0, params=(900,))


def test_what_a_calibration_does_not_state_is_that_of_a_similar_device(catalog: Catalog) -> None:
    assert length(catalog.get("ibmq_london"), "measure", 0) == pytest.approx(5813)
    old = catalog.get("ibmqx4")
    assert length(old, "u1", 0, params=(1.0,)) == 0.0
    assert length(old, "u2", 0, params=(1.0, 2.0)) == pytest.approx(60)
    assert length(old, "x", 0) == pytest.approx(120)
    assert length(old, "cx", 1, 0) == pytest.approx(400)
    eagle = catalog.get("ibm_sherbrooke")
    assert length(eagle, "id", 0, 1, 2) == pytest.approx(stated(eagle, "sx", 0))
