"""Providers and the backend service."""

import attrs
import pytest
from qiskit.providers.exceptions import QiskitBackendNotFoundError

from ibmq_backend import IBMQBackendService, least_busy
from ibmq_backend.emulator.service_state import DeviceState
from ibmq_backend.exceptions import (
    IBMQBackendApiError,
    IBMQBackendError,
    IBMQError,
    IBMQInputValueError,
    IBMQNotAuthorizedError,
)
from tests.support.static_html import rows

RETIRED = [
    "ibmq_vigo", "ibmqx2", "ibmq_16_melbourne", "ibmq_armonk", "ibmq_ourense", "ibmq_london",
    "ibmq_essex", "ibmq_burlington", "ibmq_rome", "ibmq_athens", "ibmq_santiago", "ibmq_bogota",
    "ibmq_lima", "ibmq_quito", "ibmq_belem", "ibmq_manila", "ibmq_jakarta", "ibmq_casablanca",
    "ibm_lagos", "ibm_nairobi", "ibm_perth", "ibm_oslo", "ibmq_guadalupe", "ibmq_montreal",
    "ibmq_toronto", "ibmq_paris", "ibmq_rochester", "ibmq_manhattan", "ibmq_qasm_simulator",
]  # fmt: skip


def test_backends_is_callable_and_has_devices(provider):
    assert isinstance(provider.backends, IBMQBackendService)
    assert provider.backends is provider.backend
    names = [backend.name() for backend in provider.backends()]
    assert len(names) == len(set(names)) > 50
    assert set(RETIRED) <= set(names)
    assert provider.backends.ibmq_vigo is provider.backend.ibmq_vigo
    assert "ibmq_vigo" in dir(provider.backends)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("ibmq_5_yorktown", "ibmqx2"),
        ("ibmq_5_tenerife", "ibmqx4"),
        ("ibmq_16_rueschlikon", "ibmqx5"),
        ("ibmqx_qasm_simulator", "ibmq_qasm_simulator"),
    ],
)
def test_aliases(provider, alias, name):
    assert provider.get_backend(alias).name() == name
    assert getattr(provider.backends, alias).name() == name


def test_filters(provider):
    def names(*args, **kwargs):
        return {backend.name() for backend in provider.backends(*args, **kwargs)}

    assert names("ibmq_vigo") == {"ibmq_vigo"}
    assert names("ibmq_nowhere") == set()
    five = names(n_qubits=5, simulator=False)
    assert {"ibmq_vigo", "ibmqx2", "ibmq_lima"} <= five
    assert "ibmq_armonk" not in five
    assert "ibmq_armonk" not in names(min_num_qubits=2)
    assert names(simulator=True) >= {"ibmq_qasm_simulator"}
    assert names(filters=lambda b: b.configuration().n_qubits == 1) == {"ibmq_armonk"}
    assert names(n_qubits=5, operational=True, simulator=False) == five
    assert names(operational=False) == set()
    assert names(input_allowed="job") == names()
    runtime = names(filters=lambda b: "runtime" in b.configuration().input_allowed)
    assert names(input_allowed="runtime") == names(input_allowed=["job", "runtime"]) == runtime
    assert {"ibmq_manila", "ibmq_qasm_simulator"} <= runtime
    assert "ibmq_vigo" not in runtime
    assert names(input_allowed=["job", "carrier pigeon"]) == set()


def test_unknown_filter_matches_nothing_with_a_warning(provider, caplog):
    assert provider.backends(wobble=5) == []
    assert "wobble" in caplog.text


def test_get_backend_needs_exactly_one(provider):
    with pytest.raises(QiskitBackendNotFoundError, match="More than one.*ibmq_athens.*and 11 more"):
        provider.get_backend(n_qubits=5)
    with pytest.raises(QiskitBackendNotFoundError, match=r"No backend matches.*backends\(\)"):
        provider.get_backend(n_qubits=4000)


@pytest.mark.parametrize(
    ("conditions", "name"),
    [
        ({"open_pulse": True, "simulator": False}, "ibmq_armonk"),
        ({"filters": lambda b: b.configuration().open_pulse, "operational": True}, "ibmq_armonk"),
        ({"simulator": True}, "ibmq_qasm_simulator"),
        ({"n_qubits": 32}, "ibmq_qasm_simulator"),
        ({"min_num_qubits": 6, "simulator": False}, "ibmq_16_melbourne"),
    ],
)
def test_get_backend_prefers_the_open_group_on_the_local_service(
    provider, conditions, name, monkeypatch
):
    assert len(provider.backends(**conditions)) > 1
    assert provider.get_backend(**conditions).name() == name
    client = provider.backend._api_client
    elsewhere = attrs.evolve(client.info, target="classic")
    monkeypatch.setattr(type(client), "info", property(lambda _: elsewhere))
    with pytest.raises(QiskitBackendNotFoundError, match="More than one"):
        provider.get_backend(**conditions)


def test_services(provider):
    assert provider.services() == {"backend": provider.backend}
    assert provider.service("backend") is provider.backend
    assert provider.has_service("backend")
    assert not provider.has_service("runtime")
    with pytest.raises(IBMQNotAuthorizedError, match="experiment"):
        provider.service("experiment")
    with pytest.raises(IBMQInputValueError, match="'cooking'"):
        provider.has_service("cooking")


def test_equality_and_cards(provider):
    assert provider == provider.backends.ibmq_vigo.provider()
    assert provider != "provider"
    shown = rows(provider._repr_html_())
    assert shown["where"][0].endswith("emulated locally")
    assert "ibmq_vigo" in shown["devices"][0].split(", ")
    assert "ibmq_qasm_simulator" in shown["simulators"][0].split(", ")
    card = provider.backends.ibmq_vigo._repr_html_()
    assert "ibmq_vigo" in card
    assert "<script" not in card


def test_jobs_over_all_backends(provider, backend, simulator, device_bell, bell):
    one = backend.run(device_bell, shots=5, job_tags=["both"])
    two = simulator.run(bell, shots=5, job_tags=["both"])
    found = provider.backend.jobs(job_tags=["both"])
    assert [job.job_id() for job in found[:2]] == [two.job_id(), one.job_id()]
    assert [job.backend() for job in found[:2]] == [simulator, backend]
    assert provider.backends.jobs(job_tags=["both"], limit=1)[0].job_id() == two.job_id()
    assert provider.backend.retrieve_job(one.job_id()).backend() is backend
    listed = provider.backend.job_ids(job_tags=["both"], limit=2)
    assert [each["id"] for each in listed] == [two.job_id(), one.job_id()]
    one.result()
    two.result()


def test_deleting_a_job(provider, backend, device_bell, held):
    with held(backend.name()):
        job = backend.run(device_bell)
        with pytest.raises(IBMQBackendError, match=f"{job.job_id()} has not ended"):
            provider.backend.delete_job(job.job_id())
    job.wait_for_final_state()
    provider.backend.delete_job(job.job_id())
    with pytest.raises(IBMQBackendApiError):
        provider.backend.retrieve_job(job.job_id())
    with pytest.raises(IBMQBackendApiError):
        provider.backend.delete_job("")


def test_least_busy(provider, service_state, device_bell, held):
    vigo, ourense = provider.backends.ibmq_vigo, provider.backends.ibmq_ourense
    assert least_busy([vigo, ourense]) is vigo
    service_state.set_device_state("ibmq_vigo", DeviceState(operational=False))
    try:
        assert least_busy([vigo, ourense]) is ourense
    finally:
        service_state.set_device_state("ibmq_vigo", DeviceState())
    with pytest.raises(IBMQError, match="list of backends is empty"):
        least_busy([])
    with pytest.raises(IBMQError, match="is not a backend"):
        least_busy([5])
    with held("ibmq_vigo"), pytest.raises(IBMQError, match="No backend can run.*ibmq_vigo"):
        least_busy([vigo])


def test_devices_can_be_compared_by_quantum_volume(provider):
    large = provider.backends(filters=lambda b: b.configuration().quantum_volume >= 32)
    assert {"ibmq_bogota", "ibmq_montreal"} <= {backend.name() for backend in large}
    assert "ibm_prague" not in {backend.name() for backend in large}
