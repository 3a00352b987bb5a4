"""The catalog contains the retired devices as described by their snapshots."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from qiskit.providers import fake_provider
from qiskit.providers.models import (
    BackendProperties,
    PulseBackendConfiguration,
    PulseDefaults,
    QasmBackendConfiguration,
)

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog, Device, UnknownDevice
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import terra_folder

SET_BY_SERVICE = {"input_allowed", "local", "open_pulse", "max_experiments", "coupling_map"}
REQUIRED = {
    "backend_name", "backend_version", "n_qubits", "basis_gates", "gates", "local", "simulator",
    "conditional", "open_pulse", "memory", "max_shots", "coupling_map", "online_date",
    "allow_q_object", "allow_object_storage", "input_allowed",
}  # fmt: skip


def snapshot(stem: str, kind: str) -> dict[str, Any]:
    text = (terra_folder() / stem / f"{kind}_{stem}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def test_all_snapshots_of_terra_and_the_simulators_are_listed(catalog: Catalog) -> None:
    shipped = {
        json.loads(path.read_text(encoding="utf-8"))["backend_name"]
        for path in terra_folder().glob("*/conf_*.json")
    }
    names = set(catalog.names())
    assert shipped < names
    assert names - shipped == {
        "ibmqx4", "ibmqx5", "ibmq_20_tokyo", "ibmq_qasm_simulator", "simulator_statevector",
        "simulator_mps", "simulator_stabilizer", "simulator_extended_stabilizer",
    }  # fmt: skip
    assert len(catalog) == len(names) == 54


@pytest.mark.parametrize(
    ("name", "stem"),
    [("ibmq_vigo", "vigo"), ("ibmqx2", "yorktown"), ("ibmq_16_melbourne", "melbourne"),
     ("ibmq_burlington", "burlington"), ("ibm_washington", "washington")],
)  # fmt: skip
def test_documents_equal_the_snapshot_field_for_field(
    catalog: Catalog, name: str, stem: str
) -> None:
    device, sent = catalog.get(name), snapshot(stem, "conf")
    configuration = device.configuration()
    for key in sent.keys() - SET_BY_SERVICE:
        assert configuration[key] == sent[key], key
    assert configuration["coupling_map"] == sent["coupling_map"]
    assert configuration["max_experiments"] == sent["max_experiments"] == device.max_circuits
    assert configuration["input_allowed"] == ["job"]
    properties = device.properties()
    assert properties is not None
    for gate in properties["gates"]:
        gate["parameters"] = [each for each in gate["parameters"] if each["name"] != "operational"]
    assert properties == snapshot(stem, "props")


def test_every_configuration_suits_the_original_client(catalog: Catalog) -> None:
    for device in catalog:
        document = device.configuration()
        assert document.keys() >= REQUIRED, device.name
        assert document["local"] is False
        assert document["allow_q_object"] is True
        assert document["allow_object_storage"] is True
        assert document["max_shots"] == device.max_shots >= 4000, device.name
        form = PulseBackendConfiguration if document["open_pulse"] else QasmBackendConfiguration
        read = form.from_dict(document)
        assert read.backend_name == device.name
        assert read.n_qubits == device.num_qubits
        assert datetime.fromisoformat(document["online_date"]).tzinfo is not None


def test_every_calibration_can_be_read_by_terra(catalog: Catalog) -> None:
    for device in catalog:
        document = device.properties()
        assert (document is not None) == device.has_noise, device.name
        if document is None:
            continue
        properties = BackendProperties.from_dict(document)
        assert properties.backend_name == device.name
        assert len(properties.qubits) == device.num_qubits
        assert device.snapshot_date is not None
        assert device.snapshot_date.tzinfo is UTC
        stated = datetime.fromisoformat(document["last_update_date"])
        assert device.snapshot_date == stated
        assert device.snapshot_date.date().isoformat() in device.source


def test_pulse_defaults_can_be_read_by_terra(catalog: Catalog) -> None:
    document = catalog.get("ibmq_lima").defaults()
    assert document is not None
    assert PulseDefaults.from_dict(document).qubit_freq_est
    assert catalog.get("ibmq_vigo").defaults() is None
    assert catalog.get("ibm_oslo").defaults() is None  # open_pulse false, though a file exists


def test_documents_are_copies(catalog: Catalog) -> None:
    device = catalog.get("ibmq_vigo")
    device.configuration()["n_qubits"] = 99
    properties = device.properties()
    assert properties is not None
    properties["gates"].clear()
    assert device.configuration()["n_qubits"] == 5
    again = device.properties()
    assert again is not None
    assert len(again["gates"]) == 28


@pytest.mark.parametrize(
    ("name", "alias", "fake"),
    [("ibmqx4", "ibmq_5_tenerife", "FakeTenerife"), ("ibmqx5", "ibmq_16_rueschlikon",
     "FakeRueschlikon"), ("ibmq_20_tokyo", None, "FakeTokyo")],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:All fake backend instances:DeprecationWarning")
def test_devices_without_configuration_file_have_the_couplings_of_terra(
    catalog: Catalog, name: str, alias: str | None, fake: str
) -> None:
    device = catalog.get(alias or name)
    assert device.name == name
    terra = getattr(fake_provider, fake)().configuration()
    assert device.coupling == {tuple(pair) for pair in terra.coupling_map}
    assert device.num_qubits == terra.n_qubits
    assert set(device.basis_gates) == set(terra.basis_gates)


def test_a_device_without_calibration_says_so(catalog: Catalog) -> None:
    device = catalog.get("ibmqx5")
    assert not device.has_noise
    assert device.properties() is None
    assert device.snapshot_date is None
    assert "WITHOUT NOISE" in device.configuration()["description"]


def test_limits_and_methods_of_the_simulators(catalog: Catalog) -> None:
    general = catalog.get("ibmq_qasm_simulator")
    assert (general.num_qubits, general.max_shots, general.max_circuits) == (32, 100_000, 300)
    assert general.simulation_method is None
    sizes = {
        "simulator_statevector": (32, "statevector"),
        "simulator_mps": (100, "matrix_product_state"),
        "simulator_stabilizer": (5000, "stabilizer"),
        "simulator_extended_stabilizer": (63, "extended_stabilizer"),
    }
    for name, (size, method) in sizes.items():
        device = catalog.get(name)
        assert (device.num_qubits, device.max_shots) == (size, 100_000)
        assert device.configuration()["simulation_method"] == method
        assert device.simulator
        assert device.coupling is None


def test_both_bases_of_gates_are_accepted(catalog: Catalog) -> None:
    both = {"u1", "u2", "u3", "rz", "sx", "x", "id", "measure", "barrier"}
    for device in catalog:
        if not device.simulator:
            assert both <= device.accepted_instructions, device.name
            assert device.calibrated_basis in ("rz", "u"), device.name
    assert catalog.get("ibmq_vigo").calibrated_basis == "rz"
    assert catalog.get("ibmq_london").calibrated_basis == "u"
    assert "reset" not in catalog.get("ibmq_london").accepted_instructions
    assert "play" not in catalog.get("ibmq_lima").accepted_instructions


def test_gates_with_error_one_are_broken(catalog: Catalog) -> None:
    count = {name: len(catalog.get(name).broken_gates) for name in catalog.names()}
    expected = {
        "ibmq_cambridge": 10, "ibmq_rochester": 9, "ibmq_manhattan": 44, "ibm_washington": 6,
        "ibm_geneva": 2, "ibm_hanoi": 2, "ibm_sherbrooke": 9,
    }  # fmt: skip
    assert {name: number for name, number in count.items() if number} == expected
    assert ("cx", (17, 12)) in catalog.get("ibm_washington").broken_gates
    for device in catalog:
        document = device.properties()
        if document is not None:
            faulty = BackendProperties.from_dict(document).faulty_gates()
            assert {(gate.gate, tuple(gate.qubits)) for gate in faulty} == device.broken_gates


def test_aliases_are_resolved_and_near_names_suggested(catalog: Catalog) -> None:
    assert catalog.get("ibmq_5_yorktown") is catalog.get("ibmqx2")
    assert catalog.get("ibmqx_hpc_qasm_simulator").name == "ibmq_qasm_simulator"
    assert "ibmq_5_yorktown" in catalog
    assert "ibmq_5_yorktown" not in catalog.names()
    with pytest.raises(UnknownDevice) as caught:
        catalog.get("ibmq_vgo")
    assert isinstance(caught.value, KeyError)
    assert caught.value.nearest[0] == "ibmq_vigo"
    assert "ibmq_vigo" in str(caught.value)
    assert caught.value.known == catalog.names()


def on(date: str) -> Catalog:
    return Catalog(DeviceOptions.of(date=date))


def test_devices_are_offered_while_they_were_in_service() -> None:
    catalog = on("2020-05")
    assert {"ibmq_vigo", "ibmq_burlington", "ibmqx2", "ibmq_qasm_simulator"} <= set(catalog.names())
    assert not {"ibmq_manila", "ibmq_lima", "ibm_oslo", "simulator_mps"} & set(catalog.names())
    assert "ibmq_5_yorktown" in catalog
    later = on("2021-12")
    assert {"ibmq_manila", "ibmq_lima", "ibmq_armonk", "simulator_mps"} <= set(later.names())
    assert not {"ibmq_vigo", "ibmqx2", "ibmq_rome", "ibm_oslo"} & set(later.names())
    assert "ibmq_5_yorktown" not in later
    assert "ibmq_vigo" in on("2021-01-15")
    assert "ibmq_vigo" not in on("2021-01-16")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ibmq_vigo", "ibmq_vigo was not in service on 2021-12-31: it was retired on 2021-01-15"),
        ("ibmq_5_yorktown", "ibmqx2 was not in service on 2021-12-31: it was retired on 2021-08-"),
        ("ibm_oslo", "ibm_oslo was not in service on 2021-12-31: it came online on 2022-"),
    ],
)
def test_a_device_out_of_service_is_named_with_its_dates(name: str, reason: str) -> None:
    with pytest.raises(UnknownDevice) as caught:
        on("2021-12").get(name)
    assert str(caught.value).startswith(reason)
    with pytest.raises(UnknownDevice, match="No device is called 'ibmq_vgo'"):
        on("2021-12").get("ibmq_vgo")


def test_limits_of_later_years_are_not_stated_before() -> None:
    before, later = on("2021-11").get("ibmq_quito"), on("2021-12").get("ibmq_quito")
    assert (before.max_shots, later.max_shots) == (8192, 20_000)
    assert "timing_constraints" not in before.configuration()
    assert "timing_constraints" in later.configuration()


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2019-08-22", "The date 2019-08-22 is before the first calibration"),
        ("1999", "The date 1999-01-01 is before the first calibration"),
        ("9998-01", "The date 9998-01-31 is in the future"),
    ],
)
def test_a_date_without_calibrations_is_refused(date: str, words: str) -> None:
    options = DeviceOptions.of(date=f"{date}-01-01" if len(date) == 4 else date)
    with pytest.raises(EmulatorError) as caught:
        Catalog(options)
    assert str(caught.value).startswith(words)
    assert "calibrations are of 2019-08-23 to 2025-02-26" in str(caught.value)


def test_iteration_is_in_name_order(catalog: Catalog) -> None:
    devices = list(catalog)
    assert all(isinstance(device, Device) for device in devices)
    assert [device.name for device in devices] == sorted(catalog.names())


def test_listing_devices_does_not_import_qiskit() -> None:
    script = (
        "import sys\n"
        "from ibmq_backend.emulator.checks import qobj\n"
        "from ibmq_backend.emulator.engine import engine\n"
        "from ibmq_backend.emulator.devices.catalog import Catalog\n"
        "catalog = Catalog()\n"
        "[device.configuration() for device in catalog]\n"
        "catalog.get('ibmq_vigo').properties()\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('qiskit', 'numpy')])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
