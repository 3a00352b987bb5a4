"""A Dask cluster on loopback whose scheduler and workers are processes that can be killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

START_SECONDS = 60.0
STOP_SECONDS = 30.0
ENVIRONMENT = {
    # The second death of a worker ends a job, as on one machine.
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    # Workers give up a lost scheduler at once, so that the test can start new ones.
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
}


class DaskMachines:
    """A scheduler and its workers.

    Args:
        folder: for logs and the files of the workers.
        tls: folder with ``ca.pem``, ``cert.pem`` and ``key.pem``; None for a cluster without TLS.

    Attributes:
        address: the address of the scheduler, the same after a restart.
        tls: the folder.
    """

    def __init__(self, folder: Path, tls: Path | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.address = f"{'tcp' if tls is None else 'tls'}://127.0.0.1:{self._port}"
        self.tls = tls
        self._folder = folder
        self._options = [] if tls is None else _tls_options(tls)
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    def start_scheduler(self) -> None:
        """Start the scheduler and wait until its port is open."""
        self._scheduler = self._start("dask_scheduler", "--port", str(self._port))
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.05)

    def start_worker(self, threads: int = 1, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker; it joins some seconds later."""
        worker = self._start(
            "dask_worker", self.address, "--nthreads", str(threads), "--no-nanny",
            "--local-directory", str(self._folder), **environment,
        )  # fmt: skip
        self._workers.append(worker)
        return worker

    def wait_for_workers(self) -> None:
        """Wait until all workers that were started so far have joined."""
        deadline = time.monotonic() + START_SECONDS
        while self.log().count("Registered to:") < len(self._workers):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def kill_scheduler(self) -> None:
        """Kill the scheduler; the workers end by themselves."""
        assert self._scheduler is not None
        self._scheduler.kill()
        self._scheduler.wait(STOP_SECONDS)

    def wait_for_workers_to_end(self) -> None:
        """Wait until no worker runs."""
        for worker in self._workers:
            worker.wait(STOP_SECONDS)

    def busy_workers(self) -> list[subprocess.Popen[bytes]]:
        """Return the workers with a simulator process that computes."""
        return [one for one in self._workers if one.poll() is None and _computes(one.pid)]

    def simulators(self) -> list[psutil.Process]:
        """Return all simulator processes."""
        return [
            child
            for one in self._workers
            if one.poll() is None
            for child in psutil.Process(one.pid).children()
        ]

    def stop(self) -> None:
        """Kill all processes; their simulators end by themselves."""
        for one in [*self._workers, *([self._scheduler] if self._scheduler else [])]:
            one.kill()
            one.wait(STOP_SECONDS)

    def log(self) -> str:
        """Return the messages of all processes."""
        return (self._folder / "dask.log").read_text()

    def _start(self, module: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self._folder / "dask.log").open("ab") as log:
            return subprocess.Popen(
                [
                    sys.executable, "-m", f"distributed.cli.{module}", *arguments,
                    "--host", "127.0.0.1", "--no-dashboard", *self._options,
                ],
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
                env={**os.environ, **ENVIRONMENT, **environment},
            )  # fmt: skip


def _tls_options(folder: Path) -> list[str]:
    files = {"--tls-ca-file": "ca.pem", "--tls-cert": "cert.pem", "--tls-key": "key.pem"}
    return [word for option, name in files.items() for word in (option, str(folder / name))]


def _computes(pid: int) -> bool:
    """Return whether a simulator of a worker uses a processor now."""
    try:
        children = psutil.Process(pid).children()
        return any(child.cpu_percent(0.1) > 20 for child in children)
    except psutil.NoSuchProcess:
        return False
