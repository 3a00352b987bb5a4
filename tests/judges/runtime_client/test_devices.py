"""Devices: the list, configuration, properties, status and target."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from accounts import BOOKED_DEVICE, DEVICE
from circuits import bell, transpiled
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit_ibm_runtime.exceptions import IBMInputValueError
from traffic import watched


def test_every_listed_device_is_read(client: Any) -> None:
    with watched() as seen:
        names = {backend.name for backend in client.backends()}
    assert len(names) >= 11
    assert seen.count("GET", "/configuration") == len(names), "the client left devices out"
    assert {DEVICE, BOOKED_DEVICE, "ibm_washington", "ibm_prague"} <= names


def test_devices_are_filtered(client: Any) -> None:
    large = {backend.name for backend in client.backends(min_num_qubits=127)}
    assert large == {"ibm_sherbrooke", "ibm_washington"}
    assert client.backends(simulator=False)
    assert DEVICE in [backend.name for backend in client.backends(dynamic_circuits=True)]


def test_devices_are_chosen_by_any_property(client: Any) -> None:
    chosen = client.backends(filters=lambda one: one.num_qubits == 27, operational=True)
    assert [one.name for one in chosen] == [
        "ibm_auckland", "ibm_cairo", "ibm_geneva", "ibm_hanoi"
    ]  # fmt: skip
    assert client.backends(name=DEVICE)[0].name == DEVICE
    assert client.backends(min_num_qubits=500) == []


def test_least_busy_does_not_choose_a_booked_device(client: Any) -> None:
    assert client.least_busy(operational=True, simulator=False).name != BOOKED_DEVICE


def test_configuration(device: Any) -> None:
    configuration = device.configuration()
    assert configuration.n_qubits == 127
    assert set(configuration.basis_gates) == {"id", "rz", "sx", "x", "ecr"}
    assert 0 < configuration.dt < 1e-8  # in seconds
    assert configuration.processor_type["family"] == "Eagle"


def test_properties_of_today_and_of_an_earlier_date(device: Any) -> None:
    properties = device.properties()
    assert 0 < properties.t1(0) < 1e-2  # in seconds
    assert 0 < properties.readout_error(0) < 1
    assert 0 < properties.gate_error("ecr", [1, 0]) < 1
    earlier = device.properties(datetime=datetime(2024, 1, 1, tzinfo=UTC))
    assert earlier.last_update_date.date().isoformat() == "2023-01-03"
    assert earlier.last_update_date < properties.last_update_date


def test_status_of_a_free_and_of_a_booked_device(device: Any, booked_device: Any) -> None:
    status = device.status()
    assert (status.operational, status.status_msg, status.pending_jobs) == (True, "active", 0)
    assert booked_device.status().status_msg == "dedicated"


def test_target_has_gates_errors_and_durations(device: Any) -> None:
    target = device.target
    assert {"ecr", "rz", "sx", "x", "measure", "delay", "reset"} <= set(target.operation_names)
    assert 0 < target["ecr"][(1, 0)].error < 1
    assert 0 < target["measure"][(0,)].duration < 1e-4  # in seconds


def test_target_of_an_earlier_date(device: Any) -> None:
    earlier = device.target_history(datetime(2024, 1, 1, tzinfo=UTC))
    assert earlier["ecr"][(1, 0)].error != device.target["ecr"][(1, 0)].error


def test_attributes_of_a_device(device: Any) -> None:
    device.refresh()
    assert device.num_qubits == 127
    assert device.qubit_properties(0).t1 == device.properties().t1(0)
    assert device.coupling_map.distance(0, 1) == 1
    assert device.default_rep_delay == 0.00025  # in seconds
    assert device.online_date.year == 2022
    assert device.instruction_durations.get("x", 0, "s") > 0
    assert device.check_faulty(transpiled(bell(), device)) is None


def test_a_device_without_fractional_gates(client: Any) -> None:
    with pytest.raises(IBMInputValueError, match="does not support fractional gates"):
        client.backend(DEVICE, use_fractional_gates=True)
    assert client.backend(DEVICE, use_fractional_gates=None).name == DEVICE


def test_an_unknown_device_is_not_found(client: Any) -> None:
    with pytest.raises(QiskitBackendNotFoundError):
        client.backend("ibm_nowhere")
