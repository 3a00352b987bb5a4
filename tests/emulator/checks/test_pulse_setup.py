"""Only devices with pulse access have pulse defaults."""

from __future__ import annotations

from ibmq_backend.emulator.devices.catalog import Catalog


def test_devices_with_pulse_access_have_pulse_defaults(catalog: Catalog) -> None:
    with_pulses = [device for device in catalog if device.open_pulse]
    without = [device for device in catalog if not device.open_pulse]
    assert len(with_pulses) > 20
    for device in with_pulses:
        assert device.configuration()["open_pulse"] is True, device.name
        assert device.defaults_file is not None, device.name
    for device in without:
        assert device.configuration()["open_pulse"] is False, device.name
        assert device.defaults() is None, device.name
    assert "ibmq_almaden" in [device.name for device in without]
