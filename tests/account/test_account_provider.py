"""Services of an AccountProvider, and the details of selecting backends."""

from __future__ import annotations

import warnings

import pytest
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend import AccountProvider, IBMQBackend, IBMQJob
from ibmq_backend.emulator.service_state import DeviceState
from ibmq_backend.exceptions import (
    IBMQBackendValueError,
    IBMQInputValueError,
    IBMQNotAuthorizedError,
)


@pytest.mark.parametrize("name", ["experiment", "random", "runtime"])
def test_unavailable_services_are_errors(provider, name):
    with pytest.raises(IBMQNotAuthorizedError, match=f"does not offer the service '{name}'"):
        getattr(provider, name)
    with pytest.raises(IBMQNotAuthorizedError, match=f"'{name}'"):
        provider.service(name)
    assert not provider.has_service(name)
    assert name not in provider.services()


def test_circuits_are_transpiled_and_run(provider, bell):
    job = provider.run_circuits(
        [bell, bell.copy("again")],
        "ibmq_vigo",
        shots=30,
        initial_layout=[4, 3],
        optimization_level=0,
        seed_transpiler=2,
        rep_delay=100e-6,
        transpiler_options={"basis_gates": ["u1", "u2", "u3", "cx"]},
        memory=True,
        job_tags=["runner"],
    )
    assert isinstance(job, IBMQJob)
    assert job.backend().name() == "ibmq_vigo"
    assert job.tags() == ["runner"]
    used = {gate for circuit in job.circuits() for gate in circuit.count_ops()}
    assert used <= {"u1", "u2", "u3", "cx", "measure", "barrier"}
    assert {q for i in job.qobj().experiments[0].instructions for q in i.qubits} == {3, 4}
    assert job.backend_options()["rep_delay"] == pytest.approx(100.0)
    result = job.result()
    assert [sum(counts.values()) for counts in result.get_counts()] == [30, 30]
    assert len(result.get_memory("again")) == 30


def test_the_backend_may_be_named_or_given(provider, backend, bell):
    assert provider.run_circuits(bell, backend, shots=5).backend() is backend
    assert provider.run_circuits(bell, backend=backend, shots=5).backend() is backend
    with pytest.raises(IBMQInputValueError, match="No backend is given"):
        provider.run_circuits(bell)
    with pytest.raises(QiskitBackendNotFoundError, match="ibmq_nowhere"):
        provider.run_circuits(bell, "ibmq_nowhere")
    with pytest.raises(IBMQInputValueError, match="measurement_error_mitigation"):
        provider.run_circuits(bell, backend, measurement_error_mitigation=True)
    with pytest.raises(IBMQBackendValueError, match="does not support use_measure_esp"):
        provider.run_circuits(bell, backend, use_measure_esp=True)


def test_conditions_are_applied_in_the_documented_order(provider, service_state):
    asked = []

    def seen(backend):
        asked.append(backend.name())
        return True

    service_state.set_device_state("ibmq_vigo", DeviceState(operational=False))
    try:
        found = provider.backends(
            filters=seen, min_num_qubits=5, n_qubits=5, simulator=False, operational=True
        )
    finally:
        service_state.set_device_state("ibmq_vigo", DeviceState())
    assert [backend.name() for backend in found] == asked
    assert "ibmq_vigo" not in asked
    assert "ibmq_ourense" in asked
    assert provider.backends("ibmq_vigo", n_qubits=7) == []
    assert [each.name() for each in provider.backends(backend_name="ibmq_vigo")] == ["ibmq_vigo"]


def test_an_exception_in_a_filter_is_raised(provider):
    with pytest.raises(AttributeError, match="simulation_method"):
        provider.backends(filters=lambda each: each.configuration().simulation_method == "mps")


def test_backends_are_filtered_by_status(provider, service_state):
    service_state.set_device_state("ibmq_vigo", DeviceState(status="maintenance", message="x"))
    try:
        found = provider.backends(n_qubits=5, simulator=False, status_msg="maintenance")
        assert [each.name() for each in found] == ["ibmq_vigo"]
        assert provider.backends("ibmq_vigo", pending_jobs=0, status_msg="active") == []
    finally:
        service_state.set_device_state("ibmq_vigo", DeviceState())


def test_old_arguments_without_effect(provider):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert provider.backends("ibmq_vigo", timeout=3)[0].name() == "ibmq_vigo"
        assert provider.backends.jobs(limit=1) is not None
        assert provider.backends.retrieve_job


def test_every_backend_is_an_attribute_in_snake_case(provider):
    for backend in provider.backends():
        name = backend.name().lower()
        assert getattr(provider.backend, name) is backend
    assert isinstance(provider.backend.ibmq_vigo, IBMQBackend)


def test_providers_are_equal_when_their_accounts_are(provider):
    other = AccountProvider(provider.credentials, provider._api_client)
    assert other == provider
    assert other is not provider
    elsewhere = provider.credentials.for_triple("h", "g", "p")
    assert AccountProvider(elsewhere, provider._api_client) != provider
    assert repr(provider).startswith(
        "<AccountProvider for IBMQ(hub='ibm-q', group='open', project='main')"
    )
