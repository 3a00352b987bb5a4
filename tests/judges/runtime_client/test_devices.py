"""Devices: the list, configuration, properties, status and target."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from accounts import BOOKED_DEVICE, DEVICE
from qiskit.providers.exceptions import QiskitBackendNotFoundError
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


def test_an_unknown_device_is_not_found(client: Any) -> None:
    with pytest.raises(QiskitBackendNotFoundError):
        client.backend("ibm_nowhere")
