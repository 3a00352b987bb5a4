"""Notices to the user: at most one line of each kind per session, through logging and a warning."""

from __future__ import annotations

import logging
import threading
import warnings

logger = logging.getLogger("ibmq_backend")

_told: set[str] = set()
_lock = threading.Lock()


def notify_once(kind: str, text: str, stacklevel: int = 3) -> None:
    """Tell the user something, the first time only.

    Args:
        kind: what sort of notice; the second of a kind goes to the log at debug level.
        text: one sentence or two.
        stacklevel: frames up to the user's line.
    """
    with _lock:
        first = kind not in _told
        _told.add(kind)
    if first:
        logger.info(text)
        warnings.warn(text, UserWarning, stacklevel=stacklevel)
    else:
        logger.debug(text)


def forget_notices() -> None:
    """Let every notice be told again, as at the start of a session."""
    with _lock:
        _told.clear()
