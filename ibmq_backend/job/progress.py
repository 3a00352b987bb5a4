"""Progress of waiting: one line on standard error of a terminal or a notebook, silence elsewhere.

Plain text, no script and no widget. The line appears when waiting takes longer than a moment, is
rewritten in place, and is cleared at the end, so an executed notebook keeps no trace of it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Final, TextIO

from ibmq_backend._secrets.redact import printable

__all__ = ["Progress", "counting", "muted", "watching"]

QUIET_SECONDS: Final = 1.0
"""Nothing is shown before so much time has passed."""

BAR_WIDTH: Final = 20

_muted: ContextVar[bool] = ContextVar("ibmq_backend_progress_muted", default=False)


class Progress:
    """One line that is rewritten in place, once :meth:`begin` was called.

    Args:
        stream: where to write; ``None`` writes nothing.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._line = ""
        self._width = 0
        self._begun = False
        self._over = False

    def begin(self) -> None:
        """Show the latest line, and from now on every new one."""
        with self._lock:
            self._begun = True
            self._write()

    def show(self, line: str) -> None:
        """Take the line in place of the one before."""
        with self._lock:
            self._line = printable(line)
            self._write()

    def clear(self) -> None:
        """Leave an empty line behind, nothing where nothing was shown; the end."""
        with self._lock:
            self._line = ""
            self._write()
            if self._width and self._stream is not None:
                self._stream.write("\r")
                self._stream.flush()
            self._over = True

    def _write(self) -> None:
        if self._stream is None or not self._begun or self._over:
            return
        if not self._line and not self._width:
            return
        self._stream.write("\r" + self._line.ljust(self._width))
        self._stream.flush()
        self._width = max(self._width, len(self._line))


class _JobLine:
    """The line about one job."""

    def __init__(self, progress: Progress, job_id: str) -> None:
        self._progress = progress
        self._job_id = job_id
        self._since = datetime.now().astimezone()

    def update(self, status: str, queue_position: int | None) -> None:
        """Show the state of the job; a queue position of 1 is next."""
        place = "" if queue_position is None else f" ({queue_position})"
        self._progress.show(
            f"Job {self._job_id}: {status.lower()}{place}, waiting since {self._since:%H:%M:%S}"
        )


class _Counter:
    """How many of a number of things are done."""

    def __init__(self, progress: Progress, total: int, what: str) -> None:
        self._progress = progress
        self._total = total
        self._what = what
        self._done = 0
        self.advance(0)

    def advance(self, by: int = 1) -> None:
        """Count things that are done now."""
        self._done += by
        filled = BAR_WIDTH * self._done // max(self._total, 1)
        bar = "#" * filled + "-" * (BAR_WIDTH - filled)
        self._progress.show(f"{self._what}: [{bar}] {self._done}/{self._total}")


@contextmanager
def watching(job_id: str) -> Iterator[_JobLine]:
    """Show the state of a job while it is waited for.

    Args:
        job_id: which job; the line names it.
    """
    with _shown() as progress:
        yield _JobLine(progress, job_id)


@contextmanager
def counting(total: int, what: str = "jobs") -> Iterator[_Counter]:
    """Show how many of ``total`` things are done; the waits inside show nothing of their own.

    Args:
        total: how many there are.
        what: what is counted, in the plural.
    """
    with _shown() as progress, muted():
        yield _Counter(progress, total, what)


@contextmanager
def _shown() -> Iterator[Progress]:
    stream = _stream()
    progress = Progress(stream)
    if stream is None:
        yield progress
        return
    timer = threading.Timer(QUIET_SECONDS, progress.begin)
    timer.daemon = True
    timer.start()
    try:
        yield progress
    finally:
        timer.cancel()
        progress.clear()


@contextmanager
def muted() -> Iterator[None]:
    """Show nothing meanwhile, in this thread."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


def _stream() -> TextIO | None:
    """Return where progress goes now, or None."""
    stream = sys.stderr
    if stream is None or stream.closed or _muted.get():
        return None
    return stream if stream.isatty() or _in_notebook() else None


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this; does not load IPython to find out."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None
