"""Pulse classes have the methods and arguments of earlier releases."""

import copy
import pickle

import pytest
from qiskit import pulse
from qiskit.providers.fake_provider import FakeArmonk
from qiskit.pulse import Acquire, AcquireChannel, ControlChannel, Delay, MemorySlot, Schedule

DRIVE = pulse.DriveChannel(0)
PLAY = pulse.Play(pulse.Gaussian(64, 0.1 + 0.1j, 16), DRIVE)


def test_schedules_are_flattened_and_joined():
    nested = Schedule((8, Schedule((8, PLAY))), name="x")
    assert nested.flatten() == Schedule((16, PLAY))
    assert nested.flatten().name == "x"
    assert PLAY.union((64, PLAY)) == PLAY.flatten() + PLAY
    assert Schedule(name="y").union(PLAY, (64, PLAY)).duration == 128
    assert Schedule().insert(8, PLAY, buffer=True).append(PLAY, buffer=False).duration == 136


def test_commands_of_instructions():
    assert PLAY.command is PLAY.pulse
    assert Delay(8, DRIVE).command.duration == 8
    assert PLAY.command.get_sample_pulse().samples.shape == (64,)


def test_names_of_schedule_maps_and_channels():
    backend = FakeArmonk()
    defaults = backend.defaults()
    assert defaults.circuit_instruction_map is defaults.instruction_schedule_map
    schedules = defaults.build_cmd_def()
    assert schedules.cmds() == schedules.instructions
    assert schedules.cmd_qubits("measure") == [0]
    assert backend.configuration().control(3) == ControlChannel(3)
    assert backend.configuration().control(channel=3) == ControlChannel(3)


@pytest.mark.parametrize(
    "made", [PLAY, Delay(8, DRIVE), Acquire(9, AcquireChannel(0), MemorySlot(0))]
)
def test_instructions_are_copied_and_pickled(made):
    assert copy.deepcopy(made) == copy.copy(made) == pickle.loads(pickle.dumps(made)) == made


def test_a_star_provides_old_and_present_names():
    names = {}
    exec("from qiskit.pulse import *", names)
    assert names["SamplePulse"] is names["Waveform"] is pulse.Waveform
    assert names["pulse_lib"] is pulse.library
