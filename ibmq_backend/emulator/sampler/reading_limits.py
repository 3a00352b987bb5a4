"""Time and memory limits for reading circuits of untrusted clients.

A few lines of OpenQASM can describe a circuit of 2^40 gates. Reading therefore has limits of its
own, lower than those of a job: processor time, which does not depend on other load, and memory.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode

_log: Final = logging.getLogger(__name__)

MAX_CPU_SECONDS: Final = 120.0
MAX_BYTES: Final = 2 << 30
_REPEAT_SECONDS: Final = 1.0
_SIZES: Final = Path("/proc/self/statm")


class _TooLong(BaseException):
    """Raised by the timer; not an ``Exception``, so that interrupted code does not handle it."""


@contextmanager
def bounded_reading(seconds: float = MAX_CPU_SECONDS, memory: int = MAX_BYTES) -> Iterator[None]:
    """Limit time and memory inside the context, on systems that support such limits.

    Args:
        seconds: processor time.
        memory: bytes in addition to those that the process uses now.

    Raises:
        JobRefused: 1520, if a limit is reached.
    """
    with ExitStack() as limits:
        limits.enter_context(_memory_limit(memory))
        limits.enter_context(_time_limit(seconds))
        try:
            yield
        except _TooLong:
            message = f"The circuits take more than {seconds:.0f} s to read"
            raise JobRefused(message, ErrorCode.OVER_SYSTEM_LIMITS) from None
        except MemoryError as error:
            message = f"The circuits take more than {memory >> 20} MB to read"
            raise JobRefused(message, ErrorCode.OVER_SYSTEM_LIMITS) from error


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    here = threading.current_thread() is threading.main_thread()
    if not here or not hasattr(signal, "setitimer"):
        _log.debug("the time for reading circuits is not limited here")
        yield
        return

    def interrupt(_number: int, _frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, interrupt)
    # Repeated, in case the first signal is lost in code that ignores exceptions.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _REPEAT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def _memory_limit(size: int) -> Iterator[None]:
    if not _SIZES.exists():
        _log.debug("the memory for reading circuits is not limited here")
        yield
        return
    import resource

    used = int(_SIZES.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bounds = [one for one in (soft, hard) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([used + size, *bounds]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
