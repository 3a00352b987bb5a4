"""Current devices of the platform, used as old programs use a device."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import matplotlib
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.providers.exceptions import BackendPropertyError
from qiskit.providers.models import QasmBackendConfiguration
from qiskit.visualization import plot_error_map, plot_gate_map
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

from ibmq_backend import IBMQ
from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.sampler.isa import Target
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.exceptions import IBMQBackendError, IBMQBackendValueError
from tests.support import heron

pytestmark = pytest.mark.integration

matplotlib.use("Agg")
NAME = "ibm_heron"


@pytest.fixture(scope="module", autouse=True)
def old_path_in_use():
    """Import the old path, which adapts pictures (no Graphviz) and Aer (no frequencies)."""
    import qiskit.providers.ibmq  # noqa: F401


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = heron.write_device(tmp_path_factory.mktemp("devices"), NAME)
    heron.write_device(folder, "ibm_hawk", qubits=8, lacks=frozenset({"reset", "if_else"}))
    with LocalService(settings=Settings(seed=7), options=DeviceOptions((folder,))) as running:
        yield running


@pytest.fixture
def backend(service):
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    return provider.get_backend(NAME)


@pytest.fixture
def three():
    circuit = QuantumCircuit(3, 3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure(range(3), range(3))
    return circuit


def test_old_classes_represent_156_qubits(backend):
    configuration = backend.configuration()
    assert type(configuration) is QasmBackendConfiguration
    assert (configuration.n_qubits, len(configuration.coupling_map)) == (156, 352)
    assert configuration.basis_gates == ["cz", "id", "rz", "sx", "x"]
    assert configuration.dt == pytest.approx(4e-9)
    properties = backend.properties()
    assert properties.t1(0) == pytest.approx(200e-6)
    assert properties.gate_error("cz", [0, 1]) == pytest.approx(3e-3)
    assert properties.gate_length("cz", [0, 1]) == pytest.approx(68e-9)
    assert properties.readout_error(155) == pytest.approx(0.01)
    for call in (lambda: properties.frequency(0), lambda: properties.t2(1)):
        with pytest.raises(BackendPropertyError):
            call()


def test_first_and_last_date_mean_no_bound(backend, three):
    job = backend.run(transpile(three, backend, seed_transpiler=1))
    ever, never = datetime.min, datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
    assert job.job_id() in [each.job_id() for each in backend.jobs(start_datetime=ever)]
    assert backend.jobs(start_datetime=never) == backend.jobs(end_datetime=ever) == []
    assert backend.jobs(start_datetime=ever, end_datetime=never)
    assert backend.properties(datetime=never).backend_name == NAME
    assert backend.properties(datetime=ever) is None
    assert backend.reservations(ever, never) == []


@pytest.mark.parametrize("level", range(4))
def test_transpiled_circuits_run(backend, three, level):
    done = transpile(three, backend, optimization_level=level, seed_transpiler=level)
    assert set(done.count_ops()) <= {"cz", "rz", "sx", "x", "measure", "barrier"}
    counts = backend.run(done, shots=400).result(timeout=120).get_counts()
    assert counts["000"] + counts["111"] > 300


@pytest.mark.parametrize("name", ["noise", "scheduling_method"])
def test_options_of_the_classic_emulator_are_refused(backend, three, name):
    done = transpile(three, backend, seed_transpiler=1)
    with pytest.raises(IBMQBackendError, match=rf"no option '{name}'\. Remove it"):
        backend.run(done, **{name: "alap"})


def test_scheduling_knows_the_lengths(backend, three):
    done = transpile(three, backend, scheduling_method="alap", seed_transpiler=1)
    assert done.duration * backend.configuration().dt > 2584e-9


def test_aer_builds_a_model_of_the_device(backend, three):
    model = NoiseModel.from_backend(backend, thermal_relaxation=False)
    assert set(model.noise_instructions) == {"cz", "sx", "x", "id", "measure"}
    assert model.basis_gates == ["cz", "id", "rz", "sx", "x"]
    assert len(model.noise_qubits) == 156
    with_relaxation = NoiseModel.from_backend(backend.provider().get_backend("ibm_hawk"))
    assert set(with_relaxation.noise_instructions) > {"cz", "sx", "x", "id", "measure"}
    simulator = AerSimulator.from_backend(backend, noise_model=None)
    done = transpile(three, backend, seed_transpiler=1)
    assert set(simulator.run(done, shots=50).result().get_counts()) == {"000", "111"}


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_pictures(backend):
    assert any("Error Map" in text.get_text() for text in plot_error_map(backend).texts)
    assert plot_gate_map(backend.provider().get_backend("ibm_hawk")).axes
    matplotlib.pyplot.close("all")


def test_unsupported_instructions_are_refused_by_client_and_service(service, backend):
    hawk = backend.provider().get_backend("ibm_hawk")
    for add, text in (
        (lambda circuit: circuit.reset(0), "'reset' on qubit 0: not an instruction of ibm_hawk"),
        (lambda circuit: circuit.x(0).c_if(0, 1), "ibm_hawk does not support conditions"),
    ):
        circuit = QuantumCircuit(1, 1)
        circuit.measure(0, 0)
        add(circuit)
        with pytest.raises(IBMQBackendValueError, match=text):
            hawk.run(circuit)
        assert backend.run(circuit, shots=5).result(timeout=120)
    catalog = service.service_state.catalog
    reset = QuantumCircuit(1)
    reset.reset(0)
    Target(catalog.get(NAME)).check(reset, "circuit 0")
    with pytest.raises(JobRefused, match="reset on qubits .* not supported by ibm_hawk"):
        Target(catalog.get("ibm_hawk")).check(reset, "circuit 0")


def test_a_gate_known_to_the_device_only_is_accepted(backend):
    circuit = QuantumCircuit(2, 2)
    circuit.rzz(0.3, 0, 1)
    circuit.x(1)
    circuit.measure([0, 1], [0, 1])
    counts = backend.run(circuit, shots=100).result(timeout=120).get_counts()
    assert max(counts, key=counts.get) == "10"
