"""The only place that knows what secrets look like, and how to keep them out of text.

Two nets: secrets that were registered when they came in, and everything that has the shape of
one. Both replace the secret by ``...``.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Final

HIDDEN: Final = "..."
SECRET_HEADERS: Final = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authorization",
        "service-crn",
        "set-cookie",
        "x-access-token",
    }
)
_MIN_SECRET_CHARACTERS: Final = 6  # shorter words would blank ordinary text

_TELLING_NAMES: Final = (
    r"access_token|refresh_token|api_?token|api_?key|apikey|x-access-token|authorization|token|"
    r"password|secret|signature|sig|x-amz-signature|x-amz-credential|x-amz-security-token"
)
_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # user and password in a URL, as in proxy addresses
    (re.compile(r"(?<=://)[^\s/@?#\"']+@"), HIDDEN + "@"),
    # the whole query of a URL that carries a secret: presigned storage, access_token
    (
        re.compile(
            rf"(?P<url>(?:https?|wss?)://[^\s?\"'<>]+)\?(?=[^\s\"'<>]*\b(?:{_TELLING_NAMES})=)"
            r"[^\s\"'<>]*",
            re.IGNORECASE,
        ),
        r"\g<url>?" + HIDDEN,
    ),
    # name=value and "name": "value"
    (
        re.compile(
            rf"(?P<name>\b(?:{_TELLING_NAMES})[\"']?\s*[=:]\s*(?:b?[\"'])?(?:Bearer\s+|Basic\s+)?+)"
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

_secrets: tuple[str, ...] = ()  # the longest first: one may hold another
_lock = threading.Lock()


def _after_fork() -> None:
    """Take a new lock: another thread of the parent process may have held the old one."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def register_secret(secret: str | None) -> None:
    """Remember a secret that came in, so that it never goes out in text."""
    if secret and len(secret) >= _MIN_SECRET_CHARACTERS:
        global _secrets
        with _lock:
            if secret not in _secrets:
                _secrets = tuple(sorted((*_secrets, secret), key=len, reverse=True))


def redact(text: str) -> str:
    """Return the text with every registered secret and every secret-looking part hidden."""
    for secret in _secrets:
        if secret in text:  # a run of one is hidden as one, so that nothing tells its length
            text = re.sub(f"(?:{re.escape(secret)})+", HIDDEN, text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def is_clean(text: str) -> bool:
    """Return whether :func:`redact` finds nothing to hide."""
    return redact(text) == text


def printable(text: str) -> str:
    r"""Return the text with the characters that control a terminal escaped, as ``\x1b``."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """Return the text as :func:`printable` does, with its line feeds."""
    return "\n".join(map(printable, text.split("\n")))


def text_of(error: BaseException) -> str:
    """Return what an error says, or the name of its type where it cannot say it.

    Python refuses to write integers of more than 4300 digits, and an error may hold one.
    """
    try:
        return str(error)
    except Exception:
        return type(error).__name__


def redact_headers(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers fit to be shown: values of secret headers hidden, the others redacted."""
    items = headers.items() if isinstance(headers, Mapping) else headers
    return {
        name: HIDDEN if name.lower() in SECRET_HEADERS else redact(value) for name, value in items
    }


class RedactingFilter(logging.Filter):
    """Rewrites log records without secrets and without what controls a terminal."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Hide the secrets of one record; never drops it."""
        record.msg = printable_lines(redact(record.getMessage()))
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = printable_lines(
                redact(logging.Formatter().formatException(record.exc_info))
            )
        return True


_filter = RedactingFilter()


def get_logger(name: str) -> logging.Logger:
    """Return the logger of this name, with the filter on it.

    A filter works only on the logger that a record is made with, so each one needs it.
    """
    logger = logging.getLogger(name)
    if _filter not in logger.filters:
        logger.addFilter(_filter)
    return logger


def guard_foreign_loggers() -> None:
    """Put the filter on the loggers of the HTTP library, which write URLs with their queries."""
    for name in (
        "httpx",
        "httpcore.connection",
        "httpcore.http11",
        "httpcore.http2",
        "httpcore.proxy",
        "httpcore.socks",
    ):
        get_logger(name)
