"""From what the user hands to ``run()`` to one Qobj document, refused early where it cannot run.

Checked here is what can be known for certain without the service: types, number of circuits, shots,
width, control flow, unbound parameters. Whether a device takes an instruction is for the service to
say.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from qiskit.circuit import QuantumCircuit
from qiskit.circuit.duration import convert_durations_to_dt
from qiskit.compiler import assemble
from qiskit.exceptions import QiskitError
from qiskit.pulse import Schedule, ScheduleBlock
from qiskit.qobj import PulseQobj, QasmQobj

from ibmq_backend.backend.lower_if_test import with_conditions
from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.models import Configuration

Experiment: TypeAlias = QuantumCircuit | Schedule | ScheduleBlock
Qobj: TypeAlias = QasmQobj | PulseQobj

_CONTROL_FLOW = frozenset({"if_else", "for_loop", "while_loop", "switch_case", "break_loop"})


def is_qobj(value: object) -> bool:
    """Return whether this is an assembled Qobj."""
    return isinstance(value, QasmQobj | PulseQobj)


def to_qobj(
    circuits: object,
    backend: Any,
    options: Mapping[str, Any],
    header: Mapping[str, Any] | None,
) -> Qobj:
    """Return the Qobj of circuits, schedules, or a Qobj as it is.

    Args:
        circuits: a circuit, schedule, list of them, or a Qobj.
        backend: the backend it is meant for.
        options: run options that are set, in their documented units; not used for a Qobj.
        header: user header, copied to the result; not used for a Qobj.

    Raises:
        IBMQBackendValueError: the input cannot run on this backend; says which circuit and why.
    """
    configuration = backend.configuration()
    if is_qobj(circuits):
        qobj = circuits
    else:
        experiments = [
            with_conditions(each) if isinstance(each, QuantumCircuit) else each
            for each in _as_list(circuits)
        ]
        for index, experiment in enumerate(experiments):
            _check_experiment(experiment, index, configuration)
        check_count(len(experiments), configuration)
        _check_shots(options.get("shots"), configuration)
        _check_choices(options, header)
        _check_rep_time(options.get("rep_time"), configuration)
        experiments = [_in_time_steps(each, configuration) for each in experiments]
        try:
            qobj = assemble(
                experiments if len(experiments) > 1 else experiments[0],
                backend=backend,
                qobj_header=dict(header) if header else None,
                **options,
            )
        except QiskitError as error:
            raise IBMQBackendValueError(
                f"The circuits cannot be assembled for {configuration.backend_name}: "
                f"{error.message}"
            ) from error
        if options.get("meas_level") == 0:  # Terra's assembler takes 0 for "not given"
            qobj.config.meas_level = 0
    _check_qobj(qobj, configuration)
    return qobj


def _as_list(circuits: object) -> Sequence[Experiment]:
    if isinstance(circuits, QuantumCircuit | Schedule | ScheduleBlock):
        return [circuits]
    if isinstance(circuits, Iterable) and not isinstance(circuits, str | bytes | Mapping):
        experiments = list(circuits)
        for index, experiment in enumerate(experiments):
            if not isinstance(experiment, QuantumCircuit | Schedule | ScheduleBlock):
                raise IBMQBackendValueError(
                    f"Item {index} is {_article(experiment)}, which cannot be run. A circuit, a "
                    "schedule or a list of them is needed (or a Qobj on its own)."
                    f"{_of_text(experiment)}"
                )
        return experiments
    raise IBMQBackendValueError(
        f"{_article(circuits).capitalize()} cannot be run. A circuit, a schedule, a list of them, "
        f"or a Qobj is needed.{_of_text(circuits)}"
    )


def _in_time_steps(experiment: Experiment, configuration: Configuration) -> Experiment:
    """Return a circuit whose delays are in steps of ``dt``: a Qobj has no place for other units."""
    dt = getattr(configuration, "dt", None)
    if dt is None or not isinstance(experiment, QuantumCircuit):
        return experiment
    delays = (each.operation for each in experiment.data if each.operation.name == "delay")
    if all(delay.unit == "dt" for delay in delays):
        return experiment
    return convert_durations_to_dt(experiment, dt, inplace=False)


def _of_text(value: object) -> str:
    if isinstance(value, str) and "OPENQASM 3" in value:
        return " qiskit.qasm3.loads(text) makes a circuit of OpenQASM 3."
    if isinstance(value, str) and "OPENQASM" in value:
        return " QuantumCircuit.from_qasm_str(text) makes a circuit of OpenQASM 2."
    return ""


def _article(value: object) -> str:
    return f"an object of type {type(value).__name__!r}"


def check_count(count: int, configuration: Configuration) -> None:
    """Raise ``IBMQBackendValueError`` when a job of so many circuits cannot be sent."""
    if count == 0:
        raise IBMQBackendValueError("There is nothing to run: the list of circuits is empty.")
    most = getattr(configuration, "max_experiments", None)
    if most is not None and count > most:
        raise IBMQBackendValueError(
            f"{count} circuits are too many for one job of {configuration.backend_name}, which "
            f"takes at most {most}. Split them, or use IBMQJobManager, which does it for you."
        )


def _check_experiment(experiment: Experiment, index: int, configuration: Configuration) -> None:
    if not isinstance(experiment, QuantumCircuit):
        if not configuration.open_pulse:
            raise IBMQBackendValueError(
                f"Item {index} ({experiment.name!r}) is a schedule, and "
                f"{configuration.backend_name} has no pulse access. "
                "provider.backends(open_pulse=True) lists the devices that have."
            )
        return
    where = f"Circuit {index} ({experiment.name!r})"
    if experiment.num_qubits > configuration.n_qubits:
        raise IBMQBackendValueError(_too_wide(where, experiment.num_qubits, configuration))
    for instruction in experiment.data:
        if instruction.operation.name in _CONTROL_FLOW:
            raise IBMQBackendValueError(
                f"{where} holds the control flow instruction {instruction.operation.name!r}, which "
                "a Qobj cannot carry. A plain if_test becomes conditions; write others with c_if, "
                "where the backend supports it."
            )


def _too_wide(where: str, width: int, configuration: Configuration) -> str:
    return (
        f"{where} has {width} qubits; {configuration.backend_name} has {configuration.n_qubits}. "
        "Choose a larger backend: provider.backends(min_num_qubits=...) lists them."
    )


def _check_shots(shots: object, configuration: Configuration) -> None:
    if shots is None:
        return
    if isinstance(shots, bool) or not hasattr(shots, "__index__"):
        raise IBMQBackendValueError(
            f"shots must be a whole number, not {shots!r} ({type(shots).__name__})."
        )
    count = shots.__index__()
    if not 1 <= count <= configuration.max_shots:
        raise IBMQBackendValueError(
            f"{count} shots are outside what {configuration.backend_name} takes: 1 to "
            f"{configuration.max_shots}."
        )


def _check_rep_time(rep_time: Any, configuration: Configuration) -> None:
    """Refuse a repetition time (seconds) that is none of the configuration's."""
    known = getattr(configuration, "rep_times", None)
    if rep_time is None or not known:
        return
    if not any(math.isclose(rep_time, each, rel_tol=1e-6) for each in known):
        raise IBMQBackendValueError(
            f"rep_time of {rep_time} s is none of those of {configuration.backend_name}: "
            f"{', '.join(f'{each:g} s' for each in known)}."
        )


_CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "memory": (True, False),
    "init_qubits": (True, False),
    "meas_return": ("avg", "single"),
}


def _check_choices(options: Mapping[str, Any], header: object) -> None:
    for name, choices in _CHOICES.items():
        value = getattr(options.get(name), "value", options.get(name))
        if value is not None and value not in choices:
            known = " or ".join(repr(choice) for choice in choices)
            raise IBMQBackendValueError(f"{name} must be {known}, not {value!r}.")
    if header is not None and not isinstance(header, Mapping):
        raise IBMQBackendValueError(f"header must be a dictionary, not {header!r}.")


def _check_qobj(qobj: Any, configuration: Configuration) -> None:
    check_count(len(qobj.experiments), configuration)
    _check_shots(getattr(qobj.config, "shots", None), configuration)
    for index, experiment in enumerate(qobj.experiments):
        header = getattr(experiment, "header", None)
        where = f"Circuit {index} ({getattr(header, 'name', 'unnamed')!r})"
        highest = max(
            (
                qubit
                for instruction in experiment.instructions
                for qubit in getattr(instruction, "qubits", None) or ()
            ),
            default=-1,
        )
        if highest >= configuration.n_qubits:
            raise IBMQBackendValueError(_too_wide(where, highest + 1, configuration))
