"""Commands become instructions when they are called with a channel."""

import pytest
from qiskit import pulse
from qiskit.pulse import Acquire, AcquireChannel, Delay, DriveChannel, MemorySlot, Schedule
from qiskit.pulse.exceptions import PulseError

from ibmq_backend._compat.old_pulse import commands

DRIVE = DriveChannel(0)
KERNEL = pulse.Kernel("boxcar")


@pytest.mark.parametrize(
    ("instruction", "kind", "expected"),
    [
        (pulse.Gaussian(64, 0.1, 16)(DRIVE), commands.PulseInstruction, "Play"),
        (commands.SamplePulse([0.1])(DRIVE, name="x"), commands.ParametricInstruction, "Play"),
        (commands.FrameChange(0.5)(DRIVE), commands.FrameChangeInstruction, "ShiftPhase"),
        (commands.Delay(7)(DRIVE), commands.DelayInstruction, "Delay"),
        (
            commands.Acquire(9)(AcquireChannel(0), MemorySlot(0)),
            commands.AcquireInstruction,
            "Acquire",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_commands_are_called_with_a_channel(instruction, kind, expected):
    assert type(instruction).__name__ == expected
    assert isinstance(instruction, kind)
    assert Schedule(instruction).filter(instruction_types=[kind]).instructions
    assert not Schedule(pulse.SetPhase(0, DRIVE)).filter(instruction_types=[kind]).instructions


def test_instructions_of_commands():
    shape = pulse.Constant(8, 0.1)
    assert commands.PulseInstruction(shape, DRIVE) == pulse.Play(shape, DRIVE)
    change = commands.FrameChangeInstruction(commands.FrameChange(phase=1.5), DRIVE)
    assert change == pulse.ShiftPhase(1.5, DRIVE)
    assert commands.DelayInstruction(Delay(duration=8), DRIVE) == Delay(8, DRIVE)


@pytest.mark.parametrize("command", [Acquire(9, KERNEL), Acquire(9, None, KERNEL, name="x")])
def test_readouts_keep_their_kernel(command):
    made = commands.AcquireInstruction(command, AcquireChannel(1), MemorySlot(2))
    assert (made.duration, made.mem_slot, made.kernel) == (9, MemorySlot(2), KERNEL)


@pytest.mark.parametrize(
    "readout",
    [
        Acquire(9)([AcquireChannel(0), AcquireChannel(1)], [MemorySlot(0), MemorySlot(1)]),
        Acquire(
            9,
            [AcquireChannel(0), AcquireChannel(1)],
            mem_slots=[MemorySlot(0), MemorySlot(1)],
            kernel=KERNEL,
        ),
    ],
)
def test_readouts_of_several_qubits_are_schedules(readout):
    assert [time for time, _ in readout.instructions] == [0, 0]
    assert {each.mem_slot.index for _, each in readout.instructions} == {0, 1}


def test_instructions_of_today_are_unchanged():
    assert isinstance(Acquire(9, AcquireChannel(0), MemorySlot(0)), Acquire)
    assert isinstance(
        Acquire(duration=9, channel=AcquireChannel(0), mem_slot=MemorySlot(0)), Acquire
    )
    assert isinstance(Delay(9, channel=DRIVE), Delay)
    with pytest.raises(TypeError):
        Acquire()


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        (lambda: commands.PersistentValue(0.2), r"Write Play\(Constant\(duration, 0.2\), channel"),
        (lambda: Acquire(9)([AcquireChannel(0)], [MemorySlot(0), MemorySlot(1)]), "Give every"),
        (lambda: Acquire(9, None, "kernel"), "Write Acquire"),
    ],
)
def test_errors_say_what_to_write(wrong, advice):
    with pytest.raises(PulseError, match=advice):
        wrong()
