"""Removal of credentials from the logs of the HTTP server's libraries.

At level DEBUG the libraries log websocket frames, the first of which contains the token, and
presigned URLs of the object storage.
"""

from __future__ import annotations

import logging
import re
from typing import Final

HIDDEN: Final = "..."

_LOGGERS: Final = ("uvicorn.access", "uvicorn.error", "websockets", "websockets.server")
_RULES: Final = (
    re.compile(r"(?P<before>[?&]signature=)[^&\s\"']+"),
    re.compile(r"(?P<before>< (?:TEXT|BINARY) ).+(?= \[)"),  # received frames, also abbreviated
    re.compile(
        r"(?P<before>(?:x-access-token|authorization)\W+(?:Bearer |apikey )?)[^\"'\s]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<before>\bap[iI]_?[kK]ey\W{1,5})[^&\s\"']+"),
)


class HidingFilter(logging.Filter):
    """Logging filter that replaces credentials in messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the credentials in a record."""
        text = record.getMessage()
        for rule in _RULES:
            text = rule.sub(rf"\g<before>{HIDDEN}", text)
        record.msg, record.args = text, None
        return True


_FILTER: Final = HidingFilter()


def guard_logs() -> None:
    """Add the filter to the loggers of the server's libraries; repeating it has no effect."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
