"""The methods in each row of the table in docs/platform.md are called once.

The call must return what the row promises (full, partial or none), and send only operations that
the row names.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from qiskit import QuantumCircuit, assemble, pulse
from qiskit.circuit import Parameter
from qiskit.providers import JobStatus
from qiskit.providers.models import BackendProperties, QasmBackendConfiguration
from qiskit.qobj import QasmQobj
from qiskit.result import Result

from ibmq_backend import IBMQ, IBMQBackend, IBMQJob
from ibmq_backend.backend.service import IBMQBackendService
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.state.instances import PREMIUM_PLAN, ServiceInstance
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsNotFound,
    IBMQBackendApiError,
    IBMQBackendError,
    IBMQBackendValueError,
    IBMQJobInvalidStateError,
)
from tests.api.platform.test_documentation import ROWS

DEVICE = "ibm_perth"
OPERATIONS = re.compile(r"\b[a-z]+[A-Z]\w+\b")
NAMES = re.compile(r"`([\w.]+)(?:\(\))?`")
ROW_OF = {name: row for row in ROWS for name in NAMES.findall(row[0])}


def flip(name="flip"):
    circuit = QuantumCircuit(1, 1, name=name)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


@pytest.fixture(scope="module")
def service(engine):
    instance = ServiceInstance("only", PREMIUM_PLAN)
    with LocalService(settings=Settings(seed=9), instances=[instance], engine=engine) as running:
        running.account = (running.api_key, running.platform_url)
        yield running


@pytest.fixture
def scene(service, asked):
    """An active account, a device, a finished job, and the same job retrieved again."""
    provider = IBMQ.enable_account(*service.account, instance=service.crn)
    backend = provider.get_backend(DEVICE)
    options = {"shots": 20, "job_name": "named", "job_tags": ["a"], "header": {"k": 1}}
    job = backend.run(flip(), **options)
    job.wait_for_final_state(timeout=120)
    found = backend.retrieve_job(job.job_id())
    asked.clear()
    return SimpleNamespace(
        service=service, provider=provider, backend=backend, job=found, id=job.job_id()
    )


def raising(error, match):
    """Return a check of a call that must be rejected."""
    return SimpleNamespace(error=error, match=match)


def is_a(kind):
    return lambda answer: isinstance(answer, kind)


def again(scene):
    IBMQ.disable_account()
    return IBMQ.enable_account(*scene.service.account, instance="only")


def loaded(scene):
    IBMQ.save_account(*scene.service.account, instance="only")
    return IBMQ.load_account()


def saved(scene):
    IBMQ.save_account(*scene.service.account, instance=scene.service.crn)
    return IBMQ.stored_account()


def deleted(scene):
    saved(scene)
    IBMQ.delete_account()
    return IBMQ.stored_account()


# The call of each row, and the check of its return value.
CALLS = {
    "IBMQ.enable_account": (again, lambda p: "instance='only'" in repr(p)),
    "IBMQ.load_account": (loaded, lambda p: "instance='only'" in repr(p)),
    "IBMQ.save_account": (saved, lambda a: a["token"]),
    "IBMQ.stored_account": (saved, lambda a: a["url"].endswith("/api")),
    "IBMQ.delete_account": (deleted, lambda a: a == {}),
    "IBMQ.active_account": (lambda s: IBMQ.active_account(), lambda a: a["token"]),
    "IBMQ.disable_account": (
        lambda s: (IBMQ.disable_account(), IBMQ.active_account()),
        lambda a: a == (None, None),
    ),
    "IBMQ.providers": (lambda s: IBMQ.providers(), lambda a: len(a) == 1),
    "IBMQ.get_provider": (lambda s: IBMQ.get_provider(), lambda a: a is IBMQ.providers()[0]),
    "IBMQ.update_account": (lambda s: IBMQ.update_account(), lambda a: a is None),
    "IBMQBackendService.backends": (
        lambda s: s.provider.backend.backends(n_qubits=7, operational=True),
        lambda a: DEVICE in {b.name() for b in a},
    ),
    "IBMQBackendService.get": (
        lambda s: s.provider.get_backend("ibm_lagos"),
        lambda a: a.name() == "ibm_lagos",
    ),
    "IBMQBackendService.jobs": (lambda s: s.provider.backend.jobs(limit=2), lambda a: a),
    "IBMQBackendService.job_ids": (
        lambda s: s.provider.backend.job_ids(limit=1),
        lambda a: a[0]["id"],
    ),
    "IBMQBackendService.retrieve_job": (
        lambda s: s.provider.backend.retrieve_job(s.id),
        lambda a: a.status() is JobStatus.DONE,
    ),
    "IBMQBackendService.delete_job": (
        lambda s: s.provider.backend.delete_job(s.id),
        lambda a: a is None,
    ),
    "IBMQBackendService.my_reservations": (
        lambda s: s.provider.backend.my_reservations(),
        lambda a: a == [],
    ),
    "IBMQBackendService.refresh": (lambda s: s.provider.backend.refresh(), lambda a: a is None),
    "IBMQBackend.name": (lambda s: s.backend.name(), lambda a: a == DEVICE),
    "IBMQBackend.provider": (lambda s: s.backend.provider(), lambda a: a.get_backend(DEVICE)),
    "IBMQBackend.version": (lambda s: s.backend.version, lambda a: a),
    "IBMQBackend.configuration": (
        lambda s: s.backend.configuration(),
        is_a(QasmBackendConfiguration),
    ),
    "IBMQBackend.properties": (lambda s: s.backend.properties(), is_a(BackendProperties)),
    "IBMQBackend.status": (lambda s: s.backend.status(), lambda a: a.operational),
    "IBMQBackend.defaults": (lambda s: s.backend.defaults(), lambda a: a is None),
    "IBMQBackend.run": (lambda s: s.backend.run(flip(), shots=3), is_a(IBMQJob)),
    "IBMQBackend.jobs": (
        lambda s: s.backend.jobs(status="DONE", job_name="^named$", job_tags=["a", "b"]),
        lambda a: a and all(j.name() == "named" for j in a),
    ),
    "IBMQBackend.active_jobs": (lambda s: s.backend.active_jobs(), is_a(list)),
    "IBMQBackend.retrieve_job": (
        lambda s: s.backend.retrieve_job(s.id),
        lambda a: a.job_id() and a.name() == "named",
    ),
    "IBMQBackend.job_limit": (lambda s: s.backend.job_limit(), lambda a: a.maximum_jobs is None),
    "IBMQBackend.remaining_jobs_count": (
        lambda s: s.backend.remaining_jobs_count(),
        lambda a: a is None,
    ),
    "IBMQBackend.open_session": (lambda s: s.backend.open_session(), lambda a: a.session_id),
    "IBMQBackend.open_batch": (lambda s: s.backend.open_batch(), lambda a: a.session_id),
    "IBMQBackend.session": (lambda s: s.backend.session, lambda a: a is None),
    "IBMQBackend.reservations": (lambda s: s.backend.reservations(), lambda a: a == []),
    "IBMQJob.job_id": (lambda s: s.job.job_id() == s.id, bool),
    "IBMQJob.backend": (lambda s: s.job.backend() is s.backend, bool),
    "IBMQJob.share_level": (lambda s: s.job.share_level(), lambda a: a == "none"),
    "IBMQJob.status": (lambda s: s.job.status(), lambda a: a is JobStatus.DONE),
    "IBMQJob.refresh": (lambda s: s.job.refresh(), lambda a: a is None),
    "IBMQJob.wait_for_final_state": (
        lambda s: s.backend.run(flip(), shots=1).wait_for_final_state(timeout=120),
        lambda a: a is None,
    ),
    "IBMQJob.result": (lambda s: s.job.result(), is_a(Result)),
    "IBMQJob.error_message": (lambda s: s.job.error_message(), lambda a: a is None),
    "IBMQJob.cancel": (lambda s: s.job.cancel(), lambda a: a is False),
    "IBMQJob.logs": (lambda s: s.job.logs(), lambda a: a == ""),
    "IBMQJob.queue_position": (lambda s: s.job.queue_position(refresh=True), lambda a: a is None),
    "IBMQJob.queue_info": (lambda s: s.job.queue_info(), lambda a: a is None),
    "IBMQJob.name": (lambda s: s.job.name(), lambda a: a == "named"),
    "IBMQJob.tags": (lambda s: s.job.tags(), lambda a: a == ["a"]),
    "IBMQJob.update_name": (lambda s: s.job.update_name("other"), lambda a: a == "other"),
    "IBMQJob.update_tags": (
        lambda s: s.job.update_tags(replacement_tags=["x"]),
        lambda a: a == ["x"],
    ),
    "IBMQJob.creation_date": (lambda s: s.job.creation_date(), lambda a: a.tzinfo is not None),
    "IBMQJob.time_per_step": (
        lambda s: s.job.time_per_step(),
        lambda a: list(a) == ["QUEUED", "RUNNING", "COMPLETED"],
    ),
    "IBMQJob.scheduling_mode": (lambda s: s.job.scheduling_mode(), lambda a: a == "fairshare"),
    "IBMQJob.client_version": (lambda s: s.job.client_version, lambda a: "ibmq-backend" in a),
    "IBMQJob.experiment_id": (lambda s: s.job.experiment_id, lambda a: a is None),
    "IBMQJob.properties": (lambda s: s.job.properties(), is_a(BackendProperties)),
    "IBMQJob.qobj": (lambda s: s.job.qobj(), is_a(QasmQobj)),
    "IBMQJob.circuits": (
        lambda s: s.job.circuits(),
        lambda a: [c.count_ops() for c in a] == [flip().count_ops()],
    ),
    "IBMQJob.backend_options": (lambda s: s.job.backend_options(), lambda a: a["shots"] == 20),
    "IBMQJob.header": (lambda s: s.job.header(), lambda a: a["k"] == 1),
    "IBMQJob.submit": (
        lambda s: s.job.submit(),
        raising(IBMQJobInvalidStateError, "submitted twice"),
    ),
}


def turned(scene):
    theta = Parameter("t")
    circuit = QuantumCircuit(1, 1)
    circuit.rz(theta, 0)
    circuit.x(0)
    circuit.measure(0, 0)
    binds = [{theta: 0.1}, {theta: 0.2}]
    result = scene.backend.run(circuit, parameter_binds=binds, shots=5).result(timeout=120)
    return len(result.results)


def ran(**options):
    return lambda scene: scene.backend.run(flip(), **{"shots": 5, **options}).result(timeout=120)


def sent(**options):
    return lambda scene: scene.backend.run(flip(), **{"shots": 5, **options})


def has_flipped(result):
    return sum(result.get_counts().values()) == 5


LOS = {channel(n): 5e9 for channel in (pulse.DriveChannel, pulse.MeasureChannel) for n in range(7)}
ARGUMENTS = {
    "circuits": (lambda s: s.backend.run([flip(), flip()], shots=2), is_a(IBMQJob)),
    "shots": (ran(), has_flipped),
    "memory": (ran(memory=True), lambda r: len(r.get_memory()) == 5),
    "init_qubits": (ran(init_qubits=True), has_flipped),
    "rep_delay": (ran(rep_delay=100e-6), has_flipped),
    "parameter_binds": (turned, lambda number: number == 2),
    "header": (ran(header={"z": 1}), lambda r: r.header.z == 1),
    "qobj": (
        lambda s: s.backend.run(assemble(flip(), shots=5)).result(timeout=120),
        has_flipped,
    ),
    "job_name": (sent(job_name="n"), lambda job: job.name() == "n"),
    "job_tags": (sent(job_tags=["t"]), lambda job: job.tags() == ["t"]),
    "job_share_level": (sent(job_share_level="project"), is_a(IBMQJob)),
    "meas_level": (sent(meas_level=0), raising(IBMQBackendApiError, "meas_level=0")),
    "meas_return": (sent(meas_level=1, meas_return="single"), is_a(IBMQJob)),
    "experiment_id": (sent(experiment_id="e"), raising(IBMQBackendApiError, "experiment_id")),
    "qubit_lo_freq": (sent(qubit_lo_freq=[5e9] * 7), raising(IBMQBackendError, "pulse")),
    "meas_lo_freq": (sent(meas_lo_freq=[7e9] * 7), raising(IBMQBackendError, "pulse")),
    "schedule_los": (
        sent(schedule_los=[LOS]),
        raising(IBMQBackendError, "pulse"),
    ),
    "PulseQobj": (
        lambda s: s.backend.run(pulse.Schedule()),
        raising(IBMQBackendValueError, "pulse"),
    ),
    "memory_slots": (ran(memory_slots=3), lambda r: sum(r.get_counts().values()) == 5),
    "memory_slot_size": (ran(memory_slot_size=100), has_flipped),
    "rep_time": (ran(rep_time=1e-3), has_flipped),
    "use_measure_esp": (
        sent(use_measure_esp=True),
        raising(IBMQBackendValueError, "does not support use_measure_esp"),
    ),
    "live_data_enabled": (ran(live_data_enabled=True), has_flipped),
}
ALL = {**CALLS, **ARGUMENTS}


def test_the_table_and_the_calls_are_the_same():
    assert ROW_OF.keys() == ALL.keys()
    owners = {"IBMQBackend": IBMQBackend, "IBMQJob": IBMQJob}
    owners["IBMQBackendService"] = IBMQBackendService
    for name in CALLS:
        owner, method = name.split(".")
        assert hasattr(owners.get(owner, IBMQ), method)


@pytest.mark.filterwarnings("ignore:'(rep_time|live_data_enabled)' has no effect:UserWarning")
@pytest.mark.parametrize("name", ALL)
def test_row(scene, asked, name):
    documented, operations, answer, difference = ROW_OF[name]
    call, expected = ALL[name]
    if isinstance(expected, SimpleNamespace):
        with pytest.raises(expected.error, match=expected.match):
            call(scene)
    else:
        assert expected(call(scene))
    allowed = set(OPERATIONS.findall(operations))
    if name in ARGUMENTS:  # the test waits for the result to see the effect
        allowed |= {"createJob", "getJob", "getJobMetrics", "getJobResults"}
    if name == "IBMQJob.wait_for_final_state":
        allowed |= {"createJob"}
    if name in ("IBMQ.load_account", "IBMQ.enable_account"):
        assert "exchangeToken" in asked
    assert set(asked) <= allowed, documented
    if answer == "none" and not isinstance(expected, SimpleNamespace):
        assert difference.strip()


def test_times_are_utc_on_the_wire_and_local_in_the_answers(scene, monkeypatch):
    monkeypatch.setenv("TZ", "America/St_Johns")
    import time

    time.tzset()
    try:
        job = scene.backend.retrieve_job(scene.id)
        created = job.creation_date()
        offset = created.utcoffset()
        assert offset in (timedelta(hours=-3.5), timedelta(hours=-2.5))
        for moment in job.time_per_step().values():
            assert moment.utcoffset() == offset
        assert scene.backend.properties(refresh=True).last_update_date.utcoffset() is not None
        naive = created.replace(tzinfo=None)
        assert isinstance(naive, datetime)
        hour = timedelta(hours=1)
        found = scene.backend.jobs(start_datetime=naive - hour, end_datetime=naive + hour)
        assert scene.id in {each.job_id() for each in found}
        assert scene.backend.jobs(start_datetime=naive + hour) == []
        assert scene.backend.jobs(end_datetime=naive - hour) == []
    finally:
        monkeypatch.undo()
        time.tzset()


def test_without_an_account_the_documented_error(scene):
    IBMQ.disable_account()
    with pytest.raises(IBMQAccountCredentialsNotFound):
        IBMQ.disable_account()
