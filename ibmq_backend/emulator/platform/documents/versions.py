"""The versions of the API and what the header ``IBM-API-Version`` selects."""

from __future__ import annotations

from typing import Final, NamedTuple


class Version(NamedTuple):
    """One version of the API.

    Attributes:
        name: its date.
        status: ``live`` or ``deprecated``.
        sunset: when it goes away; None while it is live.
    """

    name: str
    status: str
    sunset: str | None


NAMES_ONLY: Final = "2024-01-01"
CLASSIC_USAGE: Final = "2026-02-15"
"""Up to this version usage is ``seconds`` and ``quantum_seconds``."""

METRICS_IN_USAGE: Final = "2026-03-15"
TRANSPILED_CIRCUITS_UNTIL: Final = "2025-05-01"
"""The last version that knows interim results and transpiled circuits."""

FIRST_OF_2026: Final = "2026-02-01"

VERSIONS: Final[tuple[Version, ...]] = (
    Version("2024-01-01", "deprecated", "2027-01-01"),
    Version("2025-01-01", "deprecated", "2027-01-01"),
    Version("2025-05-01", "deprecated", "2027-01-01"),
    Version("2026-02-01", "deprecated", "2027-02-01"),
    Version("2026-02-15", "deprecated", "2027-02-15"),
    Version("2026-03-15", "deprecated", "2027-03-15"),
    Version("2026-04-15", "live", None),
)
_NAMES: Final = frozenset(version.name for version in VERSIONS)


def selected_version(header: str | None) -> str:
    """Return the version that a request gets.

    A value that the service does not know is answered in the oldest shape and not refused; what
    happens without the header is told in two ways, of which this is the less convenient one.

    Args:
        header: the value of ``IBM-API-Version``; None when it is absent.
    """
    return header if header in _NAMES else NAMES_ONLY
