"""The parts of a job, which run apart: which circuits each runs, and their common result.

The results of the circuits are text, which is not parsed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from ibmq_backend.emulator.checks.document import failed_circuits
from ibmq_backend.emulator.checks.result_size import too_large
from ibmq_backend.emulator.core.raw_json import RawJson

__all__ = ["join_results", "split_circuits"]

Document = dict[str, Any]


def split_circuits(circuits: int, parts: int) -> list[range]:
    """Divide the circuits of a job into parts of nearly equal size.

    Args:
        circuits: number of circuits, at least 1.
        parts: largest number of parts.
    """
    count = max(1, min(circuits, parts))
    ends = [circuits * number // count for number in range(count + 1)]
    return [range(start, stop) for start, stop in pairwise(ends)]


def join_results(documents: Sequence[Document], limit: int) -> Document:
    """Return the Result document of a job from those of its parts.

    Args:
        documents: documents of ``Simulator.run`` with a part, in order, with ``results`` as
            ``RawJson``.
        limit: largest size of all results in bytes.

    Raises:
        JobRefused: if the results are too large together.
    """
    whole = {name: value for name, value in documents[0].items() if name not in ("failed", "error")}
    filled = [one for one in documents if one["results"].size > len("[]")]
    size = sum(one["results"].size - 1 for one in filled) + 1
    if size > limit:
        raise too_large(limit)
    failures = [one["failed"] for one in filled if one["failed"] is not None]
    whole["time_taken"] = max(one["time_taken"] for one in documents)
    whole["success"] = not failures
    if failures:
        whole["status"] = (
            "ERROR" if all(one["status"] == "ERROR" for one in filled) else "PARTIAL COMPLETED"
        )
        total = sum(one["circuits"] for one in filled)
        number = sum(count for count, _ in failures)
        whole["error"] = failed_circuits(total, number, failures[0][1])
    del whole["circuits"]
    whole["results"] = _joined_arrays([one["results"] for one in filled])
    return whole


def _joined_arrays(arrays: Sequence[RawJson]) -> RawJson:
    """Join the texts of arrays that are not empty."""

    def pieces() -> Iterator[bytes]:
        for number, array in enumerate(arrays):
            text = b"".join(array.pieces())
            yield text[:-1] if number == 0 else b"," + text[1:-1]
        yield b"]"

    return RawJson(pieces, sum(array.size - 1 for array in arrays) + 1)
