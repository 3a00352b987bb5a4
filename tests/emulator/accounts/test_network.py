"""Devices of projects."""

from __future__ import annotations

import pytest

from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Network, Project
from ibmq_backend.emulator.classic.errors import wire_error
from ibmq_backend.emulator.core.errors import UnknownBackend
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ibmq_manila", "was not in service on 2020-05-31: it came online on 2021-04-28"),
        ("ibmq_nowhere", ""),
    ],
)
def test_a_device_that_is_not_in_service_is_refused_with_the_reason(name: str, reason: str) -> None:
    network = Network(Catalog(DeviceOptions.of(date="2020-05")))
    with pytest.raises(UnknownBackend) as caught:
        network.device(Project(OPEN_INSTANCE), name)
    assert reason in caught.value.reason
    error = wire_error(caught.value)
    why = f": {name} {reason}" if reason else ""
    assert error.message.startswith(f"Backend '{name}' not found{why}.")
