"""Bar charts of the counts in a result, as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Any, Final

from qiskit.result.postprocess import format_counts_memory

from ibmq_backend._errors.malformed import READ_ERRORS
from ibmq_backend._html import Bar, chart, note
from ibmq_backend.models import check_bits

MAX_CIRCUITS: Final = 4
"""Number of circuits of a result that are shown."""

MAX_STATES: Final = 16
"""Number of states of a circuit that are shown one by one."""

MAX_STATE_CHARACTERS: Final = 40


def histograms(entries: Sequence[Mapping[str, Any]], num_circuits: int) -> str:
    """Return a chart for each of the first circuits of a result.

    Args:
        entries: the entries of the first circuits in the result document, or more of them.
        num_circuits: number of circuits in the result.
    """
    shown = [
        _histogram(entry, f"Circuit {index}: " if num_circuits > 1 else "")
        for index, entry in enumerate(entries[:MAX_CIRCUITS])
    ]
    if num_circuits > len(shown):
        more = num_circuits - len(shown)
        shown.append(note(f"{more} more circuits: result.get_counts({len(shown)}) and so on."))
    return "".join(shown)


def _histogram(entry: Mapping[str, Any], prefix: str) -> str:
    name = "Counts"
    try:
        header = entry.get("header") or {}
        name = str(header.get("name") or name)
        return _chart(prefix + name, entry["data"]["counts"], header)
    except READ_ERRORS:
        reason = "no counts" if entry.get("success") else entry.get("status") or "failed"
        return note(f"{prefix}{name}: {reason}")


def _chart(title: str, counts: Mapping[str, int], header: Mapping[str, Any]) -> str:
    check_bits(header)
    shots = sum(counts.values())
    most = nlargest(MAX_STATES, counts.items(), key=lambda item: item[1])
    shown = [(_label(state, header), count) for state, count in sorted(most, key=_number)]
    others = len(counts) - len(shown)
    if others:
        shown.append((f"{others} others", shots - sum(count for _, count in shown)))
    highest = max(count for _, count in shown)
    bars = [
        Bar(label, (count, f"{count / shots:.1%}"), 0.0, count / highest, pale=index == MAX_STATES)
        for index, (label, count) in enumerate(shown)
    ]
    return chart(f"{title}, {shots} shots", ("State", "Counts", "Share"), bars)


def _number(item: tuple[str, int]) -> int:
    return int(item[0], 16)


def _label(state: str, header: Mapping[str, Any]) -> str:
    """Return the bits of a state, or its hexadecimal number if there are many."""
    sizes = {key: header[key] for key in ("memory_slots", "creg_sizes") if header.get(key)}
    text = str(format_counts_memory(state, sizes))
    if len(text) <= MAX_STATE_CHARACTERS:
        return text
    half = MAX_STATE_CHARACTERS // 2
    return state if len(state) <= 2 * half else f"{state[:half]}...{state[-half:]}"
