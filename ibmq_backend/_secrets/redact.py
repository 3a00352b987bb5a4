"""Recognizes secrets and replaces them in text by ``...``.

Secrets are found in two ways: those that were registered when they were received, and those that
have the format of a token, key or signed URL.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from typing import Final

HIDDEN: Final = "..."
_MIN_SECRET_CHARACTERS: Final = 6  # hiding shorter ones would damage ordinary text

_SENSITIVE_NAMES: Final = (
    r"access_token|refresh_token|api_?token|api_?key|apikey|x-access-token|authorization|token|"
    r"password|secret|signature|sig|x-amz-signature|x-amz-credential|x-amz-security-token"
)
_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # user and password in a URL, as in proxy addresses
    (re.compile(r"(?<=://)[^\s/@?#\"']+@"), HIDDEN + "@"),
    # the whole query of a URL with a secret: presigned storage, access_token
    (
        re.compile(
            rf"(?P<url>(?:https?|wss?)://[^\s?\"'<>]+)\?(?=[^\s\"'<>]*\b(?:{_SENSITIVE_NAMES})=)"
            r"[^\s\"'<>]*",
            re.IGNORECASE,
        ),
        r"\g<url>?" + HIDDEN,
    ),
    # name=value and "name": "value"
    (
        re.compile(
            rf"(?P<name>\b(?:{_SENSITIVE_NAMES})[\"']?\s*[=:]\s*(?:b?[\"'])?(?:Bearer\s+|Basic\s+)?+)"
            r"(?!\.\.\.)[^\s\"'&,;)}>]+",
            re.IGNORECASE,
        ),
        r"\g<name>" + HIDDEN,
    ),
    (re.compile(r"(?P<scheme>\bBearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE), r"\g<scheme>" + HIDDEN),
    # JSON web tokens
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    # the account in a cloud resource name
    (re.compile(r"(?P<crn>\bcrn:v1:[^\s\"']*?:[aos]/)[\w-]+"), r"\g<crn>" + HIDDEN),
    # API keys of the first services (128 hex digits), their access tokens (64 letters and digits)
    (re.compile(r"(?<![\w-])[A-Za-z0-9]{64,}(?![\w-])"), HIDDEN),
    # API keys of the cloud: 44 characters of base64url
    (
        re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{44}(?![\w-])"),
        HIDDEN,
    ),
)

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, line separators, bidirectional formatting, lone surrogates."""

_secrets: tuple[str, ...] = ()  # longest first, since one may contain another
_lock = threading.Lock()


def _after_fork() -> None:
    """Replace the lock: another thread of the parent process may have held it."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def register_secret(secret: str | None) -> None:
    """Register a secret that :func:`redact` hides from now on."""
    if secret and len(secret) >= _MIN_SECRET_CHARACTERS:
        global _secrets
        with _lock:
            if secret not in _secrets:
                _secrets = tuple(sorted((*_secrets, secret), key=len, reverse=True))


def redact(text: str) -> str:
    """Hide registered secrets and everything that has the format of a secret."""
    for secret in _secrets:
        if secret in text:  # repetitions become one "...", which does not reveal their number
            text = re.sub(f"(?:{re.escape(secret)})+", HIDDEN, text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def is_clean(text: str) -> bool:
    """Return whether :func:`redact` leaves the text unchanged."""
    return redact(text) == text


def has_secret_format(text: str) -> bool:
    """Return whether a part of the text has the format of a token, key or signed URL."""
    return any(pattern.search(text) for pattern, _ in _RULES)


def printable(text: str) -> str:
    r"""Return the text with terminal control characters escaped, for example as ``\x1b``."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """Return the text with control characters other than line feeds escaped."""
    return "\n".join(map(printable, text.split("\n")))


def text_of(error: BaseException) -> str:
    """Return the text of an error, or the name of its type if ``str`` fails.

    Python raises ``ValueError`` for integers of more than 4300 digits, which an error may contain.
    """
    try:
        return str(error)
    except Exception:  # the ``__str__`` of a foreign class may raise anything
        return type(error).__name__


class RedactingFilter(logging.Filter):
    """Removes secrets and terminal control characters from log records."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact one record in place; always returns True."""
        record.msg = printable_lines(redact(record.getMessage()))
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = printable_lines(
                redact(logging.Formatter().formatException(record.exc_info))
            )
        return True


_filter = RedactingFilter()


def get_logger(name: str) -> logging.Logger:
    """Return the logger of this name with the redacting filter.

    A filter applies only to records created with its own logger, so each logger needs it.
    """
    logger = logging.getLogger(name)
    if _filter not in logger.filters:
        logger.addFilter(_filter)
    return logger


def guard_foreign_loggers() -> None:
    """Redact the loggers of the HTTP library, which log URLs with their queries."""
    for name in (
        "httpx",
        "httpcore.connection",
        "httpcore.http11",
        "httpcore.http2",
        "httpcore.proxy",
        "httpcore.socks",
    ):
        get_logger(name)
