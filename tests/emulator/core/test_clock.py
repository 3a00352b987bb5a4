"""Conversion of times, and the manual clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend.emulator.core.clock import (
    ManualClock,
    SystemClock,
    milliseconds,
    moment_of,
    parse_moment,
    wire_time,
)

MOMENT = datetime(2021, 5, 4, 11, 34, 58, 965000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-05-04T11:34:58.965Z", MOMENT),
        ("2021-05-04T11:34:58.965", MOMENT),
        ("2021-05-04T11:34:58.965000+00:00", MOMENT),
        ("2021-05-04T13:34:58.965+02:00", MOMENT),
        ("2021-05-04T13:34:58.965+0200", MOMENT),
        ("2021-05-04 11:34:58.965", MOMENT),
        ("2021-05-04T11:34", datetime(2021, 5, 4, 11, 34, tzinfo=UTC)),
        ("2021-05-04", datetime(2021, 5, 4, tzinfo=UTC)),
        ("2021-02-30", None),
        ("2021-05-04T25:00", None),
        ("20210504", None),
        ("2021", None),
        ("soon", None),
        ("", None),
        ("2021-05-04x", None),
    ],
)
def test_reading(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


def test_writing() -> None:
    assert wire_time(milliseconds(MOMENT)) == "2021-05-04T11:34:58.965Z"
    assert wire_time(1_000) == "1970-01-01T00:00:01.000Z"
    naive = MOMENT.replace(tzinfo=None)
    assert milliseconds(naive) == milliseconds(MOMENT)
    elsewhere = MOMENT.astimezone(timezone(timedelta(hours=-7)))
    assert milliseconds(elsewhere) == milliseconds(MOMENT)


@given(st.integers(0, 4_102_444_800_000))
def test_writing_and_reading_agree(at_ms: int) -> None:
    assert parse_moment(wire_time(at_ms)) == moment_of(at_ms)
    assert milliseconds(moment_of(at_ms)) == at_ms


def test_the_manual_clock() -> None:
    clock = ManualClock(MOMENT)
    seen: list[datetime] = []
    clock.on_jump(lambda: seen.append(clock.now()))
    assert clock.now() == MOMENT
    assert clock.advance(1.5) == MOMENT + timedelta(seconds=1.5)
    assert seen == [MOMENT + timedelta(seconds=1.5)]
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)


def test_the_system_clock() -> None:
    clock = SystemClock()
    clock.on_jump(lambda: None)
    assert clock.now().tzinfo is UTC
    assert clock.now() <= clock.now()
