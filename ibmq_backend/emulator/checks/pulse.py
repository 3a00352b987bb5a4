"""Checks of pulse jobs, and of the pulses in circuit jobs; they do not import Qiskit.

Jobs that cannot be simulated from a snapshot are refused with the reason. Pulses on more than one
qubit at a time and on control channels need the couplings of the device, which the snapshots
describe incompletely; raw measurement traces need the signal of the readout resonators.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import Any

from ibmq_backend.emulator.checks.document import (
    check_repetition,
    experiment_label,
    is_number,
    object_of,
    stated_count,
)
from ibmq_backend.emulator.checks.gate_calibrations import (
    Calibrations,
    calibrations_of,
    needs_channels,
    uses_pulses,
)
from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.pulse_instructions import (
    AMPLITUDE_LIMIT,
    MAX_SLOTS,
    ChannelUse,
    ScheduleChecker,
    is_complex_pair,
)
from ibmq_backend.emulator.checks.pulse_setup import PulseSetup, Span, setup_of
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device

__all__ = ["PulseChecker", "check_schedules"]


_MAX_COMPARISONS = 5_000_000  # between gates and pulses of a job; they take some seconds
_COMPARISONS_PER_PULSE = 20  # as many as take the time of checking one instruction
_IDLE = frozenset({"measure", "barrier", "delay", "id"})
_COUPLING = (
    "pulses are simulated on one qubit at a time. Several at once would need a simulator of "
    "coupled transmons and the device's couplings, which its snapshot describes incompletely"
)


def check_schedules(device: Device, document: dict[str, Any]) -> None:
    """Check the schedules of a pulse job.

    Args:
        device: device that is to run it.
        document: a Qobj whose outer form, shots and number of experiments have been checked.

    Raises:
        JobRefused: with the reason, if the device would not have run it, or if it cannot be
            simulated from the snapshot.
    """
    checker = PulseChecker(device, document["config"])
    for index, experiment in enumerate(document["experiments"]):
        checker.check_schedule(experiment, experiment_label(experiment, index, "schedule"))


class PulseChecker:
    """Checks the pulses of one job.

    Args:
        device: the device.
        config: configuration of the job.

    Raises:
        JobRefused: if the device has no pulses or does not accept the settings of the job.
    """

    def __init__(self, device: Device, config: dict[str, Any]) -> None:
        setup = setup_of(device)
        if setup is None:
            raise JobRefused(
                f"Pulses cannot be simulated on {device.name}: its snapshot lacks pulse defaults "
                "or a usable sample time 'dt'",
                ErrorCode.NO_PULSE,
            )
        self._device = device
        self._setup = setup
        self._config = config
        self._library = _checked_library(config.get("pulse_library"))
        self._spent = 0
        self._check_settings(config, "The job")
        _checked_calibrations(config, "the job")

    def check_schedule(self, experiment: object, label: str) -> None:
        """Check one schedule.

        Raises:
            JobRefused: if the device would not have run it, or it cannot be simulated.
        """
        own = object_of(experiment, label)
        assert isinstance(experiment, dict)
        start = label[:1].upper() + label[1:]
        check_repetition(self._device, own, start)
        self._check_initialization(own, start)
        self._check_settings(own, start)
        slots = self._memory_slots(own, label)
        use = self._checker(label, own, slots).check(experiment["instructions"])
        if not use.acquired:
            raise JobRefused(
                f"{start} acquires nothing; {self._setup.name} can only return what is measured",
                ErrorCode.NOT_VALID,
            )
        self._check_coupling(use, start)

    def calibrations(self, experiment: dict[str, Any], label: str) -> Calibrations:
        """Check the settings of a circuit and the pulses it defines, and return these pulses.

        Args:
            experiment: a circuit whose outer form has been checked.
            label: name of the circuit for messages.

        Raises:
            JobRefused: if they are malformed or the device would not play them.
        """
        own = experiment.get("config") or {}
        start = label[:1].upper() + label[1:]
        self._check_settings(own, start)
        _checked_calibrations(own, label)
        found = calibrations_of(self._config, own)
        # Parameters are compared with a tolerance, so each entry must be tried in turn.
        self._spend(found.max_alternatives * len(experiment["instructions"]), start)
        return found

    def check_circuit(self, experiment: dict[str, Any], label: str) -> None:
        """Check that a circuit with pulses can be simulated; other circuits pass.

        Args:
            experiment: a circuit whose gates have been checked.
            label: name of the circuit for messages.

        Raises:
            JobRefused: if it uses pulses in a way that is not simulated.
        """
        if not uses_pulses(self._config, experiment, self._setup.drive_frequencies):
            return
        own = experiment.get("config") or {}
        start = label[:1].upper() + label[1:]
        self._memory_slots(own, label)
        channels = needs_channels(self._config, experiment, self._setup.drive_frequencies)
        if not channels:
            self._check_initialization(own, start)
        calibrations = calibrations_of(self._config, own)
        use = ChannelUse()
        checked: set[int] = set()
        for instruction in experiment["instructions"]:
            name, qubits = instruction["name"], instruction.get("qubits") or []
            if not channels and (name == "bfunc" or instruction.get("conditional") is not None):
                raise JobRefused(
                    f"{start} uses pulses and conditions, which are not simulated together",
                    ErrorCode.CONDITIONAL,
                )
            if not channels and name == "reset":
                raise JobRefused(f"{start} uses pulses and the instruction reset", ErrorCode.RESET)
            pulses = calibrations.find(instruction)
            if pulses is not None and id(pulses) in checked:
                continue
            if pulses is not None:
                checked.add(id(pulses))
                self._spend(_COMPARISONS_PER_PULSE * len(pulses), start)
                checker = self._checker(f"the pulses of {name} {qubits} in {label}", own, None)
                found = checker.check(pulses)
                use.driven |= found.driven
                use.controls |= found.controls
                if channels and name == "measure" and found.driven:
                    raise JobRefused(
                        f"{start} drives qubits while it measures: {_COUPLING}",
                        ErrorCode.NO_PULSE_EXPERIMENTS,
                    )
            elif name not in _IDLE:
                use.driven.update(qubits)
        if channels:
            use.driven.clear()
        self._check_coupling(use, start)

    def _check_initialization(self, own: dict[str, Any], start: str) -> None:
        if False in (own.get("init_qubits"), self._config.get("init_qubits")):
            raise JobRefused(
                f"{start} is simulated pulse by pulse, which needs initialized qubits "
                "(init_qubits=True)",
                ErrorCode.NOT_VALID,
            )

    def _spend(self, comparisons: int, start: str) -> None:
        """Limit the time for checking the pulses of gates, over all circuits."""
        self._spent += comparisons
        if self._spent > _MAX_COMPARISONS:
            raise JobRefused(
                f"{start} and the circuits before it have too many gates with pulses of their own; "
                "use fewer 'calibrations', gates or circuits in one job",
                ErrorCode.TOO_LARGE,
            )

    def _checker(self, label: str, own: dict[str, Any], slots: int | None) -> ScheduleChecker:
        setup = self._setup
        fixed = own.get("rep_time") or self._config.get("rep_time")
        repetition = float(fixed or max(setup.repetition_times, default=0)) or None
        wanted = own.get("qubit_lo_freq") or self._config.get("qubit_lo_freq")
        return ScheduleChecker(
            setup,
            label,
            self._library,
            slots,
            repetition if setup.repetition_fixed else None,
            tuple(wanted or setup.drive_frequencies),
        )

    def _memory_slots(self, own: dict[str, Any], label: str) -> int | None:
        slots = stated_count(own, "memory_slots", label)
        if slots is None:
            slots = stated_count(self._config, "memory_slots", "the Qobj")
        if slots is not None and slots > MAX_SLOTS:
            raise JobRefused(
                f"{label[:1].upper()}{label[1:]} has {slots} memory slots; with pulses there can "
                f"be at most {MAX_SLOTS}",
                ErrorCode.TOO_LARGE,
            )
        return slots

    def _check_coupling(self, use: ChannelUse, start: str) -> None:
        if use.controls:
            raise JobRefused(
                f"{start} plays pulses on control channels ({_listed(use.controls)}): {_COUPLING}",
                ErrorCode.NO_PULSE_EXPERIMENTS,
            )
        if len(use.driven) > 1:
            raise JobRefused(
                f"{start} drives the qubits {_listed(use.driven)}: {_COUPLING}",
                ErrorCode.NO_PULSE_EXPERIMENTS,
            )

    def _check_settings(self, config: dict[str, Any], where: str) -> None:
        setup = self._setup
        _check_level(setup, config.get("meas_level"), where)
        if config.get("meas_return") not in (None, "single", "avg"):
            raise JobRefused(
                f"{where} sets meas_return to {config['meas_return']!r}; it must be 'single' or "
                "'avg'",
                ErrorCode.SCHEMA,
            )
        frequencies = config.get("qubit_lo_freq")
        _check_frequencies(setup, frequencies, setup.drive_ranges, where, "qubit_lo_freq", "d")
        frequencies = config.get("meas_lo_freq")
        _check_frequencies(setup, frequencies, setup.measure_ranges, where, "meas_lo_freq", "m")
        time = config.get("rep_time")
        if time is None:
            return
        if not is_number(time) or time <= 0 or not _allowed(time, setup.repetition_times):
            allowed = ", ".join(f"{one:g}" for one in setup.repetition_times) or "positive numbers"
            raise JobRefused(
                f"{where} sets rep_time to {time!r}; {setup.name} allows {allowed} (µs)",
                ErrorCode.REPETITION_TIME,
            )


def _check_level(setup: PulseSetup, level: object, where: str) -> None:
    if level is None or level == 2 or (level == 1 and 1 in setup.measurement_levels):
        return
    if level == 0:
        raise JobRefused(
            f"{where} asks for meas_level 0, the raw signal of the readout: the snapshot of "
            f"{setup.name} does not contain it. Use meas_level 1 or 2",
            ErrorCode.MEASUREMENT_LEVEL,
        )
    raise JobRefused(
        f"{where} asks for meas_level {level!r}; {setup.name} measures at "
        f"{_listed(setup.measurement_levels)}",
        ErrorCode.MEASUREMENT_LEVEL,
    )


def _check_frequencies(
    setup: PulseSetup,
    values: object,
    ranges: Sequence[Span],
    where: str,
    key: str,
    kind: str,
) -> None:
    if values is None:
        return
    if not isinstance(values, list) or not all(is_number(value) for value in values):
        raise JobRefused(
            f"{where} has a {key!r} that is not a list of numbers (GHz)", ErrorCode.SCHEMA
        )
    if len(values) != setup.num_qubits:
        raise JobRefused(
            f"{where} has {len(values)} frequencies in {key!r}; {setup.name} has "
            f"{setup.num_qubits} qubits",
            ErrorCode.SCHEMA,
        )
    for number, (value, span) in enumerate(zip(values, ranges, strict=False)):
        if not span[0] <= value <= span[1]:
            raise JobRefused(
                f"{where} sets {kind}{number} to {value:g} GHz in {key!r}; {setup.name} allows "
                f"{span[0]:.6f} to {span[1]:.6f} GHz",
                ErrorCode.FREQUENCY_RANGE,
            )


def _checked_library(library: object) -> dict[str, tuple[bool, int]]:
    """Return for each pulse of the job whether all samples are zero, and their number."""
    if library is None:
        return {}
    if not isinstance(library, list):
        raise JobRefused(
            "The Qobj does not fit the schema: 'pulse_library' is not a list", ErrorCode.SCHEMA
        )
    known = {}
    for pulse in library:
        name = pulse.get("name") if isinstance(pulse, dict) else None
        samples = pulse.get("samples") if isinstance(pulse, dict) else None
        if not isinstance(name, str) or not isinstance(samples, list) or not samples:
            raise JobRefused(
                "The Qobj does not fit the schema: each pulse of 'pulse_library' needs a name and "
                "samples",
                ErrorCode.SCHEMA,
            )
        if not all(is_complex_pair(sample) for sample in samples):
            raise JobRefused(
                f"The samples of pulse {name!r} must be pairs [re, im]", ErrorCode.SCHEMA
            )
        greatest = max(hypot(*sample) for sample in samples)
        if greatest > AMPLITUDE_LIMIT:
            raise JobRefused(
                f"Pulse {name!r} has a sample of size {greatest:.6g}; none can exceed 1",
                ErrorCode.PULSE_AMPLITUDE,
            )
        known[name] = (greatest == 0, len(samples))
    return known


def _checked_calibrations(config: dict[str, Any], where: str) -> None:
    calibrations = config.get("calibrations")
    if calibrations is None:
        return
    gates = calibrations.get("gates", []) if isinstance(calibrations, dict) else None
    for entry in gates if isinstance(gates, list) else [None]:
        qubits = entry.get("qubits") if isinstance(entry, dict) else None
        if (
            not isinstance(entry, dict)
            or not isinstance(entry.get("name"), str)
            or not isinstance(qubits, list)
            or not all(isinstance(qubit, int) for qubit in qubits)
            or not isinstance(entry.get("params"), list | None)
            or not isinstance(entry.get("instructions"), list)
        ):
            raise JobRefused(
                f"The Qobj does not fit the schema: 'calibrations' of {where} must be an object "
                "with a list 'gates' of {name, qubits, params, instructions}",
                ErrorCode.SCHEMA,
            )


def _allowed(value: float, allowed: Sequence[float]) -> bool:
    return not allowed or any(abs(value - one) <= 1e-6 * one for one in allowed)


def _listed(values: Any) -> str:
    return ", ".join(str(value) for value in sorted(values))
