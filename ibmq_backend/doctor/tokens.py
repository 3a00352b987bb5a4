"""Tokens written in a program, which are found and never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ibmq_backend._secrets.redact import is_clean
from ibmq_backend.doctor.findings import Finding, Place

_WORD: Final = re.compile(r"(?<![\w+/=-])[\w-]{20,}(?![\w+/=-])")
_ACCOUNT_LINE: Final = re.compile(r"(?i)(?:save|enable|update)_account|register|token|api_?key")
_PLACEHOLDER: Final = re.compile(r"(?i)token|your|my_|paste|here|key|xxx|example|instance")
_MIN_DISTINCT_CHARACTERS: Final = 8


def token_findings(cell: int | None, text: str) -> Iterator[Finding]:
    """Yield a finding for each line with a token, in code and in comments."""
    for number, line in enumerate(text.splitlines(), 1):
        if any(_is_token(word, line) for word in _WORD.findall(line)):
            yield Finding(
                "warning",
                "token",
                Place(cell, number),
                "token",
                "The program contains a token: whoever reads the file can use it.",
                "Delete it here and at the service; `ibmq-backend account save` saves a new one.",
            )


def _is_token(word: str, line: str) -> bool:
    if len(set(word)) < _MIN_DISTINCT_CHARACTERS or _PLACEHOLDER.search(word):
        return False
    has_both = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    return has_both and (not is_clean(word) or bool(_ACCOUNT_LINE.search(line.replace(word, ""))))
