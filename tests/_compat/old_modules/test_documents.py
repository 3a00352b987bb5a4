"""``Qobj`` stands for assembled circuits and schedules."""

import pytest
from qiskit import QuantumCircuit, assemble
from qiskit.pulse import Delay, DriveChannel, Schedule
from qiskit.qobj import PulseQobj, QasmQobj, QobjHeader
from qiskit.qobj import QasmQobjConfig as Config

from ibmq_backend._compat.old_modules.documents import Qobj, circuits_to_qobj, qobj_to_circuits


@pytest.fixture
def circuit():
    made = QuantumCircuit(1, 1)
    made.h(0)
    made.measure(0, 0)
    return made


def test_what_assemble_returns_is_an_instance(circuit):
    qobj = assemble(circuit, shots=12)
    assert isinstance(qobj, Qobj)
    again = Qobj.from_dict(qobj.to_dict())
    assert isinstance(again, QasmQobj)
    assert again == qobj
    assert not isinstance(circuit, Qobj)


def test_pulse_documents_have_their_class():
    schedule = Schedule((0, Delay(10, DriveChannel(0))))
    qobj = assemble(
        schedule,
        qubit_lo_freq=[5e9],
        meas_lo_freq=[6e9],
        meas_map=[[0]],
        parametric_pulses=[],
    )
    assert isinstance(qobj, Qobj)
    assert isinstance(Qobj.from_dict(qobj.to_dict()), PulseQobj)


def test_objects_can_be_made():
    made = Qobj(qobj_id="x", config=Config(shots=1), experiments=[], header=QobjHeader())
    assert isinstance(made, QasmQobj)
    assert made.to_dict()["qobj_id"] == "x"


def test_converters(circuit):
    qobj = circuits_to_qobj([circuit], shots=7, backend_name="d", seed=3)
    assert (qobj.config.shots, qobj.header.backend_name, qobj.config.seed_simulator) == (7, "d", 3)
    assert qobj_to_circuits(qobj) == [circuit]
