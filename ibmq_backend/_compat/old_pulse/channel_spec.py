"""The channels of a device by qubit, as ``PulseChannelSpec`` had them until Terra 0.12."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qiskit.pulse.channels import (
    AcquireChannel,
    ControlChannel,
    DriveChannel,
    MeasureChannel,
    MemorySlot,
    RegisterSlot,
)
from qiskit.pulse.exceptions import PulseError


@dataclass(frozen=True)
class Qubit:
    """A qubit with its channels."""

    index: int
    drive: DriveChannel
    measure: MeasureChannel
    acquire: AcquireChannel
    controls: tuple[ControlChannel, ...] = ()


class PulseChannelSpec:
    """The channels of a device.

    Args:
        n_qubits: number of qubits.
        n_control: number of control channels.
        n_registers: number of registers.
        buffer: without effect; no device has had buffers since 2020.
    """

    def __init__(self, n_qubits: int, n_control: int, n_registers: int, buffer: int = 0) -> None:
        del buffer
        self.drives = [DriveChannel(index) for index in range(n_qubits)]
        self.controls = [ControlChannel(index) for index in range(n_control)]
        self.measures = [MeasureChannel(index) for index in range(n_qubits)]
        self.acquires = [AcquireChannel(index) for index in range(n_qubits)]
        self.memoryslots = [MemorySlot(index) for index in range(n_qubits)]
        self.registers = [RegisterSlot(index) for index in range(n_registers)]
        self.qubits = [
            Qubit(index, drive, measure, acquire, self._controls_of(index))
            for index, (drive, measure, acquire) in enumerate(
                zip(self.drives, self.measures, self.acquires, strict=True)
            )
        ]

    def _controls_of(self, index: int) -> tuple[ControlChannel, ...]:
        return (ControlChannel(index),)

    @classmethod
    def from_backend(cls, backend: Any) -> PulseChannelSpec:
        """Return the channels of a backend.

        Raises:
            PulseError: the backend runs no pulses.
        """
        configuration = backend.configuration()
        if not configuration.open_pulse:
            raise PulseError(
                f"{configuration.backend_name} runs no pulses. "
                "Choose a device with provider.backends(open_pulse=True)."
            )
        return cls(
            configuration.n_qubits,
            configuration.n_uchannels,
            getattr(configuration, "n_registers", 0),
        )


class DeviceSpecification(PulseChannelSpec):
    """The channels of a device under the names of Terra 0.8."""

    def _controls_of(self, index: int) -> tuple[ControlChannel, ...]:
        del index
        return tuple(self.controls)

    @classmethod
    def create_from(cls, backend: Any) -> PulseChannelSpec:
        """Return the channels of a backend, like ``from_backend``."""
        return cls.from_backend(backend)

    @property
    def q(self) -> Iterable[Qubit]:
        """The qubits."""
        return self.qubits

    @property
    def c(self) -> Iterable[RegisterSlot]:
        """The registers."""
        return self.registers

    @property
    def mem(self) -> Iterable[MemorySlot]:
        """The memory slots."""
        return self.memoryslots
