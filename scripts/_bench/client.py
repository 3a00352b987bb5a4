"""Clients of the classic API against a stub: this package, plain httpx and the original client."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from scripts._bench.contenders.driver import TOKEN
from scripts._bench.processes import running
from scripts._bench.report import ROOT, Reference, add_options, commit_of, names_of, publish, table

FOLDER: Final = Path(__file__).resolve().parent
_SETTLED_SECONDS: Final = 0.03
_ACCOUNTS: Final = {"user": [{"name": "ada", "token": TOKEN, "limits": {"devices": -1}}]}


class Measured(NamedTuple):
    """How an operation is measured.

    Attributes:
        repeats: repetitions in a round.
        settings: settings of the stub.
    """

    repeats: int
    settings: dict[str, float]


OPERATIONS: Final = {
    "login": Measured(4, {}),
    "status": Measured(60, {}),
    "properties": Measured(30, {}),
    "submit": Measured(20, {}),
    "submit + result": Measured(12, {}),
    "result": Measured(16, {}),
    "jobs(200)": Measured(8, {}),
    "50 results": Measured(1, {"latency": 0.05}),
    "50 jobs": Measured(1, {"latency": 0.05}),
    "wait 1 s": Measured(1, {"job_seconds": 1.0}),
    "import": Measured(1, {}),
}


class Target(NamedTuple):
    """What was aimed at.

    Attributes:
        words: how the table says it.
        is_reached: whether the figures of all clients reach it; None if a client is missing.
    """

    words: str
    is_reached: Callable[[dict[str, dict[str, float]]], bool | None]


def _cpu(ratio: float) -> Target:
    """At most a multiple of the CPU of plain requests, and no more than the original."""

    def is_reached(seen: dict[str, dict[str, float]]) -> bool:
        ours = seen["ours"]["cpu_ms"]
        original = seen.get("original", seen["ours"])["cpu_ms"]
        return ours <= ratio * seen["bare"]["cpu_ms"] and ours <= original

    return Target(f"CPU ≤ {ratio:g} × bare", is_reached)


_CONCURRENT: Final = Target(
    "wall ≤ bare ÷ 0.8",
    lambda seen: 0.8 * seen["ours"]["wall_ms"] <= seen["bare"]["wall_ms"],
)

_CONTENDERS: Final = ("bare", "ours", "compared", "original")

TARGETS: Final = {
    "login": _cpu(2),
    "status": _cpu(1.5),
    "properties": _cpu(1.5),
    "submit": _cpu(1.5),
    "submit + result": _cpu(2),
    "result": _cpu(2),
    "jobs(200)": _cpu(4),
    "50 results": _CONCURRENT,
    "50 jobs": _CONCURRENT,
    "wait 1 s": Target(
        "1.2 s, 8 requests",
        lambda seen: seen["ours"]["wall_ms"] <= 1200 and seen["ours"]["requests"] <= 8,
    ),
    "import": Target(
        "CPU ≤ original",
        lambda seen: (
            seen["ours"]["cpu_ms"] <= seen["original"]["cpu_ms"] if "original" in seen else None
        ),
    ),
}


class Contender(NamedTuple):
    """A client that is measured.

    Attributes:
        name: name in the table.
        command: starts its program.
        statement: imports it.
        variables: environment variables.
    """

    name: str
    command: Sequence[str]
    statement: str = ""
    variables: Mapping[str, str] = {}


class Running:
    """A contender in a process.

    Args:
        contender: what is started.
        environment: environment variables.
    """

    def __init__(self, contender: Contender, environment: dict[str, str]) -> None:
        self._contender = contender
        self._environment = {**environment, **contender.variables}
        self._process = subprocess.Popen(
            contender.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment,
            cwd=environment["HOME"],
            text=True,
        )
        self.pid = self._process.pid
        self.operations, self.versions = self._answer()

    def ask(self, *words: Any) -> Any:
        """Send a command and return the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._contender.name} ended with {self._process.wait()}")
        return json.loads(line)

    def time_import(self) -> dict[str, float]:
        """Return CPU and wall milliseconds of the import in a new process."""
        code = (
            "import time\nwall, cpu = time.perf_counter(), time.process_time()\n"
            f"{self._contender.statement}\n"
            "print(1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall))"
        )
        done = subprocess.run(
            [self._contender.command[0], "-W", "ignore", "-c", code],
            env=self._environment,
            cwd=self._environment["HOME"],
            capture_output=True,
            text=True,
            check=True,
        )
        cpu, wall = map(float, done.stdout.split())
        return {"cpu_ms": cpu, "wall_ms": wall, "requests": 0.0}

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class StubControl:
    """Sets the stub and reads its counter.

    Args:
        url: URL of the stub.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = HTTPConnection(urlsplit(url).netloc)

    def configure(self, **settings: Any) -> int:
        """Apply settings and return the number of requests since the last call."""
        self._connection.request("POST", "/stub", json.dumps(settings))
        return int(self._connection.getresponse().read())

    def settled(self, latency: float = 0.0) -> int:
        """Return the number of requests when no more of them come, also after a reply."""
        before, seen = -1, 0
        while seen != before:
            time.sleep(_SETTLED_SECONDS + 2 * latency)
            before, seen = seen, self.configure(keep=True)
        return self.configure()


def measure(one: Running, operation: str, stub: StubControl) -> dict[str, float]:
    """Measure an operation of a contender once.

    Returns:
        CPU and wall milliseconds of one repetition, and its requests.
    """
    if operation == "import":
        return one.time_import()
    repeats, settings = OPERATIONS[operation]
    stub.configure(latency=0.0, job_seconds=0.0)
    one.ask("prepare", operation, repeats)
    stub.settled()
    stub.configure(**settings)
    [wall] = one.ask("run")
    requests = stub.settled(settings.get("latency", 0.0)) / repeats
    [cpu] = one.ask("end")
    return {"cpu_ms": cpu, "wall_ms": wall, "requests": requests}


def contenders(wanted: Sequence[str], other: Path | None) -> list[Contender]:
    """Return the clients that can be measured here.

    Args:
        wanted: their names.
        other: another checkout of this project, which is ``compared``.
    """
    scripts = FOLDER / "contenders"
    program, importing = str(scripts / "classic.py"), "from ibmq_backend import IBMQ"
    ours = (sys.executable, program, "ours")
    found = [
        Contender("bare", (sys.executable, str(scripts / "bare_classic.py")), "import httpx"),
        Contender("ours", ours, importing, modules_of(ROOT)),
    ]
    if other is not None:
        found.append(Contender("compared", ours, importing, modules_of(other)))
    python = environment_of("original_client") if "original" in wanted else None
    if python is not None:
        # qiskit.IBMQ is a wrapper, which imports the provider only when it is used.
        importing = "from qiskit.providers.ibmq import IBMQ"
        found.append(Contender("original", (python, program, "original"), importing))
    return [one for one in found if one.name in wanted]


def environment_of(client: str) -> str | None:
    """Return the interpreter of the environment of another client; None if it cannot be made."""
    done = subprocess.run(
        ["bash", "-c", f". scripts/_tool_environments && ensure_client {client}"],
        cwd=ROOT,
        env={**os.environ, "root": str(ROOT), "venv": sys.prefix},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None


@contextlib.contextmanager
def stub_and_contenders(
    chosen: Sequence[Contender], names: Sequence[str], checkout: Path
) -> Iterator[tuple[StubControl, dict[str, Running]]]:
    """Start the stub and the clients, and record replies of the emulator of a checkout."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ibmq-bench-")))
        stub: StubControl
        started: dict[str, Running] = {}
        recorded = modules_of(checkout)
        with running(
            emulator_command(folder, folder / "store.sqlite"), folder / "emulator.log", recorded
        ) as source:
            stubbed = stack.enter_context(
                running([sys.executable, str(FOLDER / "stub.py"), source.url], folder / "stub.log")
            )
            stub = StubControl(stubbed.url)
            environment = {**clean_environment(folder), "BENCH_URL": stubbed.url}
            for contender in chosen:
                started[contender.name] = Running(contender, environment)
                stack.callback(started[contender.name].stop)
                for name in dict.fromkeys(("result", *names)):
                    if name not in started[contender.name].operations:
                        continue
                    started[contender.name].ask("prepare", name, 1)
                    started[contender.name].ask("run")
        stub.configure(replay=True)
        yield stub, started


def emulator_command(folder: Path, store: Path) -> Sequence[str]:
    """Return the command that starts an emulator, without noise, for the user of the clients."""
    accounts = folder / "accounts.json"
    accounts.touch(mode=0o600)
    accounts.write_text(json.dumps(_ACCOUNTS))
    return (
        *(sys.executable, "-P", "-m", "ibmq_backend.emulator", "--port", "0", "--noise", "none"),
        *("--store", str(store), "--accounts", str(accounts)),
    )


def modules_of(checkout: Path) -> dict[str, str]:
    """Return the environment variables with which Python imports a checkout."""
    folder = checkout.resolve()
    return {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'generated'}"}


def clean_environment(home: Path) -> dict[str, str]:
    """Return environment variables without accounts or options of this package."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QE_", "QISKIT_", "IBMQ_BACKEND_", "PYTHONPATH"))
    }
    return {**kept, "HOME": str(home), "PYTHONWARNINGS": "ignore"}


def show(arguments: Sequence[str]) -> None:
    """Measure, print the medians, and compare them with the targets."""
    options = _parser().parse_args(arguments)
    names = options.operations or list(OPERATIONS)
    wanted = options.contenders
    chosen = contenders(wanted, options.compare)
    reference = Reference()
    seen: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in names}
    with stub_and_contenders(chosen, names, options.compare or ROOT) as (stub, started):
        for number in range(options.rounds + 1):
            for name in names:
                reference.measure()
                for contender, one in started.items():
                    figures = measure(one, name, stub)
                    if number:  # the first round warms up
                        seen[name].setdefault(contender, []).append(figures)
        versions = {contender: one.versions for contender, one in started.items()}
    commits = {"ours": ROOT, "compared": options.compare}
    for name in versions.keys() & commits.keys():
        versions[name] = f"commit {commit_of(commits[name])}"
    if "original" in wanted and "original" not in versions:
        versions["original"] = "left out, since it cannot be installed here"
    medians = {
        name: {contender: median(rounds) for contender, rounds in each.items()}
        for name, each in seen.items()
    }
    publish("client", reference.describe(options.rounds, versions), [_table(medians)], options.json)


def median(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the medians of figures of several rounds."""
    return {kind: statistics.median(one[kind] for one in rounds) for kind in rounds[0]}


def _table(medians: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Return the table: each cell has one figure for each client."""
    names = list(next(iter(medians.values())))
    rows = []
    for operation, each in medians.items():

        def cells(kind: str, digits: int, each: Any = each) -> str:
            return " / ".join(f"{each[name][kind]:.{digits}f}" for name in names)

        ratios = (
            ""
            if "bare" not in each
            else " / ".join(
                f"{each[name]['cpu_ms'] / each['bare']['cpu_ms']:.2f}" for name in names
            )
        )
        target = TARGETS[operation]
        is_reached = target.is_reached(each) if {"bare", "ours"} <= each.keys() else None
        rows.append(
            (
                *(operation, cells("requests", 0), cells("cpu_ms", 2), ratios),
                *(cells("wall_ms", 1), target.words),
                {True: "yes", False: "no", None: ""}[is_reached],
            )
        )
    columns = ("operation", "requests", "CPU ms", "CPU ÷ bare", "wall ms", "target", "reached")
    return table(f"Clients of the classic API: {' / '.join(names)}", columns, rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench client", description="Measure clients of the classic API on a stub."
    )
    add_options(parser, rounds=5)
    parser.add_argument(
        "--operations",
        type=names_of(OPERATIONS),
        metavar="A,B",
        help=f"some of {', '.join(OPERATIONS)}",
    )
    parser.add_argument(
        "--contenders",
        type=names_of(_CONTENDERS),
        default=list(_CONTENDERS),
        metavar="A,B",
        help=f"which clients ({','.join(_CONTENDERS)})",
    )
    return parser
