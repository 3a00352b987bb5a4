"""Calibrations in columns: the files, the documents they give back, and damaged ones."""

from __future__ import annotations

import copy
import json
import runpy
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from qiskit.providers.models import BackendProperties

from ibmq_backend.emulator.devices import calibration_files
from ibmq_backend.emulator.devices.calibration_files import (
    FOLDER,
    DatedCalibration,
    check_properties,
    expand,
    known_on,
    read_index,
)
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.snapshots import SnapshotError, terra_folder
from scripts._calibrations.columns import to_columns
from scripts._calibrations.releases import Published
from scripts._calibrations.selection import LeftOut, devices_in_terra, select

ROOT = Path(__file__).parents[3]
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
PROPERTIES = sorted(terra_folder().glob("*/props_*.json"))

Document = dict[str, Any]


def read(path: Path) -> Document:
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("path", PROPERTIES, ids=lambda path: path.parent.name)
def test_columns_give_back_the_published_document(path: Path) -> None:
    published = read(path)
    columns = to_columns(copy.deepcopy(published))
    text = json.dumps(columns, separators=(",", ":"))
    assert expand(json.loads(text), path) == published
    if len(published["qubits"]) > 5:
        assert len(text) < 0.35 * len(json.dumps(published, separators=(",", ":")))


def test_irregular_documents_are_given_back_too() -> None:
    published = read(terra_folder() / "vigo" / "props_vigo.json")
    del published["qubits"][1][0], published["qubits"][2][3]
    published["gates"][0]["name"] = "another"
    del published["gates"][-1]["name"]
    del published["gates"][4]["parameters"][1]
    published["gates"].reverse()
    published["qubits"][0][0]["value"] = 55
    published["general_qlists"] = [{"name": "lf_2", "qubits": [0, 1]}]
    columns = to_columns(copy.deepcopy(published))
    assert expand(json.loads(json.dumps(columns)), Path("vigo")) == published


def test_a_document_that_columns_cannot_hold_is_refused() -> None:
    published = read(terra_folder() / "vigo" / "props_vigo.json")
    published["qubits"][1].reverse()
    with pytest.raises(ValueError, match="ibmq_vigo of 2021-01-20T03:30:10-05:00 cannot be put"):
        to_columns(published)


def test_the_files_hold_what_the_list_says() -> None:
    index = read_index()
    assert {path.stem for path in FOLDER.glob("ibm*.json")} == {
        name for name, found in index.calibrations.items() if found
    }
    for name, found in index.calibrations.items():
        listed = INDEX["devices"][name]["calibrations"]
        stored = read(FOLDER / f"{name}.json")["calibrations"] if listed else []
        assert len(found) == len(listed) == len(stored)
        for calibration, head, columns in zip(found, listed, stored, strict=True):
            assert {key: columns[key] for key in head} == head
            assert calibration.date == datetime.fromisoformat(head["last_update_date"])
            assert calibration.source == f"{head['source']} snapshot"
            document = calibration.read()
            assert document["backend_version"] == calibration.backend_version
            assert len(document["qubits"]) == calibration.num_qubits
            read_by_terra = BackendProperties.from_dict(document)
            assert read_by_terra.last_update_date == calibration.date
            calibrated = {gate["gate"] for gate in document["gates"]}
            assert {"u3", "cx"} <= calibrated or "rz" in calibrated or name == "ibmq_armonk"
            assert calibrated - {"reset", "measure"} <= set(calibration.basis_gates or ())


def test_how_many_calibrations_there_are(catalog: Catalog) -> None:
    index = read_index()
    own = sum(map(len, index.calibrations.values()))
    assert (own, own + len(index.in_terra), len(index.in_terra)) == (51, 99, 48)
    dates = {name: len(catalog.get(name).calibrations) for name in index.in_terra}
    assert (dates["ibmq_vigo"], dates["ibmqx2"], dates["ibmq_lima"]) == (4, 3, 1)
    assert sum(dates.values()) == 99
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    assert size < 600_000


def test_the_dates_of_the_calibrations_in_terra_are_right(catalog: Catalog) -> None:
    for name, date in read_index().in_terra.items():
        (own,) = (each for each in catalog.get(name).calibrations if each.position is None)
        assert own.date == date
        assert datetime.fromisoformat(own.read()["last_update_date"]) == date


def test_calibrations_are_sorted_and_of_one_device(catalog: Catalog) -> None:
    for device in catalog:
        dates = [each.date for each in device.calibrations]
        assert dates == sorted(set(dates)), device.name
        assert all(date.tzinfo is UTC for date in dates)


def test_listing_devices_reads_no_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    reading = calibration_files.read_document

    def note(path: Path) -> Document:
        opened.append(path.name)
        return reading(path)

    monkeypatch.setattr(calibration_files, "read_document", note)
    calibration_files._read_columns.cache_clear()
    catalog = Catalog()
    for device in catalog:
        device.configuration()
        assert device.source
    assert opened == ["index.json"]
    catalog.get("ibmq_vigo").properties(datetime(2020, 1, 1, tzinfo=UTC))
    catalog.get("ibmq_vigo").properties(datetime(2020, 6, 1, tzinfo=UTC))
    assert opened == ["index.json", "ibmq_vigo.json"]


def test_known_on_a_date() -> None:
    first, second, third = (
        DatedCalibration(datetime(year, 1, 1, tzinfo=UTC), "test", Path("x"), 1)
        for year in (2019, 2020, 2021)
    )
    every = (first, second, third)
    assert known_on(None, every) == every
    assert list(known_on(second.date, every)) == [first, second]
    assert list(known_on(datetime(2020, 12, 31, tzinfo=UTC), every)) == [first, second]
    assert list(known_on(datetime(2018, 1, 1, tzinfo=UTC), every)) == [first]
    assert list(known_on(datetime(2018, 1, 1, tzinfo=UTC), ())) == []


def damage_first(change: Callable[[Document], object]) -> Callable[[Document], object]:
    return lambda file: change(file["calibrations"][0])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda file: file.pop("calibrations"), "needs 'calibrations' of type list"),
        (lambda file: file["calibrations"].clear(), "'calibrations' has no entry 0"),
        (damage_first(lambda one: one.pop("qubits")), "2019-10-16T06:22:30+00:00 lacks 'qubits'"),
        (damage_first(lambda one: one.pop("dates")), "lacks 'dates'"),
        (
            damage_first(lambda one: one["qubits"]["parameters"]["T1"]["value"].pop()),
            "T1 of qubits has 4 entries instead of 5",
        ),
        (
            damage_first(lambda one: one["gates"][0]["parameters"]["gate_error"].pop("unit")),
            "lacks 'unit'",
        ),
        (
            damage_first(lambda one: one["gates"][2]["parameters"]["gate_error"].update(date=[1])),
            "the dates of gate_error of u2 has 1 entries instead of 5",
        ),
        (damage_first(lambda one: one["gate_order"].pop()), "'gate_order' does not name each gate"),
        (damage_first(lambda one: one.update(gates=3)), "is damaged"),
        (
            damage_first(
                lambda one: one["qubits"]["parameters"]["T1"]["value"].__setitem__(2, "x")
            ),
            "qubit 2, T1: 'value' must be a number, not 'x'",
        ),
        (damage_first(lambda one: one.update(dates=[])), "is damaged"),
    ],
)
def test_a_damaged_file_is_named_with_the_field(
    tmp_path: Path, damage: Callable[[Document], object], reason: str
) -> None:
    shutil.copy(FOLDER / "index.json", tmp_path)
    file = read(FOLDER / "ibmq_vigo.json")
    damage(file)
    path = tmp_path / "ibmq_vigo.json"
    path.write_text(json.dumps(file), encoding="utf-8")
    calibration = read_index(tmp_path).calibrations["ibmq_vigo"][0]
    with pytest.raises(SnapshotError) as caught:
        calibration.read()
    assert caught.value.path == path
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda index: index.pop("devices"), "needs 'devices' of type dict"),
        (
            lambda index: index["devices"]["ibmq_vigo"].pop("in_terra"),
            "ibmq_vigo: needs 'in_terra' of type str",
        ),
        (
            lambda index: index["devices"]["ibmq_vigo"]["calibrations"][1].pop("source"),
            "ibmq_vigo, calibration 1: needs 'source' of type str",
        ),
        (
            lambda index: index["devices"]["ibmq_vigo"]["calibrations"][0].update(basis_gates=3),
            "ibmq_vigo, calibration 0: needs 'basis_gates' of type list",
        ),
        (
            lambda index: index["devices"]["ibmq_vigo"]["calibrations"][0].update(coupling_map=[3]),
            "ibmq_vigo, calibration 0: 'coupling_map' must be a list of pairs",
        ),
        (
            lambda index: index["devices"]["ibmq_vigo"].update(in_terra="soon"),
            "unreadable date 'soon'",
        ),
    ],
)
def test_a_damaged_list_is_named_with_the_field(
    tmp_path: Path, damage: Callable[[Document], object], reason: str
) -> None:
    index = copy.deepcopy(INDEX)
    damage(index)
    (tmp_path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(SnapshotError) as caught:
        read_index(tmp_path)
    assert caught.value.path == tmp_path / "index.json"
    assert reason in caught.value.reason


def set_at(*path: int | str, value: object) -> Callable[[Document], object]:
    """Return a change of one value of a calibration document."""

    def change(document: Document) -> None:
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (set_at("qubits", value=None), "needs 'qubits' of type list"),
        (set_at("general", value=3), "needs 'general' of type list"),
        (set_at("qubits", 1, value=None), "qubit 1: must be a list, not NoneType"),
        (set_at("qubits", 1, 0, value="x"), "qubit 1: needs 'name' of type str"),
        (set_at("qubits", 1, 0, "name", value=[]), "qubit 1: needs 'name' of type str"),
        (set_at("qubits", 1, 0, "unit", value=[]), "qubit 1, T1: needs 'unit' of type str"),
        (
            set_at("qubits", 1, 0, "value", value=None),
            "qubit 1, T1: 'value' must be a number, not None",
        ),
        (
            set_at("qubits", 1, 0, "value", value=float("nan")),
            "qubit 1, T1: 'value' must be a number, not nan",
        ),
        (set_at("gates", 2, value=[]), "gate 2: needs 'gate' of type str"),
        (set_at("gates", 0, "qubits", value=[5]), "gate 0 (id): 'qubits' has 5, not a qubit"),
        (
            set_at("gates", 0, "parameters", 0, "value", value="0.1"),
            "gate 0 (id), gate_error: 'value' must be a number, not '0.1'",
        ),
    ],
)
def test_a_damaged_document_is_named_with_the_field(
    damage: Callable[[Document], object], reason: str
) -> None:
    path = terra_folder() / "vigo" / "props_vigo.json"
    document = read(path)
    check_properties(document, 5, path)
    damage(document)
    with pytest.raises(SnapshotError) as caught:
        check_properties(document, 5, path)
    assert (caught.value.path, caught.value.reason) == (path, reason)


def published(date: str, **errors: float) -> Published:
    document = read(terra_folder() / "vigo" / "props_vigo.json")
    document["last_update_date"] = date
    for qubit in document["qubits"]:
        for parameter in qubit:
            parameter["value"] = errors.get(parameter["name"], parameter["value"])
    for gate in document["gates"]:
        for parameter in gate["parameters"]:
            if parameter["name"] == "gate_error":
                parameter["value"] = errors.get(gate["gate"], parameter["value"])
    return Published("test 1.0", document, None)


def test_devices_out_of_order_and_known_calibrations_are_left_out() -> None:
    in_terra = devices_in_terra()
    good, readout, gates, known = (
        published("2020-01-02T00:00:00+00:00"),
        published("2020-01-03T00:00:00+00:00", readout_error=0.2),
        published("2020-01-04T00:00:00+00:00", cx=1),
        published("2021-01-20T08:30:10+00:00"),
    )
    again = published("2020-01-02T01:00:00+01:00")
    kept, left_out = select([gates, known, readout, good, again], in_terra)
    assert kept == {"ibmq_vigo": [good]}
    assert left_out == [
        LeftOut("ibmq_vigo", "2020-01-03", "median readout error 0.2"),
        LeftOut("ibmq_vigo", "2020-01-04", "median two-qubit gate error 1"),
    ]


def test_the_page_lists_all_calibrations() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "calibrations"))
    page = script["PAGE"].read_text(encoding="utf-8")
    left_out = [LeftOut(**each) for each in INDEX["left_out"]]
    assert {(each.device, each.date) for each in left_out} == {
        ("ibm_cairo", "2024-03-25"), ("ibm_lagos", "2024-05-27"), ("ibmq_rome", "2020-08-10"),
        ("ibmqx2", "2019-08-27"), ("ibmqx2", "2020-07-13"),
    }  # fmt: skip
    tables = script["tables"](INDEX["devices"], left_out)
    assert script["replace_tables"](page, tables) == page
    devices = INDEX["devices"].values()
    own = [len(each["calibrations"]) for each in devices]
    assert f"{sum(own) + len(own)} of {len(own)} devices" in page
    assert f"{own.count(0)} devices have only one date" in page
