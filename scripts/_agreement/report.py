"""The comparisons as tables and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from scripts._agreement.compare import Comparison, Drift

__all__ = ["Row", "as_json", "render", "rows_by"]


@dataclass(frozen=True, slots=True)
class Row:
    """Medians over the comparisons of one device, of one family of circuits, or of all.

    Attributes:
        name: the device or family.
        records: number of comparisons.
        emulated: distance between published and emulated counts.
        noiseless: distance between published and noiseless counts.
        sampling: distance to expect from the number of shots alone.
        nearer: number of comparisons in which the emulation is nearer than no noise.
    """

    name: str
    records: int
    emulated: float
    noiseless: float
    sampling: float
    nearer: int


def rows_by(comparisons: Sequence[Comparison], name: Callable[[Comparison], str]) -> list[Row]:
    """Return a row for each name, sorted."""
    names = sorted({name(each) for each in comparisons})
    return [_row(each, [one for one in comparisons if name(one) == each]) for each in names]


def render(comparisons: Sequence[Comparison], drifts: Sequence[Drift]) -> str:
    """Return the tables as text."""
    lines = [f"{'device':20} records  emulated  noiseless  sampling  nearer"]
    lines += map(_line, _by_device(comparisons))
    lines += ["", "family", *map(_line, _by_family(comparisons))]
    lines += ["", _line(_row("all", comparisons))]
    further = [each.record.id for each in comparisons if not each.is_nearer]
    if further:
        lines.append(f"not nearer than without noise: {', '.join(further)}")
    if drifts:
        lines += ["", "The devices themselves, the same circuit on another day:"]
        lines += [
            f"{each.device:20} {each.distance:.3f}  {' and '.join(each.dates)}" for each in drifts
        ]
    return "\n".join(lines)


def as_json(
    comparisons: Sequence[Comparison], drifts: Sequence[Drift], settings: dict[str, Any]
) -> str:
    """Return all figures as JSON, of each record too."""
    document = {
        "settings": settings,
        "all": asdict(_row("all", comparisons)),
        "devices": [asdict(row) for row in _by_device(comparisons)],
        "families": [asdict(row) for row in _by_family(comparisons)],
        "drift": [asdict(each) for each in drifts],
        "records": [
            {
                "id": each.record.id,
                "device": each.record.device,
                "date": each.record.date,
                "emulated": each.emulated,
                "noiseless": each.noiseless,
                "sampling": each.sampling,
            }
            for each in comparisons
        ],
    }
    return json.dumps(document, indent=1)


def _by_device(comparisons: Sequence[Comparison]) -> list[Row]:
    return rows_by(comparisons, lambda each: each.record.device)


def _by_family(comparisons: Sequence[Comparison]) -> list[Row]:
    return rows_by(comparisons, lambda each: each.record.family)


def _row(name: str, comparisons: Sequence[Comparison]) -> Row:
    return Row(
        name=name,
        records=len(comparisons),
        emulated=median(each.emulated for each in comparisons),
        noiseless=median(each.noiseless for each in comparisons),
        sampling=median(each.sampling for each in comparisons),
        nearer=sum(each.is_nearer for each in comparisons),
    )


def _line(row: Row) -> str:
    numbers = f"{row.emulated:8.3f}  {row.noiseless:9.3f}  {row.sampling:8.3f}"
    return f"{row.name:20} {row.records:7}  {numbers}  {row.nearer} of {row.records}"
