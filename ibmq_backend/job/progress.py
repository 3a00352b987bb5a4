"""Progress of waiting, on a terminal or below the cell of a notebook; silent elsewhere.

A row appears when a wait takes longer than :data:`QUIET_SECONDS` and is cleared at its end.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ibmq_backend._secrets.redact import printable

if TYPE_CHECKING:
    from rich.progress import Progress

QUIET_SECONDS: Final = 1.0
MIN_WIDTH_WITH_BAR: Final = 80
"""Columns of a terminal that has room for the id of a job, its state and a bar."""


class Row:
    """One line of progress: what is waited for, how much of it is done, and its state.

    Args:
        name: what is waited for.
        total: number of things to count; ``None`` when nothing is counted.
    """

    def __init__(self, name: str = "", total: int | None = None) -> None:
        self.total = total
        self.done = 0
        self.state = ""
        self.since = time.monotonic()
        self.on_change: Callable[[], object] | None = None
        self._name = printable(name)

    @property
    def label(self) -> str:
        """The name, with the count if there is one."""
        return f"{self._name}:" + ("" if self.total is None else f" {self.done}/{self.total}")

    def update(self, status: str, queue_position: int | None) -> None:
        """Show the state of the job that is waited for; a queue position of 1 is next."""
        position = "" if queue_position is None else f", position {queue_position}"
        self.state = printable(f"{status.lower()}{position}")
        self._show_change()

    def advance(self) -> None:
        """Count one more thing as done."""
        self.done += 1
        self.state = ""
        self._show_change()

    def _show_change(self) -> None:
        if self.on_change is not None:
            with suppress(OSError, ValueError):  # a closed terminal must not end the wait
                self.on_change()


class _Terminal:
    """One display for the rows of all threads, since rich allows only one at a time."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._lock = threading.Lock()

    @contextmanager
    def show(self, row: Row) -> Iterator[None]:
        with self._lock:
            progress = self._progress or _new_progress()
            progress.start()  # does nothing if it has started
            task = progress.add_task(
                row.label, total=row.total, completed=row.done, state=row.state
            )
            progress.tasks[-1].start_time = row.since
            self._progress = progress
        row.on_change = lambda: progress.update(
            task, description=row.label, completed=row.done, state=row.state, refresh=True
        )
        row.on_change()
        try:
            yield
        finally:
            row.on_change = None
            with self._lock:
                if len(progress.tasks) > 1:
                    progress.remove_task(task)
                else:
                    self._progress = None
                    progress.stop()


_terminal: Final = _Terminal()
_enclosing: ContextVar[Row | None] = ContextVar("ibmq_backend_progress", default=None)


@contextmanager
def watching(job_id: str) -> Iterator[Row]:
    """Show the state of a job while it is waited for.

    Args:
        job_id: id of the job. Inside :func:`counting` the state is shown in the row of the count.
    """
    enclosing = _enclosing.get()
    if enclosing is not None:
        yield enclosing
        return
    with _shown(Row(f"Job {job_id}")) as row:
        yield row


@contextmanager
def counting(total: int, name: str = "Jobs") -> Iterator[Row]:
    """Show how many of ``total`` things are done; waits inside show their state in the same row.

    Args:
        total: number of things.
        name: what is counted, in the plural.
    """
    with _shown(Row(name, total)) as row, _as_enclosing(row):
        yield row


@contextmanager
def muted() -> Iterator[None]:
    """Show no progress in this thread inside the block."""
    with _as_enclosing(Row()):
        yield


@contextmanager
def _as_enclosing(row: Row) -> Iterator[None]:
    token = _enclosing.set(row)
    try:
        yield
    finally:
        _enclosing.reset(token)


@contextmanager
def _shown(row: Row) -> Iterator[Row]:
    if _runs_in_notebook():
        show = _show_in_notebook
    elif sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty():
        show = _terminal.show
    else:
        show = None
    if show is None or _enclosing.get() is not None:
        yield row
        return
    lock, ended, display = threading.Lock(), threading.Event(), ExitStack()

    def begin() -> None:
        with lock, suppress(OSError, ValueError):
            if not ended.is_set():
                display.enter_context(show(row))

    timer = threading.Timer(QUIET_SECONDS, begin)
    timer.daemon = True
    timer.start()
    try:
        yield row
    finally:
        timer.cancel()
        with lock, suppress(OSError, ValueError):
            ended.set()
            display.close()


def _runs_in_notebook() -> bool:
    ipython = sys.modules.get("IPython")  # not loaded to find out
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


@contextmanager
def _show_in_notebook(row: Row) -> Iterator[None]:
    from IPython.display import display

    def output() -> dict[str, str]:
        elapsed = timedelta(seconds=int(time.monotonic() - row.since))
        return {"text/plain": f"{row.label} {elapsed} {row.state}".rstrip()}

    shown = display(output(), raw=True, display_id=True)  # type: ignore[no-untyped-call]
    row.on_change = lambda: shown.update(output(), raw=True)
    try:
        yield
    finally:
        row.on_change = None
        shown.update({}, raw=True)  # the saved notebook keeps an output without content


def _new_progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    class VisibleCursor(Console):
        """A console that leaves the cursor visible, so that it is after any end of the process."""

        def show_cursor(self, show: bool = True) -> bool:
            del show
            return False

    console = VisibleCursor(file=sys.stderr, force_jupyter=False)
    return Progress(
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(table_column=Column(no_wrap=True)),
        *([BarColumn(20)] if console.width >= MIN_WIDTH_WITH_BAR else []),
        TextColumn("{task.fields[state]}", markup=False),
        console=console,
        refresh_per_second=2,
        transient=True,
        redirect_stdout=False,  # what the program prints stays where it prints it
        redirect_stderr=False,
    )
