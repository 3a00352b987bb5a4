"""Metadata and headers that are not JSON, from ``run()`` to the result, in both dialects."""

from __future__ import annotations

import copy
import enum
import math

import numpy as np
import pytest
from qiskit import IBMQ, QuantumCircuit, QuantumRegister, assemble, pulse
from qiskit.circuit import Parameter
from qiskit.qobj import QobjHeader

from ibmq_backend import IBMQJobManager
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobManagerInvalidStateError

PHI = Parameter("φ")
BIT = QuantumRegister(1, "q")[0]
ATTACHED = {
    PHI: 0.2,
    BIT: "drive",
    (0, 1): np.float32(0.5),
    np.int64(3): np.bool_(True),
    "grid": np.arange(3),
    "phase": [1j, {PHI: (1, 2)}],
    "chi": np.nan,
    "worst": -math.inf,
}
READ = {
    "φ": 0.2,
    "Qubit(QuantumRegister(1, 'q'), 0)": "drive",
    "(0, 1)": 0.5,
    "3": True,
    "grid": [0, 1, 2],
    "phase": [[0.0, 1.0], {"φ": [1, 2]}],
    "chi": math.nan,
    "worst": -math.inf,
}


class Colour(enum.Enum):
    RED = 1


@pytest.fixture(scope="module")
def platform(engine):
    with LocalService(settings=Settings(seed=1), engine=engine) as running:
        yield running


@pytest.fixture(params=["classic", "platform"])
def device(request, provider):
    if request.param == "classic":
        return provider.get_backend("ibmq_vigo")
    service = request.getfixturevalue("platform")
    IBMQ.disable_account()
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    return provider.get_backend("ibm_perth")


def circuit(metadata, name="flip"):
    made = QuantumCircuit(1, 1, name=name, metadata=metadata)
    made.x(0)
    made.measure(0, 0)
    return made


def run(device, circuits, header):
    job = device.run(circuits, shots=5, header=header)
    result = job.result()
    again = device.retrieve_job(job.job_id())
    assert repr([each.metadata for each in job.circuits()]) == repr(
        [each.metadata for each in again.circuits()]
    )
    assert repr(job.header()) == repr(again.header())
    return result


def run_qobj(device, circuits, header):
    qobj = assemble([circuit({}, each.name) for each in circuits], device, shots=5)
    for experiment, each in zip(qobj.experiments, circuits, strict=True):
        experiment.header.metadata = each.metadata
    qobj.header = QobjHeader(**{str(key): value for key, value in header.items()})
    return device.run(qobj).result()


def run_managed(device, circuits, header):
    return (
        IBMQJobManager().run(circuits, device, shots=5, header=header).results().combine_results()
    )


WAYS = [run, run_qobj, run_managed]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_attached_comes_back_as_json(device, way):
    metadata, header = copy.deepcopy(ATTACHED), copy.deepcopy(ATTACHED)
    circuits = [circuit(metadata), circuit({}, "bare"), circuit({"k": (1,)}, "third")]
    result = way(device, circuits, header)
    assert result.success
    assert [repr(entry.header.metadata) for entry in result.results] == [
        repr(READ),
        "{}",
        "{'k': [1]}",
    ]
    read = {key: value for key, value in result.header.to_dict().items() if key in READ}
    assert repr(read) == repr(READ)
    assert circuits[0].metadata is metadata
    assert repr(metadata) == repr(header) == repr(ATTACHED)  # nothing was changed


def test_what_runs_later_is_what_was_attached(simulator):
    attached = {"list": [1]}
    job_set = IBMQJobManager().run([circuit(attached)] * 2, simulator, shots=5)
    job = simulator.run(circuit(attached), shots=5)
    attached["list"].append(2)
    job.circuits()[0].metadata["list"].append(3)
    assert attached == {"list": [1, 2]}
    for result in (job.result(), job_set.results().combine_results()):
        assert result.results[0].header.metadata == {"list": [1]}


def test_schedules_have_metadata_too(provider):
    armonk = provider.get_backend("ibmq_armonk")
    with pulse.build(armonk, name="pulses") as block:
        pulse.measure(0)
    for schedule in (block, pulse.transforms.block_to_schedule(block)):
        schedule.metadata = copy.deepcopy(ATTACHED)
        result = armonk.run(schedule, shots=5, meas_level=2).result()
        assert repr(result.results[0].header.metadata) == repr(READ)
        assert repr(schedule.metadata) == repr(ATTACHED)


@pytest.mark.parametrize("value", [Colour.RED, {"deep": [b"bytes"]}, PHI, len, lambda: 0])
def test_what_cannot_be_carried_is_one_error(device, monkeypatch, value):
    sent = []
    monkeypatch.setattr(type(device._api_client), "submit", lambda _, job: sent.append(job))
    circuits = [circuit({}, "good"), circuit({"fine": 1, PHI: value}, "bad")]
    place = r"Circuit 1 \('bad'\): .*metadata'?\]?\[.*φ.*has no JSON form"
    for way in (run, run_qobj):
        with pytest.raises(IBMQBackendValueError, match=place):
            way(device, circuits, {})
    with pytest.raises(IBMQJobManagerInvalidStateError, match=place):
        run_managed(device, circuits, {})
    with pytest.raises(IBMQBackendValueError, match=r"header.*'k'\] is|header.*'k'\].*has no JSON"):
        device.run(circuits[0], header={"k": value})
    assert not sent


@pytest.mark.parametrize("angle", [math.nan, -math.inf])
def test_an_angle_is_a_number(device, angle):
    tilted = QuantumCircuit(1, 1, name="tilted")
    tilted.rz(angle, 0)
    tilted.measure(0, 0)
    with pytest.raises(IBMQBackendValueError, match=r"Circuit 1 \('tilted'\): instr.*\[0\] is"):
        device.run([circuit({}), tilted], shots=5)
