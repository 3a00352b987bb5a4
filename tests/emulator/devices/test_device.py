"""A device on the date of the emulation."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pytest
from qiskit import QuantumCircuit, assemble, transpile
from qiskit.providers.models import BackendProperties, QasmBackendConfiguration

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.device import Device
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.typical import typical
from ibmq_backend.emulator.simulation.simulator import Simulator

U_BASIS = ["u1", "u2", "u3", "cx", "id"]
VIGO = {
    "2019-11": ("2019-10-16", "1.0.1", {"id", "u1", "u2", "u3", "cx"}, "qiskit-terra 0.12.0"),
    "2020-05": ("2020-04-28", "1.0.2", {"id", "u1", "u2", "u3", "cx"}, "qiskit-terra 0.14.1"),
    "2020-12": ("2020-08-10", "1.2.0", {"id", "u1", "u2", "u3", "cx"}, "qiskit-terra 0.15.2"),
    None: ("2021-01-20", "1.3.6", {"id", "rz", "sx", "x", "cx"}, "qiskit-terra 0.46"),
}


@lru_cache(maxsize=4)
def catalog_of(date: str | None, calibration: str | None = None) -> Catalog:
    return Catalog(DeviceOptions.of(date=date, calibration=calibration))


def device_on(date: str | None, name: str) -> Device:
    return catalog_of(date).get(name)


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def dates_of(device: Device) -> list[str]:
    return [each.date.date().isoformat() for each in device.calibrations]


@pytest.mark.parametrize("date", VIGO)
def test_a_device_is_that_of_the_date(date: str | None) -> None:
    device = device_on(date, "ibmq_vigo")
    calibrated, version, basis, source = VIGO[date]
    properties, configuration = device.properties(), device.configuration()
    assert properties is not None
    assert device.snapshot_date == datetime.fromisoformat(properties["last_update_date"])
    assert properties["last_update_date"].startswith(calibrated)
    assert properties["backend_version"] == device.version == version
    assert configuration["backend_version"] == version
    assert set(configuration["basis_gates"]) == set(device.basis_gates) == basis
    assert {gate["name"] for gate in configuration["gates"]} == basis
    assert device.calibrated_basis == ("rz" if date is None else "u")
    assert device.source.startswith(source)
    assert device.source.endswith(f"snapshot of {calibrated}")
    read = QasmBackendConfiguration.from_dict(configuration)
    assert all(gate.qasm_def and gate.coupling_map for gate in read.gates)
    assert BackendProperties.from_dict(properties).gate_error("cx", [0, 1]) > 0


def test_properties_before_a_time() -> None:
    device = device_on(None, "ibmq_vigo")
    assert dates_of(device) == ["2019-10-16", "2020-04-28", "2020-08-10", "2021-01-20"]

    def before(moment: datetime) -> str | None:
        document = device.properties(moment)
        return None if document is None else document["last_update_date"]

    assert before(day(2030, 1, 1)) == "2021-01-20T03:30:10-05:00"
    exact = datetime(2021, 1, 20, 8, 30, 10, tzinfo=UTC)
    assert before(exact.replace(second=11)) == "2021-01-20T03:30:10-05:00"
    assert before(exact) == "2020-08-10T02:26:39-04:00"
    assert before(day(2020, 5, 1)) == "2020-04-28T06:20:46+00:00"
    assert before(datetime(2019, 10, 16, 6, 22, 31, tzinfo=UTC)) == "2019-10-16T06:22:30+00:00"
    assert before(datetime(2019, 10, 16, 6, 22, 30, tzinfo=UTC)) is None


def test_no_calibration_after_the_date_is_known() -> None:
    device = device_on("2020-05", "ibmq_vigo")
    late = device.properties(day(2030, 1, 1))
    assert late is not None
    assert late["last_update_date"] == "2020-04-28T06:20:46+00:00"
    assert [each["last_update_date"][:10] for each in device.published()] == [
        "2020-04-28",
        "2019-10-16",
    ]


def test_before_its_first_calibration_a_device_has_that_one() -> None:
    device = device_on("2020-03", "ibmq_rome")  # online since 2020-03-23, calibration 2020-04-28
    properties = device.properties()
    assert properties is not None
    assert properties["last_update_date"] == "2020-04-28T08:16:39+00:00"
    assert device.source == (
        "qiskit-terra 0.14.1 snapshot of 2020-04-28, the first there is; "
        "none is known of 2020-03-31"
    )
    assert device.properties(day(2020, 4, 1)) is None
    assert device.has_noise


def test_broken_gates_are_those_of_the_date() -> None:
    then, newest = device_on("2020-05", "ibmq_singapore"), device_on(None, "ibmq_singapore")
    assert len(then.broken_gates) == 6
    assert {gate for gate, _ in then.broken_gates} == {"cx"}
    assert not newest.broken_gates
    properties = then.properties()
    assert properties is not None
    faulty = BackendProperties.from_dict(properties).faulty_gates()
    assert {(gate.gate, tuple(gate.qubits)) for gate in faulty} == then.broken_gates


def test_a_device_had_another_number_of_qubits() -> None:
    device = device_on("2019-11", "ibmq_16_melbourne")
    document = device.configuration()
    assert (device.num_qubits, device.version) == (14, "1.0.0")
    assert device.coupling is not None
    assert len(device.coupling) == 18  # one direction only
    assert (1, 0) in device.coupling
    assert (0, 1) not in device.coupling
    gates = {gate["name"]: gate["coupling_map"] for gate in document["gates"]}
    assert gates["u1"] == [[qubit] for qubit in range(14)]
    assert {tuple(pair) for pair in gates["cx"]} == device.coupling
    assert device_on(None, "ibmq_16_melbourne").num_qubits == 15
    older = device_on(None, "ibmq_16_melbourne").properties(day(2020, 1, 1))
    assert older is not None
    assert len(older["qubits"]) == 14


def test_noise_is_of_the_median_or_of_the_published_calibration() -> None:
    device = catalog_of("2020-12").get("ibmq_vigo")
    documents = list(device.published())[::-1]
    assert len(documents) == 3
    assert device.noise_properties() == typical(documents).document
    assert device.noise_properties() != device.properties()
    assert device.noise_source == "median of 3 calibrations, 2019-10-16 to 2020-08-10"
    exact = catalog_of("2020-12", "published").get("ibmq_vigo")
    assert exact.noise_properties() == exact.properties() == device.properties()
    assert exact.noise_source == "the published calibration of 2020-08-10"
    only = device_on(None, "ibmq_lima")
    assert only.noise_source == "one calibration, 2021-03-15"
    none = device_on(None, "ibmqx5")
    assert (none.noise_properties(), none.noise_source, none.properties()) == (None, None, None)
    assert list(none.published()) == []


def test_documents_of_noise_are_copies() -> None:
    device = device_on(None, "ibmq_vigo")
    document = device.noise_properties()
    assert document is not None
    document["gates"].clear()
    again = device.noise_properties()
    assert again is not None
    assert len(again["gates"]) == 28


def programs() -> dict[str, QuantumCircuit]:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    bases = {"u": U_BASIS, "rz": ["rz", "sx", "x", "cx", "id"]}
    return {basis: transpile(circuit, basis_gates=gates) for basis, gates in bases.items()}


@pytest.mark.slow
@pytest.mark.parametrize("date", ["2020-05", None])
def test_programs_in_both_bases_run_on_every_date(date: str | None) -> None:
    simulator = Simulator(DeviceOptions.of(date=date), threads=1)
    for basis, circuit in programs().items():
        job: dict[str, Any] = assemble(circuit, shots=2000, memory_slots=2).to_dict()
        result = simulator.run("job", "ibmq_vigo", job, seed=7)
        (experiment,) = result["results"]
        counts = experiment["data"]["counts"]
        assert sum(counts.values()) == 2000
        assert 1600 < counts["0x0"] + counts["0x3"] < 2000, basis
        assert VIGO[date][0] in experiment["metadata"]["source"]
