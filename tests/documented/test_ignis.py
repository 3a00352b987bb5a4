"""Documented uses of Ignis on emulated devices; the programs of the corpus use it too."""

from types import SimpleNamespace

import numpy as np
import pytest
from qiskit import Aer, QuantumCircuit, QuantumRegister, execute, transpile
from qiskit.ignis.characterization.coherence import T2Fitter, t2_circuits
from qiskit.ignis.mitigation import (
    ExpvalMeasMitigatorFitter,
    expectation_value,
    expval_meas_mitigator_circuits,
)
from qiskit.ignis.mitigation.measurement import CompleteMeasFitter, complete_meas_cal
from qiskit.ignis.verification.accreditation import AccreditationCircuits, AccreditationFitter
from qiskit.ignis.verification.entanglement import BConfig
from qiskit.ignis.verification.tomography import (
    StateTomographyFitter,
    state_tomography_circuits,
)
from qiskit.ignis.verification.topological_codes import GraphDecoder, RepetitionCode
from qiskit.providers.aer.noise import NoiseModel, thermal_relaxation_error
from qiskit.quantum_info import Statevector, state_fidelity
from qiskit.utils import QuantumInstance

from ibmq_backend import IBMQ
from ibmq_backend.managed import IBMQJobManager


@pytest.fixture(scope="module")
def bell():
    qubits = QuantumRegister(2)
    circuit = QuantumCircuit(qubits)
    circuit.h(0)
    circuit.cx(0, 1)
    return SimpleNamespace(circuit=circuit, qubits=qubits, measured=circuit.measure_all(False))


@pytest.fixture
def vigo():
    return IBMQ.enable_local().get_backend("ibmq_vigo")


def test_mitigation_improves_the_tomography_of_a_job_set(vigo, bell):
    circuits = state_tomography_circuits(bell.circuit, bell.qubits)
    calibrations, labels = complete_meas_cal(qr=bell.qubits, circlabel="m")
    mapped = transpile(circuits + calibrations, vigo, initial_layout=[0, 1])
    job_set = IBMQJobManager().run(mapped, vigo, max_experiments_per_job=5, shots=1000)
    result = job_set.results().combine_results()
    better = CompleteMeasFitter(result, labels, circlabel="m").filter.apply(
        result, method="least_squares"
    )
    wanted = Statevector(bell.circuit)
    as_measured, mitigated = (
        state_fidelity(
            wanted, StateTomographyFitter(each, circuits).fit(method="lstsq"), validate=False
        )
        for each in (result, better)
    )
    assert 0.7 < as_measured < mitigated < 1.05


@pytest.mark.parametrize("method", ["complete", "tensored", "CTMP"])
def test_mitigated_expectation_values(vigo, bell, method):
    circuits, metadata = expval_meas_mitigator_circuits(2, method=method)
    job = execute([*circuits, bell.measured], vigo, shots=4000, initial_layout=[0, 1])
    counts = job.result().get_counts(len(circuits))
    mitigator = ExpvalMeasMitigatorFitter(job.result(), metadata).fit(method=method)
    measured, _ = expectation_value(counts)
    mitigated, _ = expectation_value(counts, meas_mitigator=mitigator)
    assert 0.7 < measured < mitigated < 1.05


def test_a_quantum_instance_mitigates_with_ignis(vigo, bell):
    instance = QuantumInstance(
        vigo,
        shots=1000,
        initial_layout=[0, 1],
        measurement_error_mitigation_cls=CompleteMeasFitter,
    )
    counts = instance.execute(bell.measured).get_counts()
    assert counts.get("01", 0) + counts.get("10", 0) < 60


def test_entanglement_reads_the_calibration_of_the_device(vigo):
    circuit, _, _ = BConfig(vigo).get_ghz_simple(3)
    counts = execute(circuit, vigo, shots=500).result().get_counts()
    assert counts["000"] + counts["111"] > 350


def test_echoes_show_t2():
    noise = NoiseModel()
    noise.add_quantum_error(thermal_relaxation_error(25.0, 20.0, 0.1), "id", [0])
    lengths = np.linspace(2, 40, 6).astype(int)
    circuits, delays = t2_circuits(lengths, 0.1, [0], n_echos=5)
    job = execute(
        circuits,
        Aer.get_backend("qasm_simulator"),
        noise_model=noise,
        optimization_level=0,
        seed_simulator=1,
    )
    fitter = T2Fitter(job.result(), delays, [0], [1, 20, 0.5], ([-2, 0, -1], [2, 80, 1]))
    assert fitter.time()[0] == pytest.approx(20, rel=0.3)


def test_a_repetition_code_is_decoded():
    code = RepetitionCode(3, 1)
    counts = {
        logical: execute(circuit, Aer.get_backend("qasm_simulator")).result().get_counts()
        for logical, circuit in code.circuit.items()
    }
    decoder = GraphDecoder(code)
    assert decoder.get_logical_prob(code.process_results(counts)) == {"0": 0, "1": 0}


def test_runs_are_accredited(bell):
    protocol = AccreditationCircuits(bell.measured, seed=1)
    circuits, corrections, target = protocol.generate_circuits(3)
    result = execute(circuits, Aer.get_backend("qasm_simulator"), shots=1).result()
    fitter = AccreditationFitter()
    fitter.AppendResults(result, corrections, target)
    counts, _, confidence = fitter.FullAccreditation(0.95)
    assert set(counts) <= {"00", "11"}
    assert confidence == 0.95
