"""Devices of the platform dialect."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.providers.models import BackendProperties, QasmBackendConfiguration

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DeviceState, Settings
from tests.emulator.conftest import ServiceMaker
from tests.support.emulated_platform import PlatformClient, instance_of, refused
from tests.support.engines import FakeEngine

DEVICES = ["ibm_sherbrooke", "ibm_washington", "ibm_prague", "ibm_lagos"]


def test_the_list(client: PlatformClient) -> None:
    devices = client.json("backends")["devices"]
    names = [one["name"] for one in devices]
    assert names == sorted(names)
    assert set(DEVICES) <= set(names)
    sherbrooke = next(one for one in devices if one["name"] == "ibm_sherbrooke")
    assert sherbrooke["qubits"] == 127
    assert sherbrooke["processor_type"] == {"family": "Eagle", "revision": "3"}
    best = sherbrooke["performance_metrics"]["two_q_error_best"]
    assert best["gate"] == "ecr"
    assert 0 < best["value"] < sherbrooke["performance_metrics"]["two_q_error_median"]["value"] < 1
    assert "is_simulator" not in sherbrooke
    assert "wait_time_seconds" not in sherbrooke


@pytest.mark.parametrize("version", ["2024-01-01", "2099-01-01", "latest", None])
def test_the_oldest_version_returns_names(client: PlatformClient, version: str | None) -> None:
    devices = client.at(version).json("backends")["devices"]
    assert "ibm_sherbrooke" in devices


@pytest.mark.parametrize("version", ["2025-01-01", "2025-05-01"])
def test_versions_of_2025(client: PlatformClient, version: str) -> None:
    devices = client.at(version).json("backends")["devices"]
    assert all(one["is_simulator"] is False for one in devices)


def test_waiting_times_on_request(service: LocalService, client: PlatformClient) -> None:
    devices = client.json("backends", fields="wait_time_seconds")["devices"]
    assert all(one["wait_time_seconds"]["average"] == 0 for one in devices)
    other = PlatformClient(service, crn=instance_of(service, "open-instance").crn)
    devices = other.json("backends", fields="wait_time_seconds")["devices"]
    assert not any("wait_time_seconds" in one for one in devices)


@pytest.mark.parametrize("name", DEVICES)
def test_configurations_load_into_the_old_model(client: PlatformClient, name: str) -> None:
    document = client.json(f"backends/{name}/configuration")
    assert document["open_pulse"] is document["simulator"] is document["local"] is False
    assert not {"hamiltonian", "u_channel_lo", "reset"} & {*document, *document["basis_gates"]}
    assert {"if_else", "measure", "reset", "delay"} <= set(document["supported_instructions"])
    listed = [gate["name"] for gate in document["gates"]]
    assert {*document["basis_gates"], "measure", "reset"} <= set(listed)
    # In ns; the model converts to seconds.
    assert document["dt"] > 0.01
    configuration = QasmBackendConfiguration.from_dict(document)
    assert configuration.n_qubits == document["n_qubits"]
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    made = transpile(
        circuit,
        basis_gates=document["basis_gates"],
        coupling_map=document["coupling_map"],
        seed_transpiler=1,
    )
    assert set(made.count_ops()) <= {*document["basis_gates"], "measure", "barrier"}


@pytest.mark.parametrize("name", DEVICES)
def test_properties_load_into_the_old_model(client: PlatformClient, name: str) -> None:
    document = client.json(f"backends/{name}/properties")
    properties = BackendProperties.from_dict(document)
    assert 0 < properties.t1(0) < 1e-2
    assert 0 < properties.readout_error(0) < 1
    assert {one["unit"] for one in document["qubits"][0] if one["name"] in ("T1", "T2")} == {"us"}
    assert all(gate["name"] for gate in document["gates"])


def test_properties_before_a_time(client: PlatformClient) -> None:
    path = "backends/ibm_sherbrooke/properties"
    document = client.json(path)
    assert client.json(path, updated_before="2030-01-01T00:00:00Z") == document
    assert client.json(path, updated_before="2025-02-26T20:43:11+01:00") == document
    assert document["last_update_date"] == "2025-02-26T14:43:10-05:00"
    for before, newest in (
        ("2025-02-26T19:43:10Z", "2024-05-27T15:19:05-03:00"),
        ("2024-01-01T00:00:00Z", "2023-01-03T09:44:26-05:00"),
        ("2023-01-03T15:44:27+01:00", "2023-01-03T09:44:26-05:00"),
    ):
        older = client.json(path, updated_before=before)
        assert older["last_update_date"] == newest
        assert BackendProperties.from_dict(older).gate_error("ecr", [1, 0]) > 0
    assert client.json(path, updated_before="2023-01-03T14:44:26Z") == {}
    assert refused(client.get(path, updated_before="yesterday")) == (400, 1208)


def test_status(service: LocalService, client: PlatformClient, engine: FakeEngine) -> None:
    path = "backends/ibm_lagos/status"
    document = client.json(path)
    assert (document["state"], document["status"], document["length_queue"]) == (True, "active", 0)
    assert (
        document["backend_version"]
        == client.json("backends/ibm_lagos/configuration")["backend_version"]
    )
    service.service_state.set_device_state("ibm_lagos", DeviceState(False, "maintenance"))
    job_id = client.submit()
    client.wait(job_id, "Queued")
    assert client.json(path) == {
        "state": False,
        "status": "maintenance",
        "message": "maintenance",
        "length_queue": 1,
        "backend_version": "",
    }
    entry = next(one for one in client.json("backends")["devices"] if one["name"] == "ibm_lagos")
    assert entry["status"] == {"name": "paused", "reason": "maintenance"}
    assert entry["queue_length"] == 1
    service.service_state.set_device_state("ibm_lagos", DeviceState())
    assert client.wait(job_id)["status"] == "Completed"


def test_defaults_are_null(client: PlatformClient) -> None:
    reply = client.get("backends/ibm_sherbrooke/defaults")
    assert reply.content == b"null"


@pytest.mark.parametrize("what", ["configuration", "properties", "status", "defaults"])
@pytest.mark.parametrize("name", ["ibm_nowhere", "ibmq_vigo", "ibmq_qasm_simulator", "..%2Fx"])
def test_devices_that_are_not_offered(client: PlatformClient, what: str, name: str) -> None:
    assert refused(client.get(f"backends/{name}/{what}"))[0] == 404


def test_calibrations(service: LocalService, client: PlatformClient) -> None:
    calibration = client.create().json()["calibration_id"]
    path = "backends/ibm_lagos/configuration"
    assert client.json(path, calibration_id=calibration) == client.json(path)
    assert refused(client.get(path, calibration_id="other")) == (404, None)
    other = PlatformClient(service, crn=instance_of(service, "open-instance").crn)
    assert refused(other.get(path, calibration_id=calibration)) == (403, 1352)


def test_retired_devices_by_option(make_service: ServiceMaker) -> None:
    client = PlatformClient(make_service(Settings(platform_devices=("ibmq_vigo", "ibmq_rome"))))
    assert [one["name"] for one in client.json("backends")["devices"]] == [
        "ibmq_rome",
        "ibmq_vigo",
    ]
    assert client.create(backend="ibmq_vigo").status_code == 200
    for name in ("ibmq_qasm_simulator", "ibmq_nowhere"):
        with pytest.raises(EmulatorError, match=name):
            make_service(Settings(platform_devices=(name,)))
