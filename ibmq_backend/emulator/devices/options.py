"""Which devices are emulated, as of which date, and with how much noise.

The options travel as JSON to the worker processes, so that a server and its workers agree.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Day
from pathlib import Path
from typing import Final, Literal, Self, get_args

__all__ = [
    "DATE_VARIABLE",
    "Calibration",
    "DeviceOptions",
    "Noise",
    "environment_date",
    "environment_date_text",
    "read_date",
]

Calibration = Literal["median", "published"]
Noise = Literal["full", "gates", "none"]

DATE_VARIABLE: Final = "IBMQ_BACKEND_DATE"
"""Environment variable with the date of the emulation, where no argument states one."""

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True)
class DeviceOptions:
    """Options of all devices of an emulator.

    Attributes:
        folders: the user's folders of device snapshots.
        date: the emulation knows no later calibration; None for the newest. Aware, in UTC.
        calibration: ``median``, noise from the median over the calibrations of a device with
            outliers repaired, or ``published``, from the newest one as it is.
        noise: ``full``; ``gates``, without relaxation of qubits that wait for others; or ``none``.
        skip_broken: whether to leave out the broken snapshots of a folder, instead of raising an
            error.

    Raises:
        ValueError: an option has an unknown value.
    """

    folders: tuple[Path, ...] = ()
    date: datetime | None = None
    calibration: Calibration = "median"
    noise: Noise = "full"
    skip_broken: bool = False

    def __post_init__(self) -> None:
        for name, words in (("calibration", Calibration), ("noise", Noise)):
            value, known = getattr(self, name), get_args(words)
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")

    @classmethod
    def of(
        cls,
        folders: Sequence[Path | str] = (),
        date: str | Day | None = None,
        calibration: str | None = None,
        noise: str | None = None,
        *,
        skip_broken: bool = False,
    ) -> Self:
        """Return options from what a user wrote; None for the default.

        Raises:
            ValueError: the date cannot be read, or an option has an unknown value.
        """
        return cls(
            folders=tuple(Path(folder).resolve() for folder in folders),
            date=None if date is None else read_date(date),
            calibration=calibration or "median",  # type: ignore[arg-type]  # checked
            noise=noise or "full",  # type: ignore[arg-type]  # checked
            skip_broken=skip_broken,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the text of :meth:`to_json`."""
        found = json.loads(text)
        return cls.of(**found)

    def to_json(self) -> str:
        """Return the options as text for a command line."""
        return json.dumps(
            {
                "folders": [str(folder) for folder in self.folders],
                "date": None if self.date is None else self.date.isoformat(),
                "calibration": self.calibration,
                "noise": self.noise,
                "skip_broken": self.skip_broken,
            }
        )


def environment_date_text() -> str | None:
    """Return the text of the environment variable; None if it is unset or blank."""
    return os.environ.get(DATE_VARIABLE, "").strip() or None


def environment_date() -> datetime | None:
    """Return the date in the environment variable; None if it is unset or blank.

    Raises:
        ValueError: the text is not a date.
    """
    text = environment_date_text()
    try:
        return None if text is None else read_date(text)
    except ValueError as error:
        raise ValueError(f"{DATE_VARIABLE}: {error}") from None


def read_date(value: str | Day) -> datetime:
    """Return the moment, in UTC, up to which calibrations are known.

    Args:
        value: a day or a month, which are known to their end; or a time, in UTC if it states no
            zone. Text is in ISO format, such as ``2020-05``, ``2020-05-14`` or
            ``2020-05-14T12:00:00+02:00``.

    Raises:
        ValueError: the value is not a date.
    """
    try:
        return _moment(value)
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise ValueError(
            f"{value!r} is not a date. Write one like 2020-05, 2020-05-14 or "
            "2020-05-14T12:00:00+00:00."
        ) from None


def _moment(value: str | Day) -> datetime:
    if isinstance(value, str):
        text = value.strip()
        if month := _MONTH.fullmatch(text):
            first = datetime(int(month[1]), int(month[2]), 1, tzinfo=UTC)
            return (first + timedelta(days=32)).replace(day=1) - timedelta(microseconds=1)
        try:
            value = Day.fromisoformat(text)
        except ValueError:
            value = datetime.fromisoformat(text)
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
        return value + timedelta(days=1) - timedelta(microseconds=1)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
