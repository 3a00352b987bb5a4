"""Splitting the experiments of ``IBMQJobManager.run()`` into one part for each job.

Errors that can be found without the service are raised here, before anything is sent.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field, frozen
from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.pulse import Schedule, ScheduleBlock

from ibmq_backend.backend.assembly import assembled
from ibmq_backend.backend.parameter_binds import read_parameter_binds
from ibmq_backend.backend.run_input import Experiment, Qobj, is_qobj
from ibmq_backend.backend.run_options import check_share_level, without_numpy
from ibmq_backend.backend.variants import IBMQBackend, IBMQRetiredBackend
from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobManagerInvalidStateError
from ibmq_backend.job.tags import check_tags

_OWN_ARGUMENTS: Final[dict[str, str]] = {
    "circuits": "experiments",
    "qobj": "experiments",
    "job_name": "name",
}


@frozen
class Part:
    """The experiments of one job.

    Attributes:
        qobj: what is submitted; later changes of the experiments do not affect it.
        originals: the objects of the user, one for each experiment.
    """

    qobj: Qobj = field(repr=False)
    originals: tuple[Experiment, ...] = field(repr=False)


def split(
    experiments: object,
    backend: IBMQBackend,
    max_experiments_per_job: int | None,
    run_config: Mapping[str, Any],
) -> list[Part]:
    """Return the experiments in parts as large as the backend accepts, in order.

    All parts but the last have the same number of experiments. ``parameter_binds`` are applied
    first (each circuit with each binding) and ``schedule_los`` are split with their schedules,
    since both are given for all experiments.

    Args:
        experiments: a circuit, a schedule, or several of one kind.
        backend: backend that runs the experiments.
        max_experiments_per_job: maximum size of a part, if the backend does not accept fewer.
        run_config: options of ``backend.run()``.

    Raises:
        IBMQJobManagerInvalidStateError: the backend cannot run an experiment, or an argument is not
            valid; the message names it.
    """
    originals = _as_list(experiments)
    _check_kinds(originals, backend)
    config = without_numpy(run_config)
    for name, right in _OWN_ARGUMENTS.items():
        if name in config:
            raise IBMQJobManagerInvalidStateError(
                f"The job manager sets {name}= for each job itself. Use {right}= instead."
            )
    config.pop("validate_qobj", None)
    ready, originals = _bound(originals, config.pop("parameter_binds", None))
    frequencies = config.pop("schedule_los", None)
    if isinstance(frequencies, list | tuple) and len(frequencies) > 1:
        if len(ready) == 1:
            ready, originals = ready * len(frequencies), originals * len(frequencies)
        if len(ready) != len(frequencies):
            raise IBMQJobManagerInvalidStateError(
                f"schedule_los has {len(frequencies)} entries for {len(ready)} experiments. Give "
                "one entry for all experiments, or one for each."
            )
    elif frequencies is not None:
        config["schedule_los"] = frequencies
        frequencies = None
    size = _part_size(backend, max_experiments_per_job, len(ready))
    parts = []
    for start in range(0, len(ready), size):
        here = slice(start, start + size)
        own = {"schedule_los": list(frequencies[here])} if frequencies else {}
        try:
            # In the thread of the caller, who gets the errors; Terra also forks processes here.
            qobj = assembled(ready[here], backend, {**config, **own})
        except IBMQBackendValueError as error:
            end = min(start + size, len(ready)) - 1
            raise IBMQJobManagerInvalidStateError(
                f"Experiments {start} to {end} cannot be run, so nothing was submitted. In "
                f"this job, whose item 0 is experiment {start}: {error.message}"
            ) from error
        parts.append(Part(qobj, tuple(originals[here])))
    return parts


def _as_list(experiments: object) -> list[Any]:
    if isinstance(experiments, QuantumCircuit | Schedule | ScheduleBlock):
        return [experiments]
    if is_qobj(experiments):
        raise IBMQJobManagerInvalidStateError(
            "A Qobj cannot be split. Give the circuits, or use backend.run(qobj)."
        )
    if not isinstance(experiments, Iterable) or isinstance(experiments, str | bytes | Mapping):
        raise IBMQJobManagerInvalidStateError(
            f"Experiments must be circuits or schedules, not {experiments!r}."
        )
    listed = list(experiments)
    if not listed:
        raise IBMQJobManagerInvalidStateError(
            "The list of experiments is empty. Give at least one circuit or schedule."
        )
    for index, experiment in enumerate(listed):
        if not isinstance(experiment, QuantumCircuit | Schedule | ScheduleBlock):
            raise IBMQJobManagerInvalidStateError(
                f"Experiment {index} is of type {type(experiment).__name__!r}, which cannot be "
                "run. Give circuits or schedules."
            )
    return listed


def _check_kinds(experiments: list[Experiment], backend: IBMQBackend) -> None:
    schedules = [
        index
        for index, experiment in enumerate(experiments)
        if not isinstance(experiment, QuantumCircuit)
    ]
    if schedules and len(schedules) < len(experiments):
        raise IBMQJobManagerInvalidStateError(
            f"Experiment {schedules[0]} is a schedule, but others are circuits. Run circuits "
            "and schedules as two job sets."
        )
    if schedules and not getattr(backend.configuration(), "open_pulse", False):
        raise IBMQJobManagerInvalidStateError(
            f"{backend.name()} cannot run schedules. "
            "provider.backends(open_pulse=True) lists the backends that can."
        )
    for index, experiment in enumerate(experiments):
        width, most = getattr(experiment, "num_qubits", 0), backend.configuration().n_qubits
        if isinstance(experiment, QuantumCircuit) and width > most:
            raise IBMQJobManagerInvalidStateError(
                f"Experiment {index} ({experiment.name!r}) has {width} qubits; {backend.name()} "
                f"has {most}."
            )


def _bound(originals: list[Any], binds: object) -> tuple[list[Experiment], list[Experiment]]:
    """Return the circuits with bound parameters, and their originals."""
    ready = originals
    if binds:
        values = read_parameter_binds(binds, IBMQJobManagerInvalidStateError)
        try:
            ready = [
                circuit.assign_parameters(each, inplace=False)
                for circuit in originals
                for each in values
            ]
        except (QiskitError, AttributeError, TypeError) as error:
            raise IBMQJobManagerInvalidStateError(
                f"The parameters cannot be bound: {error}"
            ) from error
        originals = [original for original in originals for _ in values]
    for index, experiment in enumerate(ready):
        unbound = getattr(experiment, "parameters", None)
        if unbound:
            names = ", ".join(sorted(parameter.name for parameter in unbound))
            raise IBMQJobManagerInvalidStateError(
                f"Experiment {index} ({experiment.name!r}) has unbound parameters: {names}. Bind "
                "them or give parameter_binds."
            )
    return ready, originals


def _part_size(backend: IBMQBackend, wanted: object, total: int) -> int:
    most = getattr(backend.configuration(), "max_experiments", None) or total
    if wanted is None:
        return int(most)
    try:
        size = operator.index(wanted)  # type: ignore[arg-type]
    except TypeError:
        size = 0
    if size < 1 or isinstance(wanted, bool):
        raise IBMQJobManagerInvalidStateError(
            f"max_experiments_per_job must be a whole number of at least 1, not {wanted!r}."
        )
    return min(int(most), size)


def check_backend(backend: object) -> IBMQBackend:
    """Return the backend.

    Raises:
        IBMQJobManagerInvalidStateError: the backend is not an ``IBMQBackend``, or is retired.
    """
    if not isinstance(backend, IBMQBackend):
        raise IBMQJobManagerInvalidStateError(
            f"backend must be an IBMQBackend, not {backend!r}. provider.get_backend('ibmq_vigo') "
            "returns one."
        )
    if isinstance(backend, IBMQRetiredBackend):
        raise IBMQJobManagerInvalidStateError(
            f"{backend.name()} is no longer available. provider.backends() lists the "
            "available backends."
        )
    return backend


def check_name(name: object) -> str | None:
    """Return the name of a job set; ``None`` if it is empty.

    Raises:
        IBMQJobManagerInvalidStateError: the name is not text.
    """
    if name is not None and not isinstance(name, str):
        raise IBMQJobManagerInvalidStateError(f"The name of a job set must be text, not {name!r}.")
    return name or None


def check_labels(share_level: object, tags: object) -> tuple[str, ...]:
    """Return the user's tags without duplicates.

    Raises:
        IBMQJobManagerInvalidStateError: the tags are not a list of text, or the share level is
            unknown.
    """
    check_share_level(share_level, IBMQJobManagerInvalidStateError)
    try:
        return tuple(dict.fromkeys(check_tags(tags)))
    except IBMQBackendValueError as error:
        raise IBMQJobManagerInvalidStateError(error.message) from None
