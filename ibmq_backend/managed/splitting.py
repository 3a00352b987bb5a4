"""From what the user hands to ``IBMQJobManager.run()`` to the parts that become one job each.

What can be known without the service is refused here, before anything is sent.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field, frozen
from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.pulse import Schedule, ScheduleBlock

from ibmq_backend.backend.run_input import Experiment, Qobj, is_qobj
from ibmq_backend.backend.run_options import SHARE_LEVELS
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
    """What becomes one job.

    Attributes:
        qobj: what is submitted; what the user does to the experiments later does not change it.
        originals: the user's own objects, one for each experiment.
    """

    qobj: Qobj = field(repr=False)
    originals: tuple[Experiment, ...] = field(repr=False)


def split(
    experiments: object,
    backend: IBMQBackend,
    max_experiments_per_job: int | None,
    run_config: Mapping[str, Any],
) -> list[Part]:
    """Return parts that the backend takes, as large as allowed, in the order given.

    Every part but the last holds the same number of experiments. Parameters are bound first
    (``parameter_binds``: each circuit with each binding), and ``schedule_los`` go with their
    schedules, since both are given for the whole.

    Args:
        experiments: a circuit, a schedule, or many of one kind.
        backend: the backend they are meant for.
        max_experiments_per_job: at most so many in a part, if the backend does not take fewer.
        run_config: options of ``backend.run()``.

    Raises:
        IBMQJobManagerInvalidStateError: something that cannot be run on this backend, or an
            argument that cannot be used; says which.
    """
    originals = _as_list(experiments)
    _check_kinds(originals, backend)
    config = dict(run_config)
    for name, right in _OWN_ARGUMENTS.items():
        if name in config:
            raise IBMQJobManagerInvalidStateError(
                f"The job manager takes {right}=, not {name}=, which it gives to each job itself."
            )
    config.pop("validate_qobj", None)
    ready, originals = _bound(originals, config.pop("parameter_binds", None))
    frequencies = config.pop("schedule_los", None)
    if isinstance(frequencies, list | tuple) and len(frequencies) > 1:
        if len(ready) == 1:
            ready, originals = ready * len(frequencies), originals * len(frequencies)
        if len(ready) != len(frequencies):
            raise IBMQJobManagerInvalidStateError(
                f"schedule_los has {len(frequencies)} entries for {len(ready)} experiments; one "
                "for all, or one for each, is needed."
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
            # In the caller's thread: Terra assembles in forked processes, and the caller is still
            # there to hear what is wrong.
            qobj = backend._assembled(ready[here], {**config, **own})
        except IBMQBackendValueError as error:
            end = min(start + size, len(ready)) - 1
            raise IBMQJobManagerInvalidStateError(
                f"Experiments {start} to {end} cannot be run, so nothing was submitted. (Counted "
                f"from there:) {error.message}"
            ) from error
        parts.append(Part(qobj, tuple(originals[here])))
    return parts


def _as_list(experiments: object) -> list[Any]:
    if isinstance(experiments, QuantumCircuit | Schedule | ScheduleBlock):
        return [experiments]
    if is_qobj(experiments):
        raise IBMQJobManagerInvalidStateError(
            "A Qobj cannot be split. Give the circuits themselves, or use backend.run(qobj)."
        )
    if not isinstance(experiments, Iterable) or isinstance(experiments, str | bytes | Mapping):
        raise IBMQJobManagerInvalidStateError(
            f"Experiments must be circuits or schedules, not {experiments!r}."
        )
    listed = list(experiments)
    if not listed:
        raise IBMQJobManagerInvalidStateError(
            "There is nothing to run: the list of experiments is empty."
        )
    for index, experiment in enumerate(listed):
        if not isinstance(experiment, QuantumCircuit | Schedule | ScheduleBlock):
            raise IBMQJobManagerInvalidStateError(
                f"Experiment {index} is of type {type(experiment).__name__!r}, which cannot be "
                "run. Circuits or schedules are needed."
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
            f"Experiment {schedules[0]} is a schedule among circuits. Run circuits and schedules "
            "as two job sets."
        )
    if schedules and not getattr(backend.configuration(), "open_pulse", False):
        raise IBMQJobManagerInvalidStateError(
            f"Schedules were given, but {backend.name()} takes circuits only. "
            "provider.backends(open_pulse=True) lists the backends that take schedules."
        )
    for index, experiment in enumerate(experiments):
        width, most = getattr(experiment, "num_qubits", 0), backend.configuration().n_qubits
        if isinstance(experiment, QuantumCircuit) and width > most:
            raise IBMQJobManagerInvalidStateError(
                f"Experiment {index} ({experiment.name!r}) has {width} qubits; {backend.name()} "
                f"has {most}."
            )


def _bound(originals: list[Any], binds: object) -> tuple[list[Experiment], list[Experiment]]:
    """Return the circuits with their parameters bound, each beside the one it comes from."""
    ready = originals
    if binds:
        if not isinstance(binds, list | tuple):
            raise IBMQJobManagerInvalidStateError(
                f"parameter_binds must be a list of mappings, not {binds!r}."
            )
        try:
            ready = [
                circuit.assign_parameters(values, inplace=False)
                for circuit in originals
                for values in binds
            ]
        except (QiskitError, AttributeError, TypeError) as error:
            raise IBMQJobManagerInvalidStateError(
                f"The parameters cannot be bound: {error}"
            ) from error
        originals = [original for original in originals for _ in binds]
    for index, experiment in enumerate(ready):
        unbound = getattr(experiment, "parameters", None)
        if unbound:
            names = ", ".join(sorted(parameter.name for parameter in unbound))
            raise IBMQJobManagerInvalidStateError(
                f"Experiment {index} ({experiment.name!r}) has unbound parameters: {names}. Bind "
                "them, or give parameter_binds."
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
            f"max_experiments_per_job must be a whole number from 1, not {wanted!r}."
        )
    return min(int(most), size)


def check_backend(backend: object) -> IBMQBackend:
    """Return the backend.

    Raises:
        IBMQJobManagerInvalidStateError: not an ``IBMQBackend``, or one that is gone.
    """
    if not isinstance(backend, IBMQBackend):
        raise IBMQJobManagerInvalidStateError(
            f"The job manager runs on an IBMQBackend, for example "
            f"provider.get_backend('ibmq_vigo'), not on {backend!r}."
        )
    if isinstance(backend, IBMQRetiredBackend):
        raise IBMQJobManagerInvalidStateError(
            f"{backend.name()} is no longer available, so nothing can be run on it. "
            "provider.backends() lists the backends that are."
        )
    return backend


def check_name(name: object) -> str | None:
    """Return the name of a job set; ``None`` when there is none.

    Raises:
        IBMQJobManagerInvalidStateError: not text.
    """
    if name is not None and not isinstance(name, str):
        raise IBMQJobManagerInvalidStateError(f"The name of a job set is text, not {name!r}.")
    return name or None


def check_labels(share_level: object, tags: object) -> tuple[str, ...]:
    """Return the user's tags, each once.

    Raises:
        IBMQJobManagerInvalidStateError: not a list of text, or not a share level.
    """
    if share_level is not None and str(share_level).lower() not in SHARE_LEVELS:
        raise IBMQJobManagerInvalidStateError(
            f"{share_level!r} is not a share level. Known: {', '.join(SHARE_LEVELS)}."
        )
    try:
        return tuple(dict.fromkeys(check_tags(tags)))
    except IBMQBackendValueError as error:
        raise IBMQJobManagerInvalidStateError(error.message) from error
