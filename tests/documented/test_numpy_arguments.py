"""Numbers, flags, texts and times of numpy in the documented arguments mean what Python's mean."""

from __future__ import annotations

import inspect
import json
import pickle

import numpy as np
import pytest
from attrs import evolve
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.providers.models import BackendProperties
from qiskit.qobj.utils import MeasLevel, MeasReturnType

from ibmq_backend import IBMQBackend, IBMQJobManager, IBMQSimulator, job_monitor, least_busy
from ibmq_backend.exceptions import (
    IBMQBackendValueError,
    IBMQJobInvalidStateError,
    IBMQJobManagerInvalidStateError,
)
from ibmq_backend.job.query import select_jobs
from ibmq_backend.records import JobRecord

THETA = Parameter("theta")
NOT_VALUES = {"self", "circuits", "kwargs", "run_config", "schedule_los"}
RUN = {
    "job_name": np.str_("name"),
    "job_share_level": np.str_("none"),
    "job_tags": np.array(["a", "b"]),
    "experiment_id": np.str_("experiment"),
    "header": {"n": np.int64(1)},
    "shots": np.int64(5),
    "memory": np.bool_(True),
    "qubit_lo_freq": np.array([4.97e9]),
    "meas_lo_freq": [np.float64(6.99e9)],
    "meas_level": np.int64(1),
    "meas_return": np.str_("single"),
    "memory_slots": np.int32(3),
    "memory_slot_size": np.uint16(10),
    "rep_time": np.float64(1e-3),
    "rep_delay": np.float64(250e-6),
    "init_qubits": np.bool_(True),
    "parameter_binds": np.array([{THETA: np.float64(0.5)}, {THETA: np.int64(1)}]),
    "use_measure_esp": np.bool_(False),
    "live_data_enabled": np.bool_(False),
    "backend_options": {"seed_simulator": np.int64(3)},
    "noise_model": {"errors": np.array([])},
}
JOBS = {
    "limit": np.int32(5),
    "skip": np.uint8(2),
    "status": np.array(["DONE", "ERROR"]),
    "job_name": np.str_("name"),
    "start_datetime": np.datetime64("2021-03-01"),
    "end_datetime": np.datetime64("2021-03-15T10:00"),
    "job_tags": np.array(["a"]),
    "job_tags_operator": np.str_("and"),
    "experiment_id": np.str_("experiment"),
    "descending": np.bool_(False),
    "db_filter": {"shots": {"inq": np.array([1, 2])}, "success": np.bool_(True)},
}


@pytest.fixture
def submitted(provider, monkeypatch):
    """Return a function that runs a circuit and returns what would be submitted."""
    seen = []

    def submit(_, submission):
        json.dumps(submission.qobj)  # numpy's numbers are equal to Python's, but no JSON
        for experiment in submission.qobj["experiments"]:
            experiment["header"]["name"] = "c"  # circuits with bound parameters are numbered
        seen.append(evolve(submission, submission_id=""))
        return JobRecord("1", "QUEUED", "QUEUED")

    def run(backend, **options):
        circuit = QuantumCircuit(1, 1, name="c")
        circuit.rx(THETA if "parameter_binds" in options else 0.1, 0)
        circuit.measure(0, 0)
        backend.run(circuit, qobj_id="id", **options)
        return seen.pop()

    monkeypatch.setattr(type(provider.backend._api_client), "submit", submit)
    return run


def native(value):
    """Return a value without numpy."""
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[us]").item()
    if isinstance(value, np.ndarray | np.generic):
        return native(value.tolist())
    if isinstance(value, dict):
        return {key: native(each) for key, each in value.items()}
    return [native(each) for each in value] if isinstance(value, list) else value


def test_the_tables_are_complete():
    runs = (IBMQBackend.run, IBMQSimulator.run)
    documented = {name for run in runs for name in inspect.signature(run).parameters}
    assert documented - NOT_VALUES == RUN.keys()
    assert inspect.signature(select_jobs).parameters.keys() == JOBS.keys()


@pytest.mark.filterwarnings("ignore:Dynamic rep rates")
@pytest.mark.parametrize("name", RUN)
def test_an_argument_of_run(provider, submitted, name):
    is_pulse = name in ("qubit_lo_freq", "meas_lo_freq", "rep_time")
    is_device = is_pulse or name == "rep_delay"
    backend = provider.get_backend(
        "ibmq_armonk" if is_pulse else "ibmq_vigo" if is_device else "ibmq_qasm_simulator"
    )
    found = submitted(backend, **{name: RUN[name]})
    assert found == submitted(backend, **{name: native(RUN[name])})


def test_enumerations_and_set_options(provider, submitted):
    armonk = provider.get_backend("ibmq_armonk")
    plain = submitted(armonk, meas_level=1, meas_return="single", shots=7)
    named = {"meas_level": MeasLevel.KERNELED, "meas_return": MeasReturnType.SINGLE}
    assert submitted(armonk, **named, shots=np.uint8(7)) == plain
    armonk.set_options(shots=np.int64(7))
    assert submitted(armonk, **named) == plain
    for name in ("job_name", "experiment_id"):
        with pytest.raises(IBMQBackendValueError, match=f"{name} must be text.* Use {name}='3'"):
            submitted(armonk, **{name: np.int64(3)})


@pytest.mark.parametrize("name", JOBS)
def test_an_argument_of_jobs(name):
    found = select_jobs(**{name: JOBS[name]})
    assert found == select_jobs(**{name: native(JOBS[name])})


@pytest.mark.parametrize("name", ["limit", "skip"])
@pytest.mark.parametrize("value", [np.float64(2), np.bool_(True), np.array([1, 2]), np.int64(-1)])
def test_a_count_is_a_whole_number(name, value):
    with pytest.raises(IBMQBackendValueError, match=f"{name} must"):
        select_jobs(**{name: value})


def test_arguments_of_the_other_methods(provider, backend):
    day = np.datetime64("2021-03-10")
    properties = backend.properties(refresh=np.bool_(True), datetime=day)
    assert properties == backend.properties(datetime=native(day))
    one, pair = np.int64(1), np.array([0, 1])
    assert properties.gate_error("cx", pair) == properties.gate_error("cx", [0, 1])
    assert properties.gate_error("id", one) == properties.gate_error("id", 1)
    assert properties.gate_length("id", one) == properties.gate_length("id", [1])
    assert properties.t1(one) == properties.t1(1)
    assert type(pickle.loads(pickle.dumps(properties))) is BackendProperties
    assert backend.reservations(day, day + 1) == []
    assert provider.backends(n_qubits=np.int64(65), simulator=np.bool_(False))
    many = provider.backends(np.str_("ibmq_manhattan"), min_num_qubits=np.float32(65))
    assert least_busy(np.array(many), reservation_lookahead=np.int64(60)).name() == "ibmq_manhattan"


def test_arguments_of_jobs_and_job_sets(provider, simulator):
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    second = np.float32(30)
    job = simulator.run(circuit, shots=np.int64(5))
    job.wait_for_final_state(timeout=np.float16(30), wait=np.int8(1))
    result = job.result(second, wait=np.float64(1), partial=np.bool_(False), refresh=np.bool_(True))
    assert result.get_counts() == {"0": 5}
    assert job.update_name(np.str_("new")) == "new"
    assert job.update_tags(np.array(["a", "b"]), removal_tags=np.array(["a"])) == ["b"]
    job_monitor(job, interval=np.float32(0.1))
    assert simulator.retrieve_job(np.str_(job.job_id())).tags() == ["b"]
    assert simulator.active_jobs(limit=np.int64(3)) == []
    with pytest.raises(IBMQJobInvalidStateError, match="timeout must be a number of seconds"):
        job.result(timeout=np.bool_(True))

    manager = IBMQJobManager()
    job_set = manager.run([circuit] * 3, simulator, max_experiments_per_job=np.int64(2), shots=5)
    results = job_set.results(second, partial=np.bool_(False), refresh=np.bool_(True))
    assert results.get_counts(np.int64(2)) == {"0": 5}
    assert len(job_set.jobs()) == 2
    again = manager.retrieve_job_set(np.str_(job_set.job_set_id()), provider, np.bool_(True))
    assert again.job(np.int64(2))[1] == 0
    with pytest.raises(IBMQJobManagerInvalidStateError, match="experiment_id must be text, not 3"):
        manager.run(circuit, simulator, experiment_id=3)
