"""Notices to the user: at most one line of each kind per session, through logging and a warning."""

from __future__ import annotations

import sys
import threading
import warnings

from ibmq_backend._secrets.redact import get_logger

logger = get_logger("ibmq_backend")

_shown: set[str] = set()
_lock = threading.Lock()


def notify_once(kind: str, text: str, implied_by: str | None = None) -> None:
    """Show the user a notice, the first time only.

    Args:
        kind: what sort of notice; the second of a kind goes to the log at debug level.
        text: one sentence or two; attributed to the line of the user's program.
        implied_by: another kind; when it was shown, this goes to the log too.
    """
    with _lock:
        first = kind not in _shown and implied_by not in _shown
        _shown.add(kind)
    if first:
        logger.info(text)
        warnings.warn(text, UserWarning, stacklevel=_frames_to_the_user())
    else:
        logger.debug(text)


def _frames_to_the_user() -> int:
    """Return how many frames up, seen from the caller, this package is left."""
    depth = 1
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("ibmq_backend"):
        frame = frame.f_back
        depth += 1
    return depth


def mark_shown(*kinds: str) -> None:
    """Leave notices of these kinds to the log until :func:`forget_notices`."""
    with _lock:
        _shown.update(kinds)


def forget_notices() -> None:
    """Show every notice once more, as at the start of a session."""
    with _lock:
        _shown.clear()
