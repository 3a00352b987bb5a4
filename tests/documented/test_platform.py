"""Old programs on the emulated IBM Quantum Platform."""

from __future__ import annotations

import pickle
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, assemble, pulse, transpile
from qiskit.providers import JobStatus
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit.providers.models import BackendProperties, QasmBackendConfiguration

from ibmq_backend import IBMQ, __version__, least_busy
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DeviceState, Settings
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiNotFound,
    ApiNotSupported,
    IBMQAccountError,
    IBMQAccountValueError,
    IBMQBackendApiError,
    IBMQBackendError,
    IBMQBackendValueError,
    IBMQJobApiError,
    IBMQJobFailureError,
    IBMQJobInvalidStateError,
    IBMQProviderError,
)
from ibmq_backend.managed import IBMQJobManager
from tests.support.other_clients import post_job

SEED = 20260817
DEVICE = "ibm_sherbrooke"


@pytest.fixture(scope="module")
def service(engine):
    with LocalService(settings=Settings(seed=SEED), engine=engine) as running:
        yield running


@pytest.fixture
def provider(service):
    return IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)


@pytest.fixture
def backend(provider):
    return provider.get_backend(DEVICE)


@pytest.fixture(scope="module")
def bell(service):
    """A bell circuit for the device; transpiled once, since that takes a second."""
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    circuit = QuantumCircuit(2, 2, name="bell", metadata={"why": "test"})
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    done = transpile(circuit, provider.get_backend(DEVICE), seed_transpiler=1)
    IBMQ.disable_account()
    return done


@pytest.fixture
def held(service):
    """A device whose jobs stay in the queue."""
    before = service.service_state.device_state(DEVICE)
    service.service_state.set_device_state(DEVICE, DeviceState(status="internal"))
    yield
    service.service_state.set_device_state(DEVICE, before)


# -- the documented program -----------------------------------------------------------------------


def test_the_old_program_runs(backend, bell):
    qobj = assemble(bell, backend=backend, shots=1000, memory=True, qobj_header={"mine": 1})
    job = backend.run(qobj)
    result = job.result(timeout=120)
    counts = result.get_counts("bell")
    assert sum(counts.values()) == 1000
    assert counts["00"] + counts["11"] > 850
    assert Counter(result.get_memory("bell")) == Counter(counts)
    assert result.header.mine == 1
    assert result.results[0].header.metadata == {"why": "test"}
    assert result.results[0].header.name == "bell"
    assert result.backend_name == DEVICE
    assert result.qobj_id == qobj.qobj_id
    assert isinstance(result.date, datetime)
    assert result.time_taken > 0
    assert job.status() is JobStatus.DONE
    retrieved = backend.retrieve_job(job.job_id())
    assert retrieved.result().get_counts("bell") == counts
    assert retrieved.qobj() == qobj
    assert retrieved.header()["mine"] == 1
    assert retrieved.backend_options()["shots"] == 1000
    (circuit,) = retrieved.circuits()
    assert circuit.metadata == {"why": "test"}
    assert circuit.count_ops() == bell.count_ops()


def test_several_circuits_with_several_registers(backend, bell):
    left, right = ClassicalRegister(1, "left"), ClassicalRegister(2, "right")
    circuit = QuantumCircuit(QuantumRegister(3, "q"), left, right, name="flip")
    circuit.x([0, 2])
    circuit.id(1)
    circuit.measure([0, 1, 2], [left[0], right[0], right[1]])
    job = backend.run([circuit, bell], shots=400)
    result = job.result(timeout=120)
    counts = result.get_counts("flip")
    assert max(counts, key=counts.get) == "10 1"
    assert sum(result.get_counts(1).values()) == 400
    assert result.results[0].header.creg_sizes == [["left", 1], ["right", 2]]
    back = backend.retrieve_job(job.job_id())
    assert "id" in back.circuits()[0].count_ops()
    assert back.result().get_counts(0) == counts


def test_conditions_run(backend):
    circuit = QuantumCircuit(2, 2, name="conditioned")
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.x(1).c_if(circuit.cregs[0], 1)
    circuit.measure(1, 1)
    counts = backend.run(circuit, shots=300).result(timeout=120).get_counts()
    assert max(counts, key=counts.get) == "11"


def test_delays_of_any_unit_become_steps(backend):
    circuit = QuantumCircuit(1, 1, name="waits")
    circuit.delay(2, 0, "us")
    circuit.delay(160, 0)
    circuit.measure(0, 0)
    job = backend.run(circuit, shots=10)
    assert job.result(timeout=120).get_counts()
    delays = backend.retrieve_job(job.job_id()).circuits()[0].data[:2]
    assert [each.operation.duration for each in delays] == [8992, 160]  # multiples of 16
    assert circuit.data[0].operation.unit == "us"


def test_a_circuit_without_measurement_has_no_counts(backend):
    circuit = QuantumCircuit(2, name="silent")
    circuit.x(0)
    result = backend.run(circuit, shots=10).result(timeout=120)
    assert result.get_counts() == {}
    assert result.results[0].shots == 10


def test_name_and_tags(backend, bell):
    job = backend.run(bell, shots=10, job_name="first try", job_tags=["course", "week 3"])
    assert (job.name(), job.tags()) == ("first try", ["course", "week 3"])
    job.wait_for_final_state(timeout=120)
    elsewhere = backend.retrieve_job(job.job_id())
    assert (elsewhere.name(), elsewhere.tags()) == ("first try", ["course", "week 3"])
    assert elsewhere.update_name("second") == "second"
    assert elsewhere.update_tags(additional_tags=["more"], removal_tags=["course"]) == [
        *("week 3", "more")
    ]
    (found,) = backend.jobs(job_name="^second$")
    assert found.job_id() == job.job_id()
    assert found.tags() == ["week 3", "more"]
    assert backend.jobs(job_name="no such name") == []


def test_further_facts_of_a_job(backend, bell):
    before = datetime.now(UTC)
    job = backend.run(bell, shots=10)
    job.wait_for_final_state(timeout=120)
    steps = job.time_per_step()
    assert list(steps) == ["QUEUED", "RUNNING", "COMPLETED"]
    assert before - timedelta(seconds=5) < job.creation_date() <= steps["COMPLETED"]
    assert job.creation_date().tzinfo is not None
    assert job.client_version == {"ibmq-backend": __version__}
    assert job.queue_position() is None
    assert job.queue_info() is None
    assert job.error_message() is None
    assert job.share_level() == "none"
    assert job.experiment_id is None
    assert isinstance(job.properties(), BackendProperties)
    assert job.cancel() is False
    assert job.usage_["status"] == "complete"


def test_managed_jobs(backend, provider, bell):
    manager = IBMQJobManager()
    job_set = manager.run([bell] * 3, backend, name="set", max_experiments_per_job=2, shots=20)
    results = job_set.results(timeout=120)
    assert [sum(results.get_counts(n).values()) for n in range(3)] == [20, 20, 20]
    again = manager.retrieve_job_set(job_set.job_set_id(), provider)
    assert again.statuses() == [JobStatus.DONE, JobStatus.DONE]


# -- devices --------------------------------------------------------------------------------------


def test_devices(provider, backend):
    assert backend in provider.backends()
    assert provider.backends.ibm_sherbrooke is backend
    assert provider.backends(n_qubits=127, simulator=False)
    assert (backend.hub, backend.group, backend.project) == (None, None, None)
    configuration = backend.configuration()
    assert type(configuration) is QasmBackendConfiguration
    assert configuration.n_qubits == 127
    assert backend.status().operational
    assert backend.defaults() is None
    assert backend.reservations() == []
    assert provider.backend.my_reservations() == []
    limit = backend.job_limit()
    assert limit.maximum_jobs is None
    assert backend.remaining_jobs_count() is None
    with pytest.raises(QiskitBackendNotFoundError, match="ibm_sherbrooke"):
        provider.get_backend("ibm_sherbroke")
    assert least_busy([backend]) is backend


def test_calibrations_by_date(backend):
    newest = backend.properties()
    assert backend.properties() is newest
    assert newest.last_update_date.tzinfo is not None
    at = newest.last_update_date + timedelta(seconds=1)
    assert backend.properties(datetime=at).last_update_date == newest.last_update_date
    before = newest.last_update_date - timedelta(days=1)
    older = backend.properties(datetime=before).last_update_date
    assert older.astimezone(UTC).date().isoformat() == "2024-05-27"
    assert backend.properties(datetime=datetime(2020, 1, 1)) is None


def test_requests_from_sign_in_to_the_counts(service, asked, bell):
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    backend = provider.get_backend(DEVICE)
    assert asked == ["exchangeToken", "listBackends", "getBackendConfiguration"]
    asked.clear()
    job = backend.run(bell, shots=10)
    assert asked == ["getUsage", "createJob"]
    job.wait_for_final_state(timeout=120)
    assert set(asked[2:]) == {"getJob"}
    asked.clear()
    job.result()
    assert asked in (["getJobResults"], ["getJobResults", "getJobMetrics"])
    asked.clear()
    job.result()
    assert job.status() is JobStatus.DONE
    job.qobj()
    assert asked == []


# -- lists ----------------------------------------------------------------------------------------


def test_lists_of_jobs(service, provider, backend, bell, held):
    made = [backend.run(bell, shots=10, job_tags=["list", tag]) for tag in "abc"]
    ids = [job.job_id() for job in made]
    assert all(job.status() is JobStatus.QUEUED for job in made)
    assert [job.job_id() for job in backend.active_jobs()] == ids[::-1]
    assert backend.job_limit().active_jobs == 3
    newest_first = provider.backend.jobs(job_tags=["a", "c"])
    assert [job.job_id() for job in newest_first] == [ids[2], ids[0]]
    both = provider.backend.jobs(job_tags=["list", "b"], job_tags_operator="AND")
    assert [job.job_id() for job in both] == [ids[1]]
    oldest_first = provider.backend.jobs(status="QUEUED", descending=False, limit=2, skip=1)
    assert [job.job_id() for job in oldest_first] == ids[1:]
    listed = provider.backend.job_ids(limit=2)
    assert [each["id"] for each in listed] == ids[:0:-1]
    start = made[1].creation_date()
    assert len(provider.backend.jobs(start_datetime=start, job_tags=["list"])) == 2
    assert provider.backend.jobs(status="DONE", job_tags=["list"]) == []
    assert provider.backend.jobs(status="VALIDATING") == []
    for job in made:
        assert job.cancel() is True
        assert job.status() is JobStatus.CANCELLED
        with pytest.raises(IBMQJobInvalidStateError, match="cancelled"):
            job.result()


# -- what is refused ------------------------------------------------------------------------------


def test_circuits_that_the_device_cannot_run_are_not_sent(backend, bell, asked):
    bare = QuantumCircuit(3, 2, name="bare")
    bare.h(0)
    apart = QuantumCircuit(3, 2, name="apart")
    apart.ecr(0, 2)
    backward = QuantumCircuit(2, name="backward")
    backward.ecr(0, 1)
    asked.clear()
    for circuit, message in (
        (bare, r"Circuit 0 \('bare'\), instruction 0: 'h' on qubit 0"),
        (apart, r"Circuit 0 \('apart'\).*'ecr' on qubits \[0, 2\]"),
        (backward, r"only on \[1, 0\]"),
    ):
        with pytest.raises(IBMQBackendValueError, match=message):
            backend.run(circuit)
    with pytest.raises(IBMQBackendValueError, match="1000000 shots"):
        backend.run(bell, shots=10**6)
    with pytest.raises(IBMQBackendValueError, match="schedule.*no pulse access"):
        backend.run(pulse.Schedule(name="play"))
    with pytest.raises(IBMQBackendValueError, match="87 characters"):
        backend.run(bell, job_tags=["x" * 87])
    with pytest.raises(IBMQBackendValueError, match="tags are too many"):
        backend.run(bell, job_tags=list("abcdefgh"))
    with pytest.raises(IBMQBackendValueError, match="job name has 90 characters"):
        backend.run(bell, job_name="n" * 90)
    with pytest.raises(IBMQBackendApiError, match="experiment_id"):
        backend.run(bell, experiment_id="mine")
    assert asked == []


def test_unsupported_filters(backend):
    with pytest.raises(ApiNotSupported, match="db_filter"):
        backend.jobs(db_filter={"status": "DONE"})
    with pytest.raises(ApiNotSupported, match="experiment_id"):
        backend.jobs(experiment_id="mine")


def test_unknown_jobs(provider, backend, bell):
    with pytest.raises(IBMQBackendApiError, match="1291.*Trace id") as caught:
        backend.retrieve_job("d2abc0q4t1vs70a2b3cg")
    assert caught.value.trace_id
    job = backend.run(bell, shots=10)
    other = provider.get_backend("ibm_washington")
    with pytest.raises(IBMQBackendError, match="was submitted to ibm_sherbrooke"):
        other.retrieve_job(job.job_id())


def test_a_job_that_fails_at_the_service(backend, bell):
    moving = bell.copy()
    moving.x(0).c_if(0, 1)
    job = backend.run(moving, shots=10, init_qubits=False)
    with pytest.raises(IBMQJobFailureError, match="1521"):
        job.result(timeout=120)
    assert job.status() is JobStatus.ERROR
    assert "1521" in job.error_message()


def test_restless_shots_and_points_in_the_iq_plane(backend):
    flip = QuantumCircuit(1, 1)
    flip.x(0)
    flip.measure(0, 0)
    job = backend.run(flip, shots=200, memory=True, init_qubits=False, rep_delay=1e-6)
    memory = job.result(timeout=120).get_memory()
    assert sum(a != b for a, b in pairwise(memory)) > 160
    for meas_return, shape in (("single", (200, 1)), ("avg", (1,))):
        result = backend.run(flip, shots=200, meas_level=1, meas_return=meas_return).result()
        assert result.get_memory(0).shape == shape
        assert result.results[0].meas_return == meas_return


def test_a_job_of_another_program_is_described(service, provider, backend):
    job = backend.retrieve_job(post_job(service, DEVICE, "estimator", {"pubs": []}))
    assert job.job_id() in {each.job_id() for each in provider.backend.jobs(limit=3)}
    assert "Job" in repr(job)
    with pytest.raises((IBMQJobApiError, IBMQJobFailureError)):
        job.result(timeout=120)
    with pytest.raises(IBMQJobApiError, match="not a circuit job"):
        job.circuits()


# -- accounts -------------------------------------------------------------------------------------


def test_wrong_keys_and_instances(service):
    strict = LocalService(settings=Settings(seed=SEED, open_mode=False), prewarm=False)
    with strict, pytest.raises(ApiAuthError, match="BXNIM0415E") as caught:
        IBMQ.enable_account("wrong" * 9, strict.platform_url, instance=strict.crn)
    assert "wrongwrong" not in str(caught.value)
    assert IBMQ.active_account() is None
    elsewhere = service.crn.replace("us-east", "eu-de")
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=elsewhere)
    with pytest.raises(ApiNotFound, match="1279.*IBMQ.save_account"):
        provider.backends()
    IBMQ.disable_account()
    with pytest.raises(IBMQAccountError, match="'nowhere'.*'premium-instance'"):
        IBMQ.enable_account(service.api_key, service.platform_url, instance="nowhere")
    with pytest.raises(IBMQAccountValueError, match="CRN"):
        IBMQ.enable_account(service.api_key, service.platform_url, instance="crn:v1:nonsense")


def test_instances_are_providers(service):
    chosen = IBMQ.enable_account(
        service.api_key, service.platform_url, instance="frankfurt-instance"
    )
    listed = IBMQ.providers()
    assert len(listed) > 1
    assert listed[0] is chosen
    assert "frankfurt-instance" in repr(chosen)
    assert "eu-de" in repr(chosen.credentials)
    assert "a/..." in repr(chosen.credentials)
    other = IBMQ.get_provider(instance="premium-instance")
    assert other is not chosen
    assert IBMQ.get_provider(instance=other.credentials.instance) is other
    job = chosen.get_backend(DEVICE).run(_flip(), shots=10)
    assert job.result(timeout=120)
    with pytest.raises(IBMQBackendApiError, match="1291"):
        other.backend.retrieve_job(job.job_id())
    with pytest.raises(IBMQProviderError, match="More than one"):
        IBMQ.get_provider()
    with pytest.raises(IBMQProviderError, match="premium-instance"):
        IBMQ.get_provider(instance="nowhere")


def _flip():
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


def test_hub_group_and_project_of_an_old_program_lead_to_the_instance(provider, caplog):
    for _ in range(2):
        assert IBMQ.get_provider(hub="ibm-q", group="open", project="main") is provider
    (notice,) = (each for each in caplog.records if each.levelname == "WARNING")
    assert "no hubs" in notice.message
    assert "hub='ibm-q'" in notice.message


def test_a_saved_account_is_loaded(service, bell):
    IBMQ.save_account(service.api_key, service.platform_url, instance=service.crn)
    provider = IBMQ.load_account()
    assert provider.credentials.instance == service.crn
    assert provider.get_backend(DEVICE).run(bell, shots=10).result(timeout=120)


def test_the_account_of_the_environment_is_loaded(service, monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", service.api_key)
    monkeypatch.setenv("QISKIT_IBM_URL", service.platform_url)
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", "premium-instance")
    assert "premium-instance" in repr(IBMQ.load_account())


def test_backends_and_jobs_find_their_instance_again(provider, backend, bell):
    job = backend.run(bell, shots=10)
    job.wait_for_final_state(timeout=120)
    for thing in (provider, backend, job):
        data = pickle.dumps(thing)
        assert provider.credentials.token.encode() not in data
    copied = pickle.loads(pickle.dumps(job))
    assert copied.result().get_counts() == job.result().get_counts()
    assert copied.backend().provider() is provider


def test_no_secret_is_shown(service, provider, backend, bell, caplog):
    caplog.set_level("DEBUG")
    account = service.crn.split("a/")[1].split(":")[0]
    job = backend.run(bell, shots=10)
    job.result(timeout=120)
    with pytest.raises(IBMQBackendApiError) as caught:
        backend.retrieve_job("nowhere")
    shown = [repr(x) for x in (provider, backend, job, provider.credentials, IBMQ, caught.value)]
    text = " ".join([*shown, str(caught.value), caplog.text, backend._repr_html_()])
    assert service.api_key not in text
    assert account not in text
    assert "eyJ" not in text
    assert "emulated at http://127.0.0.1" in repr(job)
