"""Large results: memory and CPU of the client, and memory of the server."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from scripts._bench.client import (
    FOLDER,
    StubControl,
    clean_environment,
    contenders,
    emulator_command,
    median,
    modules_of,
    stub_and_contenders,
)
from scripts._bench.processes import running
from scripts._bench.report import ROOT, Reference, add_options, commit_of, publish, table

PROGRAM: Final = str(FOLDER / "contenders" / "large.py")
SIZES_MB: Final = (1, 10, 100)
JOB_ID: Final = "J" * 24
"""Stands in the file of a result for the id of the job that is asked for."""

_SHOTS: Final = 8192


def write_result(file: Path, megabytes: int) -> None:
    """Write a result of about this size: circuits with the memory of 8192 shots."""
    memory = [f"0x{(shot * 7) % 32:x}" for shot in range(_SHOTS)]
    counts = {f"0x{value:x}": _SHOTS // 32 for value in range(32)}
    header = {"name": "circuit", "memory_slots": 5, "creg_sizes": [["c", 5]], "n_qubits": 5}
    circuit = json.dumps(
        {
            "shots": _SHOTS,
            "success": True,
            "status": "DONE",
            "meas_level": 2,
            "header": header,
            "data": {"counts": counts, "memory": memory},
        },
        separators=(",", ":"),
    )
    head = {
        "backend_name": "ibmq_vigo",
        "backend_version": "1.3.6",
        "qobj_id": "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        "job_id": JOB_ID,
        "success": True,
        "status": "COMPLETED",
        "date": "2026-01-01T00:00:00.000Z",
        "header": {},
        "time_taken": 1.0,
    }
    circuits = ",".join([circuit] * max(1, round(megabytes * 1e6 / len(circuit))))
    file.write_text(json.dumps(head, separators=(",", ":"))[:-1] + f',"results":[{circuits}]}}')


def show(arguments: Sequence[str]) -> None:
    """Measure, and print the medians."""
    options = _parser().parse_args(arguments)
    reference = Reference()
    checkouts = {"ours": ROOT} | ({"compared": options.compare} if options.compare else {})
    rows = []
    with tempfile.TemporaryDirectory(prefix="ibmq-bench-") as folder:
        home = Path(folder)
        variables = clean_environment(home)
        recording = contenders(("ours", "compared"), options.compare)
        with stub_and_contenders(recording, ["result"], options.compare or ROOT) as (stub, _):
            variables["BENCH_URL"] = stub.url
            for megabytes in SIZES_MB:
                rows.append(_row(stub, megabytes, checkouts, variables, options, reference))
        if options.circuits:
            served = [
                _run_many(name, checkout, variables, home) for name, checkout in checkouts.items()
            ]
    names = " / ".join(("decode", *checkouts))
    columns = (
        "result",
        f"CPU ms: {names}",
        "CPU ÷ decode",
        "peak memory ÷ size",
        "target",
        "reached",
    )
    tables = [
        table("Results of a finished job, decode: orjson and Result.from_dict", columns, rows)
    ]
    if options.circuits:
        columns = (
            "client",
            "result MB",
            "peak of the client ÷ size",
            "peak of the server MB",
            "before MB",
        )
        tables.append(
            table("900 circuits, 8192 shots, with memory, on an emulator", columns, served)
        )
    versions = {name: f"commit {commit_of(checkout)}" for name, checkout in checkouts.items()}
    publish("large", reference.describe(options.rounds, versions), tables, options.json)


def _row(
    stub: StubControl,
    megabytes: int,
    checkouts: Mapping[str, Path],
    variables: dict[str, str],
    options: argparse.Namespace,
    reference: Reference,
) -> Sequence[str]:
    file = Path(variables["HOME"]) / f"{megabytes}.json"
    write_result(file, megabytes)
    stub.configure(result=str(file))
    seen: dict[str, list[dict[str, float]]] = {}
    for _ in range(options.rounds):
        reference.measure()
        seen.setdefault("decode", []).append(_measure(("decode", str(file)), variables))
        for name, checkout in checkouts.items():
            figures = _measure(("fetch",), {**variables, **modules_of(checkout)})
            seen.setdefault(name, []).append(figures)
    medians = [median(rounds) for rounds in seen.values()]
    size = file.stat().st_size
    ratios = [one["cpu_ms"] / medians[0]["cpu_ms"] for one in medians]
    peaks = [one["peak_bytes"] / size for one in medians]
    return (
        f"{size / 1e6:.0f} MB",
        " / ".join(f"{one['cpu_ms']:.0f}" for one in medians),
        " / ".join(f"{ratio:.2f}" for ratio in ratios),
        " / ".join(f"{peak:.2f}" for peak in peaks),
        "CPU ≤ 2, peak ≤ 2.5",
        "yes" if ratios[1] <= 2 and peaks[1] <= 2.5 else "no",
    )


def _measure(words: Sequence[str], variables: Mapping[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, PROGRAM, *words],
        env=dict(variables),
        cwd=variables["HOME"],
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _run_many(name: str, checkout: Path, variables: Mapping[str, str], home: Path) -> Sequence[str]:
    """Run the large job on an emulator of a checkout with its client."""
    store = home / f"{name}.sqlite"
    modules = modules_of(checkout)
    with running(emulator_command(home, store), home / f"{name}.log", modules) as server:
        before = server.memory()
        figures = _measure(("run",), {**variables, **modules, "BENCH_URL": server.url})
        peak = server.peak_memory()
    size = figures["bytes"]
    return (
        *(name, f"{size / 1e6:.0f}", f"{figures['peak_bytes'] / size:.2f}"),
        *(f"{peak:.0f}", f"{before:.0f}"),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench large", description="Measure large results."
    )
    add_options(parser, rounds=3)
    parser.add_argument(
        "--no-circuits",
        dest="circuits",
        action="store_false",
        help="leave out the job of 900 circuits, which takes a minute",
    )
    return parser
