"""Engines that simulate nothing, or always take the same time."""

from __future__ import annotations

import threading
from typing import Any, Final

from ibmq_backend.emulator.engine.engine import SAMPLER_TASK, EngineError, Task
from ibmq_backend.testing.local_place import SharedEngine

PATIENCE: Final = 90.0
RUN_SECONDS: Final = 0.25


class FakeEngine:
    """Answers every task of a dialect alike; can be held, and can fail.

    Attributes:
        tasks: all that came.
        failure: what every task fails with.
        partial: whether one of two circuits fails.
        executions: of a sampler, the shots of each bound circuit.
    """

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.failure: Exception | None = None
        self.partial = False
        self.executions = [10]
        self.started = False
        self.closed = False
        self.cancelled: set[str] = set()
        self._free = threading.Event()
        self._free.set()
        self._changed = threading.Condition()

    def hold(self) -> None:
        """Let every run wait until :meth:`release`."""
        self._free.clear()

    def release(self) -> None:
        self._free.set()
        with self._changed:
            self._changed.notify_all()

    def start(self) -> None:
        self.started = True

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        with self._changed:
            self.tasks.append(task)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._free.is_set() or self.closed or task.job_id in self.cancelled,
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
        return self._samples() if task.kind == SAMPLER_TASK else self._counts(task)

    def cancel(self, job_id: str) -> bool:
        with self._changed:
            self.cancelled.add(job_id)
            self._changed.notify_all()
        return True

    def close(self) -> None:
        self.closed = True
        with self._changed:
            self._changed.notify_all()

    def wait_for_tasks(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.tasks) >= count, PATIENCE)

    def _counts(self, task: Task) -> dict[str, Any]:
        good = {
            "shots": 100,
            "success": True,
            "status": "DONE",
            "header": task.qobj["experiments"][0]["header"],
            "data": {"counts": {"0x0": 60, "0x3": 40}},
        }
        bad = {**good, "success": False, "status": "ERROR: too cold", "data": {}}
        return {
            "backend_name": task.device,
            "backend_version": "1.0.0",
            "qobj_id": task.qobj["qobj_id"],
            "job_id": task.job_id,
            "success": not self.partial,
            "status": "COMPLETED",
            "date": "2000-01-01T00:00:00",
            "header": task.qobj["header"],
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


class PunctualEngine(SharedEngine):
    """A shared engine whose runs say a constant time, so that two recordings can be compared."""

    def run(self, task: Task, timeout: float | None = None) -> dict[str, Any]:
        """Run a job."""
        result = super().run(task, timeout)
        for part in (result, *result.get("results", ())):
            part["time_taken"] = RUN_SECONDS
        return result
