"""JSON documents with one change."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

Path = tuple[Any, ...]

DROPPED: Final = object()
"""The value that removes what is at a path."""

_OTHER: Final = st.sampled_from([DROPPED, None, 7, -1.5, True, "", "text", [], [7], {}, {"new": 1}])


def places(document: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value inside a document."""
    if isinstance(document, dict):
        pairs: Any = document.items()
    else:
        pairs = enumerate(document) if isinstance(document, list) else ()
    for key, value in pairs:
        yield (*path, key)
        yield from places(value, (*path, key))


def replaced(document: Any, path: Path, value: Any) -> Any:
    """Return a copy of a document with another value at a path, or without that path."""
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
    """Draw a document in which one value is removed or replaced by one of another type."""
    path = draw(st.sampled_from([(), *places(document)]))
    return replaced(document, path, draw(_OTHER))
