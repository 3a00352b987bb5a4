"""Notices to the user, each shown once per session.

A notice about the session is one line of the logger ``ibmq_backend``: on the screen unless the
program configures logging, and never an error, whatever its warning filters are. A notice about a
call is a warning that points to the line of the user's program.
"""

from __future__ import annotations

import sys
import threading
import warnings

from ibmq_backend._secrets.redact import get_logger

logger = get_logger("ibmq_backend")

_shown: set[str] = set()
_lock = threading.Lock()


def notify_once(kind: str, text: str) -> None:
    """Show a notice about the session the first time only.

    Args:
        kind: identifies the notice; repetitions of a kind are only logged, at debug level.
        text: one line.
    """
    if _is_first(kind):
        logger.warning(text)
    else:
        logger.debug(text)


def warn_once(kind: str, text: str) -> None:
    """Warn about a call of the user's program the first time only.

    Args:
        kind: identifies the warning.
        text: one or two sentences.
    """
    if _is_first(kind):
        warnings.warn(text, UserWarning, stacklevel=_frames_to_the_user())


def _is_first(kind: str) -> bool:
    with _lock:
        first = kind not in _shown
        _shown.add(kind)
        return first


def was_shown(kind: str) -> bool:
    """Return whether a notice of this kind was shown, or is not to be shown."""
    return kind in _shown


def _frames_to_the_user() -> int:
    """Return the number of frames from the caller to the code outside this package."""
    depth = 1
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("ibmq_backend"):
        frame = frame.f_back
        depth += 1
    return depth


def mark_shown(*kinds: str) -> None:
    """Only log notices of these kinds until :func:`forget_notices`."""
    with _lock:
        _shown.update(kinds)


def forget_notices() -> None:
    """Forget which notices were shown, as at the start of a session."""
    with _lock:
        _shown.clear()
