"""Errors that the job manager raises before anything is sent."""

import pytest
from qiskit import QuantumCircuit, assemble, pulse
from qiskit.circuit import Parameter
from qiskit.providers.basicaer import BasicAer

from ibmq_backend import IBMQJobManager, IBMQRetiredBackend
from ibmq_backend.exceptions import IBMQJobManagerInvalidStateError
from ibmq_backend.managed.splitting import split
from tests.support.job_sets import Requests, numbered

UNBOUND = QuantumCircuit(1, name="unbound")
UNBOUND.rx(Parameter("angle"), 0)
SCHEDULE = pulse.Schedule(
    pulse.Play(pulse.Constant(160, 0.1), pulse.DriveChannel(0)), name="a pulse"
)


@pytest.mark.parametrize(
    ("experiments", "options", "text"),
    [
        ([], {}, "list of experiments is empty"),
        (None, {}, "must be circuits or schedules, not None"),
        ("OPENQASM", {}, "not 'OPENQASM'"),
        ([*numbered(1), 5], {}, "Experiment 1 is of type 'int'"),
        (QuantumCircuit(6, name="wide"), {}, "'wide'\\) has 6 qubits; ibmq_vigo has 5"),
        (assemble(numbered(1)), {}, "A Qobj cannot be split"),
        (SCHEDULE, {}, "ibmq_vigo cannot run schedules"),
        ([*numbered(1), SCHEDULE], {}, "Experiment 1 is a schedule, but others are circuits"),
        (UNBOUND, {}, "'unbound'\\) has unbound parameters: angle"),
        (numbered(1), {"parameter_binds": 5}, "list of dictionaries, not 5"),
        (numbered(1), {"parameter_binds": [{Parameter("x"): 1}]}, "cannot be bound"),
        (numbered(1), {"max_experiments_per_job": 0}, "whole number of at least 1, not 0"),
        (numbered(1), {"max_experiments_per_job": 2.5}, "not 2.5"),
        (numbered(1), {"max_experiments_per_job": True}, "not True"),
        (numbered(1), {"name": 5}, "name of a job set must be text, not 5"),
        (numbered(1), {"job_tags": "tag"}, "job_tags must be a list of text, not 'tag'"),
        (numbered(1), {"job_tags": [1]}, "1 is not text"),
        (numbered(1), {"job_share_level": "world"}, "'world' is not a share level"),
        (numbered(1), {"job_name": "x"}, "sets job_name= for each job itself. Use name="),
        (numbered(2), {"schedule_los": [{}] * 3}, "3 entries for 2 experiments"),
        (numbered(2), {"shots": 10**9}, "Experiments 0 to 1 .*1000000000 shots are not allowed"),
        (numbered(1), {"use_measure_esp": True}, "does not support use_measure_esp"),
        (numbered(1), {"dynamic": True}, "dynamic=True is not supported"),
    ],
)
def test_invalid_arguments_raise_before_any_request(
    backend, monkeypatch, experiments, options, text
):
    requests = Requests(monkeypatch)
    manager = IBMQJobManager()
    with pytest.raises(IBMQJobManagerInvalidStateError, match=text):
        manager.run(experiments, backend, **options)
    assert manager.job_sets() == []
    assert requests.count("POST Jobs") == 0


def test_only_a_backend_of_the_service(provider):
    gone = IBMQRetiredBackend.from_name(
        "ibmq_nowhere", provider, provider.credentials, provider._api_client
    )
    for wrong, text in (
        ("ibmq_vigo", "must be an IBMQBackend"),
        (BasicAer.get_backend("qasm_simulator"), "must be an IBMQBackend"),
        (gone, "ibmq_nowhere is no longer available"),
    ):
        with pytest.raises(IBMQJobManagerInvalidStateError, match=text):
            IBMQJobManager().run(numbered(1), wrong)


def test_share_levels_are_accepted(simulator):
    job_set = IBMQJobManager().run(numbered(1), simulator, job_share_level="project", shots=1)
    assert job_set.results().success


def test_frequencies_go_with_their_schedules(provider):
    armonk = provider.get_backend("ibmq_armonk")
    frequencies = [{pulse.DriveChannel(0): 4.97e9 + n * 1e5} for n in range(5)]

    def sent(experiments, size, **options):
        return [
            [config["qubit_lo_freq"][0] for config in _configs(part.qobj)]
            for part in split(experiments, armonk, size, {"shots": 5, **options})
        ]

    wanted = [[4.97, 4.9701], [4.9702, 4.9703], [4.9704]]
    assert sent([SCHEDULE] * 5, 2, schedule_los=frequencies) == wanted
    assert sent(SCHEDULE, 2, schedule_los=frequencies) == wanted
    assert sent([SCHEDULE] * 2, 1, schedule_los=frequencies[3]) == [[4.9703], [4.9703]]


def _configs(qobj):
    """Return the configuration of each experiment: its own, or that of the Qobj."""
    document = qobj.to_dict()
    return [entry.get("config") or document["config"] for entry in document["experiments"]]
