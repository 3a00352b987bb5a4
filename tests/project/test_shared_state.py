"""No class has mutable state that its objects share, so threads and accounts stay separate."""

from __future__ import annotations

import collections
import enum
import importlib
import pkgutil
import threading
from collections.abc import Iterator

import ibmq_backend

MUTABLE_TYPES = (
    list,
    dict,
    set,
    bytearray,
    collections.deque,
    threading.local,
    type(threading.Lock()),
    type(threading.RLock()),
    threading.Event,
    threading.Condition,
)
SKIPPED = ("ibmq_backend._dropin", "ibmq_backend.__main__")


def classes() -> Iterator[type]:
    """Yield every class of the package, nested ones included."""
    seen: set[type] = set()
    for module in pkgutil.walk_packages(ibmq_backend.__path__, "ibmq_backend."):
        if module.name.startswith(SKIPPED) or module.name.endswith("__main__"):
            continue
        try:
            loaded = importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("ibmq_backend"):
                raise
            continue  # an extra that is not installed
        found = [value for value in vars(loaded).values() if isinstance(value, type)]
        while found:
            cls = found.pop()
            if cls.__module__ != module.name or cls in seen:
                continue
            seen.add(cls)
            yield cls
            found += [value for value in vars(cls).values() if isinstance(value, type)]


def mutable_attributes(cls: type) -> list[str]:
    """Return the names of mutable class attributes."""
    if issubclass(cls, enum.Enum) or any(
        base.__module__.startswith(("traitlets", "yaml")) for base in cls.__mro__
    ):
        return []  # their libraries keep mutable attributes
    return [
        f"{cls.__module__}.{cls.__qualname__}.{name}"
        for name, value in vars(cls).items()
        if isinstance(value, MUTABLE_TYPES)
        and not name.startswith("__")
        and name != "_field_defaults"
    ]


def test_no_class_has_mutable_state():
    every = list(classes())
    assert len(every) > 300
    assert [name for cls in every for name in mutable_attributes(cls)] == []


def test_mutable_state_is_found():
    class Sharing:
        seen: list[int] = []  # noqa: RUF012

    assert mutable_attributes(Sharing) == [f"{__name__}.{Sharing.__qualname__}.seen"]
