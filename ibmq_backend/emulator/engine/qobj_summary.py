"""Facts about a Qobj, read from a document of any shape: shots, circuits, seed and summary."""

from __future__ import annotations

from typing import Any

__all__ = ["circuits_of", "requested_seed", "shots_of", "summarize"]

_NO_GATES = ("barrier", "measure", "bfunc", "delay")
_COPIED_CONFIG = ("n_qubits", "memory_slots", "memory", "shots", "max_credits", "rep_delay")


def shots_of(qobj: Any) -> int | None:
    """Return the shots in the configuration of a Qobj; None without any."""
    return _whole_number(_config(qobj).get("shots"))


def circuits_of(qobj: Any) -> int:
    """Return the number of circuits in a Qobj."""
    return len(_experiments(qobj))


def requested_seed(qobj: Any) -> int | None:
    """Return the ``seed_simulator`` in the configuration of a Qobj; None without one."""
    return _whole_number(_config(qobj).get("seed_simulator"))


def summarize(qobj: Any) -> dict[str, Any]:
    """Return the part of ``summaryData`` that describes a Qobj.

    Returns:
        ``{"summary": {max_qubits_used, gates_executed, num_circuits, partial_validation,
        qobj_config}}``.
    """
    config = _config(qobj)
    widths: list[int] = [0]
    gates = 0
    for experiment in _experiments(qobj):
        qubits: set[int] = set()
        instructions = experiment.get("instructions") if isinstance(experiment, dict) else None
        for instruction in instructions if isinstance(instructions, list) else ():
            if not isinstance(instruction, dict):
                continue
            named = instruction.get("qubits")
            qubits.update(
                one for one in (named if isinstance(named, list) else ()) if isinstance(one, int)
            )
            gates += instruction.get("name") not in _NO_GATES
        widths.append(len(qubits))
    copied = {key: config[key] for key in _COPIED_CONFIG if _is_plain(config.get(key))}
    kind = qobj.get("type") if isinstance(qobj, dict) else None
    return {
        "summary": {
            "max_qubits_used": max(widths),
            "gates_executed": gates,
            "num_circuits": circuits_of(qobj),
            "partial_validation": False,
            "qobj_config": {**copied, "type": str(kind or "QASM")},
        }
    }


def _is_plain(value: Any) -> bool:
    """Return whether a value is a boolean or a number that every JSON reader accepts."""
    return isinstance(value, int | float) and abs(value) < 2**53


def _whole_number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _config(qobj: Any) -> dict[str, Any]:
    config = qobj.get("config") if isinstance(qobj, dict) else None
    return config if isinstance(config, dict) else {}


def _experiments(qobj: Any) -> list[Any]:
    experiments = qobj.get("experiments") if isinstance(qobj, dict) else None
    return experiments if isinstance(experiments, list) else []
