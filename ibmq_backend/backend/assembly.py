"""Assembles the input of ``run()`` with the options of the call and of the backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ibmq_backend.backend import run_options
from ibmq_backend.backend.run_input import Qobj, is_qobj, to_qobj
from ibmq_backend.exceptions import IBMQBackendValueError
from ibmq_backend.notices import warn_once

if TYPE_CHECKING:
    from qiskit.providers import BackendV1


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


def assembled(circuits: Any, backend: BackendV1, given: Mapping[str, Any]) -> Qobj:
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
    apart = ("dynamic", "header", "live_data_enabled")
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


def _merged_options(backend: BackendV1, given: Mapping[str, Any]) -> dict[str, Any]:
    configuration = backend.configuration()
    options = {**backend.options.__dict__, **{k: v for k, v in given.items() if v is not None}}
    if given.get("shots") is None and options.get("shots") is not None:
        options["shots"] = min(options["shots"], configuration.max_shots)
    if configuration.simulator:
        _add_simulator_options(options, configuration)
    else:
        for name in given.keys() - run_options.KNOWN_RUN_OPTIONS:
            text = f"{name!r} is not a known run option; {backend.name()} may ignore it."
            warn_once(f"option {name}", text)
    return {name: value for name, value in options.items() if value is not None}


def _add_simulator_options(options: dict[str, Any], configuration: Any) -> None:
    model = options.get("noise_model")
    if model is not None and not isinstance(model, Mapping):
        options["noise_model"] = model.to_dict(serializable=True)
    method = getattr(configuration, "simulation_method", None)
    if method and "method" not in options:
        options["method"] = method
