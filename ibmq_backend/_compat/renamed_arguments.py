"""Lets functions of Terra take the argument names they had in the years of ``IBMQ``.

New names keep working, and nothing changes for programs that never import the old path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ibmq_backend._compat.replacing import Replacement


def with_old_names(renamed: dict[str, str]) -> Replacement:
    """Return a replacement that accepts old keyword names.

    Args:
        renamed: old keyword name to today's.
    """

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            for old, new in renamed.items():
                if old in kwargs:
                    if new in kwargs:
                        raise TypeError(f"{old!r} is the old name of {new!r}: give one of them.")
                    kwargs[new] = kwargs.pop(old)
            return original(*args, **kwargs)

        return call

    return replacement
