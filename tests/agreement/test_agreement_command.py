"""The command scripts/agreement: emulated devices beside published results of the real ones."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.simulation.simulator import Simulator
from scripts._agreement.compare import compare, distance, drifts, sampling_distance
from scripts._agreement.records import Record, RecordError, read_records

RECORDS = Path(__file__).parent / "records.json"
LICENCES = {"Apache-2.0", "CC-BY-4.0", "MIT"}
SURE = (
    "ramsey-1-ibmq_rome-000001",
    "deutsch-ibmqx2",
    "walker-3-ibmq_casablanca-000002",
    "ghz3-ibmq_essex",
    "toffoli-ibmqx4",
    "walkersimple-2-ibmq_belem-000001",
)
"""Records for which the layouts that the transpiler may choose differ little."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    return {record.id: record for record in read_records([RECORDS])}


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def agreement(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run the command; returns exit status, output and errors."""
    loader = SourceFileLoader("agreement_command", str(root / "scripts/agreement"))
    spec = spec_from_loader("agreement_command", loader)
    assert spec is not None
    command = module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", [*sys.path])
    loader.exec_module(command)

    def run(*options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["agreement", *options])
        status = command.main()
        return status, *capsys.readouterr()

    return run


def changed(record: Record, **values: object) -> str:
    """Return the text of a file with one record, changed."""
    document = next(
        each for each in json.loads(RECORDS.read_text("utf-8")) if each["id"] == record.id
    )
    return json.dumps([document | values])


@pytest.mark.parametrize("name", SURE)
def test_the_emulation_is_nearer_to_the_device_than_a_simulation_without_noise(
    name: str, records: dict[str, Record], simulator: Simulator
) -> None:
    found = compare(simulator, records[name], seeds=2, shots=4096)
    assert found.is_nearer
    assert found.emulated < 0.8 * found.noiseless


def test_records_can_be_run_and_state_their_licence(root: Path) -> None:
    catalog = Catalog()
    page = (root / "docs/agreement.md").read_text("utf-8")
    documents = json.loads(RECORDS.read_text("utf-8"))
    for document, record in zip(documents, read_records([RECORDS]), strict=True):
        circuit = record.circuit()
        device = catalog.get(record.device)
        assert circuit.num_qubits <= device.num_qubits, record.id
        assert {len(bits) for bits in document["counts"]} == {circuit.num_clbits}, record.id
        assert record.layout is None or len(record.layout) == circuit.num_qubits, record.id
        source = document["source"]
        assert source["licence"] in LICENCES, record.id
        assert re.fullmatch(r"[0-9a-f]{40}", source["commit"]), record.id
        assert source["repository"] in page, record.id
    assert len({document["id"] for document in documents}) == len(documents)


def test_opaque_delays_are_delays(tmp_path: Path, records: dict[str, Record]) -> None:
    qasm = (
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nopaque delay(t) q;\nqreg q[1];\ncreg c[1];\n'
        "x q[0];\ndelay(16000) q[0];\nmeasure q[0] -> c[0];\n"
    )
    path = tmp_path / "records.json"
    path.write_text(changed(records["deutsch-ibmqx2"], qasm=qasm), "utf-8")
    expected = QuantumCircuit(1, 1)
    expected.x(0)
    expected.delay(16000, 0, unit="dt")
    expected.measure(0, 0)
    (record,) = read_records([path])
    assert [each.operation for each in record.circuit()] == [
        each.operation for each in expected.data
    ]


def test_distance() -> None:
    assert distance({0: 1.0}, {0: 1.0}) == 0
    assert distance({0: 1.0}, {1: 1.0}) == 1
    assert distance({0: 0.5, 1: 0.5}, {0: 0.75, 2: 0.25}) == pytest.approx(0.5)


def test_sampling_distance_is_the_mean_distance_of_samples() -> None:
    probabilities = [0.5, 0.2, 0.2, 0.1]
    random = np.random.default_rng(1)
    first = random.multinomial(1000, probabilities, size=2000) / 1000
    second = random.multinomial(4000, probabilities, size=2000) / 4000
    measured = float(np.abs(first - second).sum(axis=1).mean() / 2)
    expected = sampling_distance(dict(enumerate(probabilities)), 1000, 4000)
    assert expected == pytest.approx(measured, rel=0.03)


def test_drift_is_of_one_circuit_on_the_same_qubits(records: dict[str, Record]) -> None:
    found = drifts(records.values())
    assert {each.device for each in found} == {"ibmq_16_melbourne"}
    assert len(found) == 4 * 3  # circuits, pairs of dates
    assert all(first < second for first, second in (each.dates for each in found))
    assert Counter(each.dates for each in found)[("2021-03-25", "2021-03-29")] == 4
    assert drifts([records["deutsch-ibmqx2"]]) == []


def test_tables_and_json_state_the_same(agreement: Run) -> None:
    options = ("--device", "ibmq_vigo", "--device", "ibmq_essex", "--seeds", "1", "--shots", "500")
    status, table, _ = agreement(*options)
    assert status == 0
    assert re.search(r"^ibmq_essex +1 +0\.\d{3} +0\.\d{3} +0\.\d{3} +1 of 1$", table, re.MULTILINE)
    assert re.search(r"^all +3 .* 3 of 3$", table, re.MULTILINE)
    status, text, _ = agreement(*options, "--json")
    document = json.loads(text)
    assert status == 0
    assert document["all"]["records"] == len(document["records"]) == 3
    assert [row["name"] for row in document["devices"]] == ["ibmq_essex", "ibmq_vigo"]
    assert {row["name"] for row in document["families"]} == {"frqi", "ghz3", "grover"}
    essex = document["devices"][0]
    assert f"{essex['emulated']:.3f}" in table
    assert f"{essex['noiseless']:.3f}" in table


def test_more_records_are_read_and_doubtful_ones_left_out(
    agreement: Run, tmp_path: Path, records: dict[str, Record]
) -> None:
    more, doubtful = tmp_path / "more.json", tmp_path / "doubtful.json"
    more.write_text(changed(records["ghz3-ibmq_essex"], id="ghz3-again"), "utf-8")
    doubtful.write_text(
        changed(records["ghz3-ibmq_essex"], id="ghz3-doubtful", doubt="why"), "utf-8"
    )
    files = ("--records", str(more), "--records", str(doubtful))
    _, text, _ = agreement(*files, "--device", "ibmq_essex", "--seeds", "1", "--json")
    assert [each["id"] for each in json.loads(text)["records"]] == ["ghz3-ibmq_essex", "ghz3-again"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--device", "ibmq_atlantis"), "There are no records of ibmq_atlantis."),
        (("--records", "missing.json"), "missing.json cannot be read"),
        (("--noise", "some"), "noise must be one of full, gates, none, not 'some'"),
        (("--date", "soon"), "'soon' is not a date"),
        (("--date", "2018-05", "--device", "ibmq_vigo"), "is before the first calibration"),
    ],
)
def test_wrong_options_are_said(agreement: Run, options: tuple[str, ...], message: str) -> None:
    status, _, errors = agreement(*options)
    assert status == 2
    assert message in errors


@pytest.mark.parametrize("text", ["{", '{"id": 1}', "[1]", '[{"id": "a"}]'])
def test_a_file_of_something_else(text: str, tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_text(text, "utf-8")
    with pytest.raises(RecordError, match="is not a list of records"):
        read_records([path])


def test_devices_that_were_not_in_service_are_left_out_and_said(agreement: Run) -> None:
    options = ("--device", "ibmq_essex", "--device", "ibmq_lima", "--seeds", "1", "--shots", "500")
    status, table, errors = agreement(*options, "--date", "2020-05")
    assert status == 0
    assert re.search(r"^all +1 ", table, re.MULTILINE)
    assert "ibmq_lima was not in service on 2020-05-31" in errors
    status, _, errors = agreement("--device", "ibmq_lima", "--date", "2020-05")
    assert status == 2
    assert "There is no device to compare." in errors


def test_a_layout_on_qubits_that_the_device_did_not_have(agreement: Run) -> None:
    options = ("--device", "ibmq_16_melbourne", "--seeds", "1", "--shots", "100")
    status, _, errors = agreement(*options, "--date", "2019-09")
    assert status == 0
    assert "needs qubit 14, but ibmq_16_melbourne has 14 qubits on that date." in errors


def test_each_device_as_of_the_day_of_its_record(agreement: Run) -> None:
    options = ("--device", "ibmq_vigo", "--seeds", "1", "--shots", "500", "--own-dates", "--json")
    status, text, errors = agreement(*options)
    document = json.loads(text)
    assert (status, errors) == (0, "")
    assert document["settings"]["date"] == "of each record"
    assert len(document["records"]) == 2
