"""Drawings wait in a queue of their own, which nobody can fill."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.engine.engine import EngineError, JobRefused, Task
from ibmq_backend.emulator.pages.job_views import MAX_WAITING_OF_VIEWER, JobViews
from tests.support.engines import FakeEngine

MARY, JOHN = "a" * 24, "b" * 24
TASK = Task("j", "ibmq_vigo", raw_bytes(b"{}"))
PATIENCE = 60.0


class Inspections(FakeEngine):
    """Inspects when it may go on, and fails if it shall."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def inspect(self, task: Task) -> dict[str, Any]:
        self.inspected.append(task)
        assert self.go_on.wait(PATIENCE)
        if self.failure is not None:
            raise self.failure
        return {"found": "drawing"}


def render(found: dict[str, Any], problem: str) -> bytes:
    return (problem or found["found"]).encode()


async def text(views: JobViews, user_id: str | None, problem: str = "") -> str:
    reply = views.reply(user_id, render, TASK, problem)
    pieces = [piece async for piece in reply.body_iterator]  # type: ignore[attr-defined]
    return b"".join(pieces).decode()


def test_one_viewer_does_not_fill_the_queue() -> None:
    engine = Inspections()

    async def check() -> None:
        views = JobViews(engine)
        waiting = [asyncio.create_task(text(views, MARY)) for _ in range(MAX_WAITING_OF_VIEWER)]
        waiting.append(asyncio.create_task(text(views, JOHN)))
        await asyncio.sleep(0)
        assert (await text(views, MARY)).startswith("The server is busy")
        engine.go_on.set()
        assert await asyncio.gather(*waiting) == ["drawing"] * len(waiting)
        assert await text(views, MARY) == "drawing"

    asyncio.run(asyncio.wait_for(check(), PATIENCE))
    assert len({task.job_id for task in engine.inspected}) == MAX_WAITING_OF_VIEWER + 2


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (JobRefused("The job takes too long to be shown", ErrorCode.SCHEMA), "takes too long"),
        (EngineError("The engine has been closed"), "has been closed."),
        (OSError("the data was deleted"), "cannot be read now"),
    ],
)
def test_failures_are_sentences(failure: Exception, says: str) -> None:
    engine = Inspections()
    engine.failure = failure
    engine.go_on.set()
    assert says in asyncio.run(text(JobViews(engine), MARY))


def test_what_cannot_be_shown_is_not_inspected() -> None:
    engine = Inspections()
    assert asyncio.run(text(JobViews(engine), None, "Too large.")) == "Too large."
    assert engine.inspected == []
