"""Assembles the input of ``run()`` with the options of the call and of the backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ibmq_backend.api.port import Capability
from ibmq_backend.backend import run_options
from ibmq_backend.backend.run_input import Qobj, is_qobj, to_document, to_qobj
from ibmq_backend.backend.session import SessionBackend
from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.notices import warn_once


def chosen_input(circuits: Any, qobj: Any) -> Any:
    """Return the input of ``run()``, which has two names.

    Raises:
        IBMQBackendValueError: neither is given, or both are.
    """
    if circuits is None:
        circuits = qobj
    elif qobj is not None:
        raise IBMQBackendValueError("Give either circuits or qobj, not both.")
    if circuits is None:
        raise IBMQBackendValueError("No circuits are given. Call backend.run(circuits).")
    return circuits


def assembled(circuits: Any, backend: SessionBackend, given: Mapping[str, Any]) -> Qobj:
    """Return the Qobj for circuits and run options; a Qobj is returned unchanged.

    Args:
        circuits: a circuit, a schedule, a list of them, or a Qobj.
        backend: the backend to run on.
        given: options of the call, in their documented units; ``None`` for that of the backend.

    Raises:
        IBMQBackendValueError: the input cannot run on this backend, or an option is not valid.
    """
    if given.get("use_measure_esp") and not getattr(
        backend.configuration(), "measure_esp_enabled", False
    ):
        raise IBMQBackendValueError(
            f"{backend.name()} does not support use_measure_esp. Leave it out."
        )
    if given.get("dynamic"):
        raise IBMQBackendValueError(
            "dynamic=True is not supported. Use conditions (c_if) in the circuits."
        )
    apart = ("dynamic", "header")
    options = _merged_options(backend, {k: v for k, v in given.items() if k not in apart})
    options.pop("live_data_enabled", None)
    other_header = options.pop("qobj_header", None)
    header = given.get("header")
    return to_qobj(
        circuits,
        backend,
        {} if is_qobj(circuits) else options,
        other_header if header is None else header,
    )


def document_of(circuits: Any, backend: SessionBackend, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document to submit for circuits and run options.

    On IBM Quantum Platform, its config has no entries that nobody knows.

    Raises:
        IBMQBackendValueError: as :func:`assembled`, or a Qobj has an unknown entry.
    """
    document = to_document(assembled(circuits, backend, given))
    if _has_closed_options(backend):
        allow = bool(given.get(run_options.ALLOW_UNKNOWN))
        for owner in (document, *document["experiments"]):
            if owner.get("config"):
                owner["config"] = _known_only(owner["config"], backend, allow)
    return document


def _has_closed_options(backend: SessionBackend) -> bool:
    """Return whether the service of a backend takes no other options than its own."""
    return Capability.JOB_TERMS in backend._api_client.capabilities


def _merged_options(backend: SessionBackend, given: Mapping[str, Any]) -> dict[str, Any]:
    configuration = backend.configuration()
    given = dict(given)
    allow = bool(given.pop(run_options.ALLOW_UNKNOWN, False))
    options = {**backend.options.__dict__, **{k: v for k, v in given.items() if v is not None}}
    if given.get("shots") is None and options.get("shots") is not None:
        options["shots"] = min(options["shots"], configuration.max_shots)
    if _has_closed_options(backend):
        options = _known_only(options, backend, allow)
    elif configuration.simulator:
        _add_simulator_options(options, configuration)
    else:
        for name in given.keys() - run_options.KNOWN_RUN_OPTIONS:
            text = f"{name!r} is not a known run option; {backend.name()} may ignore it."
            warn_once(f"option {name}", text)
    return {name: value for name, value in options.items() if value is not None}


def _known_only(
    options: Mapping[str, Any], backend: SessionBackend, allow_unknown: bool
) -> dict[str, Any]:
    """Return the options that IBM Quantum Platform accepts; ``None`` requests nothing.

    Raises:
        IBMQBackendValueError: there are others, and they are not allowed.
    """
    accepted = {}
    for name, value in options.items():
        if name in run_options.ACCEPTED_ENTRIES:
            accepted[name] = value
        elif value is None:
            continue
        elif not allow_unknown:
            raise IBMQBackendValueError(
                f"{backend.name()} has no option {name!r}. Remove it, or add "
                f"{run_options.ALLOW_UNKNOWN}=True to leave it out with a warning."
            )
        else:
            warn_once(
                f"option {name}", f"{name!r} is left out: {backend.name()} has no such option."
            )
    for name in run_options.WITHOUT_EFFECT:
        if accepted.get(name) is not None and accepted[name] is not False:
            warn_once(f"option {name}", f"{name!r} has no effect on {backend.name()}.")
    return accepted


def _add_simulator_options(options: dict[str, Any], configuration: Any) -> None:
    model = options.get("noise_model")
    if model is not None and not isinstance(model, Mapping):
        options["noise_model"] = model.to_dict(serializable=True)
    method = getattr(configuration, "simulation_method", None)
    if method and "method" not in options:
        options["method"] = method
