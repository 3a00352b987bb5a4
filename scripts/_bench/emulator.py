"""The local service against Aer alone: 60 jobs, 60 circuits in one job, first counts."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scripts._bench.client import FOLDER, Contender, Running, clean_environment, median, modules_of
from scripts._bench.processes import tree_cpu
from scripts._bench.report import ROOT, Reference, add_options, commit_of, publish, table

FIRST: Final = "first counts of a new process"
LIMITS: Final = {"60 jobs": 1 / 3, "60 circuits in one job": 1.0, FIRST: 1.5}
"""Targets: wall time at most this multiple of Aer's."""


def show(arguments: Sequence[str]) -> None:
    """Measure, and print the medians."""
    options = _parser().parse_args(arguments)
    program = str(FOLDER / "contenders" / "jobs.py")
    chosen = [
        Contender("aer", (sys.executable, program, "aer")),
        Contender("local", (sys.executable, program, "local"), variables=modules_of(ROOT)),
    ]
    if options.compare is not None:
        old = modules_of(options.compare)
        chosen.append(Contender("compared", (sys.executable, program, "local"), variables=old))
    reference = Reference()
    seen: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in LIMITS}
    with tempfile.TemporaryDirectory(prefix="ibmq-bench-") as home:
        environment = {**clean_environment(Path(home)), "IBMQ_BACKEND_STORE": "memory"}
        started = {one.name: Running(one, environment) for one in chosen}
        try:
            for number in range(options.rounds + 1):
                for name in LIMITS:
                    for one in chosen:
                        reference.measure()
                        if name == FIRST:
                            figures = _run_once(one, environment)
                        else:
                            figures = _run(started[one.name], name)
                        if number:  # the first round warms up
                            seen[name].setdefault(one.name, []).append(figures)
        finally:
            for running in started.values():
                running.stop()
    versions = {"aer": started["aer"].versions, "local": f"commit {commit_of(ROOT)}"}
    if options.compare is not None:
        versions["compared"] = f"commit {commit_of(options.compare)}"
    names = [one.name for one in chosen]
    rows = []
    for name, each in seen.items():
        medians = {contender: median(rounds) for contender, rounds in each.items()}
        ratios = [medians[one]["wall_ms"] / medians["aer"]["wall_ms"] for one in names]
        rows.append(
            (
                name,
                " / ".join(f"{medians[one]['wall_ms']:.0f}" for one in names),
                " / ".join(f"{ratio:.2f}" for ratio in ratios),
                " / ".join(f"{medians[one]['cpu_ms']:.0f}" for one in names),
                f"wall ≤ {LIMITS[name]:.2g} × Aer",
                "yes" if ratios[1] <= LIMITS[name] else "no",
            )
        )
    columns = ("work", "wall ms", "wall ÷ Aer", "CPU ms of all processes", "target", "reached")
    title = f"Noisy Bell circuits of ibmq_vigo: {' / '.join(names)}"
    run = reference.describe(options.rounds, versions)
    publish("emulator", run, [table(title, columns, rows)], options.json)


def _run(one: Running, name: str) -> dict[str, float]:
    one.ask("prepare", name, 1)
    cpu = tree_cpu(one.pid)
    [wall] = one.ask("run")
    return {"wall_ms": wall, "cpu_ms": 1000 * (tree_cpu(one.pid) - cpu)}


def _run_once(one: Contender, environment: dict[str, str]) -> dict[str, float]:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [*one.command, "first"], env={**environment, **one.variables}, cwd=FOLDER, check=True
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_ms": 1000 * wall, "cpu_ms": 1000 * cpu}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench emulator", description="Measure the local service against plain Aer."
    )
    add_options(parser, rounds=3)
    return parser
