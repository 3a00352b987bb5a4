"""Checks of the form of a program's input, as the service makes them before it accepts a job.

Only the form is checked. Whether a circuit can be read, fits the device or needs too many
executions is checked when the job runs. For any input the only exception raised here is
``InvalidInput``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ibmq_backend.emulator.sampler.errors import InvalidInput

SAMPLER: Final = "sampler"
ESTIMATOR: Final = "estimator"
OTHER_PROGRAMS: Final = frozenset({"executor", "noise-learner"})
"""Programs that are accepted and listed, but whose jobs fail."""

DEFAULT_SHOTS: Final = 4096
DEFAULT_PRECISION: Final = 0.015625  # of 4096 shots
DEFAULT_RESILIENCE_LEVEL: Final = 1

MAX_EXECUTIONS: Final = 10_000_000
"""Maximum of bound circuits times shots of a job, and of the shots of one circuit."""

_MAX_NUMBER: Final = 2**53 - 1
"""The largest integer that every JSON reader accepts."""
_MAX_DIMENSIONS: Final = 32
_PAULIS: Final = re.compile(r"[IXYZ]+")

Check = Callable[[Any], bool]


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _whole(low: int, high: int = _MAX_NUMBER) -> Check:
    return lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    )


def _shots(low: int) -> Check:
    return _or_none(_whole(low, MAX_EXECUTIONS))


def _one_of(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _number(value: Any) -> bool:
    # Infinities and NaN fail the comparison.
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -_MAX_NUMBER <= value <= _MAX_NUMBER
    )


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _or_auto(value: Any) -> bool:
    return value == "auto" or _whole(1)(value)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _array(value: Any) -> bool:
    return isinstance(value, list)


_EXECUTION: Final[dict[str, Check]] = {
    "init_qubits": _boolean,
    "rep_delay": _or_none(_number),
}
_COMMON: Final[dict[str, Check]] = {
    "pubs": _array,
    "version": lambda value: value == 2 and not isinstance(value, bool),
    "support_qiskit": _boolean,
    "options": _object,
}
_COMMON_OPTIONS: Final[dict[str, Check | dict[str, Check]]] = {
    "default_shots": _shots(0),
    "dynamical_decoupling": {
        "enable": _boolean,
        "sequence_type": _one_of("XX", "XpXm", "XY4"),
        "extra_slack_distribution": _one_of("middle", "edges"),
        "scheduling_method": _one_of("alap", "asap"),
        "skip_reset_qubits": _boolean,
    },
    "execution": _EXECUTION,
    "twirling": {
        "enable_gates": _boolean,
        "enable_measure": _boolean,
        "num_randomizations": _or_auto,
        "shots_per_randomization": _or_auto,
        "strategy": _one_of("active", "active-circuit", "active-accum", "all"),
    },
    "simulator": {
        "noise_model": _or_none(_object),
        "seed_simulator": _or_none(_whole(0)),
        "coupling_map": _or_none(_array),
        "basis_gates": _or_none(_array),
    },
    "experimental": _or_none(_object),
}
_SAMPLER: Final = {**_COMMON, "shots": _shots(0)}
_SAMPLER_OPTIONS: Final = {
    **_COMMON_OPTIONS,
    "execution": {
        **_EXECUTION,
        "meas_type": _one_of("classified", "kerneled", "avg_kerneled"),
    },
}
_ESTIMATOR: Final = {
    **_COMMON,
    "precision": _or_none(_positive),
    "resilience_level": _whole(0, 2),
}
_ESTIMATOR_OPTIONS: Final = {
    **_COMMON_OPTIONS,
    "default_precision": _positive,
    "seed_estimator": _or_none(_whole(0)),
    "resilience": {
        "measure_mitigation": _boolean,
        "measure_noise_learning": _object,
        "zne_mitigation": _boolean,
        "zne": _object,
        "pec_mitigation": _boolean,
        "pec": _object,
        "layer_noise_learning": _object,
        "layer_noise_model": lambda value: isinstance(value, dict | list | None),
    },
}


def check_form(program: str, params: Any) -> None:
    """Check the input of a sampler or an estimator.

    Raises:
        InvalidInput: if it does not have the documented form.
    """
    if not isinstance(params, dict):
        raise InvalidInput("'params' must be an object.")
    if "pubs" not in params:
        raise InvalidInput("'params.pubs' is missing.")
    is_sampler = program == SAMPLER
    _check(params, _SAMPLER if is_sampler else _ESTIMATOR, "params")
    for index, pub in enumerate(params["pubs"]):
        (_check_pub if is_sampler else _check_estimator_pub)(pub, f"params.pubs[{index}]")
    options = params.get("options") or {}
    known_options = _SAMPLER_OPTIONS if is_sampler else _ESTIMATOR_OPTIONS
    for name, known in known_options.items():
        if isinstance(known, dict) and name in options:
            if not isinstance(options[name], dict):
                raise InvalidInput(f"'params.options.{name}' must be an object.")
            _check(options[name], known, f"params.options.{name}")
    _check(
        options,
        {name: known if callable(known) else _object for name, known in known_options.items()},
        "params.options",
    )


def executions_of(program: str, params: Any) -> list[int]:
    """Return the shots of each pub of a checked input."""
    if program == SAMPLER:
        return [shots_of(pub, params) for pub in params["pubs"]]
    return [precision_of(pub, params)[1] for pub in params["pubs"]]


def shots_of(pub: Any, params: Mapping[str, Any]) -> int:
    """Return the shots of one pub: those of the pub, of the job, or the default."""
    own = pub[2] if isinstance(pub, list) and len(pub) > 2 else None
    options = params.get("options") or {}
    for stated in (own, params.get("shots"), options.get("default_shots")):
        if stated is not None:
            return int(stated)
    return DEFAULT_SHOTS


def precision_of(pub: list[Any], params: Mapping[str, Any]) -> tuple[float, int]:
    """Return the precision of a pub of an estimator, and the shots of each of its circuits.

    The precision of the pub goes before that of the job, and both before the default shots and the
    default precision. More shots than a job may have are reported as one too many.
    """
    options = params.get("options") or {}
    own = pub[3] if len(pub) > 3 else None
    precision = params.get("precision") if own is None else own
    if precision is None and options.get("default_shots"):
        shots = int(options["default_shots"])
        return shots**-0.5, shots
    if precision is None:
        precision = options.get("default_precision", DEFAULT_PRECISION)
    if precision < MAX_EXECUTIONS**-0.5:
        return float(precision), MAX_EXECUTIONS + 1
    return float(precision), math.ceil(1 / precision**2)


def _check(content: Mapping[str, Any], known: Mapping[str, Check], where: str) -> None:
    for name, value in content.items():
        check = known.get(name)
        if check is None:
            raise InvalidInput(f"'{where}.{name}' is not known.")
        if not check(value):
            raise InvalidInput(f"'{where}.{name}' does not have its documented form.")


def _check_pub(pub: Any, where: str) -> None:
    parts = pub if isinstance(pub, list) else [pub]
    if not 1 <= len(parts) <= 3:
        raise InvalidInput(f"'{where}' must contain a circuit, and may contain values and shots.")
    _check_circuit(parts[0], where)
    _check_values(parts[1] if len(parts) > 1 else None, where)
    if len(parts) > 2 and not _shots(1)(parts[2]):
        raise InvalidInput(
            f"The shots of '{where}' must be a whole number from 1 to {MAX_EXECUTIONS}."
        )


def _check_circuit(circuit: Any, where: str) -> None:
    if not isinstance(circuit, str | dict) or not circuit:
        raise InvalidInput(f"The circuit of '{where}' must be a string or an encoded circuit.")


def _check_values(values: Any, where: str) -> None:
    if not isinstance(values, dict | list | None):
        raise InvalidInput(f"The values of '{where}' must be an object or an array.")


def _check_estimator_pub(pub: Any, where: str) -> None:
    if not isinstance(pub, list) or not 2 <= len(pub) <= 4:
        raise InvalidInput(
            f"'{where}' must be an array of a circuit and observables, which may contain values "
            "and a precision."
        )
    circuit, observables, values, precision = (*pub, None, None)[:4]
    _check_circuit(circuit, where)
    _check_observables(observables_of(observables), where)
    _check_values(values, where)
    if not _or_none(_positive)(precision):
        raise InvalidInput(f"The precision of '{where}' must be a number above 0.")


def observables_of(content: Any) -> Any:
    """Return the observables of a pub without the name of their type."""
    if isinstance(content, dict) and content.get("__type__") == "ObservablesArray":
        return content.get("__value__")
    return content


def _check_observables(content: Any, where: str, depth: int = 0) -> None:
    if isinstance(content, list) and depth < _MAX_DIMENSIONS:
        for one in content:
            _check_observables(one, where, depth + 1)
        return
    terms = {content: 1} if isinstance(content, str) else content
    if not (
        isinstance(terms, dict)
        and terms
        and all(_PAULIS.fullmatch(label) and _number(factor) for label, factor in terms.items())
    ):
        raise InvalidInput(
            f"The observables of '{where}' must be strings of I, X, Y and Z, objects with a number "
            "for each string, or arrays of them."
        )
