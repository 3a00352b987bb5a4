"""Contexts of the pulse builder that Terra 0.22 removed, as they were since Terra 0.17."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qiskit.pulse.builder import call

call_circuit = call_schedule = call


@contextmanager
def inline() -> Iterator[None]:
    """Add the instructions inside to the context around this one."""
    yield


@contextmanager
def pad(*chs: Any) -> Iterator[None]:
    """Do nothing: since Terra 0.17, channels are padded when the schedule is assembled."""
    del chs
    yield
