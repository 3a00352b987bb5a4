"""Engines without simulation, or with constant run times."""

from __future__ import annotations

import json
import threading
from functools import cache
from typing import Any, Final

from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.engine.engine import QOBJ_TASK, EngineError, EngineHealth, Task
from ibmq_backend.emulator.engine.inspectors import INSPECTORS
from ibmq_backend.emulator.engine.task_handlers import TaskHead, read_document
from ibmq_backend.testing.local_ibmq import SharedEngine

PATIENCE: Final = 90.0
RUN_SECONDS: Final = 0.25


def json_task(
    job_id: str, device: str, document: Any, seed: int | None = None, kind: str = QOBJ_TASK
) -> Task:
    """Return a task whose content is a document."""
    return Task(job_id, device, raw_bytes(json.dumps(document).encode()), seed, kind)


def content_of(task: Task) -> Any:
    """Return the parsed content of a task."""
    return json.loads(b"".join(task.content.pieces()))


@cache
def _catalog() -> Catalog:
    return Catalog()


class FakeEngine:
    """Gives the same result for every task of a dialect; runs can be held and can fail.

    Attributes:
        tasks: all tasks to run so far.
        inspected: all tasks to inspect so far; this process inspects them.
        failure: the error of every task.
        partial: whether one of two circuits fails.
        executions: the shots of each bound circuit of a sampler.
        seconds: the clock of the simulations.
    """

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.inspected: list[Task] = []
        self.failure: Exception | None = None
        self.partial = False
        self.executions = [10]
        self.seconds = 0.0
        self.started = False
        self.closed = False
        self.cancelled: set[str] = set()
        self._held = False
        self._releases = 0
        self._changed = threading.Condition()

    def hold(self) -> None:
        """Keep every run that starts from now on waiting until :meth:`release`."""
        with self._changed:
            self._held = True

    def release(self) -> None:
        with self._changed:
            self._held = False
            self._releases += 1
            self._changed.notify_all()

    def start(self) -> None:
        self.started = True

    def inspect(self, task: Task) -> dict[str, Any]:
        self.inspected.append(task)
        handler = INSPECTORS[task.kind]
        document = read_document(b"".join(task.content.pieces()), handler.subject)
        return handler.handle(_catalog(), TaskHead(task.job_id, task.device), document)

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        with self._changed:
            self.tasks.append(task)
            self._changed.notify_all()
            if self._held:
                releases = self._releases
                self._changed.wait_for(
                    lambda: (
                        self._releases > releases or self.closed or task.job_id in self.cancelled
                    ),
                    PATIENCE,
                )
        if self.closed:
            raise EngineError("The engine has been closed")
        if task.job_id in self.cancelled:
            raise EngineError("The job was cancelled", 5202)
        if self.failure is not None:
            raise self.failure
        return self.result(task)

    def result(self, task: Task) -> dict[str, Any]:
        return self._counts(task) if task.kind == QOBJ_TASK else self._samples()

    def cancel(self, job_id: str) -> bool:
        with self._changed:
            self.cancelled.add(job_id)
            self._changed.notify_all()
        return True

    def health(self) -> EngineHealth:
        return EngineHealth(1)

    def monotonic(self) -> float:
        return self.seconds

    def close(self) -> None:
        self.closed = True
        with self._changed:
            self._changed.notify_all()

    def wait_for_tasks(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.tasks) >= count, PATIENCE)

    def _counts(self, task: Task) -> dict[str, Any]:
        qobj = content_of(task)
        good = {
            "shots": 100,
            "success": True,
            "status": "DONE",
            "header": qobj["experiments"][0]["header"],
            "data": {"counts": {"0x0": 60, "0x3": 40}},
        }
        bad = {**good, "success": False, "status": "ERROR: too cold", "data": {}}
        return {
            "backend_name": task.device,
            "backend_version": "1.0.0",
            "qobj_id": qobj["qobj_id"],
            "job_id": task.job_id,
            "success": not self.partial,
            "status": "COMPLETED",
            "date": "2000-01-01T00:00:00",
            "header": qobj["header"],
            "results": [good, bad] if self.partial else [good],
            "metadata": {"seed": task.seed},
        }

    def _samples(self) -> dict[str, Any]:
        data = {"c": {"samples": ["0x1"] * 10, "num_bits": 2}}
        return {
            "document": {
                "results": [{"data": data, "metadata": {"circuit_metadata": {}}}],
                "metadata": {"version": 2},
            },
            "shapes": [[[], 10]],
            "executions": self.executions,
        }


class ConstantTimeEngine(SharedEngine):
    """A shared engine whose results state constant times, so that recordings can be compared."""

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job."""
        result = super().run(task, timeout)
        for part in (result, *result.get("results", ())):
            part["time_taken"] = RUN_SECONDS
        return result
