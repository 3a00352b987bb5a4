"""The gates and other instructions that a device offers in the platform dialect."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.devices.catalog import Device

__all__ = ["LISTED_AMONG_GATES", "gates_of", "instructions_of"]

LISTED_AMONG_GATES: Final = ("measure", "reset")
"""Instructions that snapshots list among the gates."""

_INSTRUCTIONS: Final = frozenset({"delay", "if_else", "measure", "reset"})
_ALWAYS: Final = frozenset({"delay", "measure"})
_PULSE_INSTRUCTIONS: Final = frozenset({"play", "acquire", "setf", "shiftf"})


def gates_of(device: Device) -> tuple[str, ...]:
    """Return the gates of a device; ``reset`` is an instruction today, not a gate."""
    return tuple(gate for gate in device.basis_gates if gate not in LISTED_AMONG_GATES)


def instructions_of(device: Device) -> frozenset[str]:
    """Return the instructions of a device besides its gates.

    A list that contains pulse instructions is ignored because it is too old: such a device got
    ``if_else`` after the list was written.
    """
    listed = set(device.configuration().get("supported_instructions") or ())
    if not listed or listed & _PULSE_INSTRUCTIONS:
        return _INSTRUCTIONS
    return _ALWAYS | (_INSTRUCTIONS & listed)
