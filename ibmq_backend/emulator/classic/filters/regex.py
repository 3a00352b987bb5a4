r"""Regular expressions of strangers, searched in a time that grows with pattern times text only.

The engines of Python go back and forth over a text: ``(a+)+$`` holds up the whole process for as
long as it likes, and others take gigabytes for ``a{999999999}``. Here all ways through the pattern
are followed side by side, one character after another, and their steps are counted.

What JavaScript and Python write alike is understood: literals, ``.``, classes, groups,
alternatives, all repetitions, ``^ $ \b \B``, and leading flags as in ``(?i)``. Looking around and
back references cannot be done in this way and are refused.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Predicate = Callable[[str], bool]

MOST_CHARACTERS: Final = 512
MOST_STATES: Final = 2_000
MOST_STEPS: Final = 10_000_000
_DEEPEST: Final = 50
_WORD: Final = frozenset(string.ascii_letters + string.digits + "_")
_DIGITS: Final = frozenset(string.digits)
_NEWLINES: Final = frozenset("\n\r\u2028\u2029")
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_SETS: Final[dict[str, Predicate]] = {
    "d": _DIGITS.__contains__,
    "D": lambda letter: letter not in _DIGITS,
    "w": _WORD.__contains__,
    "W": lambda letter: letter not in _WORD,
    "s": lambda letter: letter.isspace() or letter == "\ufeff",
    "S": lambda letter: not (letter.isspace() or letter == "\ufeff"),
}


class PatternError(ValueError):
    """A pattern cannot be read, is too large, or searching for it takes too long."""


@dataclass
class Steps:
    """How many steps all searches of one request may still take."""

    left: int = MOST_STEPS


@dataclass
class _State:
    """One place in a pattern: reads a character, checks the position, or only leads on."""

    reads: Predicate | None = None
    checks: str = ""
    follows: tuple[int, ...] = ()


class Pattern:
    """A pattern that has been read.

    Args:
        source: its text.
        flags: any of ``i`` (in any case), ``m`` (``^ $`` at every line) and ``s`` (``.`` fits line
            ends too); other letters mean nothing.
        steps: shared by all patterns of a request.

    Raises:
        PatternError: it cannot be read, or is too large.
    """

    def __init__(self, source: str, flags: str = "", steps: Steps | None = None) -> None:
        if len(source) > MOST_CHARACTERS:
            raise PatternError(f"a pattern has more than {MOST_CHARACTERS} characters")
        reader = _Reader(source, flags)
        self._states = reader.states
        self._start = reader.read()
        self._multiline = "m" in reader.flags
        self._steps = steps or Steps()

    def fits(self, text: str) -> bool:
        """Return whether it fits somewhere in a text.

        Raises:
            PatternError: the steps are used up.
        """
        states = self._states
        current: set[int] = set()
        for place in range(len(text) + 1):
            if self._enter(current, self._start, text, place):
                return True
            if place == len(text):
                break
            letter, following = text[place], set[int]()
            for number in current:
                reads = states[number].reads
                if reads is not None and reads(letter):
                    for follower in states[number].follows:
                        if self._enter(following, follower, text, place + 1):
                            return True
            self._count(len(current) + 1)
            current = following
        return False

    def _enter(self, reached: set[int], state: int, text: str, place: int) -> bool:
        """Add a state and all that it leads to; True when the end is among them."""
        waiting, states = [state], self._states
        while waiting:
            number = waiting.pop()
            if number in reached:
                continue
            reached.add(number)
            self._count(1)
            found = states[number]
            if not found.follows:
                return True
            if found.reads is None and (not found.checks or self._holds(found.checks, text, place)):
                waiting.extend(found.follows)
        return False

    def _holds(self, check: str, text: str, place: int) -> bool:
        if check == "^":
            return place == 0 or (self._multiline and text[place - 1] in _NEWLINES)
        if check == "$":
            return place == len(text) or (self._multiline and text[place] in _NEWLINES)
        before = place > 0 and text[place - 1] in _WORD
        after = place < len(text) and text[place] in _WORD
        return (before != after) == (check == "b")

    def _count(self, steps: int) -> None:
        self._steps.left -= steps
        if self._steps.left < 0:
            raise PatternError("the search takes too many steps; make its patterns simpler")


class _Reader:
    """Reads a pattern from its end to its start states, so that every state knows its followers.

    Parts are kept as functions that, given the state that follows, make their own states and give
    their first one: a repetition makes the states of its part as often as it needs.
    """

    def __init__(self, source: str, flags: str) -> None:
        self.states: list[_State] = []
        self.flags = flags
        self._source = source
        self._place = 0
        self._depth = 0
        if source.startswith("(?") and ")" in source:
            letters = source[2 : source.index(")")]
            if letters and set(letters) <= set("ims"):
                self.flags += letters
                self._place = len(letters) + 3

    def read(self) -> int:
        part = self._alternatives()
        if self._place < len(self._source):
            raise PatternError(f"{self._source!r} has a ')' too many")
        return part(self._add(_State()))

    def _alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._place += 1
            parts.append(self._sequence())
        if len(parts) == 1:
            return parts[0]
        return lambda follower: self._add(_State(follows=tuple(part(follower) for part in parts)))

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._one()))

        def build(follower: int) -> int:
            for part in reversed(parts):
                follower = part(follower)
            return follower

        return build

    def _repeated(self, part: _Part) -> _Part:
        bounds = self._bounds()
        if bounds is None:
            return part
        low, high = bounds
        if self._peek() == "?":  # as few as possible: no difference to whether it fits
            self._place += 1
        if self._bounds() is not None:
            raise PatternError(f"{self._source!r} repeats a repetition")
        if max(low, high or 0) > MOST_STATES or (high is not None and high < low):
            raise PatternError(f"{self._source!r} has bounds that cannot be")

        def build(follower: int) -> int:
            times = low
            if high is None:
                loop = self._add(_State())
                first = part(loop)
                self.states[loop].follows = (first, follower)
                follower, times = (first, low - 1) if low else (loop, 0)
            else:
                end = follower
                for _ in range(high - low):
                    follower = self._add(_State(follows=(part(follower), end)))
            for _ in range(times):
                first = part(follower)
                if first == follower:
                    break  # it reads and checks nothing; repeated repetitions of it take for ever
                follower = first
            return follower

        return build

    def _bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if self._peek() in simple:
            self._place += 1
            return simple[self._source[self._place - 1]]
        if self._peek() != "{":
            return None
        end = self._source.find("}", self._place)
        low, comma, high = self._source[self._place + 1 : end].partition(",")
        if end < 0 or not _is_count(low) or (high and not _is_count(high)):
            return None  # a brace that stands for itself
        self._place = end + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _one(self) -> _Part:
        letter = self._next()
        if letter == "(":
            return self._group()
        if letter == "[":
            return self._reads(self._class())
        if letter == ".":
            every = "s" in self.flags
            return self._reads(lambda found: every or found not in _NEWLINES)
        if letter in "^$":
            return self._checks(letter)
        if letter == "\\":
            return self._escaped()
        if letter in "*+?":
            raise PatternError(f"{self._source!r} repeats nothing")
        return self._reads(self._literal(letter))

    def _group(self) -> _Part:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternError(f"a pattern has groups more than {_DEEPEST} deep")
        if self._peek() == "?":
            self._group_head()
        part = self._alternatives()
        if self._next() != ")":
            raise PatternError(f"{self._source!r} has a '(' too many")
        self._depth -= 1
        return part

    def _group_head(self) -> None:
        rest = self._source[self._place :]
        if rest.startswith("?:"):
            self._place += 2
            return
        named = next((mark for mark in ("?P<", "?<") if rest.startswith(mark)), "")
        name = rest.removeprefix(named).partition(">")
        if not named or not name[1] or not name[0].isidentifier():
            raise PatternError(f"{self._source!r} looks around or behind, which is not offered")
        self._place += len(named) + len(name[0]) + 1

    def _escaped(self) -> _Part:
        letter = self._next()
        if letter in ("b", "B"):
            return self._checks(letter)
        if letter in _SETS:
            return self._reads(_SETS[letter])
        return self._reads(self._literal(self._character(letter)))

    def _character(self, letter: str) -> str:
        """Return the character that is escaped by a letter."""
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        width = {"x": 2, "u": 4}.get(letter)
        if width is not None:
            digits = self._source[self._place : self._place + width]
            if len(digits) < width or not set(digits) <= set(string.hexdigits):
                raise PatternError(f"{self._source!r} escapes no character with \\{letter}")
            self._place += width
            return chr(int(digits, 16))
        if letter in _WORD:
            raise PatternError(f"{self._source!r} uses \\{letter}, which is not offered")
        return letter

    def _class(self) -> Predicate:
        negated = self._peek() == "^"
        if negated:
            self._place += 1
        tests: list[Predicate] = []
        first = True
        while first or self._peek() != "]":
            low = self._member(first)
            first = False
            if callable(low):
                tests.append(low)
                continue
            high = low
            if self._peek() == "-" and self._source[self._place + 1 : self._place + 2] != "]":
                self._place += 1
                end = self._member(first)
                if callable(end) or end < low:
                    raise PatternError(f"{self._source!r} has a range that cannot be")
                high = end
            tests.append(self._in_range(low, high))
        self._place += 1
        return lambda letter: any(test(letter) for test in tests) != negated

    def _member(self, first: bool) -> str | Predicate:
        letter = self._next()
        if letter == "]" and not first:
            raise PatternError(f"{self._source!r} has a range that cannot be")
        if letter != "\\":
            return letter
        letter = self._next()
        if letter in _SETS:
            return _SETS[letter]
        return "\b" if letter == "b" else self._character(letter)

    def _in_range(self, low: str, high: str) -> Predicate:
        if "i" not in self.flags:
            return lambda letter: low <= letter <= high
        return lambda letter: any(
            low <= one <= high for one in (letter, letter.lower(), letter.upper())
        )

    def _literal(self, wanted: str) -> Predicate:
        return self._in_range(wanted, wanted) if "i" in self.flags else wanted.__eq__

    def _reads(self, test: Predicate) -> _Part:
        return lambda follower: self._add(_State(reads=test, follows=(follower,)))

    def _checks(self, check: str) -> _Part:
        return lambda follower: self._add(_State(checks=check, follows=(follower,)))

    def _add(self, state: _State) -> int:
        if len(self.states) >= MOST_STATES:
            raise PatternError(f"{self._source!r} is too large once its repetitions are counted")
        self.states.append(state)
        return len(self.states) - 1

    def _peek(self) -> str:
        return self._source[self._place : self._place + 1]

    def _next(self) -> str:
        letter = self._peek()
        if not letter:
            raise PatternError(f"{self._source!r} ends too early")
        self._place += 1
        return letter


_Part = Callable[[int], int]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
