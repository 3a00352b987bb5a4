"""Devices: configuration, properties, status, limits and reservations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from accounts import BOOKED_BY_OTHERS, BOOKED_BY_US, DEVICE, OPEN, SIMULATOR
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit.providers.ibmq import IBMQBackend, least_busy
from qiskit.providers.ibmq.ibmqbackend import IBMQSimulator
from qiskit.pulse import Schedule
from traffic import watched


def test_every_listed_configuration_becomes_a_backend(provider: Any) -> None:
    with watched() as seen:
        listed = provider._api_client.list_backends()
    names = sorted(one["backend_name"] for one in listed)
    assert len(names) > 40
    assert seen.complaints == []
    backends = provider.backends()
    assert sorted(one.name() for one in backends) == names
    for backend in backends:
        configuration = backend.configuration()
        assert isinstance(configuration.online_date, datetime)
        assert configuration.max_shots >= 4000, f"{backend} refuses the client's default"
        assert configuration.gates is not None
        assert type(backend) is (IBMQSimulator if configuration.simulator else IBMQBackend)


def test_configuration_of_ibmq_vigo(device: Any) -> None:
    configuration = device.configuration()
    assert str(device) == DEVICE
    assert configuration.n_qubits == 5
    pairs = {tuple(sorted(pair)) for pair in configuration.coupling_map}
    assert pairs == {(0, 1), (1, 2), (1, 3), (3, 4)}
    assert "cx" in configuration.basis_gates
    assert (configuration.max_shots, configuration.max_experiments) == (8192, 75)
    assert 1e-10 < configuration.dt < 1e-9  # in seconds


def test_backends_are_found_by_name_old_name_and_attribute(provider: Any) -> None:
    assert provider.get_backend("ibmq_5_yorktown").name() == "ibmqx2"
    assert provider.backends.ibmq_vigo.name() == DEVICE
    assert provider.backend.ibmq_vigo.name() == DEVICE
    with pytest.raises(QiskitBackendNotFoundError):
        provider.get_backend("ibmq_nowhere")


def test_backends_are_filtered(provider: Any) -> None:
    small = {one.name() for one in provider.backends(n_qubits=5, simulator=False)}
    assert {DEVICE, BOOKED_BY_OTHERS, BOOKED_BY_US} <= small
    assert SIMULATOR not in small
    large = provider.backends(min_num_qubits=50, simulator=False)
    assert large
    assert all(one.configuration().n_qubits >= 50 for one in large)
    assert len(provider.backends(input_allowed="job")) == len(provider.backends())
    with watched() as seen:
        chosen = provider.backends(
            filters=lambda one: getattr(one.configuration(), "quantum_volume", None) == 16,
            n_qubits=5,
            operational=True,
        )
    assert DEVICE in {one.name() for one in chosen}
    assert seen.count("GET", "/queue/status") >= len(chosen)


def test_status_of_a_free_and_of_a_booked_device(
    device: Any, booked_device: Any, simulator: Any
) -> None:
    status = device.status()
    assert (status.operational, status.status_msg, status.pending_jobs) == (True, "active", 0)
    assert status.backend_version == device.configuration().backend_version
    assert booked_device.status().status_msg == "dedicated"
    assert simulator.status().status_msg == "active"


def test_least_busy_does_not_choose_a_booked_device(provider: Any) -> None:
    backends = [provider.get_backend(name) for name in (BOOKED_BY_OTHERS, BOOKED_BY_US, DEVICE)]
    assert least_busy(backends).name() == DEVICE


def test_properties_of_every_device_are_read(provider: Any, device: Any, simulator: Any) -> None:
    for backend in provider.backends(simulator=False):
        properties = backend.properties()
        if backend.name() != "ibmqx5":  # no calibration of it was published
            assert properties.backend_name == backend.name()
            assert len(properties.qubits) == backend.configuration().n_qubits
    assert simulator.properties() is None
    with watched() as seen:
        properties = device.properties()
        assert properties is device.properties()
        device.properties(refresh=True)
    assert seen.count("GET", "/properties") == 1
    assert 1e-6 < properties.t1(0) < 1e-3  # in seconds
    assert 4e9 < properties.frequency(0) < 6e9  # in hertz
    assert 0 < properties.gate_error("cx", [0, 1]) < 0.1
    assert 1e-7 < properties.gate_length("cx", [0, 1]) < 1e-6  # in seconds
    assert 0 < properties.readout_error(0) < 0.2


def test_properties_by_date(device: Any) -> None:
    calibrated = device.properties().last_update_date
    for date in (datetime.now(), calibrated + timedelta(days=1)):
        assert device.properties(datetime=date).last_update_date == calibrated
    assert device.properties(datetime=datetime(2015, 1, 1)) is None
    with pytest.raises(TypeError):
        device.properties(datetime="yesterday")


@pytest.mark.parametrize("name", [BOOKED_BY_OTHERS, "ibmq_armonk"])
def test_pulse_defaults(provider: Any, name: str) -> None:
    backend = provider.get_backend(name)
    defaults, width = backend.defaults(), backend.configuration().n_qubits
    assert len(defaults.qubit_freq_est) == width
    schedules = defaults.instruction_schedule_map
    measurement = schedules.get("measure", list(range(width)))
    assert isinstance(measurement, Schedule)
    assert measurement.duration > 0
    assert ("cx" in schedules.instructions) is (width > 1)


def test_a_device_without_pulses_has_no_defaults(device: Any) -> None:
    assert device.defaults() is None


def test_job_limits(device: Any, simulator: Any) -> None:
    limit = device.job_limit()
    assert (limit.maximum_jobs, limit.active_jobs) == (5, 0)
    assert device.remaining_jobs_count() == 5
    assert simulator.job_limit().maximum_jobs is None
    assert simulator.remaining_jobs_count() is None


def test_a_reservation_of_another_user_hides_who_made_it(booked_device: Any) -> None:
    (booking,) = booked_device.reservations()
    assert (booking.hub, booking.mode, booking.duration) == (None, None, 120)
    assert booking.start_datetime < datetime.now(UTC) < booking.end_datetime


def test_our_reservations_are_listed_by_date_and_name_our_project(
    provider: Any, device: Any
) -> None:
    backend = provider.get_backend(BOOKED_BY_US)
    bookings = backend.reservations()
    assert [one.backend_name for one in bookings] == [BOOKED_BY_US, BOOKED_BY_US]
    assert (bookings[0].hub, bookings[0].group, bookings[0].project) == OPEN
    hours = timedelta(hours=1)
    (later,) = backend.reservations(
        start_datetime=datetime.now() + 4 * hours, end_datetime=datetime.now() + 6 * hours
    )
    assert later.start_datetime > datetime.now(UTC)
    assert device.reservations() == []
    assert {one.backend_name for one in provider.backend.my_reservations()} == {BOOKED_BY_US}
