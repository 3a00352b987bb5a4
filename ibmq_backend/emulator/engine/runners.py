"""The functions that run each kind of task; only simulator processes import this (with Aer)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.engine.qobj_summary import requested_seed
from ibmq_backend.emulator.engine.task import QOBJ_TASK, SAMPLER_TASK
from ibmq_backend.emulator.engine.task_handlers import Document, Handler, TaskHead
from ibmq_backend.emulator.sampler.run import largest_value, run_sampler
from ibmq_backend.emulator.simulation.simulator import Simulator

__all__ = ["RUNNERS"]


def _run_qobj(simulator: Simulator, head: TaskHead, qobj: Any) -> Document:
    requested = requested_seed(qobj)
    seed = head.seed if requested is None else requested
    return simulator.run(head.job_id, head.device, qobj, seed)


def _run_sampler(simulator: Simulator, head: TaskHead, params: Any) -> Document:
    options = (params.get("options") or {}).get("simulator") or {}
    requested = options.get("seed_simulator")
    seed = head.seed if requested is None else requested
    return run_sampler(simulator, head.job_id, head.device, params, seed)


RUNNERS: Final[Mapping[str, Handler]] = {
    QOBJ_TASK: Handler(_run_qobj, lambda _: ("results",), ErrorCode.TOO_LARGE),
    SAMPLER_TASK: Handler(_run_sampler, largest_value, ErrorCode.OVER_SYSTEM_LIMITS),
}
"""By kind of task."""
