"""Summaries of results: the counts of one circuit, or what there is instead."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ibmq_backend.emulator.checks.instructions import JobRefused, shortened
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.engine.task_handlers import Document, TaskHead

__all__ = ["summarize_result"]

_log: Final = logging.getLogger(__name__)

MAX_VALUES: Final = 32
MAX_REGISTERS: Final = 4
_MAX_BINARY_BITS: Final = 64
_HIDDEN: Final = frozenset({"counts", "memory", "ensemble_standard_error"})


def summarize_result(_catalog: object, head: TaskHead, result: Any) -> Document:
    """Summarize the part of a result that belongs to one circuit.

    Args:
        _catalog: not needed.
        head: states the index of the circuit.
        result: the Result document of a Qobj, or the document of ``getJobResults``.

    Returns:
        ``circuits`` (their number), ``index``, ``name``, ``histograms`` (each with ``title``,
        ``bars``: the most frequent values with their counts in the order of the values, ``others``:
        the number of further values and their count), ``estimates`` (pairs of an expectation value
        and its standard error) and ``remarks`` (sentences).

    Raises:
        JobRefused: if the result contains no circuits.
    """
    found: Document = {"name": "", "histograms": [], "estimates": [], "remarks": []}
    try:
        document = result.get("__value__", result)
        circuits = document.get("results", document.get("pub_results"))
        if not circuits:
            raise JobRefused("The result contains no circuits", ErrorCode.EMPTY)
        index = min(head.circuit, len(circuits) - 1)
        circuit = circuits[index]
        found.update(circuits=len(circuits), index=index)
        found.update(_of_experiment(circuit) if "shots" in circuit else _of_pub(circuit))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        _log.info("a result cannot be summarized: %r", error)
        message = "The result has a form that cannot be shown here"
        raise JobRefused(message, ErrorCode.JOB_NOT_VALID) from None
    return found


def _of_experiment(circuit: Mapping[str, Any]) -> Document:
    """Summarize one entry of ``results`` of a Result document."""
    header, data = circuit.get("header") or {}, circuit["data"]
    counts = {int(value, 16): int(count) for value, count in (data.get("counts") or {}).items()}
    sizes = [int(size) for _, size in header.get("creg_sizes") or ()]
    width = int(header.get("memory_slots") or sum(sizes) or 0)
    remarks = []
    if "memory" in data:
        remarks.append(f"The result contains the {len(data['memory'])} single shots (memory).")
    others = sorted(str(name) for name in data if name not in _HIDDEN)
    if others:
        remarks.append(shortened(f"The result also contains {', '.join(others)}."))
    if not circuit.get("success", True):
        remarks.append(shortened(f"This circuit failed: {circuit.get('status')}."))
    return {
        "name": shortened(str(header.get("name", ""))),
        "histograms": [_histogram("", counts, width, sizes)] if counts else [],
        "remarks": remarks,
    }


def _of_pub(pub: Mapping[str, Any]) -> Document:
    """Summarize one entry of the results of a sampler or an estimator, plain or typed."""
    data = pub.get("__value__", pub)["data"]
    fields = data["__value__"]["fields"] if "__value__" in data else data
    if "evs" in fields:
        pairs = list(
            itertools.islice(
                zip(_numbers(fields["evs"]), _numbers(fields["stds"]), strict=True), MAX_VALUES
            )
        )
        more = sum(1 for _ in _numbers(fields["evs"])) - len(pairs)
        remarks = [f"The result contains {more} further expectation values."] if more else []
        return {"estimates": pairs, "remarks": remarks}
    histograms, remarks = [], []
    for name, field in itertools.islice(fields.items(), MAX_REGISTERS):
        width = _bits_of(field)
        if width is None:
            remarks.append(f"Register {shortened(name)} contains points in the IQ plane.")
        else:
            counts = Counter(_samples(field))
            histograms.append(_histogram(f"Register {shortened(name)}", counts, width, []))
    if len(fields) > MAX_REGISTERS:
        remarks.append(f"The result contains {len(fields) - MAX_REGISTERS} further registers.")
    return {"histograms": histograms, "remarks": remarks}


def _histogram(title: str, counts: Mapping[int, int], width: int, sizes: Iterable[int]) -> Document:
    frequent = Counter(counts).most_common(MAX_VALUES)
    shots = sum(counts.values())
    return {
        "title": title,
        "shots": shots,
        "bars": [[_label(value, width, sizes), count] for value, count in sorted(frequent)],
        "others": [len(counts) - len(frequent), shots - sum(count for _, count in frequent)],
    }


def _label(value: int, width: int, sizes: Iterable[int]) -> str:
    """Return the bits of a value, registers separated by spaces as in Qiskit's counts."""
    if width > _MAX_BINARY_BITS:
        return hex(value)
    bits = f"{value:0{max(width, 1)}b}"
    parts: list[str] = []
    for size in sizes:
        if 0 < size < len(bits):
            parts.append(bits[-size:])
            bits = bits[:-size]
    return " ".join([bits, *reversed(parts)])


def _bits_of(field: Mapping[str, Any]) -> int | None:
    """Return the number of bits of a register; None for points in the IQ plane."""
    content = field["__value__"] if field.get("__type__") == "BitArray" else field
    return int(content["num_bits"]) if "num_bits" in content else None


def _samples(field: Mapping[str, Any]) -> Iterator[int]:
    if "samples" in field:
        return (int(value, 16) for value in field["samples"])
    rows = _array(field["__value__"]["array"])
    return (int.from_bytes(row.tobytes(), "big") for row in rows.reshape(-1, rows.shape[-1]))


def _numbers(value: Any) -> Iterator[float]:
    """Return the numbers of nested lists or of an array."""
    if isinstance(value, dict):
        value = _array(value).tolist()
    if isinstance(value, list):
        return itertools.chain.from_iterable(_numbers(one) for one in value)
    return iter((float(value),))


def _array(value: Mapping[str, Any]) -> Any:
    # Imported when needed: it loads numpy, and results of Qobjs do not need it.
    from ibmq_backend.emulator.sampler.typed_values import read_npy, unpack

    return read_npy(unpack(value["__value__"]))
