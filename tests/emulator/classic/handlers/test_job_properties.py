"""The calibration of a job."""

from __future__ import annotations

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DeviceState
from tests.support.emulator import Client


def test_waiting_jobs_have_the_current_calibration(service: LocalService, client: Client) -> None:
    service.service_state.set_device_state("ibmq_vigo", DeviceState(operational=False))
    waiting = client.submit()
    now = client.json("P/devices/ibmq_vigo/properties", version=1)
    assert client.json(f"P/Jobs/{waiting}/properties") == now
    client.post(f"P/Jobs/{waiting}/cancel")
    client.wait(waiting)
    assert client.json(f"P/Jobs/{waiting}/properties") == {}


def test_waiting_jobs_of_simulators_have_none(service: LocalService, client: Client) -> None:
    service.service_state.set_device_state("ibmq_qasm_simulator", DeviceState(operational=False))
    waiting = client.submit(backend="ibmq_qasm_simulator")
    assert client.json(f"P/Jobs/{waiting}/properties") == {}
