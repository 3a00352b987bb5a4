"""Resource limits of a worker process.

What is enforced, by system:

- Linux: all limits.
- macOS: processor time, file size, open files and the size of results; the kernel does not limit
  the address space, so only Aer's own check bounds memory.
- Windows: the size of results and Aer's check of memory.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

__all__ = [
    "MAX_HEAD_BYTES",
    "MIN_MEMORY_BYTES",
    "WorkerLimits",
    "confine",
    "limit_cpu_seconds",
    "max_idle_bytes",
    "out_of_memory",
    "used_bytes",
]

_LOG = logging.getLogger(__name__)

MIN_MEMORY_BYTES: Final = 2 << 30
"""Enough for a noisy job on 20 qubits, its result, and parsing the largest circuits."""

MAX_HEAD_BYTES: Final = 4 << 20
"""Maximum size of the rest of a reply besides the results of the circuits: header and shapes."""

_THREAD_BYTES: Final = 80 << 20
"""Address space that a thread reserves for its stack and its heap, mostly unused."""

_SPENT_SHARE: Final = 4
"""A worker is replaced if a job leaves more than this share of the job memory in use."""

_OOM_SCORE: Final = 1000
_PR_SET_NO_NEW_PRIVS: Final = 38
_PAGES: Final = Path("/proc/self/statm")


@dataclass(frozen=True)
class WorkerLimits:
    """Limits of one worker process.

    Attributes:
        memory_bytes: memory of a job, in addition to that of an idle worker.
        result_bytes: size of a result as JSON text.
        file_bytes: size of a written file; the worker writes only module caches.
        open_files: number of open files.
        niceness: how far the process gives way to others for processor time, 0 to 19.
    """

    memory_bytes: int = MIN_MEMORY_BYTES
    result_bytes: int = 100_000_000
    file_bytes: int = 16 << 20
    open_files: int = 256
    niceness: int = 0

    @classmethod
    def for_workers(cls, workers: int, result_bytes: int = result_bytes) -> WorkerLimits:
        """Return limits by which the workers share half of this machine's memory.

        Args:
            workers: number of worker processes.
            result_bytes: size of a result as JSON text.
        """
        memory_bytes = max(MIN_MEMORY_BYTES, _physical_memory_bytes() // 2 // max(1, workers))
        return cls(memory_bytes=memory_bytes, result_bytes=result_bytes)

    @classmethod
    def from_json(cls, text: str) -> WorkerLimits:
        """Read the text of :meth:`to_json`."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Return the limits as text for a command line."""
        return json.dumps(asdict(self))


def confine(limits: WorkerLimits, threads: int) -> None:
    """Set the limits of this process permanently, as far as the system supports them.

    Args:
        limits: the limits.
        threads: threads that a simulation may start.
    """
    if hasattr(os, "nice"):
        os.nice(limits.niceness)
    if sys.platform == "linux":
        try:
            # If memory runs out nevertheless, the kernel ends this process and not the service.
            Path("/proc/self/oom_score_adj").write_text(f"{_OOM_SCORE}\n", encoding="ascii")
        except OSError as error:
            _LOG.debug("the out-of-memory score of this process cannot be set: %s", error)
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    try:
        import resource
    except ImportError:
        _LOG.debug("this system has no limits of processes")
        return
    wanted = {
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":
        wanted[resource.RLIMIT_AS] = used_bytes() + limits.memory_bytes + threads * _THREAD_BYTES
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))


def max_idle_bytes(limits: WorkerLimits, threads: int) -> int:
    """Return the address space above which this process, now idle, lacks memory for a job.

    Args:
        limits: the limits.
        threads: threads that a simulation may start.
    """
    return used_bytes() + limits.memory_bytes // _SPENT_SHARE + threads * _THREAD_BYTES


def limit_cpu_seconds(seconds: float | None) -> None:
    """Limit the processor time of this process from now on; the system ends it afterwards.

    Args:
        seconds: processor time of all threads; None = without limit.
    """
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if seconds is None:
        soft = hard
    else:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime + seconds) + 1
        soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def out_of_memory(limits: WorkerLimits) -> str:
    """Return the error message of a job that exceeded its memory."""
    return (
        f"The job ran out of memory: a job may use {limits.memory_bytes >> 20} MB. Use fewer "
        "qubits, shots or circuits, or another simulation method"
    )


def used_bytes() -> int:
    """Return the address space of this process in bytes; 0 if it is unknown."""
    if not _PAGES.exists():
        return 0
    return int(_PAGES.read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")


class _MemoryStatus(ctypes.Structure):
    """``MEMORYSTATUSEX`` of Windows."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total_bytes", ctypes.c_uint64),
        ("others", ctypes.c_uint64 * 6),
    )


def _physical_memory_bytes() -> int:
    if sys.platform == "win32":
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.total_bytes)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):  # unknown
        return 0
