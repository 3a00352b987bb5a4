"""The channels of a device by qubit."""

import pytest
from qiskit.providers.fake_provider import FakeArmonk, FakeTenerife
from qiskit.pulse import AcquireChannel, ControlChannel, DriveChannel, MeasureChannel, PulseError

from ibmq_backend._compat.old_pulse.channel_spec import DeviceSpecification, PulseChannelSpec


def test_channels_by_qubit():
    spec = PulseChannelSpec(n_qubits=2, n_control=1, n_registers=1, buffer=10)
    qubit = spec.qubits[1]
    assert (qubit.drive, qubit.measure) == (DriveChannel(1), MeasureChannel(1))
    assert (qubit.acquire, qubit.controls) == (AcquireChannel(1), (ControlChannel(1),))
    counted = (spec.drives, spec.controls, spec.acquires, spec.memoryslots, spec.registers)
    assert [len(each) for each in counted] == [2, 1, 2, 2, 1]


def test_channels_of_a_backend():
    assert PulseChannelSpec.from_backend(FakeArmonk()).drives == [DriveChannel(0)]
    device = DeviceSpecification.create_from(FakeArmonk())
    assert device.q[0].drive == DriveChannel(0)
    assert len(device.mem) == 1
    with pytest.raises(PulseError, match="open_pulse=True"):
        PulseChannelSpec.from_backend(FakeTenerife())
