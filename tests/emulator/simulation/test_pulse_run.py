"""Pulse jobs from document to result: the experiments that calibrate a qubit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qiskit import pulse
from qiskit.result import Result
from scipy.optimize import curve_fit

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.devices.catalog import Catalog, Device
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.pulse_jobs import AssemblyTarget, acquire, constant, on_the_wire, schedule_job

Build = Callable[[pulse.channels.DriveChannel], None]
ERROR_0, ERROR_1 = 0.0246, 0.0234
SIGMA, DURATION = 336, 2688
PI_AMPLITUDE = 0.168  # of a Gaussian of this sigma and duration


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(DeviceOptions(calibration="published"), threads=1)


@pytest.fixture(scope="module")
def armonk() -> Device:
    return Catalog().get("ibmq_armonk")


def schedule(device: Device, build: Build, name: str | None = None) -> pulse.ScheduleBlock:
    """Return a schedule: instructions on the drive channel, then a measurement."""
    with (
        pulse.build(AssemblyTarget(device), name=name) as block,
        pulse.align_sequential(),
    ):
        build(pulse.DriveChannel(0))
        pulse.measure(0)
    return block


def gaussian(amplitude: float, channel: pulse.channels.DriveChannel) -> None:
    pulse.play(pulse.Gaussian(DURATION, amplitude, SIGMA), channel)


def run(
    simulator: Simulator, experiments: Any, device: Device, seed: int = 42, **options: Any
) -> Result:
    options.setdefault("shots", 4096)
    document = on_the_wire(experiments, device, **options)
    result = simulator.run("job", device.name, document, seed)
    return Result.from_dict(json.loads(json.dumps(result, allow_nan=False)))


def ones(result: Result, index: int = 0) -> float:
    counts = result.get_counts(index)
    return float(counts.get("1", 0) / sum(counts.values()))


def true_ones(result: Result, index: int = 0) -> float:
    """Population of level 1 with the readout errors taken out."""
    return (ones(result, index) - ERROR_0) / (1 - ERROR_0 - ERROR_1)


def test_the_calibrated_x_pulse_flips(simulator: Simulator, armonk: Device) -> None:
    x = AssemblyTarget(armonk).defaults().instruction_schedule_map.get("x", 0)
    flip = schedule(armonk, lambda _: pulse.call(x), "flip")
    still = schedule(armonk, lambda _: None, "still")
    result = run(simulator, [flip, still], armonk, memory=True)
    assert ones(result, 0) == pytest.approx(1 - ERROR_1, abs=0.01)
    assert ones(result, 1) == pytest.approx(ERROR_0, abs=0.01)
    assert len(result.get_memory(0)) == 4096
    assert result.get_memory(0).count("1") == result.get_counts("flip")["1"]


def test_half_the_amplitude_gives_half(simulator: Simulator, armonk: Device) -> None:
    half = schedule(
        armonk, lambda channel: pulse.play(pulse.Drag(320, 0.40918, 80, -0.68), channel)
    )
    assert true_ones(run(simulator, half, armonk, shots=8192)) == pytest.approx(0.5, abs=0.02)


@pytest.mark.slow
def test_rabi_oscillations_have_the_calibrated_period(simulator: Simulator, armonk: Device) -> None:
    """The amplitude of the device's own x pulse is what a Rabi experiment with its shape finds."""
    amplitudes = np.linspace(0, 1, 41)
    schedules = [
        schedule(armonk, lambda channel, a=a: pulse.play(pulse.Drag(320, a, 80, -0.68), channel))
        for a in amplitudes
    ]
    result = run(simulator, schedules, armonk, shots=1024, meas_level=1, meas_return="avg")
    points = np.array([result.get_memory(index)[0] for index in range(41)])
    (_, _, period), _ = curve_fit(
        lambda x, a, b, p: a * np.cos(2 * np.pi * x / p) + b,
        amplitudes, points.real * 1e-14, [3, -12, 1.5],
    )  # fmt: skip
    assert abs(period) / 2 == pytest.approx(0.81837, rel=0.02)


@pytest.mark.slow
def test_a_frequency_sweep_peaks_at_the_device(simulator: Simulator, armonk: Device) -> None:
    centre = 4.971852852405576e9
    frequencies = centre + np.linspace(-20e6, 20e6, 41)
    channel = pulse.DriveChannel(0)
    sweep = schedule(armonk, lambda channel: gaussian(PI_AMPLITUDE / 2, channel))
    by_oscillator = run(
        simulator, [sweep] * 41, armonk, shots=1024, meas_level=1, meas_return="avg",
        schedule_los=[{channel: frequency} for frequency in frequencies],
    )  # fmt: skip

    def moved(frequency: float) -> pulse.ScheduleBlock:
        def build(channel: pulse.channels.DriveChannel) -> None:
            pulse.set_frequency(frequency, channel)
            gaussian(PI_AMPLITUDE / 2, channel)

        return schedule(armonk, build)

    by_instruction = run(
        simulator, [moved(frequency) for frequency in frequencies], armonk, shots=1024,
        meas_level=1, meas_return="avg",
    )  # fmt: skip
    for result in (by_oscillator, by_instruction):
        signal = np.array([result.get_memory(index)[0] for index in range(41)]).real * 1e-14
        (_, found, _, _), _ = curve_fit(
            lambda x, a, q, b, c: a / np.pi * b / ((x - q) ** 2 + b**2) + c,
            frequencies / 1e6, signal, [10, centre / 1e6, 2, -15],
        )  # fmt: skip
        assert found == pytest.approx(centre / 1e6, abs=0.3)
    same = np.abs(
        [by_oscillator.get_memory(n)[0] - by_instruction.get_memory(n)[0] for n in range(41)]
    )
    assert same.max() == 0  # the same physics and the same random numbers


def test_population_decays_with_t1(simulator: Simulator, armonk: Device) -> None:
    times = np.linspace(0, 450e-6, 20)

    def decay(time: float) -> pulse.ScheduleBlock:
        def build(channel: pulse.channels.DriveChannel) -> None:
            gaussian(PI_AMPLITUDE, channel)
            pulse.delay(16 * int(time / (16 * 2e-9 / 9)), channel)

        return schedule(armonk, build)

    result = run(simulator, [decay(time) for time in times], armonk, shots=2048)
    left = [true_ones(result, index) for index in range(20)]
    (_, t1, _), _ = curve_fit(
        lambda x, a, t, c: a * np.exp(-x / t) + c, times * 1e6, left, [1, 100, 0]
    )
    assert t1 == pytest.approx(182.66, rel=0.15)


@pytest.mark.slow
def test_ramsey_fringes_and_echo(simulator: Simulator, armonk: Device) -> None:
    """Fringes beat with the detuning and die with T2; the calibrated frequency has no fringes."""
    times = np.linspace(0, 4e-6, 40)
    offset = 1e6

    def fringe(time: float, detuning: float, echo: bool = False) -> pulse.ScheduleBlock:
        samples = 16 * int(time / (16 * 2e-9 / 9))

        def build(channel: pulse.channels.DriveChannel) -> None:
            gaussian(PI_AMPLITUDE / 2, channel)
            with pulse.frequency_offset(detuning, channel):
                pulse.delay(samples, channel)
            if echo:
                gaussian(PI_AMPLITUDE, channel)
                pulse.delay(samples, channel)
            gaussian(PI_AMPLITUDE / 2, channel)

        return schedule(armonk, build)

    result = run(simulator, [fringe(time, offset) for time in times], armonk)
    found = [true_ones(result, index) for index in range(40)]
    (_, frequency, _, _), _ = curve_fit(
        lambda x, a, f, phi, b: a * np.cos(2 * np.pi * f * x + phi) + b,
        times * 1e6, found, [0.5, 1.0, 0, 0.5],
    )  # fmt: skip
    assert abs(frequency) == pytest.approx(1.0, abs=0.02)

    late = [fringe(time, 0, echo=True) for time in (0, 100e-6, 200e-6)]
    echoes = run(simulator, late, armonk, shots=8192)
    for index, time in enumerate((0, 200, 400)):
        coherence = np.exp(-time / 237.86)
        # An echo ends in its first level, 0, with the remaining coherence.
        assert true_ones(echoes, index) == pytest.approx((1 - coherence) / 2, abs=0.03)


def test_a_compensated_frequency_offset_leaves_no_phase(
    simulator: Simulator, armonk: Device
) -> None:
    """Terra's own bookkeeping of carrier and phase has the same sign as the simulation."""

    def build(compensate: bool) -> Build:
        def inner(channel: pulse.channels.DriveChannel) -> None:
            gaussian(PI_AMPLITUDE / 2, channel)
            with pulse.frequency_offset(1.7e6, channel, compensate_phase=compensate):
                pulse.delay(1120, channel)
            gaussian(PI_AMPLITUDE / 2, channel)

        return inner

    both = [schedule(armonk, build(compensate)) for compensate in (True, False)]
    result = run(simulator, both, armonk)
    assert true_ones(result, 0) == pytest.approx(1, abs=0.03)
    assert true_ones(result, 1) < 0.3


def test_single_points_have_the_readout_errors_of_the_snapshot(
    simulator: Simulator, armonk: Device
) -> None:
    both = [
        schedule(armonk, lambda _: None),
        schedule(armonk, lambda channel: gaussian(PI_AMPLITUDE, channel)),
    ]
    result = run(simulator, both, armonk, shots=8192, meas_level=1, meas_return="single")
    zero, one = result.get_memory(0), result.get_memory(1)
    assert zero.shape == one.shape == (8192, 1)
    clouds = result.results[0].metadata["iq_clouds"]["qubit 0"]
    centres = [complex(*centre) for centre in clouds["centres"]]
    reach = 1.9669 * clouds["sigma"]  # 2.46 % of a normal distribution lie above it
    assert (zero.real - centres[0].real > reach).mean() == pytest.approx(ERROR_0, abs=0.01)
    assert (one.real - centres[0].real < reach).mean() == pytest.approx(ERROR_1, abs=0.01)
    assert result.results[0].meas_level == 1
    assert result.results[0].meas_return == "single"


def test_averages_are_means_of_points(simulator: Simulator, armonk: Device) -> None:
    block = schedule(armonk, lambda channel: gaussian(0.05, channel))
    options = {"shots": 200, "meas_level": 1}
    single = run(simulator, block, armonk, meas_return="single", **options)
    average = run(simulator, block, armonk, meas_return="avg", **options)
    assert average.get_memory(0).shape == (1,)
    assert average.get_memory(0)[0] == pytest.approx(single.get_memory(0)[:, 0].mean())


def test_results_name_their_synthetic_parts(simulator: Simulator, armonk: Device) -> None:
    block = schedule(armonk, lambda channel: gaussian(0.05, channel))
    for level in (1, 2):
        result = run(simulator, [block] * 2, armonk, meas_level=level)
        for entry in result.results:
            assert entry.metadata["emulated"] is True
            assert "x pulse" in entry.metadata["transmons"]["qubit 0"]["drive_rate_from"]
            assert ("synthetic" in entry.metadata.get("iq", "")) is (level == 1)
    assert result.metadata["noise_model"] == "full"
    assert "scheduling_method" not in result.metadata


def test_the_same_seed_gives_the_same_data(simulator: Simulator, armonk: Device) -> None:
    block = schedule(armonk, lambda channel: gaussian(0.08, channel))
    for options in ({"memory": True}, {"meas_level": 1, "meas_return": "single"}):
        first, again, other = (
            run(simulator, [block] * 2, armonk, seed=seed, shots=100, **options)
            for seed in (1, 1, 2)
        )
        assert np.array_equal(first.get_memory(1), again.get_memory(1))
        assert not np.array_equal(first.get_memory(1), other.get_memory(1))
        assert not np.array_equal(first.get_memory(0), first.get_memory(1))


def test_a_second_measurement_gives_the_result_of_the_first(
    simulator: Simulator, armonk: Device
) -> None:
    """The phase change between the two measurements has no effect."""
    half = constant(0, 704, 0.1)
    document = schedule_job(half, acquire(704, slot=0), acquire(4000, slot=2), memory=True)
    memory = simulator.run("job", "ibmq_armonk", document, 3)["results"][0]["data"]["memory"]
    bits = np.array([[int(value, 16) >> slot & 1 for slot in (0, 2)] for value in memory])
    assert bits[:, 0].mean() == pytest.approx(0.5, abs=0.06)
    assert (bits[:, 0] == bits[:, 1]).mean() > 0.9
    assert not any(int(value, 16) & 0b1010 for value in memory)


def test_a_measurement_during_a_pulse_cuts_it(simulator: Simulator) -> None:
    """Measured in the middle of half a turn, and before it."""
    play = constant(0, 1408, 0.1)
    document = schedule_job(play, acquire(704), shots=8000)
    data = simulator.run("job", "ibmq_armonk", document, 4)["results"][0]["data"]
    assert data["counts"]["0x1"] / 8000 == pytest.approx(0.5, abs=0.03)
    document = schedule_job(play, acquire(0), acquire(1600, slot=1), shots=8000)
    data = simulator.run("job", "ibmq_armonk", document, 4)["results"][0]["data"]
    assert data["counts"]["0x2"] / 8000 > 0.93


def test_absolute_phases(simulator: Simulator) -> None:
    """setp forgets what fc did; two quarter turns with opposite phases undo each other."""
    quarter = 704

    def job(*changes: tuple[str, float]) -> float:
        turns = [
            {"name": name, "t0": quarter, "ch": "d0", "phase": phase} for name, phase in changes
        ]
        document = schedule_job(
            constant(0, quarter, 0.1), *turns, constant(quarter, quarter, 0.1),
            acquire(2 * quarter), shots=4000,
        )  # fmt: skip
        counts = simulator.run("job", "ibmq_armonk", document, 5)["results"][0]["data"]["counts"]
        return float(counts.get("0x1", 0) / 4000)

    assert job() > 0.95
    assert job(("fc", np.pi)) < 0.05
    assert job(("fc", 1.0), ("setp", np.pi)) < 0.05
    assert job(("setp", np.pi), ("shiftp", -np.pi)) > 0.95


def test_ignored_settings_are_named(simulator: Simulator) -> None:
    measured = {**acquire(0), "kernels": [{"name": "hw_boxcar", "params": {}}]}
    snapshot = {"name": "snapshot", "t0": 0, "label": "a", "type": "statevector"}
    entry = simulator.run("job", "ibmq_armonk", schedule_job(measured, snapshot), 1)["results"][0]
    assert entry["metadata"]["ignored"] == [
        "snapshot instructions", "kernels of acquire instructions",
    ]  # fmt: skip


def test_one_qubit_of_a_larger_device(simulator: Simulator) -> None:
    quarter = constant(0, 320, 0.013, "d2")
    document = schedule_job(quarter, acquire(320, slot=0, qubit=0), acquire(320, 2, qubit=2))
    entry = simulator.run("job", "ibmq_belem", document, 6)["results"][0]
    assert "left out" in entry["metadata"]["coupling"]
    assert list(entry["metadata"]["transmons"]) == ["qubit 2"]
    set_bits = sum(
        count for value, count in entry["data"]["counts"].items() if int(value, 16) & 0b100
    )
    assert set_bits == pytest.approx(512, abs=100)
    assert all(int(value, 16) & 0b010 == 0 for value in entry["data"]["counts"])


def test_pulses_that_reach_too_high_are_refused(simulator: Simulator) -> None:
    steep = {
        "name": "parametric_pulse", "pulse_shape": "drag", "t0": 0, "ch": "d0",
        "parameters": {"duration": 320, "amp": [1, 0], "sigma": 40, "beta": 60.0},
    }  # fmt: skip
    with pytest.raises(JobRefused, match="reaches the amplitude") as caught:
        simulator.run("job", "ibmq_armonk", schedule_job(steep, acquire(320)), 1)
    assert caught.value.code == 8041
    assert "swing" in caught.value.message


def test_devices_whose_snapshots_lack_something(simulator: Simulator) -> None:
    document = schedule_job(constant(0, 160, 0.1), acquire(160))
    with pytest.raises(JobRefused, match="qubit 0 of ibm_geneva: its snapshot lacks its anharm"):
        simulator.run("job", "ibm_geneva", document, 1)
    # A qubit that is not driven needs none of these data.
    still = simulator.run("job", "ibm_geneva", schedule_job(acquire(0)), 1)
    assert still["success"] is True
