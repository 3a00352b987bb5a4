"""Which function runs which kind of task. Imported by worker processes only: it needs Aer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ibmq_backend.emulator.checks.result_size import TOO_LARGE
from ibmq_backend.emulator.engine.engine import QOBJ_TASK, SAMPLER_TASK
from ibmq_backend.emulator.sampler.errors import OVER_SYSTEM_LIMITS
from ibmq_backend.emulator.sampler.run import largest_value, run_sampler
from ibmq_backend.emulator.simulation.simulator import Simulator

__all__ = ["RUNNERS", "Runner"]

Document = dict[str, Any]


@dataclass(frozen=True)
class Runner:
    """How the tasks of one kind are run.

    Attributes:
        run: takes the simulator, the id of the job, the name of the device, the document and the
            seed; returns the result.
        largest: returns the path of the largest value of a result, which is an array.
        too_large: error number of a job whose result is too large.
    """

    run: Callable[[Simulator, str, str, Any, int | None], Document]
    largest: Callable[[Document], Sequence[str]]
    too_large: int


RUNNERS: Final[Mapping[str, Runner]] = {
    QOBJ_TASK: Runner(Simulator.run, lambda _: ("results",), TOO_LARGE),
    SAMPLER_TASK: Runner(run_sampler, largest_value, OVER_SYSTEM_LIMITS),
}
"""By kind of task."""
