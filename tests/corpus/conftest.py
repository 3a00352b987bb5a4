"""Programs run two at a time, from the start of the session; a test waits for its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
AT_A_TIME = 2


@dataclass
class Done:
    """How a program ended."""

    status: int
    out: str
    err: str


class Runners:
    """One process that forks programs for each thread that asks."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._mine = threading.local()
        self._all: list[subprocess.Popen[str]] = []

    def run(self, program: Path, folder: Path) -> Done:
        runner = getattr(self._mine, "runner", None)
        if runner is None:
            runner = self._mine.runner = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("runner.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=self._environment,
            )
            self._all.append(runner)
        folder.mkdir()
        runner.stdin.write(json.dumps({"program": str(program), "folder": str(folder)}) + "\n")
        runner.stdin.flush()
        status = json.loads(runner.stdout.readline())["status"]
        return Done(status, (folder / "out").read_text(), (folder / "err").read_text())

    def close(self) -> None:
        for runner in self._all:
            runner.communicate()


@pytest.fixture(scope="session")
def finished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Done]]:
    """Returns how a program ended, waiting for it; all that are asked for have begun."""
    wanted = [
        item.callspec.params["program"]
        for item in request.session.items
        if "program" in getattr(getattr(item, "callspec", None), "params", {})
    ]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QE_", "QISKIT_IBM", "IBMQ_BACKEND_"))
    }
    environment |= {
        "PYTHONWARNINGS": "default",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",  # programs run side by side
        "OPENBLAS_NUM_THREADS": "1",
    }
    runners = Runners(environment)
    folder = tmp_path_factory.mktemp("corpus")
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        begun: dict[str, Future[Done]] = {
            name: pool.submit(runners.run, PROGRAMS / name, folder / name) for name in wanted
        }
        yield lambda name: begun[name].result()
        for future in begun.values():
            future.cancel()
    runners.close()
