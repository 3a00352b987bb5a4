"""Backends, jobs and providers are instances of the old base classes."""

import pytest
from qiskit import BasicAer, QuantumCircuit, execute
from qiskit.providers import JobStatus
from qiskit.providers.models import QasmBackendConfiguration
from qiskit.qobj import QasmQobj
from qiskit_aer import AerSimulator

from ibmq_backend._compat.old_modules.base_classes import BaseBackend, BaseJob, BaseProvider


@pytest.fixture
def backend():
    class Job(BaseJob):
        def submit(self):
            return None

        def result(self):
            return self.job_id()

        def status(self):
            return JobStatus.DONE

    class Echo(BaseBackend):
        def run(self, qobj):
            assert isinstance(qobj, QasmQobj)
            return Job(self, f"{qobj.config.shots} shots of {len(qobj.experiments)}")

    return Echo(
        QasmBackendConfiguration(
            backend_name="echo",
            backend_version="1.0.0",
            n_qubits=2,
            basis_gates=["u3", "cx"],
            gates=[],
            local=True,
            simulator=True,
            conditional=False,
            open_pulse=False,
            memory=False,
            max_shots=100,
            coupling_map=None,
        )
    )


def test_todays_objects_are_instances():
    for backend in (AerSimulator(), BasicAer.get_backend("qasm_simulator")):
        assert isinstance(backend, BaseBackend)
        assert issubclass(type(backend), BaseBackend)
        assert not isinstance(backend, BaseJob)
    assert isinstance(BasicAer, BaseProvider)
    assert isinstance(AerSimulator().run(QuantumCircuit(1)), BaseJob)


def test_own_backends_get_a_qobj(backend):
    assert isinstance(backend, BaseBackend)
    assert backend.name() == "echo"
    assert (backend.version, backend.version()) == (1, "1.0.0")
    circuit = QuantumCircuit(2)
    circuit.h(0)
    job = execute([circuit, circuit], backend, shots=33)
    assert isinstance(job, BaseJob)
    assert job.backend() is backend
    assert job.result() == "33 shots of 2"


def test_other_classes_are_not_instances_of_own_classes(backend):
    assert not isinstance(AerSimulator(), type(backend))


def test_a_provider_lists_its_backends(backend):
    class Provider(BaseProvider):
        def backends(self, name=None, **kwargs):
            return [backend]

    assert Provider().get_backend("echo") is backend
