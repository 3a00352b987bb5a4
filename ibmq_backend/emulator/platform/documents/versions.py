"""API versions, and their selection by the header ``IBM-API-Version``."""

from __future__ import annotations

from typing import Final, NamedTuple


class Version(NamedTuple):
    """An API version.

    Attributes:
        name: date of the version.
        status: ``live`` or ``deprecated``.
        sunset: date of its removal; None for a live version.
    """

    name: str
    status: str
    sunset: str | None


NAMES_ONLY: Final = "2024-01-01"
CLASSIC_USAGE: Final = "2026-02-15"
"""Last version whose usage is ``seconds`` and ``quantum_seconds``."""

METRICS_IN_USAGE: Final = "2026-03-15"
TRANSPILED_CIRCUITS_UNTIL: Final = "2025-05-01"
"""Last version with interim results and transpiled circuits."""

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
    """Return the API version for a request.

    Requests with an unknown version or without one get the oldest version. The documentation of
    the service contradicts itself about requests without one; this is the less convenient reading.

    Args:
        header: the value of ``IBM-API-Version``; None without this header.
    """
    return header if header in _NAMES else NAMES_ONLY
