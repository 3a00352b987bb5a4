"""The commands of ``qiskit.pulse.commands``, which were called with a channel.

``Gaussian(64, 0.1, 16)(channel)`` was an instruction; now it is ``Play(Gaussian(64, 0.1, 16),
channel)``. The classes of instructions recognize those of Terra in ``isinstance``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qiskit.pulse.channels import AcquireChannel, Channel, MemorySlot, RegisterSlot
from qiskit.pulse.configuration import Discriminator, Kernel
from qiskit.pulse.exceptions import PulseError
from qiskit.pulse.instructions import Acquire, Delay, Instruction, Play, ShiftPhase, Snapshot
from qiskit.pulse.library import Constant, Drag, Gaussian, GaussianSquare, ParametricPulse, Waveform
from qiskit.pulse.library.samplers.decorators import functional_pulse
from qiskit.pulse.schedule import Schedule

from ibmq_backend._compat.old_pulse.channel_spec import Qubit

__path__: list[str] = []

ConstantPulse = Constant
SamplePulse = Waveform

__all__ = [
    "Acquire",
    "AcquireInstruction",
    "Constant",
    "ConstantPulse",
    "Delay",
    "DelayInstruction",
    "Discriminator",
    "Drag",
    "FrameChange",
    "FrameChangeInstruction",
    "Gaussian",
    "GaussianSquare",
    "Instruction",
    "Kernel",
    "ParametricInstruction",
    "ParametricPulse",
    "PersistentValue",
    "PulseInstruction",
    "SamplePulse",
    "Snapshot",
    "functional_pulse",
]


class FrameChange:
    """A change of the phase of a channel, now ``ShiftPhase(phase, channel)``.

    Args:
        phase: in radians.
        name: of the instruction.
    """

    duration = 0

    def __init__(self, phase: Any, name: str | None = None) -> None:
        self.phase = phase
        self.name = name

    def __call__(self, channel: Channel, name: str | None = None) -> ShiftPhase:
        """Return the instruction on a channel."""
        return ShiftPhase(self.phase, channel, name=name or self.name)


class DelayCommand:
    """A delay without a channel, now ``Delay(duration, channel)``.

    Args:
        duration: in samples.
        name: of the instruction.
    """

    def __init__(self, duration: Any, name: str | None = None) -> None:
        self.duration = duration
        self.name = name

    def __call__(self, channel: Channel, name: str | None = None) -> Delay:
        """Return the instruction on a channel."""
        return Delay(self.duration, channel, name=name or self.name)


class AcquireCommand:
    """A readout without a channel, now ``Acquire(duration, channel, mem_slot)``.

    Args:
        duration: in samples.
        options: a kernel and a discriminator, in any order.
        kernel: that integrates the signal.
        discriminator: that decides between 0 and 1.
        name: of the instruction.
    """

    def __init__(
        self,
        duration: Any,
        *options: Any,
        kernel: Kernel | None = None,
        discriminator: Discriminator | None = None,
        name: str | None = None,
    ) -> None:
        self.duration = duration
        self.kernel = kernel
        self.discriminator = discriminator
        self.name = name
        for option in options:
            if isinstance(option, Kernel):
                self.kernel = option
            elif isinstance(option, Discriminator):
                self.discriminator = option
            elif option is not None:
                raise PulseError(
                    f"{option!r} is neither a channel, a Kernel nor a Discriminator. "
                    "Write Acquire(duration, AcquireChannel(0), MemorySlot(0))."
                )

    def __call__(
        self,
        acquire: Any = None,
        mem_slot: Any = None,
        reg_slot: Any = None,
        *,
        mem_slots: Any = None,
        reg_slots: Any = None,
        qubits: Any = None,
        name: str | None = None,
    ) -> Acquire | Schedule:
        """Return the instruction on a channel, or a schedule for several channels.

        Raises:
            PulseError: the numbers of channels and slots differ.
        """
        channels = _listed(qubits if acquire is None else acquire)
        memory: list[MemorySlot | None] = _listed(mem_slot if mem_slots is None else mem_slots)
        registers: list[RegisterSlot | None] = _listed(reg_slot if reg_slots is None else reg_slots)
        for slots in (memory, registers):
            if slots and len(slots) != len(channels):
                raise PulseError(
                    f"There are {len(channels)} channels and {len(slots)} slots. "
                    "Give every channel a slot."
                )
        instructions = [
            Acquire(
                self.duration,
                channel.acquire if isinstance(channel, Qubit) else channel,
                memory[index] if memory else None,
                registers[index] if registers else None,
                kernel=self.kernel,
                discriminator=self.discriminator,
                name=name or self.name,
            )
            for index, channel in enumerate(channels)
        ]
        if len(instructions) == 1:
            return instructions[0]
        return Schedule(*((0, each) for each in instructions), name=name or self.name)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Iterable) else [value]


class PersistentValue:
    """An amplitude that a channel kept until the next pulse.

    Raises:
        PulseError: always when created: no instruction of Terra does this.
    """

    def __init__(self, value: complex, name: str | None = None) -> None:
        del name
        raise PulseError(
            f"There is no PersistentValue({value!r}): a pulse has a duration. "
            f"Write Play(Constant(duration, {value!r}), channel)."
        )


class _StandsFor(type):
    """The type of classes that stand for a class of Terra in ``isinstance``."""

    present: type

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.present)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.present)


class PulseInstruction(metaclass=_StandsFor):
    """``Play`` under its old name: ``PulseInstruction(pulse, channel)``."""

    present = Play

    def __new__(cls, command: Any, channel: Channel, name: str | None = None) -> Any:
        return Play(command, channel, name=name)


class FrameChangeInstruction(metaclass=_StandsFor):
    """``ShiftPhase`` under its old name: ``FrameChangeInstruction(frame_change, channel)``."""

    present = ShiftPhase

    def __new__(cls, command: FrameChange, channel: Channel, name: str | None = None) -> Any:
        return command(channel, name=name)


class DelayInstruction(metaclass=_StandsFor):
    """``Delay`` under its old name: ``DelayInstruction(delay, channel)``."""

    present = Delay

    def __new__(cls, command: DelayCommand, channel: Channel, name: str | None = None) -> Any:
        return command(channel, name=name)


class AcquireInstruction(metaclass=_StandsFor):
    """``Acquire`` under its old name: ``AcquireInstruction(acquire, channel, slot)``."""

    present = Acquire

    def __new__(cls, command: AcquireCommand, *args: Any, **kwargs: Any) -> Any:
        return command(*args, **kwargs)


ParametricInstruction = PulseInstruction


def is_command(channel: Any) -> bool:
    """Return whether what stands for the channel of an ``Acquire`` makes it a command."""
    return isinstance(channel, Kernel | Discriminator | None)


def new_acquire(*args: Any, **kwargs: Any) -> Any:
    """Return what ``Acquire`` was called for, if that was not one channel.

    Without a channel, this is a command; with a list of channels, a schedule.
    """
    names = ("duration", "channel", "mem_slot", "reg_slot", "kernel", "discriminator", "name")
    if is_command(args[1] if len(args) > 1 else kwargs.get("channel")):
        kwargs.pop("channel", None)
        return AcquireCommand(*args, **kwargs)
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    command = AcquireCommand(
        given.pop("duration"),
        **{name: given.pop(name, None) for name in ("kernel", "discriminator", "name")},
    )
    return command(given.pop("channel"), **given)


def takes_one_channel(*args: Any, **kwargs: Any) -> bool:
    """Return whether arguments of ``Acquire`` are those of today."""
    channel = args[1] if len(args) > 1 else kwargs.get("channel")
    return isinstance(channel, AcquireChannel) and not {"mem_slots", "reg_slots"} & kwargs.keys()
