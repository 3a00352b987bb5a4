"""Devices: the list, configuration, properties, status, target."""

from __future__ import annotations

from datetime import UTC, datetime

from checks import check, equal, raises
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from scene import Scene
from service import DEVICE, HELD
from steps import Steps
from traffic import watched

steps = Steps("devices")


@steps("the list, and none dropped for a document that cannot be read")
def listed(scene: Scene) -> None:
    with watched() as seen:
        names = [backend.name for backend in scene.client().backends()]
    check(len(names) >= 11, f"devices: {names}")
    equal(seen.count("GET", "/configuration"), len(names), "configurations asked")
    check({DEVICE, HELD, "ibm_washington", "ibm_prague"} <= set(names), f"devices: {names}")


@steps("filters")
def filters(scene: Scene) -> None:
    client = scene.client()
    big = client.backends(min_num_qubits=127)
    equal({one.name for one in big}, {"ibm_sherbrooke", "ibm_washington"}, "big devices")
    check(client.backends(simulator=False), "no devices")
    dynamic = client.backends(dynamic_circuits=True)
    check(DEVICE in [one.name for one in dynamic], "no dynamic circuits")


@steps("the least busy device is one that runs")
def least_busy(scene: Scene) -> None:
    found = scene.client().least_busy(operational=True, simulator=False)
    check(found.name != HELD, "a device that is held")


@steps("configuration")
def configuration(scene: Scene) -> None:
    found = scene.backend().configuration()
    equal(found.n_qubits, 127, "qubits")
    equal(set(found.basis_gates), {"rz", "sx", "x", "ecr"}, "gates")
    check(0 < found.dt < 1e-8, f"dt in seconds: {found.dt}")
    equal(found.processor_type["family"], "Eagle", "family")


@steps("properties, today's and of an earlier time")
def properties(scene: Scene) -> None:
    backend = scene.backend()
    found = backend.properties()
    check(0 < found.t1(0) < 1e-2, f"T1: {found.t1(0)}")
    check(0 < found.readout_error(0) < 1, "readout error")
    check(0 < found.gate_error("ecr", [1, 0]) < 1, "gate error")
    same = backend.properties(datetime=datetime(2024, 1, 1, tzinfo=UTC))
    equal(same.last_update_date, found.last_update_date, "date")


@steps("status of a free device and of one that is held")
def status(scene: Scene) -> None:
    found = scene.backend().status()
    equal((found.operational, found.status_msg, found.pending_jobs), (True, "active", 0), "status")
    equal(scene.backend(HELD).status().status_msg, "dedicated", "status")


@steps("the target has gates, errors and lengths")
def target(scene: Scene) -> None:
    found = scene.backend().target
    check({"ecr", "rz", "sx", "x", "measure", "delay", "reset"} <= set(found.operation_names), "")
    check(0 < found["ecr"][(1, 0)].error < 1, "error of ecr")
    check(0 < found["measure"][(0,)].duration < 1e-4, "length of a measurement")


@steps("an unknown device is not found")
def unknown(scene: Scene) -> None:
    raises(QiskitBackendNotFoundError, lambda: scene.client().backend("ibm_nowhere"))
