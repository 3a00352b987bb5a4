"""Converts a Qobj to the parameters of the program ``sampler`` and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ibmq_backend.api.sampler import qasm_headers
from ibmq_backend.api.sampler.device import Device
from ibmq_backend.api.sampler.isa import check_experiment, check_shots
from ibmq_backend.api.sampler.options import (
    LEVEL_CLASSIFIED,
    MEASUREMENT_TYPES,
    sampler_options,
)
from ibmq_backend.api.sampler.qasm_writer import write_experiment
from ibmq_backend.api.sampler.registers import Register
from ibmq_backend.exceptions import ApiInputError, ApiNotSupported
from ibmq_backend.records import Document, JobTerms

PROGRAM: Final = "sampler"
PROGRAM_VERSION: Final = 2

NO_PARAMETERS: Final = {
    "__type__": "ndarray",
    "__value__": (
        "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RoGOpo6CrUKFAAu"
        "AFOzG1s="
    ),
}
"""An array of shape (0,), the values of a circuit without parameters.

Published schemas differ: some want an array here, and none refuses it.
"""

NO_TERMS: Final = JobTerms()

_SCHEMA_VERSION: Final = "1.3.0"
_PULSE_SETTINGS: Final = ("qubit_lo_freq", "meas_lo_freq", "schedule_los")


@frozen
class CircuitPlan:
    """What is needed to read the results of one circuit.

    Attributes:
        registers: the registers in the order of declaration; ``None`` if not known.
        header: the header of the experiment, copied to its result.
        shots: the number of shots; ``None`` if only the result contains it.
    """

    registers: tuple[Register, ...] | None
    header: Document
    shots: int | None


@frozen
class JobPlan:
    """What is needed to read the results of a job.

    Attributes:
        circuits: the plan of each circuit.
        header: the header of the user, copied to the result.
        qobj_id: the id of the Qobj; ``None`` for jobs of other clients.
        memory: whether the result contains the outcome of every shot.
        level: the measurement level: 2 for classified, 1 for kerneled data.
        averaged: whether the service averages level 1 data over the shots.
    """

    circuits: tuple[CircuitPlan, ...]
    header: Document
    qobj_id: str | None
    memory: bool
    level: int = LEVEL_CLASSIFIED
    averaged: bool = False


@frozen
class PreparedJob:
    """A ``sampler`` job before its submission.

    Attributes:
        params: the parameters of the program.
        plan: what is needed to read the results.
    """

    params: dict[str, Any]
    plan: JobPlan


def prepare(
    document: Document,
    device: Device,
    calibration: Callable[[bool], Document | None],
    terms: JobTerms = NO_TERMS,
) -> PreparedJob:
    """Return the job that runs a Qobj.

    Args:
        document: the Qobj in the types of JSON.
        device: the device to run it.
        calibration: returns the calibration of the device if it is known; its argument is true if
            the calibration is needed for the duration of ``id``.
        terms: how the job runs. The programs of a private job have no comments: nobody could read
            them back, and they contain names and metadata.

    Raises:
        ApiInputError: the device cannot run the Qobj; the message names circuit, instruction and
            qubits.
        ApiNotSupported: the Qobj needs pulses or raw signals.
        KeyError, TypeError, ValueError, AttributeError: the document is not a valid Qobj.
    """
    calibrated = device.calibrated(calibration(_uses_identity(document)))
    params = _params(document, calibrated, terms.options)
    plan = plan_of(params)
    if terms.private:
        for pub in params["pubs"]:
            pub[0] = qasm_headers.without_comments(pub[0])
    return PreparedJob(params, plan)


def _uses_identity(qobj: Document) -> bool:
    return any(
        instruction.get("name") == "id"
        for experiment in qobj.get("experiments") or ()
        for instruction in experiment.get("instructions") or ()
    )


def _params(qobj: Document, device: Device, terms: Document) -> dict[str, Any]:
    config = qobj.get("config") or {}
    experiments: Sequence[Mapping[str, Any]] = qobj.get("experiments") or ()
    _check_kind(qobj, config, experiments)
    pubs = []
    for index, experiment in enumerate(experiments):
        shots = _setting(experiment, config, "shots")
        check_shots(shots, len(experiments))
        check_experiment(experiment, index, device)
        job = _job_facts(qobj) if index == 0 else None
        pubs.append([write_experiment(experiment, index, device, job), NO_PARAMETERS, shots])
    level = config.get("meas_level", LEVEL_CLASSIFIED)
    params: dict[str, Any] = {
        "version": PROGRAM_VERSION,
        # Raw signals are arrays, which only typed results can contain.
        "support_qiskit": level != LEVEL_CLASSIFIED,
        "pubs": pubs,
    }
    options = sampler_options(config, terms, experiments)
    if options:
        params["options"] = options
    return params


def plan_of(params: Document) -> JobPlan:
    """Return what is needed to read the results of a job.

    Args:
        params: the parameters of a ``sampler`` job of any client; empty for a private job.
    """
    options = params.get("options") or {}
    execution = options.get("execution") or {} if isinstance(options, Mapping) else {}
    measured = execution.get("meas_type") if isinstance(execution, Mapping) else None
    default = params.get("shots") or (
        options.get("default_shots") if isinstance(options, Mapping) else None
    )
    pubs = [pub if isinstance(pub, list) else [pub] for pub in params.get("pubs") or ()]
    texts = [pub[0] for pub in pubs if pub and isinstance(pub[0], str)]
    job = qasm_headers.job_comment(texts[0]) if texts else {}
    config = job.get("config") or {}
    return JobPlan(
        circuits=tuple(_circuit_plan(pub, index, default) for index, pub in enumerate(pubs)),
        header=job.get("header") or {},
        qobj_id=job.get("qobj_id"),
        memory=bool(config.get("memory")) if job else True,
        level=1 if measured in MEASUREMENT_TYPES.values() else LEVEL_CLASSIFIED,
        averaged=measured == MEASUREMENT_TYPES["avg"],
    )


def qobj_of(params: Document, job_id: str) -> dict[str, Any]:
    """Return the Qobj of a ``sampler`` job.

    For jobs of this package it equals the submitted one. Jobs of other clients can be converted if
    their circuits are OpenQASM 3 without features that a Qobj does not have.

    Args:
        params: the parameters of the job.
        job_id: the id of the job, for messages.

    Raises:
        ApiNotSupported: the parameters are missing or cannot be converted.
    """
    pubs = [pub if isinstance(pub, list) else [pub] for pub in params.get("pubs") or ()]
    if not pubs:
        raise ApiNotSupported(
            f"The service does not return the circuits of job {job_id}; it never does for private "
            "jobs. job.result() returns the results."
        )
    for index, pub in enumerate(pubs):
        if not pub or not isinstance(pub[0], str):
            raise ApiNotSupported(
                f"Circuit {index} of job {job_id} was submitted as QPY of a newer Qiskit, which "
                "cannot be read here. job.result() returns its results."
            )
        if len(pub) > 1 and pub[1] not in (None, [], {}, NO_PARAMETERS):
            raise ApiNotSupported(
                f"Circuit {index} of job {job_id} has parameters, which a Qobj cannot contain. "
                "job.result() returns its results."
            )
    # Importing the parser takes a second, and few programs read circuits.
    from ibmq_backend.api.sampler.qasm_reader import read_experiments

    experiments = read_experiments([pub[0] for pub in pubs], job_id)
    job = qasm_headers.job_comment(pubs[0][0])
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
        registers = tuple(qasm_headers.declared_registers(pub[0]))
        return CircuitPlan(registers, qasm_headers.header_of(pub[0], index), shots)
    return CircuitPlan(None, {"name": f"circuit-{index}"}, shots)


def _check_kind(
    qobj: Document, config: Mapping[str, Any], experiments: Sequence[Mapping[str, Any]]
) -> None:
    if qobj.get("type", "QASM") != "QASM":
        raise ApiNotSupported(
            "IBM Quantum Platform has no pulse access, so schedules and a PulseQobj cannot run "
            "there. Run them on the local emulator: IBMQ.enable_local()."
        )
    for settings in (config, *(experiment.get("config") or {} for experiment in experiments)):
        if settings.get("calibrations"):
            raise ApiNotSupported(
                "IBM Quantum Platform has no pulse access, so circuits with custom calibrations "
                "cannot run there. Remove the calls of add_calibration()."
            )
        for name in _PULSE_SETTINGS:
            if settings.get(name):
                raise ApiNotSupported(
                    f"IBM Quantum Platform has no pulse access, so {name!r} is not supported. "
                    f"Call run() without {name}."
                )
    if not experiments:
        raise ApiInputError("The Qobj has no circuits. Pass at least one to run().")
    level = config.get("meas_level", LEVEL_CLASSIFIED)
    if level not in (1, LEVEL_CLASSIFIED):
        raise ApiNotSupported(
            f"IBM Quantum Platform does not support meas_level={level}. Use 1 or 2."
        )


def _job_facts(qobj: Document) -> dict[str, Any]:
    return {name: qobj[name] for name in ("qobj_id", "header", "config") if qobj.get(name)}


def _setting(experiment: Mapping[str, Any], config: Mapping[str, Any], name: str) -> Any:
    own = (experiment.get("config") or {}).get(name)
    return config.get(name) if own is None else own


def _widest(experiments: Sequence[Mapping[str, Any]]) -> int:
    return max(int(each["header"].get("n_qubits") or 0) for each in experiments)
