"""What may differ between a recording and its replay: stand-ins, and names that programs make up.

A program that runs again makes new UUIDs, numbers its circuits anew and logs in with another
token. In a recorded request each of these is a variable: the first request that fits binds it, from
then on it means the same everywhere, and replies are told in the program's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ibmq_backend.testing.scrub import KINDS

_MADE_UP: Final = {
    "uuid": r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "submission": r"\bibmq_run_[0-9a-f]{32}\b",
    "circuit": r"\bcircuit-\d+(?:-\d+)?\b",
    "schedule": r"\b(?:sched|block)\d+(?:-\d+)?\b",
}
_NUMBERED: Final = {
    "uuid": "00000000-0000-4000-8000-{:012x}",
    "submission": "ibmq_run_{:032x}",
    "circuit": "circuit-{}",
    "schedule": "sched{}",
}
_STAND_INS: Final = {
    f"kind_{number}": re.escape(form).replace(r"\{\}", r"\d+") + r"(?![\w-])"
    for number, form in enumerate(KINDS.values())
}


def _any_of(shapes: Iterable[tuple[str, str]]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{shape})" for name, shape in shapes))


_MADE_UP_PATTERN: Final = _any_of(_MADE_UP.items())
_PATTERN: Final = _any_of([*_MADE_UP.items(), *_STAND_INS.items()])


def parts(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """A text as what is fixed in it and what is variable.

    Returns:
        The fixed pieces, one more than there are variables; kind and value of each variable.
    """
    fixed, variables, end = [], [], 0
    for match in _PATTERN.finditer(text):
        fixed.append(text[end : match.start()])
        variables.append((str(match.lastgroup), match.group()))
        end = match.end()
    return [*fixed, text[end:]], variables


@dataclass
class Bindings:
    """What the variables of a recording stand for in the program that is running.

    Attributes:
        meant: recorded value to the program's value.
        told: values that replies have told the program, which it has to repeat as they are.
    """

    meant: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def fit(self, pairs: Iterable[tuple[str, str]]) -> Bindings | None:
        """Bindings under which texts mean the same as recorded ones; ``None`` when there are none.

        Args:
            pairs: of a recorded text and the one that was sent, both without secrets.
        """
        meant = dict(self.meant)
        taken = {value: recorded for recorded, value in meant.items()}
        for recorded_text, text in pairs:
            fixed, variables = parts(recorded_text)
            sent_fixed, sent = parts(text)
            if fixed != sent_fixed:
                return None
            for (kind, recorded), (sent_kind, value) in zip(variables, sent, strict=True):
                if kind != sent_kind:
                    return None
                if recorded in self.told and recorded not in meant:
                    if value != recorded:
                        return None
                elif (
                    meant.setdefault(recorded, value) != value
                    or taken.setdefault(value, recorded) != recorded
                ):
                    return None
        return Bindings(meant, self.told)

    def reply(self, text: str) -> str:
        """A recorded reply in the words of the program; remembers what it tells."""

        def in_its_words(match: re.Match[str]) -> str:
            value = match.group()
            if value not in self.meant:
                self.told.add(value)
            return self.meant.get(value, value)

        return _PATTERN.sub(in_its_words, text)


class Numbering:
    """Numbers what a program makes up, so that two recordings of it can be compared.

    What a reply was the first to name is the service's own and stays.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts = dict.fromkeys(_MADE_UP, 0)

    def request(self, text: str) -> str:
        """A request with numbers for what the program has made up."""

        def numbered(match: re.Match[str]) -> str:
            value, kind = match.group(), str(match.lastgroup)
            if value not in self._names:
                self._counts[kind] += 1
                self._names[value] = _NUMBERED[kind].format(self._counts[kind])
            return self._names[value]

        return _MADE_UP_PATTERN.sub(numbered, text)

    def reply(self, text: str) -> str:
        """A reply with the same numbers."""

        def known(match: re.Match[str]) -> str:
            return self._names.setdefault(match.group(), match.group())

        return _MADE_UP_PATTERN.sub(known, text)
