"""What the backends of an instance are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import ApiNotFound
from tests.contract.targets import DEVICE, DEVICES, OTHER, PULSE_DEVICE, SIMULATOR, Target


def test_backends_are_listed_with_their_configurations(account: AccountClient) -> None:
    backends = {backend.name: backend for backend in account.backends()}
    assert tuple(backends) == DEVICES
    assert [backend.simulator for backend in backends.values()] == [False, True, False]
    vigo = backends[DEVICE].configuration
    assert (vigo["backend_name"], vigo["n_qubits"]) == (DEVICE, 5)
    assert vigo["basis_gates"] == ["id", "rz", "sx", "x", "cx"]
    assert [0, 1] in vigo["coupling_map"]
    assert backends[SIMULATOR].configuration["coupling_map"] is None


def test_instances_have_backends_of_their_own(target: Target) -> None:
    assert [backend.name for backend in target.account(OTHER).backends()] == [DEVICE]


def test_status_of_a_device_that_runs(account: AccountClient) -> None:
    status = account.status(DEVICE)
    assert (status.name, status.operational, status.pending_jobs) == (DEVICE, True, 0)
    assert status.message == "active"
    assert len(status.version.split(".")) == 3


@pytest.mark.service
def test_status_of_a_device_that_is_held(target: Target, account: AccountClient) -> None:
    target.hold(DEVICE)
    assert account.status(DEVICE).message == "maintenance"


def test_properties_are_the_newest_calibration(account: AccountClient) -> None:
    document = account.properties(DEVICE)
    assert document is not None
    assert document["backend_name"] == DEVICE
    assert len(document["qubits"]) == 5
    assert {gate["gate"] for gate in document["gates"]} >= {"id", "rz", "sx", "x", "cx"}
    assert {"T1", "T2", "readout_error"} <= {entry["name"] for entry in document["qubits"][0]}


def test_properties_can_be_those_before_a_moment(account: AccountClient) -> None:
    newest = account.properties(PULSE_DEVICE)
    assert newest is not None
    taken = datetime.fromisoformat(newest["last_update_date"])
    assert account.properties(PULSE_DEVICE, before=taken + timedelta(seconds=1)) == newest
    older = account.properties(PULSE_DEVICE, before=taken)
    assert older is None or datetime.fromisoformat(older["last_update_date"]) < taken


def test_no_properties_before_there_was_a_device(account: AccountClient) -> None:
    assert account.properties(PULSE_DEVICE, before=datetime(2001, 1, 1, tzinfo=UTC)) is None


def test_simulator_has_no_properties(account: AccountClient) -> None:
    assert account.properties(SIMULATOR) is None


def test_pulse_device_has_defaults(account: AccountClient) -> None:
    document = account.defaults(PULSE_DEVICE)
    assert document is not None
    assert len(document["qubit_freq_est"]) == 1
    assert document["cmd_def"]


def test_no_defaults_without_pulse_access(account: AccountClient) -> None:
    assert account.defaults(DEVICE) is None
    assert account.defaults(SIMULATOR) is None


@pytest.mark.service(job_limits={DEVICE: 3})
def test_job_limit_of_a_device(account: AccountClient) -> None:
    limit = account.job_limit(DEVICE)
    assert (limit.maximum_jobs, limit.running_jobs) == (3, 0)


def test_simulator_takes_any_number_of_jobs(account: AccountClient) -> None:
    assert account.job_limit(SIMULATOR).maximum_jobs is None


def test_unknown_device_is_not_found(account: AccountClient) -> None:
    calls: dict[str, Callable[[str], Any]] = {
        "getBackendStatus": account.status,
        "getBackendProperties": account.properties,
        "getBackendDefaults": account.defaults,
        "getJobsLimit": account.job_limit,
        "listBackendBookings": account.reservations,
    }
    for operation, call in calls.items():
        with pytest.raises(ApiNotFound) as caught:
            call("ibmq_atlantis")
        assert (caught.value.operation, caught.value.code) == (operation, 2620)
