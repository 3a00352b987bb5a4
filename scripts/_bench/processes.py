"""Servers in processes of their own: their address, processor time and memory."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE_KB: Final = os.sysconf("SC_PAGESIZE") // 1024


class Process:
    """A running server.

    Args:
        command: command line; it prints ``at URL/api``.
        log: file for its output.
        variables: further environment variables.
    """

    def __init__(
        self, command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        started = time.perf_counter()
        environment = {**os.environ, **(variables or {})}
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        found = None
        while found is None and self._process.poll() is None:
            time.sleep(0.01)
            found = re.search(r"at (http://[\w.:]+)/api\s", log.read_text())
        if found is None:
            raise SystemExit(f"the server did not start: {log.read_text()}")
        self.start_seconds, self.start_cpu = time.perf_counter() - started, self.cpu()
        self.url = found[1]

    def cpu(self) -> float:
        """Return the processor seconds of the process without its children."""
        return _cpu(self._process.pid)

    def memory(self) -> float:
        """Return the resident memory of the process in MB."""
        return _memory(self._process.pid)

    def peak_memory(self) -> float:
        """Return the largest resident memory that the process had, in MB."""
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(text.partition("VmHWM:")[2].split()[0]) / 1024

    def children(self) -> dict[str, list[float]]:
        """Return the memory of inspectors and simulators, in MB."""
        found: dict[str, list[float]] = {"inspectors": [], "simulators": []}
        for pid in _descendants(self._process.pid):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if b"ibmq_backend.emulator.engine.worker" in words:
                    role = words[words.index(b"ibmq_backend.emulator.engine.worker") + 1]
                    kind = "inspectors" if role == b"inspect" else "simulators"
                    found[kind].append(_memory(pid))
        return found

    def children_cpu(self) -> float:
        """Return the processor seconds of all workers."""
        return tree_cpu(self._process.pid) - self.cpu()

    def stop(self) -> None:
        """Stop the server."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def tree_cpu(pid: int) -> float:
    """Return the processor seconds of a process and of all processes below it."""
    total = _cpu(pid)
    for child in _descendants(pid):
        with contextlib.suppress(OSError):
            total += _cpu(child)
    return total


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_KB / 1024


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield int(child)
                yield from _descendants(int(child))


@contextmanager
def running(
    command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a server in the ``with`` block."""
    process = Process(command, log, variables)
    try:
        yield process
    finally:
        process.stop()
