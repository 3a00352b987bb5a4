"""An outage of the database is logged when it begins and when it ends."""

from __future__ import annotations

import pytest

from ibmq_backend.emulator.store.outages import QUIET_SECONDS, Outages


def test_an_outage_is_two_lines(caplog: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    outages.record_success()
    for _ in range(3):
        outages.record_failure("no connection", is_full=False)
    assert not outages.is_full
    for _ in range(3):
        outages.record_success()
    assert caplog.messages == [
        "the database cannot be used: no connection",
        "the database can be used again",
    ]


def test_a_full_disk_lasts_until_no_change_has_failed_for_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [0.0]
    outages = Outages(lambda: now[0])
    for now[0] in (0.0, QUIET_SECONDS - 1, 2 * QUIET_SECONDS - 2):
        outages.record_failure("disk is full", is_full=True)
        outages.record_success()  # of a small change
        assert outages.is_full
    now[0] += QUIET_SECONDS
    outages.record_success()
    assert not outages.is_full
    assert len(caplog.messages) == 2
