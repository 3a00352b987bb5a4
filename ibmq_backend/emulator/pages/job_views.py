"""Drawings and results of jobs, prepared in another process while the reply is awaited."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final

import anyio
import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response, StreamingResponse

from ibmq_backend.emulator.engine.engine import Engine, EngineError, JobRefused
from ibmq_backend.emulator.engine.task import Task

MAX_WAITING: Final = 30
MAX_WAITING_OF_VIEWER: Final = 4
_BUSY: Final = "The server is busy with other circuits. Load the page again in a moment."


class JobViews:
    """Parts of pages that are made from the data of jobs.

    The data may be large and hostile, so this process does not parse it. Nor do these replies take
    the threads of other pages while they wait.

    Args:
        engine: inspects the data.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._limiter = anyio.CapacityLimiter(2)
        self._waiting: Counter[str | None] = Counter()

    def reply(
        self,
        user_id: str | None,
        render: Callable[[dict[str, Any], str], bytes],
        task: Task | None,
        problem: str,
    ) -> Response:
        """Return a reply that is complete when the task has been inspected.

        Args:
            user_id: the user who looks; None for the teacher.
            render: returns the page with what was found and, as a sentence, why nothing was.
            task: a task of ``VIEWS``.
            problem: why the task is not inspected, as a sentence; empty to inspect it.
        """

        def make() -> bytes:
            return render(*(self._inspect(task) if task and not problem else ({}, problem)))

        async def content() -> AsyncIterator[bytes]:
            """Yield the page once its task is done, without a thread until then."""
            if (
                self._waiting[user_id] >= MAX_WAITING_OF_VIEWER
                or self._waiting.total() >= MAX_WAITING
            ):
                yield render({}, _BUSY)
                return
            self._waiting[user_id] += 1
            try:
                yield await anyio.to_thread.run_sync(
                    make, limiter=self._limiter, abandon_on_cancel=True
                )
            finally:
                self._waiting[user_id] -= 1
                self._waiting = +self._waiting

        return StreamingResponse(content(), media_type="text/html")

    def _inspect(self, task: Task) -> tuple[dict[str, Any], str]:
        try:
            # Several people may look at a job, and the engine takes each id once.
            unique = replace(task, job_id=f"{task.job_id}-{secrets.token_hex(4)}")
            return self._engine.inspect(unique), ""
        except (JobRefused, EngineError) as error:
            return {}, f"{error.message}."
        except (OSError, SQLAlchemyError):
            return {}, "The data of this job cannot be read now. Load the page again in a moment."
