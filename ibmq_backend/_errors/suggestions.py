"""Suggestions for misspelled names of things and of keyword arguments."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from inspect import Parameter
from types import FunctionType
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

MOST_NAMES: Final = 5
"""How many names an error lists."""

_MISSPELLED: Final = 0.7
"""Similarity (0 to 1) from which an unknown keyword is a misspelled one."""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to five known names, those most similar to a name first."""
    by_lower = {each.lower(): each for each in sorted(known)}
    near = difflib.get_close_matches(name.lower(), by_lower, n=MOST_NAMES, cutoff=0.0)
    return [by_lower[each] for each in near]


def misspelled(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a misspelled name is close to, ``None`` if there is none."""
    by_lower = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=_MISSPELLED)
    return by_lower[close[0]] if close else None


def refuse_misspelled(
    given: Iterable[str], known: Iterable[str], where: str, error: type[Exception] = TypeError
) -> None:
    """Raise an error if an unknown keyword is close to a known one.

    Args:
        given: names of the keyword arguments.
        known: names of the known ones.
        where: the call, for the text.
        error: class of the error.
    """
    names = set(known)
    for name in given:
        if name not in names and (meant := misspelled(name, names)) is not None:
            raise error(_describe(name, where, f"Did you mean {meant}?"))


def refuse_unknown(given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise ``TypeError`` for an unknown keyword; it names the nearest known ones.

    Args:
        given: names of the keyword arguments.
        known: names of the known ones.
        where: the call, for the text.
    """
    names = list(known)
    for name in given:
        if name not in names:
            meant = misspelled(name, names)
            others = ", ".join(nearest(name, names)) or "no arguments"
            advice = f"Did you mean {meant}?" if meant else f"It takes {others}."
            raise TypeError(_describe(name, where, advice))


def suggests_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that is called with an unknown keyword name the nearest argument.

    Functions that take any keyword check them themselves.
    """
    names = _keywords(function)
    if names is None:
        return function

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        refuse_unknown(kwargs, names, f"{function.__qualname__}()")
        return function(*args, **kwargs)

    return call


def _describe(name: str, where: str, advice: str) -> str:
    return f"{where} got an unexpected keyword argument {name!r}. {advice}"


def methods_suggest_keywords(documented: C) -> C:
    """Apply :func:`suggests_keywords` to all public methods of a class."""
    for name, member in list(vars(documented).items()):
        if name.startswith("_"):
            continue
        if isinstance(member, FunctionType):
            setattr(documented, name, suggests_keywords(member))
        elif isinstance(member, staticmethod | classmethod):
            setattr(documented, name, type(member)(suggests_keywords(member.__func__)))
    return documented


def _keywords(function: Callable[..., Any]) -> list[str] | None:
    """Return the names of the keyword arguments, ``None`` if there are none or it takes any."""
    parameters = list(inspect.signature(function).parameters.values())
    if any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
        return None
    is_named = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return [
        each.name
        for each in parameters
        if each.kind in is_named and each.name not in ("self", "cls")
    ]
