"""What the service tells about the size and content of a job's data: ``summaryData``."""

from __future__ import annotations

from typing import Any


def shots_of(qobj: Any) -> int | None:
    """Return the shots that a Qobj asks for; None when it does not say."""
    shots = _config(qobj).get("shots")
    return shots if isinstance(shots, int) and not isinstance(shots, bool) else None


def circuits_of(qobj: Any) -> int:
    """Return the number of circuits in a Qobj."""
    return len(_experiments(qobj))


def requested_seed(qobj: Any) -> int | None:
    """Return the ``seed_simulator`` in the configuration of a Qobj."""
    seed = _config(qobj).get("seed_simulator")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def summarize(qobj: Any) -> dict[str, Any]:
    """Return the part of ``summaryData`` that describes the Qobj.

    Returns:
        ``{"summary": {max_qubits_used, gates_executed, num_circuits, partial_validation,
        qobj_config}}``.
    """
    config = _config(qobj)
    used: list[int] = [0]
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
            gates += instruction.get("name") not in ("barrier", "measure", "bfunc", "delay")
        used.append(len(qubits))
    kept = {
        key: config[key]
        for key in ("n_qubits", "memory_slots", "memory", "shots", "max_credits", "rep_delay")
        if _is_plain(config.get(key))
    }
    kind = qobj.get("type") if isinstance(qobj, dict) else None
    return {
        "summary": {
            "max_qubits_used": max(used),
            "gates_executed": gates,
            "num_circuits": circuits_of(qobj),
            "partial_validation": False,
            "qobj_config": {**kept, "type": str(kind or "QASM")},
        }
    }


def _is_plain(value: Any) -> bool:
    """Return whether a value is true, false or a number that every JSON reader takes."""
    return isinstance(value, int | float) and abs(value) < 2**53


def _config(qobj: Any) -> dict[str, Any]:
    config = qobj.get("config") if isinstance(qobj, dict) else None
    return config if isinstance(config, dict) else {}


def _experiments(qobj: Any) -> list[Any]:
    experiments = qobj.get("experiments") if isinstance(qobj, dict) else None
    return experiments if isinstance(experiments, list) else []
