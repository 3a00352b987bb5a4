"""From a Qobj to the parameters of the program ``sampler``, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ibmq_backend.api.plain_json import plain_value
from ibmq_backend.api.sampler import qasm_reader
from ibmq_backend.api.sampler.device import Device
from ibmq_backend.api.sampler.isa import check_experiment, check_shots
from ibmq_backend.api.sampler.qasm_writer import write_experiment
from ibmq_backend.api.sampler.registers import Register
from ibmq_backend.exceptions import ApiInputError, ApiNotSupported
from ibmq_backend.records import Document

PROGRAM: Final = "sampler"
PROGRAM_VERSION: Final = 2

_SCHEMA_VERSION: Final = "1.3.0"
_MICROSECOND: Final = 1e-6
_LEVEL_CLASSIFIED: Final = 2
_PULSE_SETTINGS: Final = ("qubit_lo_freq", "meas_lo_freq", "schedule_los")
_MEASUREMENT_TYPES: Final = {"single": "kerneled", "avg": "avg_kerneled"}


@frozen
class CircuitPlan:
    """What has to be known to read the results of one circuit.

    Attributes:
        registers: in the order of their declaration; ``None`` when the program does not show it.
        header: header of the experiment, copied to its result.
        shots: repetitions; ``None`` when only the result says.
    """

    registers: tuple[Register, ...] | None
    header: Document
    shots: int | None


@frozen
class JobPlan:
    """What has to be known to read the results of a job.

    Attributes:
        circuits: one for each pub.
        header: user header, copied to the result.
        qobj_id: id of the Qobj, ``None`` for jobs of other programs.
        memory: whether the outcome of every shot is to be in the result.
        level: 2 classified, 1 kerneled.
        averaged: at level 1, whether the service has averaged over the shots.
    """

    circuits: tuple[CircuitPlan, ...]
    header: Document
    qobj_id: str | None
    memory: bool
    level: int = _LEVEL_CLASSIFIED
    averaged: bool = False


@frozen
class PreparedJob:
    """A ``sampler`` job, ready to be sent.

    Attributes:
        params: parameters of the program.
        plan: how to read its results.
    """

    params: dict[str, Any]
    plan: JobPlan


def prepare(
    document: Document, device: Device, calibration: Callable[[bool], Document | None]
) -> PreparedJob:
    """Return the job that runs a Qobj.

    Args:
        document: the Qobj.
        device: where it is to run.
        calibration: returns that of the device as far as it is known; asked with true where the
            length of ``id`` has to be known.

    Raises:
        ApiInputError: the device would not run it; names circuit, instruction and qubits.
        ApiNotSupported: it asks for pulses or signals.
        KeyError, TypeError, ValueError, AttributeError: it is not a Qobj of the documented form.
    """
    qobj = plain_qobj(document)
    params = _params(qobj, device.calibrated(calibration(_uses_identity(qobj))))
    return PreparedJob(params, plan_of(params))


def plain_qobj(document: Document) -> dict[str, Any]:
    """Return a Qobj document in plain JSON types.

    Raises:
        ApiInputError: something in it has no JSON form.
    """
    try:
        text = json.dumps(document, default=plain_value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ApiInputError(f"The Qobj cannot be written as JSON: {error}") from error
    plain: dict[str, Any] = json.loads(text)
    return plain


def _uses_identity(qobj: Document) -> bool:
    return any(
        instruction.get("name") == "id"
        for experiment in qobj.get("experiments") or ()
        for instruction in experiment.get("instructions") or ()
    )


def _params(qobj: Document, device: Device) -> dict[str, Any]:
    config = qobj.get("config") or {}
    experiments: Sequence[Mapping[str, Any]] = qobj.get("experiments") or ()
    _check_kind(qobj, config, experiments)
    pubs = []
    for index, experiment in enumerate(experiments):
        shots = _setting(experiment, config, "shots")
        check_shots(shots, len(experiments))
        check_experiment(experiment, index, device)
        job = _job_facts(qobj) if index == 0 else None
        pubs.append([write_experiment(experiment, index, device, job), None, shots])
    level = config.get("meas_level", _LEVEL_CLASSIFIED)
    params: dict[str, Any] = {
        "version": PROGRAM_VERSION,
        # Signals come as arrays, which only the typed form of the results can hold.
        "support_qiskit": level != _LEVEL_CLASSIFIED,
        "pubs": pubs,
    }
    execution = _execution(config, level)
    if execution:
        params["options"] = {"execution": execution}
    return params


def plan_of(params: Document) -> JobPlan:
    """Return how to read the results of a job, from its parameters.

    Args:
        params: of a ``sampler`` job, whoever wrote them; empty for a private job.
    """
    options = params.get("options") or {}
    execution = options.get("execution") or {} if isinstance(options, Mapping) else {}
    measured = execution.get("meas_type") if isinstance(execution, Mapping) else None
    default = params.get("shots") or (
        options.get("default_shots") if isinstance(options, Mapping) else None
    )
    pubs = [pub if isinstance(pub, list) else [pub] for pub in params.get("pubs") or ()]
    texts = [pub[0] for pub in pubs if pub and isinstance(pub[0], str)]
    job = qasm_reader.job_comment(texts[0]) if texts else {}
    config = job.get("config") or {}
    return JobPlan(
        circuits=tuple(_circuit_plan(pub, index, default) for index, pub in enumerate(pubs)),
        header=job.get("header") or {},
        qobj_id=job.get("qobj_id"),
        memory=bool(config.get("memory")) if job else True,
        level=1 if measured in _MEASUREMENT_TYPES.values() else _LEVEL_CLASSIFIED,
        averaged=measured == _MEASUREMENT_TYPES["avg"],
    )


def qobj_of(params: Document, job_id: str) -> dict[str, Any]:
    """Return the Qobj that a ``sampler`` job was made of.

    For jobs of this package it is the one submitted. Programs of others are read as far as they
    are OpenQASM 3 that a Qobj can hold.

    Args:
        params: the job's parameters.
        job_id: for messages.

    Raises:
        ApiNotSupported: the parameters are not there, or cannot be read.
    """
    pubs = [pub if isinstance(pub, list) else [pub] for pub in params.get("pubs") or ()]
    if not pubs:
        raise ApiNotSupported(
            f"The service does not say what was submitted with job {job_id}; for private jobs it "
            "never does."
        )
    experiments = []
    for index, pub in enumerate(pubs):
        if not pub or not isinstance(pub[0], str):
            raise ApiNotSupported(
                f"Circuit {index} of job {job_id} was submitted in a binary form (QPY) of a newer "
                "Qiskit, which this one cannot read."
            )
        if len(pub) > 1 and pub[1] not in (None, [], {}):
            raise ApiNotSupported(
                f"Circuit {index} of job {job_id} has parameters, which a Qobj cannot hold."
            )
        experiments.append(qasm_reader.read_experiment(pub[0], index))
    job = qasm_reader.job_comment(pubs[0][0])
    shots = pubs[0][2] if len(pubs[0]) > 2 else params.get("shots")
    slots = max(each["header"]["memory_slots"] for each in experiments)
    config = {"memory": True, "memory_slots": slots, "n_qubits": _widest(experiments)}
    return {
        "qobj_id": job.get("qobj_id") or job_id,
        "header": job.get("header") or {},
        "config": {**(job.get("config") or config), **({"shots": shots} if shots else {})},
        "schema_version": _SCHEMA_VERSION,
        "type": "QASM",
        "experiments": experiments,
    }


def _circuit_plan(pub: Sequence[Any], index: int, default_shots: Any) -> CircuitPlan:
    shots = pub[2] if len(pub) > 2 and pub[2] is not None else default_shots
    shots = shots if isinstance(shots, int) and not isinstance(shots, bool) else None
    if pub and isinstance(pub[0], str):
        registers = tuple(qasm_reader.declared_registers(pub[0]))
        return CircuitPlan(registers, qasm_reader.header_of(pub[0], index), shots)
    return CircuitPlan(None, {"name": f"circuit-{index}"}, shots)


def _check_kind(
    qobj: Document, config: Mapping[str, Any], experiments: Sequence[Mapping[str, Any]]
) -> None:
    if qobj.get("type", "QASM") != "QASM":
        raise ApiNotSupported(
            "IBM Quantum Platform has no pulse access any more, so schedules and a PulseQobj "
            "cannot run there. The local emulator takes them: IBMQ.enable_local()."
        )
    for place in (config, *(experiment.get("config") or {} for experiment in experiments)):
        if place.get("calibrations"):
            raise ApiNotSupported(
                "IBM Quantum Platform has no pulse access any more: circuits with calibrations of "
                "their own (add_calibration) cannot run there."
            )
        for name in _PULSE_SETTINGS:
            if place.get(name):
                raise ApiNotSupported(
                    f"IBM Quantum Platform has no pulse access any more, so {name!r} has no effect "
                    "there; leave it out."
                )
    if not experiments:
        raise ApiInputError("There is nothing to run: the Qobj has no circuits.")
    level = config.get("meas_level", _LEVEL_CLASSIFIED)
    if level not in (1, _LEVEL_CLASSIFIED):
        raise ApiNotSupported(
            f"meas_level={level} is not offered by IBM Quantum Platform; 1 and 2 are."
        )


def _execution(config: Mapping[str, Any], level: int) -> dict[str, Any]:
    execution: dict[str, Any] = {}
    if config.get("init_qubits") is not None:
        execution["init_qubits"] = bool(config["init_qubits"])
    if config.get("rep_delay") is not None:
        execution["rep_delay"] = float(config["rep_delay"]) * _MICROSECOND
    if level != _LEVEL_CLASSIFIED:
        wanted = str(config.get("meas_return") or "avg")
        if wanted not in _MEASUREMENT_TYPES:
            raise ApiInputError(f"meas_return must be 'single' or 'avg', not {wanted!r}.")
        execution["meas_type"] = _MEASUREMENT_TYPES[wanted]
    return execution


def _job_facts(qobj: Document) -> dict[str, Any]:
    return {name: qobj[name] for name in ("qobj_id", "header", "config") if qobj.get(name)}


def _setting(experiment: Mapping[str, Any], config: Mapping[str, Any], name: str) -> Any:
    own = (experiment.get("config") or {}).get(name)
    return config.get(name) if own is None else own


def _widest(experiments: Sequence[Mapping[str, Any]]) -> int:
    return max(int(each["header"].get("n_qubits") or 0) for each in experiments)
