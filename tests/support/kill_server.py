"""A server that can be killed and restarted with the same port and database.

Run as a module, this is the server: ``ibmq-backend serve`` with an unlimited number of attempts for
each job, so that a job completes however often its worker is killed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 0.5
STOP_SECONDS = 60.0
_ADDRESS = re.compile(r"QISKIT_IBM_URL=http://127\.0\.0\.1:(\d+)/api QISKIT_IBM_INSTANCE=(\S+)")


class KillableServer:
    """A service whose process is killed and restarted.

    Args:
        store_url: the database.
        log: the file for its messages.

    Attributes:
        crn: an instance of the platform.
        lives: the number of starts.
        workers: the process ids of all workers so far.
    """

    def __init__(self, store_url: str, log: Path) -> None:
        self.crn = ""
        self.lives = 0
        self.workers: set[int] = set()
        self._store_url = store_url
        self._log = log
        self._port = 0
        self._up = threading.Event()
        self._child: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """The base URL, the same after every restart."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start the process and wait until its port is open."""
        command = [sys.executable, "-m", "tests.support.kill_server"]
        with self._log.open("a") as log:
            self._child = subprocess.Popen(
                [*command, str(self._port), self._store_url],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
            )
        assert self._child.stdout is not None
        found = next(filter(None, map(_ADDRESS.search, self._child.stdout)), None)
        assert found is not None, f"it did not start: {self._log.read_text()[-2000:]}"
        self._port, self.crn = int(found[1]), found[2]
        self.lives += 1
        self._up.set()

    def wait_until_up(self, seconds: float) -> bool:
        """Wait for the restart; return whether it came."""
        return self._up.wait(seconds)

    def kill(self, *, workers: bool) -> None:
        """Kill the process, and on request its workers at the same moment."""
        assert self._child is not None
        self._up.clear()
        children = self._living_workers()
        self._child.kill()
        if workers:
            for child in children:
                _kill(child)
        self._collect()

    def kill_worker(self) -> bool:
        """Kill one worker; return whether there was one."""
        children = self._living_workers()
        if children:
            _kill(children[0])
        return bool(children)

    def stop(self) -> None:
        """Stop the process with SIGTERM."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self._living_workers()
            self._child.send_signal(signal.SIGTERM)
        self._collect()

    def abandoned_workers(self) -> list[int]:
        """Return the workers that still run some time after the end of their server."""
        found = [psutil.Process(pid) for pid in self.workers if psutil.pid_exists(pid)]
        _, alive = psutil.wait_procs(found, STOP_SECONDS)
        return [process.pid for process in alive]

    def _living_workers(self) -> list[psutil.Process]:
        assert self._child is not None
        try:
            children = psutil.Process(self._child.pid).children()
        except psutil.NoSuchProcess:
            return []
        self.workers |= {child.pid for child in children}
        return children

    def _collect(self) -> None:
        assert self._child is not None
        assert self._child.stdout is not None
        self._child.wait(STOP_SECONDS)
        self._child.stdout.close()


def _kill(process: psutil.Process) -> None:
    try:
        os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> None:
    """Serve on the port and database in the command line."""
    from ibmq_backend.emulator.http.serve import serve
    from ibmq_backend.emulator.service_state import Settings

    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("store")
    given = parser.parse_args()
    settings = Settings(lease_seconds=LEASE_SECONDS, max_attempts=1_000_000)
    serve(port=given.port, store_url=given.store, open_mode=True, settings=settings)


if __name__ == "__main__":
    main()
