"""The table of dialects: which description gives which bindings."""

from pathlib import Path
from typing import Final, NamedTuple


class Dialect(NamedTuple):
    """One wire dialect.

    Attributes:
        name: As in the route table of the emulator.
        spec: File name of the description within spec/.
        package: Name of the generated package within generated/.
    """

    name: str
    spec: str
    package: str


DIALECTS: Final[tuple[Dialect, ...]] = (
    Dialect(name="classic", spec="classic.yaml", package="ibmq_api_classic"),
)

ROUTES_FILE: Final = Path("ibmq_backend/emulator/_routes.py")
