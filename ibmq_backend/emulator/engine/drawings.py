"""Drawings of the circuits of a job, and tables of its schedules.

Imported by an inspector process with its first drawing, because it needs Terra. The jobs may have
been refused, so their data can have any shape.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from qiskit.circuit import QuantumCircuit

from ibmq_backend.emulator.checks.instructions import JobRefused, shortened
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.engine.task_handlers import Document, TaskHead
from ibmq_backend.emulator.sampler.circuit_loading import load_circuit
from ibmq_backend.emulator.sampler.reading_limits import bounded_reading
from ibmq_backend.emulator.simulation.circuits import build_circuit, instruction_qubits, used_slots

__all__ = ["draw_pubs", "draw_qobj"]

_log: Final = logging.getLogger(__name__)

MAX_QUBITS: Final = 40
MAX_INSTRUCTIONS: Final = 1000
MAX_CHARACTERS: Final = 500_000
MAX_CHANNELS: Final = 100
_MAX_INDEX: Final = 10_000  # of a qubit or memory slot; each takes memory
_MAX_NAMES: Final = 20
_READING_SECONDS: Final = 10.0


def draw_qobj(_catalog: object, head: TaskHead, qobj: Any) -> Document:
    """Draw one circuit of a Qobj, or list the channels of one schedule.

    Args:
        _catalog: not needed.
        head: states the index of the circuit.
        qobj: the uploaded document, of any shape.

    Returns:
        ``circuits`` (their number), ``index`` (of the one drawn) and ``name``; ``drawing`` (text,
        or None), ``channels`` (of a schedule: ``name``, ``instructions``, ``start`` and ``end`` in
        samples), ``facts`` and ``remarks`` (sentences).

    Raises:
        JobRefused: if the document contains no circuits.
    """
    experiments = qobj.get("experiments") if isinstance(qobj, dict) else None
    circuits = _listed(experiments)
    index = min(head.circuit, len(circuits) - 1)
    found: Document = {"circuits": len(circuits), "index": index, "name": "", "drawing": None}
    try:
        experiment = circuits[index]
        found["name"] = shortened(str((experiment.get("header") or {}).get("name", "")))
        if qobj.get("type") == "PULSE":
            return {**found, **_describe_schedule(experiment, qobj.get("config"))}
        return {**found, **_draw_experiment(experiment)}
    except MemoryError:
        raise
    except Exception as error:
        return {**found, **_problem(error)}


def draw_pubs(_catalog: object, head: TaskHead, params: Any) -> Document:
    """Draw the circuit of one pub of a sampler or an estimator; see :func:`draw_qobj`.

    Raises:
        JobRefused: if the input contains no pubs.
    """
    pubs = _listed(params.get("pubs") if isinstance(params, dict) else None)
    index = min(head.circuit, len(pubs) - 1)
    found: Document = {"circuits": len(pubs), "index": index, "name": "", "drawing": None}
    try:
        pub = pubs[index]
        with bounded_reading(_READING_SECONDS):
            stated = pub[0] if isinstance(pub, list) else pub
            circuit = load_circuit(stated, f"circuit {index}")
            if not isinstance(stated, str):  # OpenQASM 3 has no names
                found["name"] = shortened(str(circuit.name or ""))
            names = Counter(instruction.operation.name for instruction in circuit.data)
            return {**found, **_drawn(circuit, names)}
    except MemoryError:
        raise
    except Exception as error:
        return {**found, **_problem(error)}


def _listed(circuits: Any) -> list[Any]:
    if not isinstance(circuits, list) or not circuits:
        raise JobRefused("The job contains no circuits", ErrorCode.EMPTY)
    return circuits


def _problem(error: Exception) -> Document:
    """Return the reason in place of a drawing: the data can be wrong in any way."""
    if not isinstance(error, JobRefused):
        _log.info("a circuit cannot be drawn: %r", error)
    reason = error.message if isinstance(error, JobRefused) else "its data cannot be understood"
    return {"facts": "", "remarks": [shortened(f"This circuit cannot be drawn: {reason}.")]}


def _draw_experiment(experiment: dict[str, Any]) -> Document:
    instructions = experiment["instructions"]
    names = Counter(str(one["name"]) for one in instructions if one["name"] != "bfunc")
    first = instructions[:MAX_INSTRUCTIONS]
    qubits = [qubit for one in first for qubit in instruction_qubits(one)]
    width, slots = 1 + max(qubits, default=-1), 1 + max(used_slots(first), default=-1)
    if min(qubits, default=0) < 0 or max(width, slots) > _MAX_INDEX:
        raise JobRefused(f"it uses a qubit or bit above {_MAX_INDEX}", ErrorCode.NOT_VALID)
    circuit = build_circuit(
        first, qubits=range(width), slots=range(slots), basis=None, name="", drawn=True
    )
    return _drawn(circuit, names)


def _drawn(circuit: QuantumCircuit, names: Mapping[str, int]) -> Document:
    used = sorted({circuit.find_bit(bit).index for entry in circuit.data for bit in entry.qubits})
    shown = {circuit.qubits[index] for index in used[:MAX_QUBITS]}
    chosen = [entry for entry in circuit.data[:MAX_INSTRUCTIONS] if shown.issuperset(entry.qubits)]
    reduced = circuit.copy_empty_like()
    for entry in chosen:
        reduced.append(entry)
    total, remarks = sum(names.values()), []
    if len(chosen) < total:
        remarks.append(f"The drawing shows {len(chosen)} of {total} instructions.")
    if len(used) > MAX_QUBITS:
        remarks.append(f"It shows the first {MAX_QUBITS} of {len(used)} qubits.")
    has_condition = any(getattr(entry.operation, "condition", None) for entry in chosen)
    text: str | None = reduced.draw(
        "text", fold=-1, idle_wires=False, cregbundle=not has_condition
    ).single_string()
    if text is not None and len(text) > MAX_CHARACTERS:
        text, remarks = None, ["This circuit is too large to be drawn."]
    gates = ", ".join(f"{count} {name}" for name, count in _most_common(names))
    depth = "" if len(circuit.data) < total else f" Depth: {circuit.depth()}."
    facts = f"Used qubits: {len(used)}.{depth} Instructions: {gates or 'none'}."
    return {"drawing": text, "facts": shortened(facts), "remarks": remarks}


def _most_common(names: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    return Counter(names).most_common(_MAX_NAMES)


def _describe_schedule(experiment: dict[str, Any], config: Any) -> Document:
    library = {
        str(pulse["name"]): len(pulse["samples"]) for pulse in (config or {})["pulse_library"]
    }
    channels: dict[str, Document] = {}
    for instruction in experiment["instructions"]:
        parameters = instruction.get("parameters") or {}
        stated = instruction.get("duration", parameters.get("duration"))
        duration = library.get(str(instruction["name"]), 0) if stated is None else int(stated)
        start = int(instruction["t0"])
        measured = [f"a{qubit}" for qubit in instruction.get("qubits") or ()]
        for name in [str(instruction["ch"])] if "ch" in instruction else measured:
            row = channels.setdefault(
                name[:20], {"name": name[:20], "instructions": 0, "start": start, "end": 0}
            )
            row["instructions"] += 1
            row["start"] = min(row["start"], start)
            row["end"] = max(row["end"], start + duration)
    end = max((row["end"] for row in channels.values()), default=0)
    remarks = []
    if len(channels) > MAX_CHANNELS:
        remarks.append(f"The table shows {MAX_CHANNELS} of {len(channels)} channels.")
    return {
        "channels": sorted(channels.values(), key=lambda row: row["name"])[:MAX_CHANNELS],
        "facts": f"A schedule of {end} samples on {len(channels)} channels.",
        "remarks": remarks,
    }
