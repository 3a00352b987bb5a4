"""Settings of pulse jobs; what cannot be simulated is refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ibmq_backend.emulator.checks.qobj import JobRefused, validate
from ibmq_backend.emulator.devices.catalog import Catalog
from tests.support.pulse_jobs import acquire, constant, schedule_job

PLAY = constant(0, 160, 0.3)
ACQUIRE = acquire(160)
X: dict[str, Any] = {"name": "x", "qubits": [0]}
MEASURE: dict[str, Any] = {"name": "measure", "qubits": [0], "memory": [0]}


def refusal(catalog: Catalog, document: object, device: str = "ibmq_armonk") -> JobRefused:
    with pytest.raises(JobRefused) as caught:
        validate(catalog.get(device), document)
    return caught.value


def circuit_job(*instructions: dict[str, Any], **config: Any) -> dict[str, Any]:
    return {
        **schedule_job(*instructions),
        "type": "QASM",
        "config": {"shots": 100, "memory_slots": 4, **config},
    }


def calibrated(*pulses: dict[str, Any], name: str = "x", qubits: Any = (0,)) -> dict[str, Any]:
    entry = {"name": name, "qubits": list(qubits), "params": [], "instructions": list(pulses)}
    return {"gates": [entry]}


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ({"meas_level": 0}, 8009, "raw signal of the readout"),
        ({"meas_level": 3}, 8009, "measures at 1, 2"),
        ({"meas_level": "2"}, 8009, "'2'"),
        ({"meas_return": "mean"}, 1101, "'single' or 'avg'"),
        ({"qubit_lo_freq": [4.2]}, 8000, "sets d0 to 4.2 GHz in 'qubit_lo_freq'"),
        ({"qubit_lo_freq": [4.97e9]}, 8000, "4.471853 to 5.471853 GHz"),
        ({"qubit_lo_freq": [4.97, 4.97]}, 1101, "2 frequencies"),
        ({"qubit_lo_freq": 4.97}, 1101, "not a list of numbers"),
        ({"meas_lo_freq": [1.0]}, 8000, "sets m0 to 1 GHz in 'meas_lo_freq'"),
        ({"rep_time": 999}, 8029, "allows 1000 (µs)"),
        ({"rep_time": "x"}, 8029, "'x'"),
        ({"rep_delay": 10}, 8030, "allows none"),
        ({"shots": 20001}, 1103, "20001"),
        ({"memory_slots": -1}, 1101, "'memory_slots'"),
        ({"memory_slots": 1001}, 1001, "1001 memory slots; with pulses there can be at most 1000"),
        ({"calibrations": {"gates": [1]}}, 1101, "'calibrations' of the job"),
    ],
)
def test_settings_of_the_job_and_of_a_schedule(
    catalog: Catalog, config: dict[str, Any], code: int, words: str
) -> None:
    error = refusal(catalog, schedule_job(PLAY, ACQUIRE, **config))
    assert (error.code, words in error.message) == (code, True), error.message
    if "shots" in config or "calibrations" in config:
        return  # only a job can have these settings
    document = schedule_job(PLAY, ACQUIRE)
    document["experiments"][0]["config"] = config
    own = refusal(catalog, document)
    assert own.code == code
    assert "'swing'" in own.message


def test_every_level_and_return_that_is_simulated(catalog: Catalog) -> None:
    for level in (1, 2, None):
        for kind in ("single", "avg", None):
            document = schedule_job(PLAY, ACQUIRE, meas_level=level, meas_return=kind)
            validate(catalog.get("ibmq_armonk"), document)


def test_schedules_must_acquire(catalog: Catalog) -> None:
    error = refusal(catalog, schedule_job(PLAY))
    assert (error.code, "acquires nothing" in error.message) == (1002, True)


def test_limits_of_the_job(catalog: Catalog) -> None:
    document = schedule_job(PLAY, ACQUIRE)
    document["experiments"] *= 75
    validate(catalog.get("ibmq_armonk"), document)
    document["experiments"] = document["experiments"] + document["experiments"][:1]
    assert refusal(catalog, document).code == 1102
    assert refusal(catalog, {**document, "experiments": []}).code == 3236


@pytest.mark.parametrize(
    "experiment", [None, {}, {"instructions": 1}, {"instructions": [], "config": 1}]
)
def test_experiments_that_are_not_objects(catalog: Catalog, experiment: Any) -> None:
    document = schedule_job(PLAY, ACQUIRE)
    document["experiments"].append(experiment)
    error = refusal(catalog, document)
    assert (error.code, "schedule 1" in error.message) == (1101, True)


def test_devices_without_pulses(catalog: Catalog) -> None:
    for device in ("ibmq_vigo", "ibmq_qasm_simulator"):
        error = refusal(catalog, schedule_job(PLAY, ACQUIRE), device)
        assert (error.code, "does not support OpenPulse" in error.message) == (1108, True)


def test_a_snapshot_with_unusable_pulse_data_is_named(catalog: Catalog) -> None:
    device = replace(catalog.get("ibmq_armonk"), dt=3.6e-18)
    with pytest.raises(JobRefused) as caught:
        validate(device, schedule_job(PLAY, ACQUIRE))
    assert (caught.value.code, "sample time 'dt'" in caught.value.message) == (1108, True)


@pytest.mark.parametrize(
    "second", [constant(0, 160, 0.1, "d1"), constant(0, 160, 0.1, "u0")], ids=["d1", "u0"]
)
def test_coupled_pulses_are_refused_with_what_is_missing(
    catalog: Catalog, second: dict[str, Any]
) -> None:
    error = refusal(catalog, schedule_job(PLAY, second, ACQUIRE), "ibmq_belem")
    assert error.code == 8011
    assert "the device's couplings, which its snapshot describes incompletely" in error.message
    silent = {**second, "parameters": {"duration": 160, "amp": [0, 0]}}
    validate(catalog.get("ibmq_belem"), schedule_job(PLAY, silent, ACQUIRE))


def test_circuits_with_pulses_for_their_gates(catalog: Catalog) -> None:
    armonk = catalog.get("ibmq_armonk")
    validate(armonk, circuit_job(X, MEASURE, calibrations=calibrated(PLAY)))
    own = {"name": "mine", "qubits": [0], "params": [0.5]}
    pulses = calibrated(PLAY, name="mine")
    pulses["gates"][0]["params"] = [0.5]
    validate(armonk, circuit_job(own, MEASURE, calibrations=pulses))
    error = refusal(catalog, circuit_job({**own, "params": [0.6]}, MEASURE, calibrations=pulses))
    assert (error.code, "mine" in error.message) == (7001, True)


@pytest.mark.parametrize(
    ("instructions", "config", "code", "words"),
    [
        ([X], {"calibrations": calibrated({**PLAY, "ch": "d9"})}, 8027, "the pulses of x [0]"),
        ([X], {"calibrations": calibrated(constant(0, 10, 2.0))}, 8041, "cannot exceed 1"),
        ([X], {"calibrations": {"gates": [{"name": "x"}]}}, 1101, "must be an object"),
        ([X], {"calibrations": 1}, 1101, "must be an object"),
        ([X], {"meas_level": 0}, 8009, "meas_level 0"),
        ([X], {"qubit_lo_freq": [1.0]}, 8000, "qubit_lo_freq"),
        ([X, {"name": "delay", "qubits": [0], "params": [-1]}], {"meas_level": 1}, 1101, "delay"),
    ],
)
def test_bad_pulses_in_circuits(
    catalog: Catalog, instructions: list[Any], config: dict[str, Any], code: int, words: str
) -> None:
    error = refusal(catalog, circuit_job(*instructions, MEASURE, **config))
    assert (error.code, words in error.message) == (code, True), error.message


@pytest.mark.parametrize(
    "other",
    [
        {"name": "cx", "qubits": [0, 1]},
        {"name": "x", "qubits": [1]},
        {"name": "reset", "qubits": [0]},
    ],
)
def test_pulses_of_a_gate_beside_other_gates(catalog: Catalog, other: dict[str, Any]) -> None:
    belem = catalog.get("ibmq_belem")
    validate(belem, circuit_job(X, other, MEASURE, calibrations=calibrated(PLAY)))
    points = circuit_job(X, other, MEASURE, calibrations=calibrated(PLAY), meas_level=1)
    validate(belem, points)
    # With frequencies of its own a circuit is simulated qubit by qubit.
    points["config"]["qubit_lo_freq"] = [5.01, *belem.defaults()["qubit_freq_est"][1:]]
    error = refusal(catalog, points, "ibmq_belem")
    assert "drives the qubits 0, 1" in error.message or "reset" in error.message


def test_qubits_that_are_not_initialized(catalog: Catalog) -> None:
    pulses = calibrated(PLAY)
    document = circuit_job(X, MEASURE, calibrations=pulses, init_qubits=False)
    validate(catalog.get("ibmq_belem"), document)
    document = schedule_job(PLAY, ACQUIRE, init_qubits=False)
    assert "init_qubits=True" in refusal(catalog, document, "ibmq_belem").message


def test_controlled_gates_with_pulses_of_their_own(catalog: Catalog) -> None:
    pulses = calibrated(PLAY, constant(0, 160, 0.1, "u0"), name="cx", qubits=(0, 1))
    document = circuit_job({"name": "cx", "qubits": [0, 1]}, MEASURE, calibrations=pulses)
    error = refusal(catalog, document, "ibmq_belem")
    assert (error.code, "control channels (u0)" in error.message) == (8011, True)


def test_the_pulses_of_a_gate_are_checked_once_for_a_circuit(catalog: Catalog) -> None:
    pulses = calibrated(*(constant(160 * number, 160, 0.3) for number in range(1000)))
    document = circuit_job(*[X] * 300, MEASURE, calibrations=pulses)
    validate(catalog.get("ibmq_armonk"), document)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entries", "gates", "circuits"), [(5000, 2000, 1), (2000, 50, 75), (1, 1, 75)]
)
def test_the_cost_of_checking_pulses_of_gates_is_bounded(
    catalog: Catalog, entries: int, gates: int, circuits: int
) -> None:
    pulses = [constant(160 * number, 160, 0.3) for number in range(4000 if entries == 1 else 1)]
    (entry,) = calibrated(*pulses)["gates"]
    alike = [{**entry, "params": [number]} for number in range(entries - 1)]
    document = circuit_job(*[X] * gates, MEASURE, calibrations={"gates": [*alike, entry]})
    document["experiments"] *= circuits
    error = refusal(catalog, document)
    assert error.code == 1001
    assert "fewer 'calibrations', gates or circuits in one job" in error.message
