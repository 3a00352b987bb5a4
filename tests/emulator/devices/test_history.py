"""What the service stated about devices after their snapshots were taken."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.history import complete
from ibmq_backend.emulator.devices.snapshots import terra_folder

LAST_IN_TERRA = datetime(2023, 1, 13, tzinfo=UTC)
ADDED = {"timing_constraints", "max_shots", "input_allowed", "supported_features", "clops"}


def snapshots() -> dict[str, dict[str, Any]]:
    paths = sorted(terra_folder().glob("*/conf_*.json"))
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {document["backend_name"]: document for document in documents}


def test_devices_in_service_in_december_2021_state_all_fields_of_that_time(
    catalog: Catalog,
) -> None:
    stated, found = snapshots(), {}
    fields = dict.fromkeys(ADDED, 0)
    for name, before in stated.items():
        after = catalog.get(name).configuration()
        found[name] = after.get("timing_constraints")
        changed = {key for key in before if before[key] != after[key]}
        if catalog.get(name).properties(LAST_IN_TERRA) != catalog.get(name).properties():
            changed -= {"backend_version", "basis_gates", "gates", "coupling_map"}
        if name == "ibmq_poughkeepsie":
            changed -= {"dt", "dtm", "rep_times", "qubit_lo_range", "meas_lo_range"}
        assert changed <= ADDED | {"open_pulse", "quantum_volume"}, name
        assert after.keys() - before.keys() <= ADDED, name
        assert after["max_shots"] >= before["max_shots"], name
        if "timing_constraints" in before:
            assert after["timing_constraints"] == before["timing_constraints"], name
            assert after["input_allowed"] == before["input_allowed"], name
        for key in ADDED:
            fields[key] += key in after
    assert fields == {
        "timing_constraints": 27, "max_shots": 46, "input_allowed": 46, "supported_features": 27,
        "clops": 14,
    }  # fmt: skip
    with_timing = {name for name, timing in found.items() if timing is not None}
    assert len(with_timing) == 27
    for name in with_timing - {"ibm_prague", "ibm_washington"}:
        device = catalog.get(name)
        assert device.max_shots in (20_000, 100_000), name
        assert device.configuration()["input_allowed"][:2] == ["job", "runtime"], name
        assert found[name].keys() == {
            "acquire_alignment", "granularity", "min_length", "pulse_alignment",
        }, name  # fmt: skip
    retired = stated.keys() - with_timing
    assert {"ibmq_vigo", "ibmq_manhattan", "ibmqx2", "ibmq_athens"} <= retired
    assert {catalog.get(name).max_shots for name in retired} == {8192}


@pytest.mark.parametrize(
    ("name", "shots", "alignment"),
    [("ibmq_quito", 20_000, 1), ("ibmq_manila", 100_000, 1), ("ibm_perth", 100_000, 16)],
)
def test_published_values(catalog: Catalog, name: str, shots: int, alignment: int) -> None:
    document = catalog.get(name).configuration()
    assert document["max_shots"] == shots
    assert document["timing_constraints"]["pulse_alignment"] == alignment


def test_seconds_and_hertz_are_put_in_the_units_of_the_service(catalog: Catalog) -> None:
    device, other = catalog.get("ibmq_poughkeepsie"), catalog.get("ibmq_singapore").configuration()
    document = device.configuration()
    assert device.dt == pytest.approx(3.5556e-9, rel=1e-4)
    assert document["dtm"] == document["dt"] == pytest.approx(3.5556, rel=1e-4)
    assert document["rep_times"] == other["rep_times"]
    for key in ("qubit_lo_range", "meas_lo_range"):
        assert [len(pair) for pair in document[key]] == [2] * 20
        assert all(4 < low < high < 8 for low, high in document[key])
    defaults = device.defaults()
    assert defaults is not None
    for key in ("qubit_freq_est", "meas_freq_est"):
        assert all(4 < frequency < 8 for frequency in defaults[key])


def test_a_word_in_letters_is_put_together() -> None:
    document = {"backend_name": "ibm_cairo", "supported_features": list("qobj"), "max_shots": 1}
    complete(document)
    assert document == {
        "backend_name": "ibm_cairo", "supported_features": ["qobj"], "max_shots": 1,
    }  # fmt: skip
