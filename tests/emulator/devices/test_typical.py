"""The typical calibration of a device, from several published ones."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pytest

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.typical import typical

Document = dict[str, Any]


def parameter(name: str, value: float, unit: str = "") -> Document:
    return {"name": name, "value": value, "unit": unit, "date": "2020-01-01T00:00:00Z"}


def gate(name: str, qubits: list[int], error: float, length: float = 36.0) -> Document:
    values = [parameter("gate_error", error), parameter("gate_length", length, "ns")]
    return {"gate": name, "qubits": qubits, "parameters": values}


def calibration(
    day: str,
    *,
    t1: tuple[float, ...] = (100.0, 90.0, 80.0),
    unit: str = "us",
    readout: tuple[float, ...] = (0.02, 0.02, 0.03),
    gates: tuple[Document, ...] = (),
) -> Document:
    qubits = [
        [
            parameter("T1", time, unit),
            parameter("readout_error", error),
            parameter("prob_meas0_prep1", 1.5 * error),
            parameter("frequency", 5.0, "GHz"),
        ]
        for time, error in zip(t1, readout, strict=True)
    ]
    return {
        "backend_name": "ibmq_three",
        "last_update_date": f"{day}T10:00:00+00:00",
        "qubits": qubits,
        "gates": list(gates),
    }


def value(document: Document, qubit: int, name: str) -> float:
    return next(each["value"] for each in document["qubits"][qubit] if each["name"] == name)


def gate_value(document: Document, name: str, qubits: list[int], what: str) -> float:
    found = next(g for g in document["gates"] if (g["gate"], g["qubits"]) == (name, qubits))
    return next(each["value"] for each in found["parameters"] if each["name"] == what)


def test_values_are_medians_in_the_units_of_the_newest():
    found = typical(
        [
            calibration("2020-01-01", t1=(60e3, 90e3, 80e3), unit="ns"),
            calibration("2020-02-01", t1=(0.08, 0.09, 0.08), unit="ms"),
            calibration("2020-03-01", t1=(120.0, 90.0, 80.0), readout=(0.05, 0.02, 0.03)),
        ]
    )
    assert value(found.document, 0, "T1") == pytest.approx(80.0)
    assert value(found.document, 0, "readout_error") == pytest.approx(0.02)
    assert value(found.document, 0, "prob_meas0_prep1") == pytest.approx(0.03)
    assert found.document["last_update_date"].startswith("2020-03-01")
    assert found.statement == "median of 3 calibrations, 2020-01-01 to 2020-03-01"


def test_the_documents_are_left_as_they_are():
    documents = [
        calibration("2020-01-01", t1=(60.0, 90.0, 80.0)),
        calibration("2020-02-01", readout=(0.4, 0.02, 0.03)),
    ]
    before = copy.deepcopy(documents)
    typical(documents)
    assert documents == before


def test_errors_of_pulses_reach_over_the_change_of_the_basis():
    old = calibration(
        "2020-01-01", gates=(gate("u2", [0], 4e-4), gate("u3", [0], 8e-4), gate("cx", [0, 1], 0.02))
    )
    new = calibration(
        "2021-01-01",
        gates=(
            gate("rz", [0], 0.0, 0.0),
            gate("sx", [0], 2e-4),
            gate("x", [0], 2e-4),
            gate("cx", [0, 1], 0.01, 300.0),
        ),
    )
    found = typical([old, new]).document
    assert [each["gate"] for each in found["gates"]] == ["rz", "sx", "x", "cx"]
    assert gate_value(found, "sx", [0], "gate_error") == pytest.approx(3e-4)
    assert gate_value(found, "x", [0], "gate_error") == pytest.approx(3e-4)
    assert gate_value(found, "rz", [0], "gate_error") == 0
    assert gate_value(found, "cx", [0, 1], "gate_error") == pytest.approx(0.015)
    assert gate_value(found, "cx", [0, 1], "gate_length") == 300.0
    back = typical([new, old]).document
    assert gate_value(back, "u3", [0], "gate_error") == pytest.approx((4e-4 + 8e-4) / 2)


def test_a_broken_gate_stays_broken_and_its_value_does_not_count():
    working, broken = gate("cx", [0, 1], 0.01), gate("cx", [0, 1], 1.0)
    first = calibration("2020-01-01", gates=(broken, gate("cx", [1, 2], 0.02)))
    second = calibration("2020-02-01", gates=(working, gate("cx", [1, 2], 1.0)))
    found = typical([first, second]).document
    assert gate_value(found, "cx", [0, 1], "gate_error") == 0.01
    assert gate_value(found, "cx", [1, 2], "gate_error") == 1.0


def test_an_implausible_value_does_not_count():
    good, bad = calibration("2020-01-01"), calibration("2020-02-01", readout=(0.3, 0.02, 0.03))
    found = typical([good, bad])
    assert value(found.document, 0, "readout_error") == 0.02
    assert value(found.document, 0, "prob_meas0_prep1") == pytest.approx(0.03)
    assert found.repaired == ()


def test_a_value_that_is_bad_on_every_date_is_kept():
    found = typical(
        [
            calibration("2020-01-01", readout=(0.3, 0.02, 0.03)),
            calibration("2020-02-01", readout=(0.4, 0.02, 0.03)),
        ]
    )
    assert value(found.document, 0, "readout_error") == pytest.approx(0.35)
    assert found.repaired == ()


def test_the_median_of_the_device_replaces_an_implausible_value_of_its_only_date():
    found = typical([calibration("2020-01-01", t1=(4.0, 90.0, 80.0), readout=(0.3, 0.02, 0.03))])
    assert value(found.document, 0, "T1") == pytest.approx(80.0)
    assert value(found.document, 0, "readout_error") == pytest.approx(0.03)
    assert found.statement == (
        "one calibration, 2020-01-01; repaired: T1 of qubit 0; readout_error of qubit 0"
    )


def test_repaired_values_are_said_together():
    errors = (0.4, 0.4, 0.02, 0.02, 0.02, 0.02)
    gates = tuple(
        gate("cx", [0, qubit], error) for qubit, error in ((1, 0.3), (2, 0.01), (3, 0.01))
    )
    found = typical([calibration("2020-01-01", t1=(90.0,) * 6, readout=errors, gates=gates)])
    assert found.repaired == ("readout_error of qubit 0, 1", "gate_error of cx 0-1")


def test_plausible_values_of_an_only_date_are_those_published():
    document = calibration("2020-01-01", gates=(gate("cx", [0, 1], 0.02),))
    assert typical([document]).document == document


def test_the_shipped_calibration_of_manila_is_repaired():
    date = datetime(2021, 12, 31, tzinfo=UTC)  # the next calibration is of 2024
    device = Catalog(DeviceOptions(date=date)).get("ibmq_manila")
    published = device.properties()
    assert published is not None
    assert value(published, 0, "readout_error") > 0.14
    found = typical([published])
    assert value(found.document, 0, "readout_error") < 0.03
    assert value(found.document, 0, "T2") > 30
    assert {each.partition(" of ")[2] for each in found.repaired} == {"qubit 0"}


@pytest.mark.parametrize(
    ("name", "date", "pulse", "cx"),
    [
        ("ibmq_toronto", None, ("sx", 568.9), 6770),
        ("ibmq_cambridge", "2020-05", ("u2", 834.8), 8877),
    ],
)
def test_lengths_that_are_too_long_are_divided(
    name: str, date: str | None, pulse: tuple[str, float], cx: float
) -> None:
    device = Catalog(DeviceOptions.of(date=date)).get(name)
    published, typical_one = device.properties(), device.noise_properties()
    assert published is not None
    assert typical_one is not None
    for document, factor in ((published, 1), (typical_one, 16)):
        lengths = {
            gate: median(
                parameter["value"]
                for each in document["gates"]
                for parameter in each["parameters"]
                if each["gate"] == gate and parameter["name"] == "gate_length"
            )
            for gate in (pulse[0], "cx")
        }
        assert lengths[pulse[0]] == pytest.approx(pulse[1] / factor, rel=0.001)
        assert lengths["cx"] == pytest.approx(cx / factor, rel=0.001)
    assert str(device.noise_source).endswith("lengths of gates and readout, 16 times too long")


def test_without_a_document():
    with pytest.raises(ValueError, match="at least one"):
        typical([])


def test_the_statement_has_the_days_of_the_source(catalog: Catalog) -> None:
    for name in ("ibm_auckland", "ibmq_boeblingen", "ibmq_vigo"):
        device = catalog.get(name)
        days = [each.date.date().isoformat() for each in device.calibrations]
        assert f"calibrations, {days[0]} to {days[-1]}" in str(device.noise_source)
