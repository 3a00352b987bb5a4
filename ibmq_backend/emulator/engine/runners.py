"""The functions that run each kind of task; only simulator processes import this (with Aer)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.engine.qobj_summary import requested_seed
from ibmq_backend.emulator.engine.task import ESTIMATOR_TASK, QOBJ_TASK, SAMPLER_TASK
from ibmq_backend.emulator.engine.task_handlers import Document, Handler, TaskHead
from ibmq_backend.emulator.sampler.estimator import run_estimator
from ibmq_backend.emulator.sampler.pubs import largest_value
from ibmq_backend.emulator.sampler.run import run_sampler
from ibmq_backend.emulator.simulation.simulator import Simulator

__all__ = ["RUNNERS"]


def _run_qobj(simulator: Simulator, head: TaskHead, qobj: Any) -> Document:
    requested = requested_seed(qobj)
    seed = head.seed if requested is None else requested
    return simulator.run(head.job_id, head.device, qobj, seed, head.part)


def _run_sampler(simulator: Simulator, head: TaskHead, params: Any) -> Document:
    return run_sampler(simulator, head.job_id, head.device, params, _seed(head, params))


def _run_estimator(simulator: Simulator, head: TaskHead, params: Any) -> Document:
    return run_estimator(simulator, head.job_id, head.device, params, _seed(head, params))


def _seed(head: TaskHead, params: Any) -> int | None:
    """Return the seed that the options of a program name, or that of the job."""
    options = params.get("options") or {}
    named = ((options.get("simulator") or {}).get("seed_simulator"), options.get("seed_estimator"))
    return next((seed for seed in named if seed is not None), head.seed)


RUNNERS: Final[Mapping[str, Handler]] = {
    QOBJ_TASK: Handler(_run_qobj, lambda _: ("results",), ErrorCode.TOO_LARGE),
    SAMPLER_TASK: Handler(_run_sampler, largest_value, ErrorCode.OVER_SYSTEM_LIMITS),
    ESTIMATOR_TASK: Handler(_run_estimator, largest_value, ErrorCode.OVER_SYSTEM_LIMITS),
}
"""By kind of task."""
