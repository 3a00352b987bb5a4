"""Adapts functions of Terra to accept old argument names in addition to the current ones."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from ibmq_backend._compat.replacing import Replacement, replace_in_place

_SCHEDULING_METHODS: Final = {"as_late_as_possible": "alap", "as_soon_as_possible": "asap"}


def with_old_names(renamed: dict[str, str]) -> Replacement:
    """Return a replacement that accepts the keys of ``renamed`` as old names of its values."""

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            for old, new in renamed.items():
                if old in kwargs:
                    if new in kwargs:
                        raise TypeError(f"{old!r} is the old name of {new!r}. Use one of them.")
                    kwargs[new] = kwargs.pop(old)
            return original(*args, **kwargs)

        return call

    return replacement


def adapt_random_circuit(module: ModuleType) -> None:
    """Accept ``n_qubits``, the name until Terra 0.16, which the documented program uses."""
    replace_in_place(module.random_circuit, with_old_names({"n_qubits": "num_qubits"}))


def adapt_drawing(module: ModuleType) -> None:
    """Accept ``line_length``, the name of ``fold`` until Terra 0.10."""
    replace_in_place(module.QuantumCircuit.draw, with_old_names({"line_length": "fold"}))


def adapt_drawer(module: ModuleType) -> None:
    """Accept ``line_length``, the name of ``fold`` until Terra 0.10."""
    replace_in_place(module.circuit_drawer, with_old_names({"line_length": "fold"}))


def adapt_execute(module: ModuleType) -> None:
    """Accept ``seed``, ``seed_mapper`` and ``config``, as until Terra 0.8."""
    renamed = with_old_names({"seed": "seed_simulator", "seed_mapper": "seed_transpiler"})

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        execute = renamed(original)

        def call(*args: Any, config: dict[str, Any] | None = None, **kwargs: Any) -> Any:
            return execute(*args, **{**(config or {}), **kwargs})

        return call

    replace_in_place(module.execute, replacement)


def adapt_transpile(module: ModuleType) -> None:
    """Accept old arguments and values.

    ``seed_mapper`` is of Terra 0.8 and earlier, ``pass_manager`` of 0.14 and earlier. The long
    names of scheduling methods were valid in 2021.
    """
    renamed = with_old_names({"seed_mapper": "seed_transpiler"})

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        transpile = renamed(original)

        def call(*args: Any, pass_manager: Any = None, **kwargs: Any) -> Any:
            if pass_manager is None:
                method = kwargs.get("scheduling_method")
                if isinstance(method, str) and method in _SCHEDULING_METHODS:
                    kwargs["scheduling_method"] = _SCHEDULING_METHODS[method]
                return transpile(*args, **kwargs)
            return pass_manager.run(args[0] if args else kwargs["circuits"])

        return call

    replace_in_place(module.transpile, replacement)


def adapt_rzx_builder(module: ModuleType) -> None:
    """Accept a backend, as until Terra 0.19, instead of its map of schedules."""
    builder = module.RZXCalibrationBuilder
    original = builder.__init__

    def initialize(self: Any, backend: Any = None, *args: Any, **kwargs: Any) -> None:
        if hasattr(backend, "defaults"):
            defaults = backend.defaults()
            backend = defaults and defaults.instruction_schedule_map
        if backend is not None:
            args = (backend, *args)
        original(self, *args, **kwargs)

    builder.__init__ = initialize  # its signature is read, so it does not wrap the original
