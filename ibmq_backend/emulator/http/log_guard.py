"""Keeps what people log in with out of the logs of the HTTP server's libraries.

At level DEBUG they write whole frames of the websocket, whose first one is the token, and addresses
of the object storage, which are as good as one.
"""

from __future__ import annotations

import logging
import re
from typing import Final

HIDDEN: Final = "..."

_LOGGERS: Final = ("uvicorn.access", "uvicorn.error", "websockets", "websockets.server")
_RULES: Final = (
    re.compile(r"(?P<before>[?&]signature=)[^&\s\"']+"),
    re.compile(r"(?P<before>< (?:TEXT|BINARY) ).+(?= \[)"),  # what clients send, also abbreviated
    re.compile(
        r"(?P<before>(?:x-access-token|authorization)\W+(?:Bearer |apikey )?)[^\"'\s]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<before>\bap[iI]_?[kK]ey\W{1,5})[^&\s\"']+"),
)


class HidingFilter(logging.Filter):
    """Writes records without what is secret in them; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Hide the secrets of one record."""
        text = record.getMessage()
        for rule in _RULES:
            text = rule.sub(rf"\g<before>{HIDDEN}", text)
        record.msg, record.args = text, None
        return True


_FILTER: Final = HidingFilter()


def guard_logs() -> None:
    """Put the filter on the loggers of the server's libraries; doing it again changes nothing."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
