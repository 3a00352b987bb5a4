"""The options of the program ``sampler``, and which circuits they do not allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ibmq_backend.api.sampler.device_documents import FRACTIONAL_GATES
from ibmq_backend.api.sampler.isa import circuit_name
from ibmq_backend.exceptions import ApiInputError
from ibmq_backend.records import Document

LEVEL_CLASSIFIED: Final = 2
MEASUREMENT_TYPES: Final = {"single": "kerneled", "avg": "avg_kerneled"}

_MICROSECOND: Final = 1e-6


def sampler_options(
    config: Document, terms: Document, experiments: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the options of a job.

    Args:
        config: the config of the Qobj.
        terms: ``dynamical_decoupling`` and ``twirling`` in the form of the service.
        experiments: the circuits.

    Raises:
        ApiInputError: an option is not valid, or does not allow a circuit: the job would fail.
    """
    if (terms.get("dynamical_decoupling") or {}).get("enable"):
        _refuse(
            experiments,
            lambda each: each.get("conditional") is not None,
            "has conditions, which dynamical_decoupling does not allow",
        )
    twirling = terms.get("twirling") or {}
    if twirling.get("enable_gates"):
        _refuse(
            experiments,
            lambda each: each.get("name") in FRACTIONAL_GATES,
            "has fractional gates (rx, rzz), which the twirling of gates does not allow",
        )
    level = config.get("meas_level", LEVEL_CLASSIFIED)
    if twirling.get("enable_measure") and level != LEVEL_CLASSIFIED:
        raise ApiInputError(
            f"The twirling of measurements needs meas_level=2, not {level}. Add "
            "twirling={'enable_gates': True} instead, or leave one of them out."
        )
    execution = _execution(config, level)
    return {**({"execution": execution} if execution else {}), **terms}


def _refuse(
    experiments: Sequence[Mapping[str, Any]],
    is_refused: Callable[[Mapping[str, Any]], bool],
    why: str,
) -> None:
    for index, experiment in enumerate(experiments):
        if any(map(is_refused, experiment.get("instructions") or ())):
            raise ApiInputError(f"{circuit_name(experiment, index)} {why}. Run it without.")


def _execution(config: Mapping[str, Any], level: int) -> dict[str, Any]:
    execution: dict[str, Any] = {}
    if config.get("init_qubits") is not None:
        execution["init_qubits"] = bool(config["init_qubits"])
    if config.get("rep_delay") is not None:
        execution["rep_delay"] = float(config["rep_delay"]) * _MICROSECOND
    if level != LEVEL_CLASSIFIED:
        wanted = str(config.get("meas_return") or "avg")
        if wanted not in MEASUREMENT_TYPES:
            raise ApiInputError(f"meas_return must be 'single' or 'avg', not {wanted!r}.")
        execution["meas_type"] = MEASUREMENT_TYPES[wanted]
    return execution
