"""No class holds state that its objects would share: threads and accounts stay apart."""

from __future__ import annotations

import collections
import enum
import importlib
import pkgutil
import threading
from collections.abc import Iterator

import ibmq_backend

MUTABLE = (
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
LEFT_OUT = ("ibmq_backend._dropin", "ibmq_backend.__main__")


def classes() -> Iterator[type]:
    """Every class that a module of the package defines, nested ones too."""
    seen: set[type] = set()
    for module in pkgutil.walk_packages(ibmq_backend.__path__, "ibmq_backend."):
        if module.name.startswith(LEFT_OUT) or module.name.endswith("__main__"):
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


def shared(cls: type) -> list[str]:
    """Names of the class attributes that could be changed under all objects at once."""
    if issubclass(cls, enum.Enum) or any("traitlets" in base.__module__ for base in cls.__mro__):
        return []  # what their libraries keep there
    return [
        f"{cls.__module__}.{cls.__qualname__}.{name}"
        for name, value in vars(cls).items()
        if isinstance(value, MUTABLE) and not name.startswith("__") and name != "_field_defaults"
    ]


def test_no_class_has_mutable_state():
    every = list(classes())
    assert len(every) > 300
    assert [name for cls in every for name in shared(cls)] == []


def test_such_state_would_be_found():
    class Sharing:
        seen: list[int] = []  # noqa: RUF012

    assert shared(Sharing) == [f"{__name__}.{Sharing.__qualname__}.seen"]
