"""Small checks with a reason in words when they fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class CheckFailed(Exception):
    """Something is not as it should be."""


def check(holds: Any, what: str) -> None:
    """Fail with ``what`` unless ``holds`` is true."""
    if not holds:
        raise CheckFailed(what)


def equal(actual: Any, wanted: Any, what: str) -> None:
    """Fail unless the two are equal."""
    check(actual == wanted, f"{what}: {actual!r}, not {wanted!r}")


def raises(
    kinds: type[BaseException] | tuple[type[BaseException], ...],
    action: Callable[[], Any],
    *fragments: str,
) -> BaseException:
    """Fail unless ``action`` raises one of ``kinds`` with all ``fragments`` in its message.

    Returns:
        The exception.
    """
    try:
        answer = action()
    except kinds as error:
        for fragment in fragments:
            check(fragment in str(error), f"no {fragment!r} in the message {str(error)!r}")
        return error
    raise CheckFailed(f"{kinds} was to be raised; the answer was {answer!r}")


def share(counts: Mapping[str, int], *keys: str) -> float:
    """The share of the shots that gave one of ``keys``."""
    return sum(counts.get(key, 0) for key in keys) / sum(counts.values())


def distance(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The total variation distance of two histograms, 0 to 1."""
    shots, other_shots = sum(one.values()), sum(other.values())
    keys = one.keys() | other.keys()
    return sum(abs(one.get(k, 0) / shots - other.get(k, 0) / other_shots) for k in keys) / 2
