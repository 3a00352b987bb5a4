"""Lets circuits with delays be transpiled without a schedule, as until Terra 0.19.

Where a device states ``timing_constraints``, Terra refuses such a circuit if the length of a gate
or delay is not a multiple of the samples stated, or a parameter.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from types import ModuleType
from typing import Any, Final

from qiskit.pulse.exceptions import UnassignedDurationError

_SHORT: Final = 100  # multiples of the alignment; shorter delays are not changed


def adapt_duration_check(module: ModuleType) -> None:
    """Adapt ``InstructionDurationCheck`` of ``qiskit.transpiler.passes`` to unknown lengths."""
    check = module.InstructionDurationCheck.run

    @functools.wraps(check)
    def run(self: Any, dag: Any) -> None:
        try:
            check(self, dag)
        except (TypeError, UnassignedDurationError):  # of a parameter
            self.property_set["reschedule_required"] = True

    module.InstructionDurationCheck.run = run


def adapt_pulse_validation(module: ModuleType) -> None:
    """Adapt ``ValidatePulseGates`` of ``qiskit.transpiler.passes`` to unknown lengths."""
    validate = module.ValidatePulseGates.run

    @functools.wraps(validate)
    def run(self: Any, dag: Any) -> None:
        with suppress(UnassignedDurationError):  # checked by the device when its value is known
            validate(self, dag)

    module.ValidatePulseGates.run = run


def adapt_reschedule(module: ModuleType) -> None:
    """Adapt ``ConstrainedReschedule`` of ``qiskit.transpiler.passes``.

    Without a schedule it only rounds long delays to a length that the device accepts, by half a
    percent at most; devices refuse other delays when the circuit is run.
    """
    reschedule = module.ConstrainedReschedule.run

    @functools.wraps(reschedule)
    def run(self: Any, dag: Any) -> Any:
        if "node_start_time" in self.property_set:
            return reschedule(self, dag)
        alignment = self.pulse_align
        for node in dag.op_nodes():
            delay = node.op
            if delay.name != "delay" or delay.unit != "dt" or delay.is_parameterized():
                continue
            if delay.duration >= _SHORT * alignment and delay.duration % alignment:
                rounded = type(delay)(round(delay.duration / alignment) * alignment, "dt")
                dag.substitute_node(node, rounded, inplace=True)
        return dag

    module.ConstrainedReschedule.run = run
