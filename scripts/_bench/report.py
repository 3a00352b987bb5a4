"""What a run was: commit, versions, the noise of the machine; and its tables."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
_TEXT: Final = json.dumps([{"name": f"q{n}", "value": n / 7} for n in range(4000)])


class Reference:
    """A fixed task that is measured again and again during a run, to show the machine's noise."""

    def __init__(self) -> None:
        self._load = os.getloadavg()[0]
        self._cpu: list[float] = []
        self._wall: list[float] = []

    def measure(self) -> None:
        """Do the task once: parse and write the same JSON text."""
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(5):
            json.dumps(json.loads(_TEXT))
        self._cpu.append(time.process_time() - cpu)
        self._wall.append(time.perf_counter() - wall)

    def describe(self, rounds: int, versions: Mapping[str, str]) -> dict[str, Any]:
        """Return what must be known about a run.

        Args:
            rounds: how often everything was measured.
            versions: what was measured, by name.
        """
        return {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "commit": commit_of(ROOT),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_average_before": round(self._load, 2),
            "rounds": rounds,
            "versions": dict(versions),
            "reference_spread_cpu": _spread(self._cpu),
            "reference_spread_wall": _spread(self._wall),
        }


def names_of(known: Collection[str]) -> Callable[[str], list[str]]:
    """Return what reads an option that lists known names."""

    def read(text: str) -> list[str]:
        names = text.split(",")
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(
                f"{unknown[0]!r} is not known; choose from {', '.join(known)}"
            )
        return names

    return read


def numbers(text: str) -> list[int]:
    """Read an option that lists positive whole numbers."""
    words = text.split(",")
    if not all(word.isdecimal() and int(word) for word in words):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers, such as 1,16")
    return [int(word) for word in words]


def _checkout(text: str) -> Path:
    path = Path(text).resolve()
    if not (path / "ibmq_backend").is_dir():
        raise argparse.ArgumentTypeError(
            f"{text} is no checkout of this project; make one with git worktree add {text} COMMIT"
        )
    return path


def add_options(parser: argparse.ArgumentParser, rounds: int) -> None:
    """Add the options that several parts have."""
    parser.add_argument(
        "--rounds", type=int, default=rounds, metavar="N", help=f"rounds ({rounds})"
    )
    parser.add_argument("--compare", type=_checkout, metavar="PATH", help="another checkout")
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the tables to FILE")


def _spread(seconds: Sequence[float]) -> float:
    """Return the distance of the quartiles, as a fraction of the median."""
    if len(seconds) < 2:
        return 0.0
    first, _, third = statistics.quantiles(seconds, n=4)
    return round((third - first) / statistics.median(seconds), 3)


def commit_of(checkout: Path) -> str:
    """Return the commit of a checkout, with ``-dirty`` if files are changed."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return a table as it is stored and printed."""
    return {"title": title, "columns": list(columns), "rows": [list(row) for row in rows]}


def publish(part: str, run: Mapping[str, Any], tables: Sequence[Any], file: Path | None) -> None:
    """Print the tables of a part, and add them to a JSON file.

    Args:
        part: its name.
        run: see :meth:`Reference.describe`.
        tables: see :func:`table`.
        file: where the parts of a report are collected; None for nowhere.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if os.isatty(1) else 160)
    for one in tables:
        shown = Table(*one["columns"], title=one["title"], title_justify="left")
        for row in one["rows"]:
            shown.add_row(*row)
        console.print(shown)
    console.print(f"{part}: {summary(run)}", markup=False, highlight=False)
    if file is not None:
        report = json.loads(file.read_text("utf-8")) if file.exists() else {}
        report[part] = {"run": dict(run), "tables": list(tables)}
        file.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def summary(run: Mapping[str, Any]) -> str:
    """Return what must be known about a run, in a few sentences."""
    versions = ", ".join(f"{name}: {version}" for name, version in run["versions"].items())
    rounds = "1 round" if run["rounds"] == 1 else f"{run['rounds']} rounds"
    return (
        f"commit {run['commit']} on {run['date']}, Python {run['python']}, {run['cores']} cores, "
        f"{rounds}. {versions}. The load average before was "
        f"{run['load_average_before']}; a reference task between the measurements varied by "
        f"{run['reference_spread_cpu']:.0%} in CPU and {run['reference_spread_wall']:.0%} in wall "
        "time (distance of the quartiles)."
    )
