"""Keeps secrets out of the variables that tracebacks show.

Error reporters, notebooks and debuggers print the variables of every frame. A secret is therefore
passed as :class:`SecretText`. Code that needs the plain text (the HTTP library, the readers of
credentials files) has its variables cleared when an error leaves it; its frames stay.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, SupportsIndex, TypeVar

__all__ = ["SecretText", "clear_variables", "hide", "variables_cleared_on_error"]

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

_SHOWN: Final = "'...'"


class SecretText(str):
    """Text whose ``repr`` does not show it, nor a part of it."""

    __slots__ = ()

    def __getitem__(self, key: SupportsIndex | slice) -> SecretText:
        return SecretText(super().__getitem__(key))  # rich shows the beginning of long texts

    def __repr__(self) -> str:
        return _SHOWN


def hide(value: T) -> T:
    """Return a text as :class:`SecretText`, and any other value unchanged."""
    if isinstance(value, str) and not isinstance(value, SecretText):
        return SecretText(value)  # type: ignore[return-value]
    return value


def clear_variables(error: E) -> E:
    """Return the error with the variables of all frames it came through cleared.

    Files, lines and functions stay in its traceback and in those of its causes. A frame that is
    still running keeps its variables.
    """
    remaining: list[BaseException] = [error]
    seen: set[int] = set()
    while remaining:
        each = remaining.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        traceback.clear_frames(each.__traceback__)
        remaining += [other for other in (each.__cause__, each.__context__) if other is not None]
    return error


@contextmanager
def variables_cleared_on_error() -> Iterator[None]:
    """Clear the variables of the frames below when an error leaves the block."""
    try:
        yield
    except BaseException as error:  # also what the handler of a signal raises
        clear_variables(error)
        raise
