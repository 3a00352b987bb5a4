"""Options of the devices: what users write as a date, and the text for worker processes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ibmq_backend.emulator.devices.options import (
    DATE_VARIABLE,
    DeviceOptions,
    environment_date,
    environment_date_text,
    read_date,
)

END_OF_MAY = datetime(2020, 6, 1, tzinfo=UTC) - timedelta(microseconds=1)
END_OF_14TH = datetime(2020, 5, 15, tzinfo=UTC) - timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2020-05", END_OF_MAY),
        (" 2020-12 ", datetime(2021, 1, 1, tzinfo=UTC) - timedelta(microseconds=1)),
        ("2020-05-14", END_OF_14TH),
        ("20200514", END_OF_14TH),
        (date(2020, 5, 14), END_OF_14TH),
        ("2020-05-14T12:00", datetime(2020, 5, 14, 12, tzinfo=UTC)),
        ("2020-05-14T12:00:00+02:00", datetime(2020, 5, 14, 10, tzinfo=UTC)),
        (datetime(2020, 5, 14, 12), datetime(2020, 5, 14, 12, tzinfo=UTC)),
        (
            datetime(2020, 5, 14, 12, tzinfo=timezone(timedelta(hours=-5))),
            datetime(2020, 5, 14, 17, tzinfo=UTC),
        ),
    ],
)
def test_dates(written: str | date, moment: datetime) -> None:
    assert read_date(written) == moment


@pytest.mark.parametrize(
    "written", ["", "May 2020", "2020-13", "2020-02-30", "9999-12", 2020, None]
)
def test_what_is_no_date_is_refused_with_examples(written: object) -> None:
    with pytest.raises(ValueError, match=r"is not a date. Write one like 2020-05, ") as failure:
        read_date(written)  # type: ignore[arg-type]  # on purpose
    assert repr(written) in str(failure.value)


@pytest.mark.parametrize(
    ("text", "date"), [(None, None), ("", None), ("  ", None), (" 2020-05 ", "2020-05")]
)
def test_a_blank_variable_is_no_date(
    text: str | None, date: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATE_VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(DATE_VARIABLE, text)
    assert environment_date_text() == date
    assert environment_date() == (None if date is None else END_OF_MAY)


@pytest.mark.parametrize("option", ["calibration", "noise"])
def test_unknown_words_are_refused_with_the_known_ones(option: str) -> None:
    with pytest.raises(ValueError, match=f"{option} must be one of .*, not 'loud'"):
        DeviceOptions.of(**{option: "loud"})


def test_options_travel_as_text(tmp_path: Path) -> None:
    options = DeviceOptions.of([tmp_path], "2020-05", "published", "gates")
    assert DeviceOptions.from_json(options.to_json()) == options
    assert DeviceOptions.from_json(DeviceOptions().to_json()) == DeviceOptions()
