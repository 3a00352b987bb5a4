"""The type of the handlers that a worker process has for each kind of task, and its JSON reader."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode

__all__ = ["MAX_VALUES", "Document", "Handler", "TaskHead", "read_document"]

Document = dict[str, Any]

MAX_VALUES: Final = 20_000_000
"""Each value takes 60 bytes of memory and more."""


@dataclass(frozen=True)
class TaskHead:
    """A task without its content; see ``Task``.

    Attributes:
        job_id: id of the job.
        device: name or alias of the device.
        seed: seed of the simulation; None = one is drawn.
        circuit: index of the circuit that a task of ``VIEWS`` is about.
        part: positions of the circuits of a Qobj to run; None = all.
    """

    job_id: str
    device: str
    seed: int | None = None
    circuit: int = 0
    part: range | None = None


@dataclass(frozen=True)
class Handler:
    """How the tasks of one kind are handled.

    Attributes:
        handle: takes the simulator (to run) or the catalog (to inspect), the head of the task and
            the parsed content; returns the result.
        large_value: returns the path of the value of a result that may be large.
        too_large: error code of a job whose result is too large.
        subject: what an error message calls the content.
    """

    handle: Callable[[Any, TaskHead, Any], Document]
    large_value: Callable[[Document], Sequence[str]]
    too_large: ErrorCode = ErrorCode.SCHEMA
    subject: str = "The data of the job"


def read_document(content: bytes, subject: str) -> Any:
    """Parse the content of a task.

    Args:
        content: what the client sent.
        subject: what an error message calls it.

    Raises:
        JobRefused: 1101, if it is not JSON, is nested too deeply or has too many values.
        MemoryError: if it needs more memory than the process may use.
    """
    # Counted before anything is parsed: commas and brackets separate the values.
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise JobRefused(f"{subject} contains more than {MAX_VALUES} values", ErrorCode.SCHEMA)
    # The collector would go through millions of new objects again and again; none is garbage.
    gc.disable()
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise JobRefused(f"{subject} is not valid JSON", ErrorCode.SCHEMA) from None
    finally:
        gc.enable()
