"""Devices over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DeviceState
from tests.support.emulator import Client, error_of
from tests.support.engines import FakeEngine

REQUIRED = {
    "backend_name", "backend_version", "n_qubits", "basis_gates", "gates", "local", "simulator",
    "conditional", "open_pulse", "memory", "max_shots", "coupling_map", "online_date",
}  # fmt: skip


def test_configurations_have_what_clients_need(client: Client) -> None:
    for document in client.json("P/devices/v/1"):
        assert set(document) >= REQUIRED, document["backend_name"]


def test_status(client: Client, service: LocalService, engine: FakeEngine) -> None:
    version = next(
        one["backend_version"]
        for one in client.json("P/devices/v/1")
        if one["backend_name"] == "ibmq_vigo"
    )
    assert client.json("P/devices/ibmq_vigo/queue/status") == {
        "state": True,
        "status": "active",
        "message": "",
        "lengthQueue": 0,
        "backend_version": version,
    }
    engine.hold()
    first, *others = [client.submit() for _ in range(3)]
    engine.wait_for_tasks(1)
    for job_id in others:
        client.wait(job_id, "QUEUED")
    assert client.json("P/devices/ibmq_vigo/queue/status")["lengthQueue"] == 2
    assert client.json("P/devices/ibmq_rome/queue/status")["lengthQueue"] == 0
    positions = [client.status(job_id)["infoQueue"]["position"] for job_id in others]
    assert positions == [1, 2]
    info = client.job(others[1])["infoQueue"]
    assert info["status"] == "PENDING_IN_QUEUE"
    assert info["estimatedStartTime"] < info["estimatedCompleteTime"]
    assert 0 <= info["hubPriority"] <= 1
    assert "infoQueue" not in client.status(first)
    engine.release()
    for job_id in others:
        client.wait(job_id)
        assert "infoQueue" not in client.status(job_id)


def test_a_device_out_of_service_does_not_run_jobs(client: Client, service: LocalService) -> None:
    down = DeviceState(operational=False, status="maintenance", message="New cables")
    service.service_state.set_device_state("ibmq_vigo", down)
    status = client.json("P/devices/ibmq_vigo/queue/status")
    assert (status["state"], status["status"]) == (False, "maintenance")
    job_id = client.submit()
    client.wait(job_id, "QUEUED")
    other = client.submit(backend="ibmq_rome")
    assert client.wait(other)["status"] == "COMPLETED"
    assert client.status(job_id)["status"] == "QUEUED"
    service.service_state.set_device_state("ibmq_vigo", DeviceState())
    assert client.wait(job_id)["status"] == "COMPLETED"


def test_properties(client: Client) -> None:
    document = client.json("P/devices/ibmq_vigo/properties", version=1)
    assert document["backend_name"] == "ibmq_vigo"
    assert len(document["qubits"]) == 5
    date = document["last_update_date"]

    def matching(**condition: object) -> dict[str, Any]:
        found: dict[str, Any] = client.json(
            "P/devices/ibmq_vigo/properties",
            version=1,
            filter=json.dumps({"where": condition}),
        )
        return found

    def before(text: str) -> dict[str, Any]:
        return matching(last_update_date={"lt": text})

    assert before("2030-01-01T00:00:00+00:00") == document
    assert before("2015-01-01T00:00:00+00:00") == {}
    assert (date, before(date)["last_update_date"]) == (
        "2021-01-20T03:30:10-05:00",
        "2020-08-10T02:26:39-04:00",
    )
    assert before("2020-08-10T06:26:39Z")["last_update_date"] == "2020-04-28T06:20:46+00:00"
    assert before("2020-01-01T00:00:00Z")["backend_version"] == "1.0.1"
    assert before("2019-10-16T06:22:30Z") == {}
    assert matching(backend_version="1.0.2")["last_update_date"] == "2020-04-28T06:20:46+00:00"


def test_simulators_have_no_properties(client: Client) -> None:
    assert client.json("P/devices/ibmq_qasm_simulator/properties") == {}
    assert client.json("P/devices/ibmq_qasm_simulator/defaults") == {}


def test_defaults(client: Client) -> None:
    """Pulse devices have defaults with the keys that clients need."""
    pulse = [one["backend_name"] for one in client.json("P/devices/v/1") if one["open_pulse"]]
    assert pulse
    document = client.json(f"P/devices/{pulse[0]}/defaults")
    assert {"qubit_freq_est", "meas_freq_est", "buffer", "pulse_library", "cmd_def"} <= set(
        document
    )


@pytest.mark.parametrize("what", ["queue/status", "properties", "defaults", "jobsLimit"])
def test_unknown_devices(client: Client, what: str) -> None:
    assert error_of(client.get(f"P/devices/ibmq_vego/{what}")) == (404, 2620)


def test_invalid_queries(client: Client) -> None:
    reply = client.get("P/devices/ibmq_vigo/properties", version=2)
    assert error_of(reply) == (400, 2400)
    reply = client.get("P/devices/ibmq_vigo/properties", filter="{")
    assert error_of(reply) == (400, 2400)
