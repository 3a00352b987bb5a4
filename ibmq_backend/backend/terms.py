"""The terms of a job: options of ``run()`` that only today's service has.

They never become part of the Qobj.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ibmq_backend._errors.suggestions import misspelled
from ibmq_backend.api.port import Capability
from ibmq_backend.backend.run_options import TERM_OPTIONS, without_numpy
from ibmq_backend.backend.session import SessionBackend
from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.records import Document, JobTerms

MAX_EXECUTION_SECONDS: Final = 10_800
"""The service reduces a higher ``max_execution_time`` to this one."""

_OPTION_GROUPS: Final = ("dynamical_decoupling", "twirling")

_SWITCHES: Final = ("private", *_OPTION_GROUPS)
"""Options that request nothing when they are False or an empty dictionary."""

_BOOLEAN: Final = (True, False)
_Choices = tuple[object, ...] | None

_DYNAMICAL_DECOUPLING: Final[dict[str, _Choices]] = {
    "enable": _BOOLEAN,
    "sequence_type": ("XX", "XpXm", "XY4"),
    "extra_slack_distribution": ("middle", "edges"),
    "scheduling_method": ("alap", "asap"),
    "skip_reset_qubits": _BOOLEAN,
}
_TWIRLING: Final[dict[str, _Choices]] = {
    "enable_gates": _BOOLEAN,
    "enable_measure": _BOOLEAN,
    "num_randomizations": None,  # a number or 'auto'
    "shots_per_randomization": None,
    "strategy": ("active", "active-circuit", "active-accum", "all"),
}


def take_terms(options: dict[str, Any], backend: SessionBackend) -> JobTerms:
    """Remove the terms of a job from the options of ``run()`` and return them.

    Args:
        options: the options of the call.
        backend: the backend to run on.

    Raises:
        IBMQBackendValueError: a value is not valid, or the service of the backend has no such
            option.
    """
    given = without_numpy({name: options.pop(name) for name in TERM_OPTIONS if name in options})
    wanted = {
        name: value
        for name, value in given.items()
        if value is not None and not (name in _SWITCHES and (value is False or value == {}))
    }
    terms: dict[str, Any] = {name: _READERS[name](name, value) for name, value in wanted.items()}
    if wanted and Capability.JOB_TERMS not in backend._api_client.capabilities:
        name = next(iter(wanted))
        raise IBMQBackendValueError(
            f"{backend.name()} has no option {name!r}, which only IBM Quantum Platform has. "
            f"Call run() without {name}."
        )
    groups = [name for name in terms if name in _OPTION_GROUPS]
    return JobTerms(options={name: terms.pop(name) for name in groups}, **terms)


def _seconds(name: str, value: Any) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not 1 <= value <= MAX_EXECUTION_SECONDS:
        raise IBMQBackendValueError(
            f"{name} must be a whole number of seconds from 1 to {MAX_EXECUTION_SECONDS}, not "
            f"{value!r}."
        )
    return int(value)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise IBMQBackendValueError(f"{name} must be True or False, not {value!r}.")
    return value


def _session_id(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise IBMQBackendValueError(
            f"{name} must be the id of a session, not {value!r}. backend.open_session() returns "
            "a session."
        )
    return value


def _switched_on(known: Mapping[str, _Choices]) -> Callable[[str, Any], Document]:
    """Return the reader of an option that is True or a mapping of further options."""
    switches = [each for each in known if each.startswith("enable")]

    def read(name: str, value: Any) -> Document:
        if value is True:
            return dict.fromkeys(switches, True)
        if not isinstance(value, Mapping):
            raise IBMQBackendValueError(
                f"{name} must be True, False or a dictionary of {', '.join(known)}, not {value!r}."
            )
        chosen = {key: each for key, each in without_numpy(value).items() if each is not None}
        for key, each in chosen.items():
            _check_choice(name, key, each, known)
        on = {} if any(key in chosen for key in switches) else dict.fromkeys(switches, True)
        return {**on, **chosen}

    return read


def _check_choice(name: str, key: str, value: object, known: Mapping[str, _Choices]) -> None:
    if key not in known:
        meant = misspelled(str(key), known)
        advice = f"Did you mean {meant!r}?" if meant else f"Use: {', '.join(known)}."
        raise IBMQBackendValueError(f"{name} has no option {key!r}. {advice}")
    choices = known[key]
    if choices is None:
        if value != "auto" and (not isinstance(value, int) or value is True or value < 1):
            raise IBMQBackendValueError(
                f"{name}: {key} must be a whole number of at least 1 or 'auto', not {value!r}."
            )
    elif value not in choices or isinstance(value, bool) != (choices is _BOOLEAN):
        listed = " or ".join(map(repr, choices))
        raise IBMQBackendValueError(f"{name}: {key} must be {listed}, not {value!r}.")


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "max_execution_time": _seconds,
    "private": _flag,
    "session_id": _session_id,
    "dynamical_decoupling": _switched_on(_DYNAMICAL_DECOUPLING),
    "twirling": _switched_on(_TWIRLING),
}
