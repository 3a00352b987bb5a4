"""Start the selected programs with the session, two at a time; a test waits for its own.

A worker of pytest-xdist does not know which tests it will get: there, each starts its own program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
PARALLEL_PROGRAMS = 2


@dataclass
class Outcome:
    """The exit status and output of a program."""

    status: int
    out: str
    err: str


class Runners:
    """A process for each thread that forks programs."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._mine = threading.local()
        self._all: list[subprocess.Popen[str]] = []

    def run(self, program: Path, folder: Path) -> Outcome:
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
        return Outcome(status, (folder / "out").read_text(), (folder / "err").read_text())

    def close(self) -> None:
        for runner in self._all:
            runner.communicate()


@pytest.fixture(scope="session")
def finished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Outcome]]:
    """Return a function that waits for a program and returns its outcome."""
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

    def run(name: str) -> Outcome:
        return runners.run(PROGRAMS / name, folder / name)

    if "PYTEST_XDIST_WORKER" in os.environ:
        yield run
    else:
        with ThreadPoolExecutor(PARALLEL_PROGRAMS) as pool:
            begun = {name: pool.submit(run, name) for name in _selected_programs(request.session)}
            yield lambda name: begun[name].result()
            for future in begun.values():
                future.cancel()
    runners.close()


def _selected_programs(session: pytest.Session) -> list[str]:
    return [
        item.callspec.params["program"]
        for item in session.items
        if item.path.parent == PROGRAMS.parent
        and "program" in getattr(getattr(item, "callspec", None), "params", {})
    ]
