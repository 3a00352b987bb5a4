"""Valid and broken snapshots in folders of the user."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.emulator.devices.catalog import Catalog, UnknownDevice
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import SnapshotError, terra_folder


def put_vigo(folder: Path, **changes: Any) -> Path:
    """Copy the snapshot of vigo under another name; changes go into its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    source = terra_folder() / "vigo"
    document = json.loads((source / "conf_vigo.json").read_text(encoding="utf-8"))
    document |= {"backend_name": "my_lab", **changes}
    document = {key: value for key, value in document.items() if value != "drop"}
    (folder / "conf_lab.json").write_text(json.dumps(document), encoding="utf-8")
    shutil.copy(source / "props_vigo.json", folder / "props_lab.json")
    return folder


@pytest.mark.parametrize("below", ["", "lab"])
def test_a_folder_may_be_flat_or_have_one_subfolder_per_device(tmp_path: Path, below: str) -> None:
    put_vigo(tmp_path / below)
    catalog = Catalog(DeviceOptions((tmp_path,)))
    device = catalog.get("my_lab")
    assert device.num_qubits == 5
    assert device.has_noise
    properties = device.properties()
    assert properties is not None
    assert properties["backend_name"] == "my_lab"
    assert tmp_path.name in device.source
    assert "ibmq_vigo" in catalog


def test_a_device_of_the_user_replaces_the_built_in_one(tmp_path: Path) -> None:
    put_vigo(tmp_path, backend_name="ibmq_vigo", max_shots=20000)
    catalog = Catalog(DeviceOptions((tmp_path,)))
    assert catalog.get("ibmq_vigo").max_shots == 20000
    assert len(catalog) == len(Catalog())


def test_what_a_document_leaves_out_is_filled_in(tmp_path: Path) -> None:
    put_vigo(tmp_path, online_date="drop", coupling_map="drop", memory="drop", local=True)
    document = Catalog(DeviceOptions((tmp_path,))).get("my_lab").configuration()
    assert document["coupling_map"] is None
    assert document["memory"] is False
    assert document["local"] is False
    assert document["online_date"].startswith("2021-01-20")


def test_a_device_without_calibration_file_has_no_noise(tmp_path: Path) -> None:
    (put_vigo(tmp_path) / "props_lab.json").unlink()
    assert not Catalog(DeviceOptions((tmp_path,))).get("my_lab").has_noise


def break_json(folder: Path) -> None:
    (folder / "conf_lab.json").write_text("{", encoding="utf-8")


def break_list(folder: Path) -> None:
    (folder / "props_lab.json").write_text("[]", encoding="utf-8")


def break_defaults(folder: Path) -> None:
    (folder / "defs_lab.json").write_text("{", encoding="utf-8")


def break_configuration(**changes: Any) -> Callable[[Path], None]:
    def break_file(folder: Path) -> None:
        put_vigo(folder, **changes)

    return break_file


def break_properties(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def break_file(folder: Path) -> None:
        path = folder / "props_lab.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")

    return break_file


def set_unit(parameters: list[dict[str, Any]], name: str, unit: Any) -> None:
    next(each for each in parameters if each["name"] == name)["unit"] = unit


def set_value(parameters: list[dict[str, Any]], name: str, value: float) -> None:
    next(each for each in parameters if each["name"] == name)["value"] = value


def gate_of(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(
        gate["parameters"] for gate in document["gates"] if gate["gate"] == name
    )
    return found


@pytest.mark.parametrize(
    ("break_file", "file", "reason"),
    [
        (break_json, "conf_lab.json", "is not JSON"),
        (break_list, "props_lab.json", "must contain a JSON object"),
        (break_configuration(n_qubits="drop"), "conf_lab.json", "'n_qubits'"),
        (break_configuration(n_qubits=True), "conf_lab.json", "'n_qubits'"),
        (break_configuration(dt=float("nan")), "conf_lab.json", "it contains NaN"),
        (break_configuration(max_shots=0), "conf_lab.json", "at least 1"),
        (break_configuration(basis_gates="cx"), "conf_lab.json", "'basis_gates' of type list"),
        (break_configuration(coupling_map=[[0, 9]]), "conf_lab.json", "outside 0..4"),
        (break_configuration(coupling_map=[1]), "conf_lab.json", "list of pairs"),
        (break_configuration(online_date="soon"), "conf_lab.json", "unreadable date 'soon'"),
        (
            break_configuration(online_date="0001-01-01T00:00:00+05:00"),
            "conf_lab.json",
            "unreadable date '0001",
        ),
        (break_configuration(dt="0.2"), "conf_lab.json", "'dt' must be a number of ns above 0"),
        (break_configuration(dt=-0.2), "conf_lab.json", "'dt' must be a number of ns above 0"),
        (break_configuration(rep_delay_range=[1]), "conf_lab.json", "pair of numbers"),
        (break_configuration(max_experiments="many"), "conf_lab.json", "a whole number"),
        (break_configuration(supported_instructions=[[]]), "conf_lab.json", "a list of names"),
        (break_defaults, "defs_lab.json", "is not JSON"),
        (break_properties(lambda d: d.pop("gates")), "props_lab.json", "lacks 'gates'"),
        (break_properties(lambda d: d["qubits"].pop()), "props_lab.json", "describes 4 qubits"),
        (
            break_properties(lambda d: d["gates"][0].pop("qubits")),
            "props_lab.json",
            "gate 0 (id): needs 'qubits'",
        ),
        (break_properties(lambda d: d.update(last_update_date=3)), "props_lab.json", "date 3"),
        (
            break_properties(lambda d: set_unit(d["qubits"][2], "T1", "fortnights")),
            "props_lab.json",
            "qubit 2, T1: the unit is 'fortnights', not s, ms, us, µs, ns",
        ),
        (
            break_properties(lambda d: set_value(d["qubits"][1], "T2", 0)),
            "props_lab.json",
            "qubit 1, T2: 'value' is 0, not a time",
        ),
        (
            break_properties(lambda d: set_value(gate_of(d, "cx"), "gate_length", -300)),
            "props_lab.json",
            "gate_length: 'value' is -300, not a time",
        ),
        (
            break_properties(lambda d: set_unit(gate_of(d, "cx"), "gate_length", "dt")),
            "props_lab.json",
            "(cx), gate_length: the unit is 'dt'",
        ),
    ],
)
def test_a_broken_file_is_named_with_the_reason(
    tmp_path: Path, break_file: Callable[[Path], None], file: str, reason: str
) -> None:
    break_file(put_vigo(tmp_path))
    with pytest.raises(SnapshotError) as caught:
        Catalog(DeviceOptions((tmp_path,)))
    assert caught.value.path == tmp_path / file
    assert reason in caught.value.reason
    assert file in str(caught.value)


def test_a_server_leaves_out_a_broken_snapshot(tmp_path: Path) -> None:
    put_vigo(tmp_path / "good", backend_name="good_lab")
    break_json(put_vigo(tmp_path / "lab"))
    options = DeviceOptions((tmp_path,), skip_broken=True)
    for given in (options, DeviceOptions.from_json(options.to_json())):  # in its workers too
        catalog = Catalog(given)
        assert "good_lab" in catalog
        assert [error.path.name for error in catalog.broken] == ["conf_lab.json"]
        with pytest.raises(UnknownDevice, match="'lab' is not offered: its file conf_lab.json is"):
            catalog.get("lab")


def test_folders_without_snapshots_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="contains no conf_"):
        Catalog(DeviceOptions((tmp_path,)))
    with pytest.raises(SnapshotError, match="is not a folder"):
        Catalog(DeviceOptions((tmp_path / "missing",)))
    (put_vigo(tmp_path) / "conf_lab.json").unlink()
    with pytest.raises(SnapshotError, match="has no conf_lab"):
        Catalog(DeviceOptions((tmp_path,)))


def put_date(folder: Path, name: str, date: str, **changes: Any) -> Path:
    """Write a calibration of vigo of another date; changes go into the document."""
    source = terra_folder() / "vigo" / "props_vigo.json"
    document = json.loads(source.read_text(encoding="utf-8"))
    document |= {"last_update_date": date, **changes}
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_a_folder_may_have_several_dates(tmp_path: Path) -> None:
    put_vigo(tmp_path)
    put_date(tmp_path, "props_lab_2020-05-04.json", "2020-05-04T08:00:00+00:00")
    put_date(tmp_path, "props_lab_2022-01-01T12.json", "2022-01-01T12:00:00", backend_version="9")
    newest = Catalog(DeviceOptions((tmp_path,))).get("my_lab")
    days = [each.date.date().isoformat() for each in newest.calibrations]
    assert days == ["2020-05-04", "2021-01-20", "2022-01-01"]
    assert newest.source == f"snapshot in {tmp_path.name} of 2022-01-01"
    assert newest.noise_source == "median of 3 calibrations, 2020-05-04 to 2022-01-01"
    older = newest.properties(datetime(2021, 1, 1, tzinfo=UTC))
    assert older is not None
    assert older["last_update_date"] == "2020-05-04T08:00:00+00:00"
    then = Catalog(DeviceOptions.of([tmp_path], "2021-06")).get("my_lab")
    assert then.source == f"snapshot in {tmp_path.name} of 2021-01-20"


def test_a_user_may_name_any_date_of_his_own_calibrations(tmp_path: Path) -> None:
    put_vigo(tmp_path)
    put_date(tmp_path, "props_lab_2017-03-01.json", "2017-03-01T08:00:00+00:00")
    catalog = Catalog(DeviceOptions.of([tmp_path], "2017-03"))
    assert catalog.get("my_lab").source == f"snapshot in {tmp_path.name} of 2017-03-01"
    assert "ibmq_qasm_simulator" in catalog


def test_the_gates_of_a_users_device_are_those_of_the_date(tmp_path: Path) -> None:
    put_vigo(tmp_path)
    source = terra_folder() / "london" / "props_london.json"
    shutil.copy(source, tmp_path / "props_lab_2020-08-10.json")
    then = Catalog(DeviceOptions.of([tmp_path], "2020-09")).get("my_lab")
    assert then.calibrated_basis == "u"
    assert set(then.configuration()["basis_gates"]) == {"id", "u1", "u2", "u3", "cx"}
    assert Catalog(DeviceOptions((tmp_path,))).get("my_lab").calibrated_basis == "rz"


def test_only_dated_calibrations_are_enough(tmp_path: Path) -> None:
    (put_vigo(tmp_path, online_date="drop") / "props_lab.json").rename(
        tmp_path / "props_lab_2021-01-20.json"
    )
    device = Catalog(DeviceOptions((tmp_path,))).get("my_lab")
    assert device.has_noise
    assert device.configuration()["online_date"].startswith("2021-01-20")


def test_a_name_that_looks_dated_may_be_that_of_a_device(tmp_path: Path) -> None:
    put_vigo(tmp_path)
    for kind in ("conf", "props"):
        shutil.copy(tmp_path / f"{kind}_lab.json", tmp_path / f"{kind}_lab_2020-01-01.json")
    path = tmp_path / "conf_lab_2020-01-01.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | {"backend_name": "my_old_lab"}), encoding="utf-8")
    catalog = Catalog(DeviceOptions((tmp_path,)))
    assert len(catalog.get("my_lab").calibrations) == 1
    assert len(catalog.get("my_old_lab").calibrations) == 1


@pytest.mark.parametrize(
    ("date", "changes", "reason"),
    [
        ("soon", {}, "unreadable date 'soon'"),
        ("2020-05-04T08:00:00+00:00", {"qubits": []}, "describes 0 qubits"),
        ("2021-01-20T08:30:10Z", {}, "has the 'last_update_date' of props_lab.json"),
    ],
)
def test_a_broken_calibration_of_a_date_is_named(
    tmp_path: Path, date: str, changes: dict[str, Any], reason: str
) -> None:
    put_vigo(tmp_path)
    path = put_date(tmp_path, "props_lab_2020-05-04.json", date, **changes)
    with pytest.raises(SnapshotError) as caught:
        Catalog(DeviceOptions((tmp_path,)))
    assert caught.value.path == path
    assert reason in caught.value.reason
