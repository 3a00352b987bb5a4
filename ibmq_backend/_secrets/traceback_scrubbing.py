"""Secrets in the variables of running code: what a traceback with its locals may show of them.

Error reporters, notebooks and debuggers print the variables of every frame. A secret is therefore
carried as :class:`SecretText`, and errors leave the code that needs the plain text (the HTTP
library, the readers of credentials files) without that code's frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from ibmq_backend.exceptions import IBMQError

__all__ = ["SecretText", "hidden_frames", "hide", "without_frames"]

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

_SHOWN: Final = "'...'"


class SecretText(str):
    """Text that is text in every way, but that ``repr`` does not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN


def hide(value: T) -> T:
    """Return a text as :class:`SecretText`, any other value as it is."""
    if isinstance(value, str) and not isinstance(value, SecretText):
        return SecretText(value)  # type: ignore[return-value]
    return value


def without_frames(error: E) -> E:
    """Return the error without the frames it came through, and so its causes.

    What it says stays; what the variables of those frames hold cannot be printed any more.
    """
    left: list[BaseException] = [error]
    seen: set[int] = set()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = None
        left += [other for other in (each.__cause__, each.__context__) if other is not None]
    return error


@contextmanager
def hidden_frames() -> Iterator[None]:
    """Let the errors of this package leave the block without the frames below it."""
    try:
        yield
    except (IBMQError, KeyboardInterrupt) as error:
        raise without_frames(error)  # noqa: B904  (the same error, with the same cause)
