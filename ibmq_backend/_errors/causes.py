"""The causes of errors, which tracebacks show only on request.

The traceback of a failed request has three causes from the HTTP library, with a hundred lines. An
error is therefore raised ``from shown(cause)``; hidden causes stay in its ``__context__``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, TypeVar

__all__ = ["DEBUG_VARIABLE", "hide_library_frames", "showing_causes", "shown"]

E = TypeVar("E", bound=BaseException)

DEBUG_VARIABLE: Final = "IBMQ_BACKEND_DEBUG"
"""Environment variable; tracebacks show causes unless it is empty."""

_LIBRARIES: Final = frozenset({"httpcore", "httpx"})


def shown(cause: E | None) -> E | None:
    """Return the cause that a traceback is to show, ``None`` if causes are hidden."""
    return cause if os.environ.get(DEBUG_VARIABLE) else None


@contextmanager
def showing_causes() -> Iterator[None]:
    """Show causes inside the block."""
    before = os.environ.get(DEBUG_VARIABLE)
    os.environ[DEBUG_VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[DEBUG_VARIABLE]
        else:
            os.environ[DEBUG_VARIABLE] = before


def hide_library_frames(error: BaseException) -> None:
    """Remove the frames of the HTTP library from a traceback, unless causes are shown."""
    entry = error.__traceback__
    while entry is not None and not os.environ.get(DEBUG_VARIABLE):
        following = entry.tb_next
        while following is not None and _is_of_library(following):
            following = following.tb_next
        entry.tb_next = following
        entry = following


def _is_of_library(entry: TracebackType) -> bool:
    module = str(entry.tb_frame.f_globals.get("__name__"))
    return module.partition(".")[0] in _LIBRARIES
