"""The steps of the session: their order, their time limit and their report."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Step = Callable[[Any], None]


class Steps:
    """Steps that belong together, in the order in which they are written down.

    Args:
        subject: What they are about; printed before each title.
    """

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.listed: list[tuple[str, Step]] = []

    def __call__(self, title: str) -> Callable[[Step], Step]:
        """Decorator: this function is a step of this title."""

        def add(step: Step) -> Step:
            self.listed.append((f"{self.subject}: {title}", step))
            return step

        return add


class OutOfTime(BaseException):
    """A step or the whole session took too long; not to be caught by the client."""


def run_steps(
    groups: Iterable[Steps], scene: Any, *, step_seconds: float, session_seconds: float
) -> tuple[int, int]:
    """Run steps one after another, each whatever became of those before it.

    Args:
        groups: The steps.
        scene: Handed to every step.
        step_seconds: How long a step may take.
        session_seconds: How long all of them may take; steps after that are not begun.

    Returns:
        How many passed and how many failed.
    """
    passed = failed = 0
    end = time.monotonic() + session_seconds
    for title, step in (entry for group in groups for entry in group.listed):
        begun = time.monotonic()
        try:
            with _time_limit(min(step_seconds, end - begun)):
                step(scene)
        except (Exception, OutOfTime) as error:  # whatever it is: the other steps still count
            failed += 1
            print(f"FAILED  {title}: {type(error).__name__}: {error}", flush=True)
            traceback.print_exc(file=sys.stderr)
        else:
            passed += 1
            print(f"passed  {title}  [{time.monotonic() - begun:.1f} s]", flush=True)
    return passed, failed


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    if seconds <= 0:
        raise OutOfTime("the time of the session is over")

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"not done after {seconds:.0f} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
