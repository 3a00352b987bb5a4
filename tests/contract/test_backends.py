"""The backends of an instance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import ApiNotFound
from tests.contract.targets import DEVICE, PULSE_DEVICE, SIMULATOR, Target, Trait


@pytest.mark.live
def test_backends_are_listed_with_their_configurations(
    target: Target, account: AccountClient
) -> None:
    facts = target.facts
    backends = {backend.name: backend for backend in account.backends()}
    assert tuple(backends) == facts.devices
    simulators = [backend.name for backend in backends.values() if backend.simulator]
    assert tuple(simulators) == facts.simulators
    device = backends[facts.device].configuration
    assert (device["backend_name"], device["n_qubits"]) == (facts.device, facts.qubits)
    assert tuple(device["basis_gates"]) == facts.basis
    assert list(facts.pair) in device["coupling_map"]
    for name in simulators:
        assert backends[name].configuration["coupling_map"] is None


def test_backends_depend_on_the_instance(target: Target) -> None:
    account = target.account(target.facts.other)
    assert [backend.name for backend in account.backends()] == [target.facts.device]


@pytest.mark.live
def test_status_of_a_running_device(target: Target, account: AccountClient) -> None:
    name = target.facts.device
    status = account.status(name)
    assert (status.name, status.operational) == (name, True)
    assert status.pending_jobs == 0 or target.name.startswith("live")
    assert status.message == "active"
    assert len(status.version.split(".")) == 3


@pytest.mark.service
def test_status_of_a_paused_device(target: Target, account: AccountClient) -> None:
    target.pause(target.facts.device)
    assert account.status(target.facts.device).message == "maintenance"


@pytest.mark.live
def test_properties_are_the_newest_calibration(target: Target, account: AccountClient) -> None:
    document = account.properties(target.facts.device)
    assert document is not None
    assert document["backend_name"] == target.facts.device
    assert len(document["qubits"]) == target.facts.qubits
    assert {gate["gate"] for gate in document["gates"]} >= set(target.facts.basis)
    assert {"T1", "T2", "readout_error"} <= {entry["name"] for entry in document["qubits"][0]}


@pytest.mark.live
def test_properties_before_a_time(target: Target, account: AccountClient) -> None:
    name = target.facts.devices[0]
    newest = account.properties(name)
    assert newest is not None
    taken = datetime.fromisoformat(newest["last_update_date"])
    assert account.properties(name, before=taken + timedelta(seconds=1)) == newest
    older = account.properties(name, before=taken)
    assert older is None or datetime.fromisoformat(older["last_update_date"]) < taken


@pytest.mark.live
def test_no_properties_before_the_device_existed(target: Target, account: AccountClient) -> None:
    moment = datetime(2001, 1, 1, tzinfo=UTC)
    assert account.properties(target.facts.devices[0], before=moment) is None


@pytest.mark.needs(Trait.SIMULATOR)
def test_simulator_has_no_properties(account: AccountClient) -> None:
    assert account.properties(SIMULATOR) is None


@pytest.mark.needs(Capability.PULSE_DEFAULTS)
def test_pulse_device_has_defaults(account: AccountClient) -> None:
    document = account.defaults(PULSE_DEVICE)
    assert document is not None
    assert len(document["qubit_freq_est"]) == 1
    assert document["cmd_def"]


@pytest.mark.live
def test_no_defaults_without_pulse_access(target: Target, account: AccountClient) -> None:
    facts = target.facts
    assert (account.defaults(facts.device) is not None) is facts.pulse
    if facts.runner != facts.device:
        assert account.defaults(facts.runner) is None


@pytest.mark.service(job_limits={DEVICE: 3})
def test_job_limit_of_a_device(target: Target, account: AccountClient) -> None:
    limit = account.job_limit(target.facts.device)
    stated = 3 if Capability.JOB_LIMIT in account.capabilities else None
    assert (limit.maximum_jobs, limit.running_jobs) == (stated, 0)


@pytest.mark.needs(Trait.SIMULATOR)
def test_simulator_takes_any_number_of_jobs(account: AccountClient) -> None:
    assert account.job_limit(SIMULATOR).maximum_jobs is None


@pytest.mark.live
def test_status_of_an_unknown_device_is_not_found(target: Target, account: AccountClient) -> None:
    with pytest.raises(ApiNotFound) as caught:
        account.status("ibmq_atlantis")
    assert (caught.value.status_code, caught.value.code) == target.facts.no_device
    assert caught.value.operation == "getBackendStatus"


@pytest.mark.needs(Trait.CHECKED_DEVICE_NAMES)
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
