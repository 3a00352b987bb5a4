"""Documents with one thing in them different."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

Path = tuple[Any, ...]

DROPPED: Final = object()
"""The value of a place that is taken out."""

_OTHER: Final = st.sampled_from([DROPPED, None, 7, -1.5, True, "", "text", [], [7], {}, {"new": 1}])


def places(document: Any, path: Path = ()) -> Iterator[Path]:
    """Every path into a document but the one to itself."""
    if isinstance(document, dict):
        pairs: Any = document.items()
    else:
        pairs = enumerate(document) if isinstance(document, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from places(value, (*path, key))


def replaced(document: Any, path: Path, value: Any) -> Any:
    """A copy of the document with another value in a place, or without the place."""
    if not path:
        return None if value is DROPPED else value
    document = copy.deepcopy(document)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if value is DROPPED:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document


@st.composite
def changed(draw: st.DrawFn, document: Any) -> Any:
    """The document but for one place, or itself, dropped or retyped."""
    path = draw(st.sampled_from([(), *places(document)]))
    return replaced(document, path, draw(_OTHER))
