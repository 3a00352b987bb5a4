"""Current device documents in the classes of Qiskit 0.46 and in transpiling and Aer."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping
from qiskit.providers import BackendV1, Options
from qiskit.providers.exceptions import BackendPropertyError
from qiskit.providers.models import QasmBackendConfiguration

from ibmq_backend.api.sampler.device import device_of
from ibmq_backend.api.sampler.device_documents import (
    KNOWN_TO_TERRA,
    OTHER_GATES,
    LazyDocument,
    older_configuration,
    older_properties,
)
from ibmq_backend.models import configuration_from, read_properties
from tests.support import heron
from tests.support.platform_replies import (
    calibration,
    examples,
    line_device,
    snapshot_of_today,
)

LARGE = [("sherbrooke", None, 127), ("washington", None, 127), ("sherbrooke", "cz", 127)]


class Device(BackendV1):
    def __init__(self, configuration, properties):
        super().__init__(configuration)
        self._calibration = properties

    def properties(self):
        return self._calibration

    def run(self, *_, **__):
        raise AssertionError

    @classmethod
    def _default_options(cls):
        return Options()


def device(name, gate=None):
    configuration, properties = snapshot_of_today(name, gate)
    return Device(
        configuration_from(older_configuration(configuration, "ibm_x")),
        read_properties(older_properties(properties, "ibm_x"), "ibm_x"),
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "gate", "qubits"), LARGE)
def test_large_devices_load_and_transpile(name, gate, qubits):
    backend = device(name, gate)
    configuration = backend.configuration()
    assert type(configuration) is QasmBackendConfiguration
    assert (configuration.n_qubits, configuration.open_pulse) == (qubits, False)
    assert configuration.dt == pytest.approx(2.222e-10, rel=1e-3)
    assert isinstance(configuration.online_date, datetime)
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.measure_all()
    for level in range(4):
        done = transpile(circuit, backend, optimization_level=level, seed_transpiler=1)
        used = set(done.count_ops()) - {"measure", "barrier"}
        assert used <= set(configuration.basis_gates)
        assert not used & {"rx", "rzz"}
    properties = backend.properties()
    assert properties.t1(0) == pytest.approx(properties.t1(0))
    assert 0 < properties.gate_error(gate or ("ecr" if name == "sherbrooke" else "cx"), [1, 0]) < 1
    with pytest.raises(BackendPropertyError):
        properties.frequency(0)


def test_the_example_of_the_specification_loads():
    (example,) = examples("getBackendConfiguration").values()
    loaded = configuration_from(older_configuration(example, "ibm_example"))
    assert (loaded.max_shots, loaded.dt) == (100000, 4e-9)
    assert loaded.rep_delay_range == [0.0, pytest.approx(2e-3)]
    (example,) = examples("getBackendProperties").values()
    properties = read_properties(older_properties(example, "ibm_example"), "ibm_example")
    assert properties.t1(0) == pytest.approx(210.5e-6)


def test_missing_fields_are_filled_in():
    document = line_device()
    for field in ("max_shots", "max_experiments", "open_pulse", "simulator", "local", "memory"):
        document.pop(field)
    older = older_configuration(document, "ibm_asked")
    assert (older["max_shots"], older["max_experiments"]) == (100_000, 300)
    assert (older["open_pulse"], older["simulator"], older["memory"]) == (False, False, True)
    assert older["backend_name"] == "ibm_asked"
    assert (older["url"], older["clops_v"]) == (None, None)
    configuration_from(older)


def test_pulse_fields_are_removed():
    document = line_device() | {"open_pulse": True, "u_channel_lo": [], "hamiltonian": {}}
    older = older_configuration(document, "x")
    assert older["open_pulse"] is False
    assert "u_channel_lo" not in older
    assert "hamiltonian" not in older
    assert document["open_pulse"] is True


def test_fractional_gates_are_removed_unless_no_others_remain():
    document = line_device()
    document["basis_gates"] += ["rx", "rzz"]
    document["gates"] += [{"name": "rzz"}, {"name": "rx"}]
    document["supported_instructions"] += ["rzz"]
    older = older_configuration(document, "x")
    assert older["basis_gates"] == ["cz", "id", "rz", "sx", "x"]
    assert {gate["name"] for gate in older["gates"]} == {"rz", "cz"}
    assert "rzz" not in older["supported_instructions"]
    assert "rzz" in document["basis_gates"]
    document["basis_gates"] = ["rx"]
    assert older_configuration(document, "x")["basis_gates"] == ["rx"]


def test_unknown_gates_are_moved_to_other_gates():
    older = older_configuration(heron.configuration(qubits=8), "x")
    assert older["basis_gates"] == ["cz", "id", "rz", "sx", "x"]
    assert [gate["name"] for gate in older["gates"]] == ["cz", "id", "rz", "sx", "x", "reset"]
    assert "xslow" not in older["supported_instructions"]
    measured = heron.properties(qubits=8)
    properties = older_properties(measured, "x")
    assert {gate["gate"] for gate in properties["gates"]} == {"cz", "id", "rz", "sx", "x", "reset"}
    apart = {gate["gate"] for gate in properties[OTHER_GATES]}
    assert apart == {"measure", "measure_2", "reset_2", "rx", "rzz", "xslow"}
    number = len(properties["gates"]) + len(properties[OTHER_GATES])
    assert number == len(measured["gates"])
    assert len(read_properties(properties, "x").other_gates) == len(properties[OTHER_GATES])


def test_names_that_terra_knows():
    assert get_standard_gate_name_mapping().keys() >= KNOWN_TO_TERRA


@pytest.mark.parametrize("field", ["n_qubits", "basis_gates"])
def test_missing_required_fields_are_errors(field):
    document = line_device()
    document[field] = None
    with pytest.raises(KeyError, match=field):
        older_configuration(document, "x")


def test_gaps_in_a_calibration():
    document = calibration()
    document["qubits"][2] = [None, {"name": "T1"}]
    document["gates"].append({"gate": "x", "qubits": [1.0], "parameters": None})
    document["general"] = None
    before = json.dumps(document)
    properties = read_properties(older_properties(document, "ibm_five"), "ibm_five")
    assert json.dumps(document) == before
    assert properties.backend_name == "ibm_five"
    assert properties.gate_length("sx", 1) == pytest.approx(32e-9)
    with pytest.raises(BackendPropertyError):
        properties.t1(2)
    assert properties.last_update_date.astimezone(UTC) == datetime(2026, 8, 17, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "text", {}, [None], -1.5])
def test_optional_fields_of_a_configuration_may_have_any_value(value, caplog):
    needed = {"n_qubits", "basis_gates", "coupling_map", "gates"}
    document = line_device()
    document["gates"] = [None, {}, {"name": 5}, {"name": "cz", "new": 1}, *document["gates"]]
    expected = configuration_from(older_configuration(document, "ibm_five"))
    for field in document.keys() - needed:
        changed = {**document, field: value, "a_new_field": value}
        loaded = configuration_from(older_configuration(changed, "ibm_five"))
        assert (loaded.n_qubits, loaded.basis_gates) == (5, expected.basis_gates)
        assert [gate.name for gate in loaded.gates] == ["cz", "rz", "cz"]
        assert device_of(changed).gates == device_of(document).gates
    assert [line for line in caplog.messages if "ibm_five has fields" not in line] == []


def test_a_calibration_loses_only_what_cannot_be_read(caplog):
    document = calibration()
    good = dict(document["qubits"][0][0])
    document["qubits"][0] = [
        {**good, "value": None},
        {**good, "name": "T2", "date": None, "unit": "Hz"},
        {**good, "name": "readout_error", "new": 1},
        {**good, "name": "odd", "unit": "dB"},
        "text",
    ]
    document["qubits"][1] = None
    whole = len(document["gates"])
    document["gates"] += [None, {"gate": "x"}, {"gate": "x", "qubits": ["a"]}, {"qubits": [0]}]
    document["gates"].append({"gate": "brand_new", "qubits": [0], "parameters": None, "new": 1})
    older = older_properties(document, "ibm_gaps")
    properties = read_properties(older, "ibm_gaps")
    assert [entry.name for entry in properties.qubits[0]] == ["T2", "readout_error"]
    assert properties.t2(0) == 200.0
    assert older["qubits"][0][0]["date"] == document["last_update_date"]
    assert properties.qubits[1] == []
    assert properties.t1(2) == pytest.approx(202e-6)
    assert len(properties.gates) + len(properties.other_gates) == whole + 1
    (line,) = caplog.messages
    assert line.startswith("7 entries of the calibration of ibm_gaps cannot be read")


@pytest.mark.parametrize("date", [None, "today", 5])
def test_a_calibration_without_a_date_has_that_of_its_newest_entry(date):
    document = calibration()
    document["last_update_date"] = date
    document["qubits"][3][0]["date"] = "2026-08-17T00:41:00Z"
    properties = read_properties(older_properties(document, "x"), "x")
    assert properties.last_update_date.astimezone(UTC) == datetime(2026, 8, 17, 0, 41, tzinfo=UTC)


@pytest.mark.parametrize("nothing", [None, {}, {"qubits": []}])
def test_no_calibration(nothing):
    assert older_properties(nothing, "x") is None


def test_malformed_calibrations():
    with pytest.raises(TypeError):
        older_properties([1], "x")


def test_lazy_documents_are_read_once_and_again_after_a_failure():
    answers = [OSError("lost"), {"a": 1}]

    def read():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    document = LazyDocument(read)
    assert "not read yet" in repr(document)
    with pytest.raises(OSError, match="lost"):
        dict(document)
    assert dict(document) == {"a": 1}
    assert (len(document), document["a"], list(document), "b" in document) == (1, 1, ["a"], False)
    assert "1 fields" in repr(document)
