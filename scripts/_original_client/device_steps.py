"""Devices: their descriptions, calibrations, state, limits and bookings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checks import check, equal, raises
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit.providers.ibmq import IBMQBackend, least_busy
from qiskit.providers.ibmq.ibmqbackend import IBMQSimulator
from qiskit.pulse import Schedule
from scene import DEVICE, SIMULATOR, Scene
from service import HELD, OPEN, OURS
from steps import Steps
from traffic import watched

steps = Steps("devices")


@steps("every description in the list becomes a backend")
def every_configuration(scene: Scene) -> None:
    credentials = scene.provider.credentials
    with watched() as seen:
        listed = scene.provider._api_client.list_backends()
    wire_names = [one["backend_name"] for one in listed]
    check(len(wire_names) > 40, f"only {len(wire_names)} devices are listed")
    equal((credentials.hub, credentials.group, credentials.project), OPEN, "project")
    equal(seen.complaints, [], "warnings of the client")
    backends = scene.provider.backends()
    equal(sorted(one.name() for one in backends), sorted(wire_names), "decoded devices")
    for backend in backends:
        configuration = backend.configuration()
        check(isinstance(configuration.online_date, datetime), f"{backend}: online_date")
        check(configuration.max_shots >= 4000, f"{backend} refuses the client's default of shots")
        check(configuration.gates is not None, f"{backend}: gates")
        kind = IBMQSimulator if configuration.simulator else IBMQBackend
        check(type(backend) is kind, f"{backend} is a {type(backend)}")


@steps("the description of ibmq_vigo is that of the device")
def vigo_configuration(scene: Scene) -> None:
    configuration = scene.backend().configuration()
    equal(configuration.n_qubits, 5, "qubits")
    pairs = {tuple(sorted(pair)) for pair in configuration.coupling_map}
    equal(pairs, {(0, 1), (1, 2), (1, 3), (3, 4)}, "coupling")
    check("cx" in configuration.basis_gates, "cx is not a basis gate")
    equal((configuration.max_shots, configuration.max_experiments), (8192, 75), "limits")
    equal(str(scene.backend()), DEVICE, "name")
    check(1e-10 < configuration.dt < 1e-9, f"dt is {configuration.dt} s")


@steps("devices are found by name, old name, attribute and filter")
def filters(scene: Scene) -> None:
    provider = scene.provider
    equal(provider.get_backend("ibmq_5_yorktown").name(), "ibmqx2", "old name")
    equal(provider.backends.ibmq_vigo.name(), DEVICE, "attribute")
    equal(provider.backend.ibmq_vigo.name(), DEVICE, "attribute of the service")
    raises(QiskitBackendNotFoundError, lambda: provider.get_backend("ibmq_nowhere"))
    small = {one.name() for one in provider.backends(n_qubits=5, simulator=False)}
    check({DEVICE, HELD, OURS} <= small, f"devices of five qubits: {small}")
    check(SIMULATOR not in small, "the simulator is no device")
    large = provider.backends(min_num_qubits=50, simulator=False)
    check(all(one.configuration().n_qubits >= 50 for one in large) and large, f"large: {large}")
    by_job = provider.backends(input_allowed="job")
    equal(len(by_job), len(provider.backends()), "devices that take jobs")
    with watched() as seen:
        chosen = provider.backends(
            filters=lambda one: getattr(one.configuration(), "quantum_volume", None) == 16,
            n_qubits=5,
            operational=True,
        )
    check(DEVICE in {one.name() for one in chosen}, f"quantum volume 16: {chosen}")
    check(seen.count("GET", "/queue/status") >= len(chosen), "nobody asked for the states")


@steps("state: active, booked by others, versions")
def status(scene: Scene) -> None:
    state = scene.backend().status()
    equal((state.operational, state.status_msg), (True, "active"), DEVICE)
    equal(state.pending_jobs, 0, "pending jobs")
    equal(state.backend_version, scene.backend().configuration().backend_version, "version")
    equal(scene.backend(HELD).status().status_msg, "dedicated", HELD)
    equal(scene.backend(SIMULATOR).status().status_msg, "active", SIMULATOR)


@steps("the least busy device is not one that is booked")
def least_busy_device(scene: Scene) -> None:
    names = (HELD, OURS, DEVICE)
    equal(least_busy([scene.backend(name) for name in names]).name(), DEVICE, "least busy")


@steps("calibration data of every device, with what programs read from it")
def properties(scene: Scene) -> None:
    for backend in scene.provider.backends(simulator=False):
        found = backend.properties()
        width = backend.configuration().n_qubits
        if backend.name() != "ibmqx5":  # no calibration of it was published
            equal(len(found.qubits), width, f"qubits of {backend}")
            equal(found.backend_name, backend.name(), "name")
    with watched() as seen:
        found = scene.backend().properties()
        check(found is scene.backend().properties(), "not kept")
        scene.backend().properties(refresh=True)
    equal(seen.count("GET", "/properties"), 1, "requests")
    check(1e-6 < found.t1(0) < 1e-3, f"T1 is {found.t1(0)} s")
    check(4e9 < found.frequency(0) < 6e9, f"frequency is {found.frequency(0)} Hz")
    check(0 < found.gate_error("cx", [0, 1]) < 0.1, "error of cx")
    check(1e-7 < found.gate_length("cx", [0, 1]) < 1e-6, "length of cx")
    check(0 < found.readout_error(0) < 0.2, "readout error")
    equal(scene.backend(SIMULATOR).properties(), None, "calibration of a simulator")


@steps("calibration data by date")
def properties_by_date(scene: Scene) -> None:
    backend = scene.backend()
    known = backend.properties().last_update_date
    later = backend.properties(datetime=datetime.now())
    equal(later.last_update_date, known, "calibration of today")
    after = backend.properties(datetime=known + timedelta(days=1))
    equal(after.last_update_date, known, "calibration on the day after")
    before = backend.properties(datetime=datetime(2015, 1, 1))
    check(before is None, "a calibration older than the service")
    raises(TypeError, lambda: backend.properties(datetime="yesterday"))


@steps("pulse defaults where the device has pulses")
def defaults(scene: Scene) -> None:
    for name in (HELD, "ibmq_armonk"):
        backend = scene.backend(name)
        found = backend.defaults()
        check(found is not None, f"{name} has none")
        width = backend.configuration().n_qubits
        equal(len(found.qubit_freq_est), width, f"frequencies of {name}")
        schedule = found.instruction_schedule_map.get("measure", list(range(width)))
        check(isinstance(schedule, Schedule) and schedule.duration > 0, "measurement pulse")
    check("cx" in scene.backend(HELD).defaults().instruction_schedule_map.instructions, "cx")
    equal(scene.backend().defaults(), None, f"defaults of {DEVICE}")


@steps("job limits")
def job_limits(scene: Scene) -> None:
    limit = scene.backend().job_limit()
    equal((limit.maximum_jobs, limit.active_jobs), (5, 0), DEVICE)
    equal(scene.backend().remaining_jobs_count(), 5, "remaining jobs")
    equal(scene.backend(SIMULATOR).job_limit().maximum_jobs, None, "limit of the simulator")
    equal(scene.backend(SIMULATOR).remaining_jobs_count(), None, "remaining jobs, simulator")


@steps("bookings: others' without their names, ours with them, by date")
def reservations(scene: Scene) -> None:
    theirs = scene.backend(HELD).reservations()
    equal(len(theirs), 1, f"bookings of {HELD}")
    equal((theirs[0].hub, theirs[0].mode, theirs[0].duration), (None, None, 120), "other's booking")
    now = datetime.now(UTC).astimezone()
    check(theirs[0].start_datetime < now < theirs[0].end_datetime, f"booked for now: {theirs[0]}")
    ours = scene.backend(OURS).reservations()
    equal([one.backend_name for one in ours], [OURS, OURS], f"bookings of {OURS}")
    equal((ours[0].hub, ours[0].group, ours[0].project), OPEN, "project of our booking")
    hours = timedelta(hours=1)
    soon = scene.backend(OURS).reservations(
        start_datetime=datetime.now() + 4 * hours, end_datetime=datetime.now() + 6 * hours
    )
    equal(len(soon), 1, "bookings in four to six hours")
    check(soon[0].start_datetime > now, f"not later than now: {soon[0]}")
    equal(scene.backend().reservations(), [], f"bookings of {DEVICE}")
    mine = scene.provider.backend.my_reservations()
    equal({one.backend_name for one in mine}, {OURS}, "our bookings")
