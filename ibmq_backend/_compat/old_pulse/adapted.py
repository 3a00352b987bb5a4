"""Adds methods and arguments of earlier releases to the pulse classes of Terra.

Only what Terra no longer has is added. Modules of Terra are imported when the methods are called,
since these are added while Qiskit is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from ibmq_backend._compat.old_pulse.drawing import (
    adapt_instruction_drawing,
    adapt_pulse_drawing,
    adapt_schedule_drawing,
)
from ibmq_backend._compat.renamed_methods import add_as_dict
from ibmq_backend._compat.replacing import Replacement, replace_in_place


def _add(cls: type, **methods: Any) -> None:
    for name, method in methods.items():
        if name not in vars(cls):
            setattr(cls, name, method)


def _without(argument: str) -> Replacement:
    """Return a replacement that drops an argument without effect."""

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            kwargs.pop(argument, None)
            return original(*args, **kwargs)

        return call

    return replacement


def play_on_channel(self: Any, channel: Any, name: str | None = None) -> Any:
    """Return the instruction that plays this pulse on a channel."""
    from qiskit.pulse.instructions import Play

    return Play(self, channel, name=name)


def get_sample_pulse(self: Any) -> Any:
    """Return the samples of this pulse as a ``Waveform``."""
    return self.get_waveform()


def adapt_pulse(module: ModuleType) -> None:
    """Let pulses be called with a channel, as commands were until Terra 0.14, and drawn."""
    adapt_pulse_drawing(module)
    _add(module.Pulse, __call__=play_on_channel, to_instruction=play_on_channel)


def adapt_symbolic_pulses(module: ModuleType) -> None:
    """Add the old name of ``get_waveform``."""
    _add(module.SymbolicPulse, get_sample_pulse=get_sample_pulse)


def _new_acquire(cls: type, *args: Any, **kwargs: Any) -> Any:
    if args or kwargs:
        from ibmq_backend._compat.old_pulse import commands

        if not commands.takes_one_channel(*args, **kwargs):
            return commands.new_acquire(*args, **kwargs)
    return object.__new__(cls)


def _new_delay(cls: type, *args: Any, **kwargs: Any) -> Any:
    if (len(args) == 1 and "channel" not in kwargs) or (not args and "channel" not in kwargs):
        from ibmq_backend._compat.old_pulse.commands import DelayCommand

        if args or kwargs:
            return DelayCommand(*args, **kwargs)
    return object.__new__(cls)


def adapt_acquire(module: ModuleType) -> None:
    """Let ``Acquire`` be created without a channel, or for several channels."""
    _add(module.Acquire, __new__=staticmethod(_new_acquire))


def adapt_delay(module: ModuleType) -> None:
    """Let ``Delay`` be created without a channel."""
    _add(module.Delay, __new__=staticmethod(_new_delay))


def command(self: Any) -> Any:
    """Return the pulse that is played; for other instructions, the instruction."""
    return getattr(self, "pulse", self)


def flatten(self: Any) -> Any:
    """Return a schedule of instructions instead of schedules."""
    from qiskit.pulse.schedule import Schedule

    return Schedule(*self.instructions, name=self.name)


def union(self: Any, *schedules: Any, name: str | None = None) -> Any:
    """Return a schedule with others, or pairs of a time and another, inserted."""
    from qiskit.pulse.schedule import Schedule

    return Schedule(self, *schedules, name=name or self.name)


def adapt_instruction(module: ModuleType) -> None:
    """Add the methods that instructions shared with schedules."""
    adapt_instruction_drawing(module)
    _add(module.Instruction, command=property(command), flatten=flatten, union=union)
    for method in (module.Instruction.insert, module.Instruction.append):
        replace_in_place(method, _without("buffer"))


def adapt_schedule(module: ModuleType) -> None:
    """Add the methods of Terra 0.8 to 0.12."""
    adapt_schedule_drawing(module)
    _add(module.Schedule, flatten=flatten, union=union)
    for method in (module.Schedule.insert, module.Schedule.append):
        replace_in_place(method, _without("buffer"))


def cmds(self: Any) -> list[str]:
    """Return the names of the gates that have a schedule."""
    return list(self.instructions)


def cmd_qubits(self: Any, cmd_name: str) -> Any:
    """Return the qubits for which a gate has a schedule."""
    return self.qubits_with_instruction(cmd_name)


def adapt_schedule_map(module: ModuleType) -> None:
    """Add the names of the methods of ``CmdDef``."""
    _add(module.InstructionScheduleMap, cmds=cmds, cmd_qubits=cmd_qubits)


def circuit_instruction_map(self: Any) -> Any:
    """Return the schedules of the gates."""
    return self.instruction_schedule_map


def adapt_pulse_defaults(module: ModuleType) -> None:
    """Add the names of ``instruction_schedule_map`` until Terra 0.10 and 0.14."""
    _add(
        module.PulseDefaults,
        build_cmd_def=circuit_instruction_map,
        circuit_instruction_map=property(circuit_instruction_map),
    )


def adapt_channels(module: ModuleType) -> None:
    """Let the modules be found that were in ``qiskit.pulse.channels`` when it was a package."""
    module.__path__ = []


def _control_by_number(original: Callable[..., Any]) -> Callable[..., Any]:
    def control(self: Any, qubits: Any = None, channel: int | None = None) -> Any:
        number = channel if isinstance(channel, int) else qubits
        if not isinstance(number, int):
            return original(self, qubits)
        from qiskit.pulse.channels import ControlChannel

        return ControlChannel(number)

    return control


def adapt_configuration(module: ModuleType) -> None:
    """Let ``configuration.control`` accept the number of a channel, as in Terra 0.10 and 0.11."""
    replace_in_place(module.PulseBackendConfiguration.control, _control_by_number)
    add_as_dict(module)


STAR_NAMES: Final = (
    *("AcquireInstruction", "CmdDef", "ConstantPulse", "FrameChange", "ParametricInstruction"),
    *("PersistentValue", "PulseChannelSpec", "SamplePulse", "commands", "pulse_lib"),
)
"""Old names that ``from qiskit.pulse import *`` provides; the module has no ``__all__``."""


def extend_star_import(module: ModuleType) -> None:
    """Let an import with a star provide the old names, which are loaded when they are used."""
    vars(module)["__all__"] = [*(name for name in vars(module) if name[0] != "_"), *STAR_NAMES]
