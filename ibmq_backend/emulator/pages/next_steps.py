"""What a person can do next about a job that has failed."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.core.error_codes import ErrorCode

__all__ = ["next_step"]

_AGAIN: Final = (
    "Run the circuits again. If that fails too, tell the person who runs this server the id of "
    "the job."
)
_TRANSPILE: Final = "Run transpile(circuit, backend) first and run the circuit that it returns."
_SMALLER: Final = "Use fewer circuits, shots or qubits in one job."
_NAMED: Final = "Change what the message names, and run it again."
_SCHEDULE: Final = "Change the schedule as the message says; backend.defaults() has the pulses."
_SAMPLES: Final = (
    "Use lengths and starts that are multiples of the samples that "
    "backend.configuration().timing_constraints states."
)
_ALIGNED: Final = (
    "Run transpile(circuit, backend, scheduling_method='alap'), or use delays that are multiples "
    "of the samples that backend.configuration().timing_constraints states."
)
_DEVICE: Final = "Choose another device: the overview lists them."

_STEPS: Final[dict[ErrorCode, str]] = {
    ErrorCode.INTERNAL: _AGAIN,
    ErrorCode.UNEXPECTED: _AGAIN,
    ErrorCode.RUN_FAILED: _AGAIN,
    ErrorCode.SIMULATOR_FAILED: _AGAIN,
    ErrorCode.PROGRAM_FAILED: _NAMED,
    ErrorCode.TOO_LARGE: "Submit fewer circuits at once.",
    ErrorCode.OVER_SYSTEM_LIMITS: _SMALLER,
    ErrorCode.TIMED_OUT: _SMALLER,
    ErrorCode.RAN_TOO_LONG: _SMALLER,
    ErrorCode.NOT_VALID: "Change what the message names, or use another device.",
    ErrorCode.TOO_MANY_CIRCUITS: (
        "Submit fewer circuits at once: backend.configuration().max_experiments is the limit."
    ),
    ErrorCode.TOO_MANY_SHOTS: (
        "Ask for fewer shots: backend.configuration().max_shots is the limit."
    ),
    ErrorCode.TOO_FEW_SHOTS: "Ask for more shots.",
    ErrorCode.NO_MEMORY: (
        "Run without memory=True, or on a device whose backend.configuration().memory is True."
    ),
    ErrorCode.NOT_COUPLED: _TRANSPILE,
    ErrorCode.TOO_WIDE: "Use fewer qubits, or a device that has more of them.",
    ErrorCode.NOT_IN_BASIS: _TRANSPILE,
    ErrorCode.NOT_SUPPORTED: _TRANSPILE,
    ErrorCode.NOT_ISA: "Run transpile(circuit, backend) first.",
    ErrorCode.NO_PULSE: "Use a device whose backend.configuration().open_pulse is True.",
    ErrorCode.DEVICE_UNKNOWN: _DEVICE,
    ErrorCode.DEVICE_NOT_OFFERED: _DEVICE,
    ErrorCode.EMPTY: "Run at least one circuit.",
    ErrorCode.NOT_UPLOADED: "Run the circuits again: the upload of this job was not completed.",
    ErrorCode.CANCELLED: "Run the circuits again if you still need them.",
    ErrorCode.OBSERVABLE_WIDTH: (
        "Adapt the observables to the transpiled circuit: observable.apply_layout(circuit.layout)."
    ),
    ErrorCode.DYNAMIC_CIRCUIT: "Remove the control flow from the circuit, or use a sampler.",
    ErrorCode.CONDITIONAL: (
        "Remove the conditions, or use a device whose configuration().conditional is True."
    ),
    ErrorCode.RESET: "Remove the resets, or use another device.",
    ErrorCode.FREQUENCY_RANGE: (
        "Use a frequency in backend.configuration().qubit_lo_range or meas_lo_range."
    ),
    ErrorCode.ALIGNMENT: _ALIGNED,
    ErrorCode.DELAY_ALIGNMENT: _ALIGNED,
    ErrorCode.GRANULARITY: _SAMPLES,
    ErrorCode.TOO_FEW_SAMPLES: _SAMPLES,
    ErrorCode.CHANNEL: _SCHEDULE,
    ErrorCode.OVERLAP: _SCHEDULE,
    ErrorCode.TOO_LONG: _SCHEDULE,
    ErrorCode.TOO_MANY_SAMPLES: _SCHEDULE,
}


def next_step(code: object) -> str:
    """Return what to do about a failure with this error code."""
    try:
        return _STEPS.get(ErrorCode(int(str(code))), _NAMED)
    except ValueError:
        return _NAMED
