"""Checks the input of ``run()`` and converts it to a Qobj.

Only errors that can be found without the service are raised here: types, number of circuits, shots,
width, control flow, unbound parameters. The service checks whether the device supports the
instructions.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

from qiskit.circuit import QuantumCircuit
from qiskit.circuit.duration import convert_durations_to_dt
from qiskit.compiler import assemble
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.exceptions import QiskitError
from qiskit.pulse import Schedule, ScheduleBlock
from qiskit.qobj import PulseQobj, QasmQobj, QobjHeader
from qiskit.transpiler.passes.layout.disjoint_utils import combine_barriers

from ibmq_backend._errors.translate import raising_backend_errors
from ibmq_backend.api.plain_json import plain_json, plain_qobj
from ibmq_backend.backend.lower_if_test import with_conditions
from ibmq_backend.backend.parameter_binds import read_parameter_binds
from ibmq_backend.backend.run_options import without_numpy
from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.models import Configuration

Experiment: TypeAlias = QuantumCircuit | Schedule | ScheduleBlock
Qobj: TypeAlias = QasmQobj | PulseQobj

_CONTROL_FLOW = frozenset({"if_else", "for_loop", "while_loop", "switch_case", "break_loop"})


def is_qobj(value: object) -> bool:
    """Return whether a value is a Qobj."""
    return isinstance(value, QasmQobj | PulseQobj)


def to_qobj(
    circuits: object,
    backend: Any,
    options: Mapping[str, Any],
    header: Mapping[str, Any] | QobjHeader | None,
) -> Qobj:
    """Return the Qobj of circuits or schedules; a Qobj is returned unchanged.

    Args:
        circuits: a circuit, a schedule, a list of them, or a Qobj.
        backend: backend to run on.
        options: run options in their documented units; not used for a Qobj.
        header: user header, copied to the result; not used for a Qobj. Metadata and header are
            put into the types of JSON.

    Raises:
        IBMQBackendValueError: the input cannot run on this backend; the message says which circuit
            and why.
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
        options = without_numpy(options)
        _check_shots(options.get("shots"), configuration)
        _check_choices(options, header)
        _check_rep_time(options.get("rep_time"), configuration)
        if options.get("parameter_binds"):
            options["parameter_binds"] = read_parameter_binds(options["parameter_binds"])
        with raising_backend_errors("reading the circuits"):
            header = None if header is None else _plain_header(header)
            experiments = [_with_plain_metadata(*each) for each in enumerate(experiments)]
        experiments = [
            _in_time_steps(_with_whole_barriers(each), configuration) for each in experiments
        ]
        try:
            qobj = assemble(
                experiments if len(experiments) > 1 else experiments[0],
                backend=backend,
                qobj_header=header,
                **options,
            )
        except QiskitError as error:
            raise IBMQBackendValueError(
                f"The circuits cannot be assembled for {configuration.backend_name}: "
                f"{error.message}"
            ) from error
        if options.get("meas_level") == 0:  # Terra's assembler ignores 0
            qobj.config.meas_level = 0
    _check_qobj(qobj, configuration)
    return qobj


def to_document(qobj: Qobj) -> dict[str, Any]:
    """Return the document of a Qobj in the types of JSON; the Qobj is not changed.

    Raises:
        IBMQBackendValueError: a value has no JSON form; the message names the circuit and the key.
    """
    with raising_backend_errors("reading the circuits"):
        return plain_qobj(qobj.to_dict())


def _as_list(circuits: object) -> Sequence[Experiment]:
    if isinstance(circuits, QuantumCircuit | Schedule | ScheduleBlock):
        return [circuits]
    if isinstance(circuits, Iterable) and not isinstance(circuits, str | bytes | Mapping):
        experiments = list(circuits)
        for index, experiment in enumerate(experiments):
            if not isinstance(experiment, QuantumCircuit | Schedule | ScheduleBlock):
                raise IBMQBackendValueError(
                    f"Item {index} is {_describe_type(experiment)}, which cannot be run. Use a "
                    "list of circuits and schedules, or a single Qobj."
                    f"{_hint_for_text(experiment)}"
                )
        return experiments
    raise IBMQBackendValueError(
        f"{_describe_type(circuits).capitalize()} cannot be run. Use a circuit, a schedule, a list "
        f"of them, or a Qobj.{_hint_for_text(circuits)}"
    )


def _with_plain_metadata(index: int, experiment: Experiment) -> Experiment:
    """Return the experiment with its metadata in the types of JSON, before Terra pickles it."""
    if not experiment.metadata:
        return experiment
    copied = copy.copy(experiment)
    where = f"Circuit {index} ({experiment.name!r}): metadata"
    copied.metadata = plain_json(experiment.metadata, where)
    return copied


def _plain_header(header: Mapping[str, Any] | QobjHeader) -> dict[str, Any]:
    given = header.to_dict() if isinstance(header, QobjHeader) else dict(header)
    plain: dict[str, Any] = plain_json(given, "header")
    return plain


def _with_whole_barriers(experiment: Experiment) -> Experiment:
    """Return the circuit with barriers over all their qubits.

    Without optimization, ``transpile`` leaves barriers split into single qubits on devices whose
    working couplings are not connected. Their labels are UUIDs, which have no JSON form.
    """
    if not isinstance(experiment, QuantumCircuit) or not any(
        isinstance(each.operation.label, UUID) for each in experiment.get_instructions("barrier")
    ):
        return experiment
    dag = circuit_to_dag(experiment)
    combine_barriers(dag, retain_uuid=False)
    return dag_to_circuit(dag)


def _in_time_steps(experiment: Experiment, configuration: Configuration) -> Experiment:
    """Return the circuit with delays in units of ``dt``, the only unit in a Qobj.

    A delay in seconds is rounded to a length that the device accepts.
    """
    dt = getattr(configuration, "dt", None)
    if dt is None or not isinstance(experiment, QuantumCircuit):
        return experiment
    delays = (each.operation for each in experiment.data if each.operation.name == "delay")
    if all(delay.unit == "dt" for delay in delays):
        return experiment
    converted = convert_durations_to_dt(experiment, dt, inplace=False)
    constraints = getattr(configuration, "timing_constraints", None) or {}
    alignment = constraints.get("pulse_alignment", 1)
    for before, after in zip(experiment.data, converted.data, strict=True):
        if before.operation.name == "delay" and before.operation.unit != "dt":
            steps = round(after.operation.duration / alignment)
            after.operation.duration = steps * alignment
    return converted


def _hint_for_text(value: object) -> str:
    if isinstance(value, str) and "OPENQASM 3" in value:
        return " qiskit.qasm3.loads(text) converts OpenQASM 3 to a circuit."
    if isinstance(value, str) and "OPENQASM" in value:
        return " QuantumCircuit.from_qasm_str(text) converts OpenQASM 2 to a circuit."
    return ""


def _describe_type(value: object) -> str:
    return f"an object of type {type(value).__name__!r}"


def check_count(count: int, configuration: Configuration) -> None:
    """Raise ``IBMQBackendValueError`` if a job cannot have this number of circuits."""
    if count == 0:
        raise IBMQBackendValueError("The list of circuits is empty. Add a circuit.")
    most = getattr(configuration, "max_experiments", None)
    if most is not None and count > most:
        raise IBMQBackendValueError(
            f"{count} circuits are too many for one job of {configuration.backend_name}, which "
            f"accepts at most {most}. Split them, or use IBMQJobManager, which splits them."
        )


def _check_experiment(experiment: Experiment, index: int, configuration: Configuration) -> None:
    if not isinstance(experiment, QuantumCircuit):
        if not configuration.open_pulse:
            raise IBMQBackendValueError(
                f"Item {index} ({experiment.name!r}) is a schedule, and "
                f"{configuration.backend_name} has no pulse access. "
                "provider.backends(open_pulse=True) lists the devices with pulse access."
            )
        return
    where = f"Circuit {index} ({experiment.name!r})"
    if experiment.num_qubits > configuration.n_qubits:
        raise IBMQBackendValueError(_too_wide(where, experiment.num_qubits, configuration))
    for instruction in experiment.data:
        if instruction.operation.name in _CONTROL_FLOW:
            raise IBMQBackendValueError(
                f"{where} contains the control flow instruction {instruction.operation.name!r}, "
                "which a Qobj cannot contain. Use c_if, or an if_test without nesting, "
                "measurements and delays, if the backend supports conditions."
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
            f"{count} shots are not allowed on {configuration.backend_name}. Use 1 to "
            f"{configuration.max_shots}."
        )


def _check_rep_time(rep_time: Any, configuration: Configuration) -> None:
    """Reject a repetition time (seconds) that is not in the configuration."""
    known = getattr(configuration, "rep_times", None)
    if rep_time is None or not known:
        return
    if not any(math.isclose(rep_time, each, rel_tol=1e-6) for each in known):
        raise IBMQBackendValueError(
            f"rep_time={rep_time} s is not possible on {configuration.backend_name}. Use one of: "
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
    if header is not None and not isinstance(header, Mapping | QobjHeader):
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
