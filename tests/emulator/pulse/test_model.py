"""Models of devices' qubits come from their snapshots; what is missing is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.devices.catalog import Catalog, Device
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.devices.snapshots import terra_folder
from ibmq_backend.emulator.pulse.model import DeviceModel

ARMONK = terra_folder() / "armonk"


def changed(folder: Path, properties: Any = None, defaults: Any = None) -> Device:
    """The device ibmq_armonk with another calibration."""
    for kind, change in (("conf", None), ("props", properties), ("defs", defaults)):
        document = json.loads((ARMONK / f"{kind}_armonk.json").read_text())
        if change is not None:
            change(document)
        (folder / f"{kind}_armonk.json").write_text(json.dumps(document))
    return Catalog(DeviceOptions((folder,))).get("ibmq_armonk")


def after_pulse(device: Device, factor: float = 1.0) -> np.ndarray[Any, Any]:
    """Populations after the device's calibrated x pulse, made weaker by a factor."""
    defaults = device.defaults()
    assert defaults is not None
    (x,) = (one for one in defaults["cmd_def"] if (one["name"], one["qubits"]) == ("x", [0]))
    (play,) = x["sequence"]
    model = DeviceModel(device).qubit(0).transmon
    play["parameters"]["amp"] = [factor * part for part in play["parameters"]["amp"]]
    from ibmq_backend.emulator.pulse.shapes import samples_of

    samples = samples_of(play, {}, "x")
    propagator = model.pulse(samples, defaults["qubit_freq_est"][0])
    return propagator[:, 0].reshape(3, 3).diagonal().real


def test_the_calibrated_pulse_is_half_a_turn(catalog: Catalog) -> None:
    populations = after_pulse(catalog.get("ibmq_armonk"))
    assert populations[1] > 0.9995  # the rest is relaxation and a little leakage
    assert populations.sum() == pytest.approx(1)
    assert after_pulse(catalog.get("ibmq_armonk"), 0.5)[1] == pytest.approx(0.5, abs=2e-3)


@pytest.mark.parametrize("name", ["ibmq_belem", "ibm_nairobi", "ibmq_boeblingen", "ibmq_rome"])
def test_first_qubits_of_larger_devices(catalog: Catalog, name: str) -> None:
    assert after_pulse(catalog.get(name))[1] > 0.99


def test_the_numbers_are_those_of_the_snapshot() -> None:
    armonk = Catalog(DeviceOptions(calibration="published")).get("ibmq_armonk")
    parameters = DeviceModel(armonk).qubit(0).transmon.parameters
    assert parameters.frequency == 4.971852852405576
    assert parameters.anharmonicity == -0.34719293148282626
    assert parameters.t1 == pytest.approx(182_661.1165)
    assert parameters.t2 == pytest.approx(237_858.9220)
    assert parameters.dt == pytest.approx(2 / 9)
    errors = DeviceModel(armonk).readout(0)
    assert (errors.one_for_zero, errors.zero_for_one) == pytest.approx((0.0246, 0.0234))


def test_without_noise_nothing_relaxes(catalog: Catalog) -> None:
    model = DeviceModel(catalog.get("ibmq_armonk"), noisy=False)
    transmon = model.qubit(0).transmon
    excited = np.zeros((3, 3), dtype=complex)
    excited[1, 1] = 1
    after = transmon.idle(10_000_000, transmon.parameters.frequency) @ excited.reshape(-1)
    assert after.reshape(3, 3)[1, 1].real == pytest.approx(1)
    assert model.readout(0).one_for_zero == model.readout(0).zero_for_one == 0


def test_the_description_compares_the_published_drive_strength(catalog: Catalog) -> None:
    described = DeviceModel(catalog.get("ibmq_armonk")).qubit(0).description
    assert described["drive_rate_ghz_of_hamiltonian"] == pytest.approx(0.0184971, abs=1e-6)
    ratio = described["drive_rate_ghz_of_hamiltonian"] / described["drive_rate_ghz"]
    assert ratio == pytest.approx(1.156, abs=2e-3)
    assert "x pulse" in described["drive_rate_from"]
    json.dumps(described)


def test_a_t2_above_twice_t1_is_limited(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["qubits"][0][1]["value"] = 999.0

    parameters = DeviceModel(changed(tmp_path, change)).qubit(0).transmon.parameters
    assert parameters.t2 == 2 * parameters.t1


@pytest.mark.parametrize("missing", ["T1", "T2", "x"])
def test_missing_data_is_named(tmp_path: Path, missing: str) -> None:
    def properties(document: Any) -> None:
        block = document["qubits"][0]
        block[:] = [one for one in block if one["name"] != missing]

    def defaults(document: Any) -> None:
        document["cmd_def"] = [one for one in document["cmd_def"] if one["name"] != missing]

    model = DeviceModel(changed(tmp_path, properties, defaults))
    with pytest.raises(JobRefused, match=f"snapshot lacks .*{missing}") as caught:
        model.qubit(0)
    assert caught.value.code == 8011


def test_missing_readout_errors_and_gate_lengths_are_named(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["gates"] = []
        document["qubits"][0] = document["qubits"][0][:4]

    model = DeviceModel(changed(tmp_path, change))
    with pytest.raises(JobRefused, match="lacks its readout error"):
        model.readout(0)
    with pytest.raises(JobRefused, match="lacks the duration of its gate sx"):
        model.gate_samples("sx", 0)


def test_an_old_snapshot_with_one_readout_error_for_both(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["qubits"][0] = document["qubits"][0][:5]

    errors = DeviceModel(changed(tmp_path, change)).readout(0)
    assert errors.one_for_zero == errors.zero_for_one == pytest.approx(0.024)


def test_anharmonicity_from_the_hamiltonian(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        block = document["qubits"][0]
        block[:] = [one for one in block if one["name"] != "anharmonicity"]

    parameters = DeviceModel(changed(tmp_path, change)).qubit(0).transmon.parameters
    assert parameters.anharmonicity == pytest.approx(-0.347193, abs=1e-6)
