"""Checks of the form of a program's input, as the service makes them before it accepts a job.

Only the form is checked. Whether a circuit can be read, fits the device or needs too many
executions is checked when the job runs. For any input the only exception raised here is
``InvalidInput``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ibmq_backend.emulator.sampler.errors import InvalidInput

SAMPLER: Final = "sampler"
OTHER_PROGRAMS: Final = frozenset({"estimator", "executor", "noise-learner"})
"""Programs that are accepted and listed, but whose jobs fail."""

DEFAULT_SHOTS: Final = 4096

MAX_EXECUTIONS: Final = 10_000_000
"""Maximum of bound circuits times shots of a job, and of the shots of one circuit."""

_MAX_NUMBER: Final = 2**53 - 1
"""The largest integer that every JSON reader accepts."""

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


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _or_auto(value: Any) -> bool:
    return value == "auto" or _whole(1)(value)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _array(value: Any) -> bool:
    return isinstance(value, list)


_PARAMS: Final[dict[str, Check]] = {
    "pubs": _array,
    "version": lambda value: value == 2 and not isinstance(value, bool),
    "support_qiskit": _boolean,
    "shots": _shots(0),
    "options": _object,
}
_OPTIONS: Final[dict[str, Check | dict[str, Check]]] = {
    "default_shots": _shots(0),
    "dynamical_decoupling": {
        "enable": _boolean,
        "sequence_type": _one_of("XX", "XpXm", "XY4"),
        "extra_slack_distribution": _one_of("middle", "edges"),
        "scheduling_method": _one_of("alap", "asap"),
        "skip_reset_qubits": _boolean,
    },
    "execution": {
        "init_qubits": _boolean,
        "rep_delay": _or_none(_number),
        "meas_type": _one_of("classified", "kerneled", "avg_kerneled"),
    },
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


def check_sampler_form(params: Any) -> None:
    """Check the input of a sampler.

    Raises:
        InvalidInput: if it does not have the documented form.
    """
    if not isinstance(params, dict):
        raise InvalidInput("'params' must be an object.")
    if "pubs" not in params:
        raise InvalidInput("'params.pubs' is missing.")
    _check(params, _PARAMS, "params")
    for index, pub in enumerate(params["pubs"]):
        _check_pub(pub, f"params.pubs[{index}]")
    options = params.get("options") or {}
    for name, known in _OPTIONS.items():
        if isinstance(known, dict) and name in options:
            if not isinstance(options[name], dict):
                raise InvalidInput(f"'params.options.{name}' must be an object.")
            _check(options[name], known, f"params.options.{name}")
    _check(
        options,
        {name: known if callable(known) else _object for name, known in _OPTIONS.items()},
        "params.options",
    )


def executions_of(params: Any) -> list[int]:
    """Return the shots of each pub of a checked input."""
    return [shots_of(pub, params) for pub in params["pubs"]]


def shots_of(pub: Any, params: Mapping[str, Any]) -> int:
    """Return the shots of one pub: those of the pub, of the job, or the default."""
    own = pub[2] if isinstance(pub, list) and len(pub) > 2 else None
    options = params.get("options") or {}
    for stated in (own, params.get("shots"), options.get("default_shots")):
        if stated is not None:
            return int(stated)
    return DEFAULT_SHOTS


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
    circuit = parts[0]
    if not isinstance(circuit, str | dict) or not circuit:
        raise InvalidInput(f"The circuit of '{where}' must be a string or an encoded circuit.")
    if len(parts) > 1 and not isinstance(parts[1], dict | list | None):
        raise InvalidInput(f"The values of '{where}' must be an object or an array.")
    if len(parts) > 2 and not _shots(1)(parts[2]):
        raise InvalidInput(
            f"The shots of '{where}' must be a whole number from 1 to {MAX_EXECUTIONS}."
        )
