"""A server under load: times and CPU of each operation, memory, lost and doubled jobs."""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from scripts._bench.load import Client, Load, Tally
from scripts._bench.processes import Process, running
from scripts._bench.report import ROOT, Reference, commit_of, numbers, publish, table

_OWNER: Final = "owner of the stored jobs"
_READS: Final = 300
_PROBE_SECONDS: Final = 0.1
_SAMPLE_SECONDS: Final = 5.0

_BARE: Final = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
body = b"{" + b" " * 700 + b"}"
async def answer(request):
    return Response(body, media_type="application/json")
app = Starlette(routes=[Route("/{rest:path}", answer)])
class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(f"at http://127.0.0.1:{port}/api", flush=True)
options = {"http": "h11", "lifespan": "off", "log_config": None, "access_log": False}
Server(uvicorn.Config(app, port=0, **options)).run()
"""
"""The least that the same libraries can do: a reply of 0.7 kB from memory."""


def show(arguments: Sequence[str]) -> None:
    """Measure a server once for each number of clients, and print the figures."""
    options = _parser().parse_args(arguments)
    reference, every = Reference(), []
    for clients in options.clients:
        reference.measure()
        alone = argparse.Namespace(**{**vars(options), "clients": clients})
        with tempfile.TemporaryDirectory(prefix="ibmq-bench-") as folder:
            every.append(_measure(alone, Path(folder)))
        _print(every[-1])
        reference.measure()
    run = reference.describe(1, {"server": f"commit {commit_of(ROOT)}"})
    publish("server", run, [_load_table(every), _cost_table(every[0])], options.json)
    for figures in every:
        if figures["lost"] or figures["doubled"] or figures["problems"]:
            problems = figures["problems"][:10]
            sys.exit("\n".join(("jobs were lost or doubled, or clients failed", *problems)))


def _load_table(every: Sequence[dict[str, Any]]) -> dict[str, Any]:
    rows = []
    for figures in every:
        reads = figures["operations"]
        slowest = max(row["p95_ms"] for name, row in reads.items() if name.endswith("(probe)"))
        rate, memory = figures["jobs_per_second"], figures["after_mb"]["server"]
        rows.append(
            (
                *(f"{figures['clients']}", f"{rate:.1f}"),
                f"{figures['server_cpu_ms_per_job']:.1f} + {figures['workers_cpu_ms_per_job']:.1f}",
                *(f"{reads['status']['p95_ms']:.0f}", f"{slowest:.0f}"),
                f"{figures['before_mb']:.0f} → {memory:.0f}",
                "150 jobs/s, reads 20 ms",
                "yes" if rate >= 150 and slowest <= 20 else "no",
            )
        )
    columns = (
        *("clients", "jobs/s", "CPU ms of a job: server + simulators", "p95 of status, ms"),
        *("p95 of reads of one more client, ms", "memory of the server, MB", "target", "reached"),
    )
    return table("Jobs without noise, one circuit each", columns, rows)


def _cost_table(figures: dict[str, Any]) -> dict[str, Any]:
    limits = {"status": 1.0, "list of backends": 3.0}
    rows = []
    for name, cost in figures["cpu_ms"].items():
        limit = limits.get(name)
        target = "" if limit is None else f"≤ {limit:g} ms"
        reached = "" if limit is None else ("yes" if cost <= limit else "no")
        ratio = f"{cost / figures['bare_cpu_ms']:.2f}"
        rows.append((name, f"{cost:.2f}", ratio, target, reached))
    columns = ("request", "CPU ms", "CPU ÷ bare reply of uvicorn", "target", "reached")
    return table("One request to an idle server", columns, rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench server", description="Measure a server on loopback under load."
    )
    for name, default, words in (
        ("--jobs", 200, "jobs of all clients together"),
        ("--open-jobs", 0, "jobs that a client submits before it waits; 0 for its share of all"),
        ("--circuits", 1, "Bell circuits of a job"),
        ("--stored", 0, "finished jobs in the store"),
        ("--workers", 2, "simulator processes"),
    ):
        parser.add_argument(
            name, type=int, default=default, metavar="N", help=f"{words} ({default})"
        )
    parser.add_argument(
        "--clients",
        type=numbers,
        default=[16],
        metavar="N,M",
        help="number of clients; several for a run with each (16)",
    )
    for name, seconds, words in (
        ("--pause", 0.05, "seconds between two polls of a client"),
        ("--limit", 600.0, "time limit of the load in seconds"),
        ("--minutes", 0.0, "length of a soak after the load"),
        ("--rate", 5.0, "jobs per second of the soak"),
    ):
        parser.add_argument(
            name, type=float, default=seconds, metavar="N", help=f"{words} ({seconds:g})"
        )
    parser.add_argument("--dask", metavar="ADDRESS", help="run the jobs on a Dask cluster")
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the tables to FILE")
    return parser


def _measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    store = folder / "store.sqlite"
    command = [
        *(sys.executable, "-m", "ibmq_backend.emulator", "--port", "0", "--open"),
        *("--store", str(store), "--workers", str(options.workers)),
        *(("--dask", options.dask) if options.dask else ()),
    ]
    with running([sys.executable, "-c", _BARE], folder / "bare.log") as bare:
        client = Client(bare.url, Tally())
        bare_ms = _cpu_ms(bare, partial(client.project, "bare", "GET", "/Jobs"), 1000)
    with running(command, folder / "server.log") as server:
        start = {"seconds": server.start_seconds, "cpu_seconds": server.start_cpu}
        client = Client(server.url, Tally())
        client.login(_OWNER)
        time.sleep(3.0)
        idle = {"server": server.memory(), **server.children()}
        started = time.perf_counter()
        first = client.submit()
        client.wait(first, 0.005, time.monotonic() + 60)
        first_seconds = time.perf_counter() - started
        client.fetch(first)
    if options.stored:
        fill(store, first, options.stored)
    with running(command, folder / "server.log") as server:
        tally = Tally()
        client = Client(server.url, tally)
        client.login(_OWNER)
        last = client.submit()
        client.wait(last, 0.05, time.monotonic() + 60)
        costs = _operation_costs(server, client, last)
        tally.seconds.clear()
        before = server.memory()
        load = Load(
            server.url,
            options.clients,
            options.jobs,
            options.open_jobs or options.jobs,
            options.pause,
            0.0,
            options.limit,
            options.circuits,
        )
        cpu, workers_cpu = server.cpu(), server.children_cpu()
        seen, seconds = load.run(_probe(client, last))
        cpu, workers_cpu = server.cpu() - cpu, server.children_cpu() - workers_cpu
        after = {"server": server.memory(), **server.children()}
        soak = _soak(options, server, client, last) if options.minutes else None
    created = seen.created + (soak["tally"].created if soak else [])
    counted = {**seen.counted, **(soak["tally"].counted if soak else {})}
    lost, doubled = _lost_and_doubled(store, created, counted)
    done = len(seen.counted)
    figures: dict[str, Any] = {
        "commit": commit_of(ROOT),
        "load_average": os.getloadavg()[0],
        "clients": options.clients,
        "jobs": options.jobs,
        "circuits": options.circuits,
        "stored": options.stored,
        "workers": options.workers,
        "start": start,
        "first_job_seconds": first_seconds,
        "idle_mb": idle,
        "before_mb": before,
        "after_mb": after,
        "bare_cpu_ms": bare_ms,
        "cpu_ms": costs,
        "seconds": seconds,
        "jobs_per_second": done / seconds,
        "server_cpu_ms_per_job": 1000 * cpu / max(1, done),
        "workers_cpu_ms_per_job": 1000 * workers_cpu / max(1, done),
        "operations": {
            **{name: _summary(times) for name, times in sorted(seen.seconds.items())},
            **{f"{name} (probe)": _summary(times) for name, times in sorted(tally.seconds.items())},
        },
        "created": len(created),
        "lost": lost,
        "doubled": doubled,
        "problems": [*seen.problems, *(soak["tally"].problems if soak else [])],
    }
    if soak:
        figures["soak"] = {name: value for name, value in soak.items() if name != "tally"}
    return figures


def _operation_costs(server: Process, client: Client, job_id: str) -> dict[str, float]:
    """Return the processor time of the server for single requests while it is idle, in ms."""
    reads = {
        "status": f"/Jobs/{job_id}/status/v/1",
        "job": f"/Jobs/{job_id}/v/1",
        "list of jobs": "/Jobs/v/1",
        "list of statuses": "/Jobs/status/v/1",
        "backend status": "/devices/ibmq_vigo/queue/status",
        "properties": "/devices/ibmq_vigo/properties?version=1",
        "list of backends": "/devices/v/1",
    }
    costs = {
        name: _cpu_ms(
            server,
            partial(client.project, name, "GET", path),
            _READS if "list" not in name else _READS // 4,
        )
        for name, path in reads.items()
    }

    def create() -> None:
        wanted = {"backend": {"name": "ibmq_qasm_simulator"}, "allowObjectStorage": True}
        created.append(client.project("create job", "POST", "/Jobs", wanted)["id"])

    created: list[str] = []
    costs["create job"] = _cpu_ms(server, create, _READS // 4)
    for one in created:
        client.project("delete job", "DELETE", f"/Jobs/{one}")
    return costs


def _cpu_ms(process: Process, call: Callable[[], Any], runs: int) -> float:
    for _ in range(5):
        call()
    before = process.cpu()
    for _ in range(runs):
        call()
    return 1000 * (process.cpu() - before) / runs


def _probe(client: Client, job_id: str) -> Callable[[], None]:
    """Return a function that sends a few small requests, at most every 0.1 s."""
    due = 0.0

    def probe() -> None:
        nonlocal due
        if time.monotonic() < due:
            return
        due = time.monotonic() + _PROBE_SECONDS
        client.status(job_id)
        client.project("backend status", "GET", "/devices/ibmq_qasm_simulator/queue/status")
        client.project("list of statuses", "GET", "/Jobs/status/v/1")

    return probe


def _soak(
    options: argparse.Namespace, server: Process, client: Client, job_id: str
) -> dict[str, Any]:
    """Run a steady load and fit a line through the memory of its second half."""
    samples: list[tuple[float, float]] = []
    probe, started, due = _probe(client, job_id), time.monotonic(), 0.0

    def sample() -> None:
        nonlocal due
        probe()
        if time.monotonic() >= due:
            due = time.monotonic() + _SAMPLE_SECONDS
            samples.append((time.monotonic() - started, server.memory()))

    seconds = 60 * options.minutes
    load = Load(
        server.url,
        options.clients,
        max(options.clients, int(options.rate * seconds)),
        1,
        options.pause,
        options.clients / options.rate,
        seconds,
        options.circuits,
    )
    tally, taken = load.run(sample)
    half = samples[len(samples) // 2 :]
    slope = statistics.linear_regression(*zip(*half, strict=True)).slope if len(half) > 2 else 0.0
    return {
        "tally": tally,
        "minutes": taken / 60,
        "jobs": len(tally.counted),
        "first_mb": samples[0][1],
        "middle_mb": half[0][1],
        "last_mb": samples[-1][1],
        "mb_per_hour": slope * 3600,
        "mb_per_1000_jobs": slope * taken / max(1, len(tally.counted)) * 1000,
    }


def fill(store: Path, template: str, count: int) -> None:
    """Fill the store of a stopped server with copies of a finished job of the same owner.

    Args:
        store: SQLite file.
        template: id of the job.
        count: number of copies.
    """
    numbers = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?) "
    changed = {
        "id": "printf('%024x', n)",
        "job_id": "printf('%024x', n)",
        "creation_ms": "creation_ms - 1000 * n",
    }
    with contextlib.closing(sqlite3.connect(store)) as connection, connection:
        for table, key in (("jobs", "id"), ("job_data", "job_id"), ("events", "job_id")):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            if table == "events":
                columns.remove("sequence")
            new = {**changed, **({"sequence": "-n"} if table == "jobs" else {})}
            values = ", ".join(new.get(column, column) for column in columns)
            connection.execute(
                f"{numbers}INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608
                f"SELECT {values} FROM n, {table} WHERE {key} = ?",
                (count, template),
            )


def _lost_and_doubled(store: Path, created: list[str], counted: dict[str, int]) -> tuple[int, int]:
    """Return the number of jobs without a correct result, and of those that ran or ended twice."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        entered = Counter(
            connection.execute(
                "SELECT job_id, status FROM events WHERE status IN ('RUNNING', 'COMPLETED')"
            )
        )
    lost = [one for one in created if not counted.get(one) or not entered[one, "COMPLETED"]]
    doubled = {job_id for (job_id, _), times in entered.items() if times > 1}
    doubled |= {one for one, times in Counter(created).items() if times > 1}
    return len(lost), len(doubled)


def _summary(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "count": len(ordered),
        "p50_ms": 1000 * ordered[len(ordered) // 2],
        "p95_ms": 1000 * ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)],
    }


def _print(figures: dict[str, Any]) -> None:
    bare = figures["bare_cpu_ms"]
    print(
        f"server {figures['commit']}: {figures['clients']} clients, {figures['jobs']} jobs, "
        f"{figures['stored']} stored, {figures['workers']} workers "
        f"(load average {figures['load_average']:.1f})"
    )
    start = figures["start"]
    print(
        f"  start to listening {start['seconds']:.2f} s ({start['cpu_seconds']:.2f} s of CPU), "
        f"first job {figures['first_job_seconds']:.2f} s"
    )
    for name, memory in (("idle", figures["idle_mb"]), ("after", figures["after_mb"])):
        workers = ", ".join(
            f"{kind} {' + '.join(f'{one:.0f}' for one in memory[kind]) or 'none'}"
            for kind in ("inspectors", "simulators")
        )
        print(f"  memory {name}: server {memory['server']:.0f} MB; {workers} MB")
    print(f"  one request to an idle server, CPU of the server (bare reply: {bare:.2f} ms)")
    for name, cost in figures["cpu_ms"].items():
        print(f"    {cost:7.2f} ms   {cost / bare:6.2f} x bare   {name}")
    print(
        f"  {figures['jobs_per_second']:.1f} jobs/s over {figures['seconds']:.1f} s; CPU of a job: "
        f"server {figures['server_cpu_ms_per_job']:.1f} ms, "
        f"workers {figures['workers_cpu_ms_per_job']:.1f} ms"
    )
    print(f"  {figures['created']} created, {figures['lost']} lost, {figures['doubled']} doubled")
    print("  time of the requests of all clients under load, until the whole reply was read;")
    print(f"  (probe): of one more client, at most every {_PROBE_SECONDS:g} s")
    print("    count   p50 ms   p95 ms")
    for name, row in figures["operations"].items():
        print(f"  {row['count']:7}  {row['p50_ms']:7.1f}  {row['p95_ms']:7.1f}   {name}")
    if soak := figures.get("soak"):
        print(
            f"  soak of {soak['minutes']:.1f} min, {soak['jobs']} jobs: {soak['first_mb']:.1f} MB "
            f"at first, {soak['middle_mb']:.1f} in the middle, {soak['last_mb']:.1f} at last; "
            f"{soak['mb_per_hour']:+.1f} MB/h, {soak['mb_per_1000_jobs']:+.2f} MB per 1,000 jobs"
        )
