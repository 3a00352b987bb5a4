"""Simulators with the methods and arguments of earlier releases of Aer."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from ibmq_backend._compat.old_aer.snapshots import move_snapshots, with_saved_snapshots
from ibmq_backend._compat.replacing import replace_in_place
from ibmq_backend.backend.version import CallableVersion

GONE_OPTIONS: Final = {
    "initial_statevector": "circuit.set_statevector(vector)",
    "initial_unitary": "circuit.set_unitary(matrix)",
}
"""Options that decided the result, with what to write at the beginning of the circuit instead."""


class CallableName(str):
    """The name of a simulator: a text that can be called, like the method until Aer 0.12."""

    __slots__ = ()

    def __call__(self) -> str:
        """Return the name."""
        return str(self)


class _DefaultConfiguration:
    """The dictionary of a class of simulators, which had a public name until Aer 0.6."""

    def __get__(self, instance: Any, owner: Any) -> dict[str, Any]:
        return dict(owner._DEFAULT_CONFIGURATION)


def _name(self: Any) -> CallableName:
    return CallableName(vars(self)["name"])


def _set_name(self: Any, name: str) -> None:
    vars(self)["name"] = name and str(name)


def _version(self: Any) -> CallableVersion:
    return CallableVersion(2, vars(self).get("backend_version"))


def _with_old_arguments(original: Callable[..., Any]) -> Callable[..., Any]:
    """Accept options in a dictionary, and snapshots in circuits.

    Raises:
        AerError: an option would change the result and no longer exists.
    """

    def run(self: Any, circuits: Any, *args: Any, **kwargs: Any) -> Any:
        options = dict(kwargs.pop("backend_options", None) or {})
        if args and (args[0] is None or isinstance(args[0], dict)):
            options.update(args[0] or {})
            args = args[1:]
            if args and not isinstance(args[0], bool):
                options["noise_model"] = args[0]
                args = args[1:]
        kwargs = {**options, **kwargs}
        for option in GONE_OPTIONS.keys() & kwargs.keys():
            from qiskit_aer import AerError

            raise AerError(
                f"Aer has no option {option!r}. Begin the circuit with {GONE_OPTIONS[option]}."
            )
        return original(self, with_saved_snapshots(circuits), *args, **kwargs)

    return run


def adapt_backends(module: ModuleType) -> None:
    """Let names and versions be called, and adapt ``run`` and the results."""
    backend = module.AerBackend
    backend.DEFAULT_CONFIGURATION = _DefaultConfiguration()
    backend.name = property(_name, _set_name)
    backend.version = property(_version)
    replace_in_place(backend.run, _with_old_arguments)
    replace_in_place(backend._format_results, move_snapshots)


def adapt_provider(module: ModuleType) -> None:
    """Let ``backend.provider`` be called, which was a method."""
    module.AerProvider.__call__ = lambda self: self
