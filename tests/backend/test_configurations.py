"""Configurations are built when they are looked at, and documents are read once and not changed."""

import copy

import pytest

from ibmq_backend import models
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.credentials import Credentials
from ibmq_backend.exceptions import IBMQBackendApiProtocolError
from tests.support import classic_replies

CONFIGURATION = {
    "backend_version": "1.0.0",
    "n_qubits": 1,
    "basis_gates": ["x"],
    "gates": [],
    "local": False,
    "simulator": False,
    "conditional": False,
    "open_pulse": False,
    "memory": True,
    "max_shots": 1024,
    "coupling_map": None,
}


@pytest.fixture
def built(monkeypatch):
    """Return the names of the backends whose configuration was built."""
    names = []
    build = models.configuration_from

    def note(document):
        names.append(document["backend_name"])
        return build(document)

    monkeypatch.setattr(models, "configuration_from", note)
    return names


def provider_of(*documents):
    client = classic_replies.Service(
        {**classic_replies.defaults(), "listBackends": list(documents)}
    ).open()
    return AccountProvider(Credentials("token", classic_replies.AUTH), client)


def test_a_configuration_is_built_once_and_not_before_it_is_looked_at(provider, built):
    every = provider.backends()
    backend = provider.get_backend("ibmq_vigo")
    assert backend in every
    assert repr(backend).startswith("<IBMQBackend('ibmq_vigo')")
    assert backend.status().operational
    assert backend.properties().t1(0) > 0
    backend.jobs(limit=1)
    assert built == []
    assert backend.version() == backend.configuration().backend_version
    assert backend.configuration() is provider.get_backend("ibmq_vigo").configuration()
    assert built == ["ibmq_vigo"]
    assert provider.backends(n_qubits=5, simulator=False)
    assert sorted(built) == sorted(each.name() for each in every)


def test_a_faulty_configuration_costs_no_other_backend(built, caplog):
    lacking = {**CONFIGURATION, "backend_name": "lacking"}
    del lacking["gates"]
    provider = provider_of(
        {**CONFIGURATION, "backend_name": "whole"},
        lacking,
        {**CONFIGURATION, "backend_name": "odd", "gates": [5]},
    )
    assert [each.name() for each in provider.backends()] == ["whole", "odd"]
    assert "lacking is left out: " in caplog.text
    with pytest.raises(IBMQBackendApiProtocolError, match="configuration of odd is not"):
        provider.get_backend("odd").configuration()
    assert [each.name() for each in provider.backends(n_qubits=1)] == ["whole"]
    assert "odd is left out: " in caplog.text
    assert built.count("whole") == 1


def test_a_changed_configuration_leaves_its_document_as_it_was():
    document = {**CONFIGURATION, "backend_name": "one", "coupling_map": [[0, 1]]}
    models.configuration_from(document).coupling_map.append([1, 0])
    assert document["coupling_map"] == [[0, 1]]


def test_a_calibration_reads_each_date_once_and_leaves_its_document_as_it_was(monkeypatch):
    read = []
    parse = models.parse_time
    monkeypatch.setattr(models, "parse_time", lambda text: read.append(text) or parse(text))
    day = "2021-05-04T11:34:58Z"
    error = {"date": day, "name": "gate_error", "unit": "", "value": 0.01, "added": "later"}
    document = {
        "backend_name": "other",
        "backend_version": "1.0.0",
        "last_update_date": "2021-05-05T00:00:00Z",
        "qubits": [[{"date": day, "name": "T1", "unit": "us", "value": 80}] for _ in range(2)],
        "gates": [{"gate": "x", "qubits": [qubit], "parameters": [error]} for qubit in range(2)],
        "general": [],
    }
    before = copy.deepcopy(document)
    properties = models.properties_from(document, "one")
    assert (properties.backend_name, properties.t1(1)) == ("one", 80e-6)
    assert properties.gate_error("x", 1) == 0.01
    assert sorted(read) == [day, "2021-05-05T00:00:00Z"]
    properties.gates[0].qubits.append(1)
    assert document == before
