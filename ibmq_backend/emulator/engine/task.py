"""Tasks for the engine, and the error of a task that could not be carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.core.raw_json import RawJson

__all__ = [
    "DRAWINGS",
    "ESTIMATOR_TASK",
    "PROGRAM_TASK",
    "QOBJ_TASK",
    "RESULT_TASK",
    "SAMPLER_TASK",
    "VIEWS",
    "EngineError",
    "Task",
]

QOBJ_TASK: Final = "qobj"
SAMPLER_TASK: Final = "sampler"
ESTIMATOR_TASK: Final = "estimator"
PROGRAM_TASK: Final = "program"
RESULT_TASK: Final = "result"

DRAWINGS: Final = {
    QOBJ_TASK: "draw-qobj",
    SAMPLER_TASK: "draw-pubs",
    ESTIMATOR_TASK: "draw-pubs",
}
"""For each kind of job the kind of task that draws its circuits."""

VIEWS: Final = frozenset({*DRAWINGS.values(), RESULT_TASK})
"""Kinds of tasks that prepare data for a page; they are inspected in a process of their own."""


@dataclass(frozen=True)
class Task:
    """One job for the engine.

    Attributes:
        job_id: id of the job, echoed in its result.
        device: name or alias of the device.
        content: the data of the job as the client sent it; a worker process parses it.
        seed: seed of the simulation unless the data states one; None = one is drawn and reported
            in the result.
        kind: ``QOBJ_TASK``, ``SAMPLER_TASK`` and ``ESTIMATOR_TASK`` (run only), or
            ``PROGRAM_TASK`` and one of ``VIEWS`` (inspect only).
        circuit: index of the circuit that a task of ``VIEWS`` is about.
        circuits: number of circuits of a Qobj, which may run apart; 1 runs the job as a whole.
        part: positions of the circuits to run, as in ``range``; None = all.
    """

    job_id: str
    device: str
    content: RawJson
    seed: int | None = None
    kind: str = QOBJ_TASK
    circuit: int = 0
    circuits: int = 1
    part: tuple[int, int] | None = None


class EngineError(Exception):
    """The engine could not run or inspect a job, through no fault of the job.

    Attributes:
        message: the reason, without a full stop at the end.
        code: error code of the service.
    """

    def __init__(self, message: str, code: ErrorCode = ErrorCode.SIMULATOR_FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    def __str__(self) -> str:
        return f"{self.message}. Error code: {self.code}."
