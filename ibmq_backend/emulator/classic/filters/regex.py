r"""Linear-time regular expression search for untrusted patterns.

The time of a search with RE2 is proportional to the size of the pattern times the length of the
text. Both are bounded, and so is the sum of these products over all searches of a request.

Syntax that is the same in JavaScript and Python has the same meaning here, except that ``\s``
matches only ASCII whitespace without ``\v``, and ``{01}`` is not a repetition. Look-around and back
references do not exist in RE2 and are rejected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import re2

MAX_PATTERN_CHARACTERS: Final = 512
MAX_PATTERNS: Final = 32
"""Compiling one takes up to 10 ms."""

MAX_INSTRUCTIONS: Final = 500
"""Maximum for a compiled pattern; ``[a-z]{1,30}`` has about 60. A search takes up to 10 ms."""

MAX_TEXT_CHARACTERS: Final = 1024
"""No name, tag or user name of a job is longer."""

MAX_WORK: Final = 50_000_000
"""Instructions times bytes of text, over all searches of a request: about a second."""

_MAX_MEMORY_BYTES: Final = 1 << 17
_FLAGS: Final = "ims"

# RE2 writes \uXXXX as \x{XXXX} and escapes ASCII punctuation only.
_ESCAPES: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([^\x00-\x7f])|.)", re.DOTALL)


class PatternError(ValueError):
    """The pattern is not valid or too large, or searching for it takes too long."""


@dataclass
class SearchBudget:
    """The remaining search budget of one request.

    Attributes:
        patterns: number of patterns that can still be compiled.
        work: instructions times bytes that can still be searched.
    """

    patterns: int = MAX_PATTERNS
    work: int = MAX_WORK


class Pattern:
    """A compiled pattern.

    Args:
        source: the regular expression.
        flags: any of ``i`` (ignore case), ``m`` (``^`` and ``$`` match at every line) and ``s``
            (``.`` matches line ends too); other letters are ignored.
        budget: shared by all patterns of a request.

    Raises:
        PatternError: the pattern is not valid or too large, or there are too many.
    """

    def __init__(self, source: str, flags: str = "", budget: SearchBudget | None = None) -> None:
        self._budget = budget or SearchBudget()
        self._budget.patterns -= 1
        if self._budget.patterns < 0:
            raise PatternError(f"it has more than {MAX_PATTERNS} patterns")
        if len(source) > MAX_PATTERN_CHARACTERS:
            raise PatternError(f"a pattern has more than {MAX_PATTERN_CHARACTERS} characters")
        letters = "".join(letter for letter in _FLAGS if letter in flags)
        translated = (f"(?{letters})" if letters else "") + _ESCAPES.sub(_translate, source)
        options = re2.Options()
        options.max_mem = _MAX_MEMORY_BYTES
        options.never_capture = True
        options.log_errors = False
        try:
            self._compiled = re2.compile(_encode(translated), options)
        except re2.error as error:
            reason = error.args[0].decode(errors="replace")
            raise PatternError(f"the pattern {source!r} is not RE2 syntax ({reason})") from error
        if self._compiled.programsize > MAX_INSTRUCTIONS:
            raise PatternError(f"the pattern {source!r} is too large")

    def matches(self, text: str) -> bool:
        """Return whether the pattern matches somewhere in the first characters of a text.

        Args:
            text: the text, of which the first :data:`MAX_TEXT_CHARACTERS` are searched.

        Raises:
            PatternError: the budget of the request is used up.
        """
        searched = _encode(text[:MAX_TEXT_CHARACTERS])
        self._budget.work -= self._compiled.programsize * (len(searched) + 1)
        if self._budget.work < 0:
            raise PatternError("the search takes too long; use simpler patterns")
        return self._compiled.search(searched) is not None


def _translate(escaped: re.Match[str]) -> str:
    if escaped[1]:
        return rf"\x{{{escaped[1]}}}"
    return escaped[2] or escaped[0]


def _encode(text: str) -> bytes:
    """Encode a text that may contain unpaired surrogates."""
    return text.encode(errors="surrogatepass")
