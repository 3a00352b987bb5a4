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
    Dialect(name="platform", spec="platform.yaml", package="ibmq_api_platform"),
    Dialect(name="cloud", spec="cloud.yaml", package="ibmq_api_cloud"),
)


class RouteTable(NamedTuple):
    """One generated module of the emulator.

    Attributes:
        file: Where it lies, relative to the repository.
        dialects: Names of the dialects in it.
        summary: First line of its docstring.
    """

    file: Path
    dialects: tuple[str, ...]
    summary: str


ROUTE_TABLES: Final[tuple[RouteTable, ...]] = (
    RouteTable(
        file=Path("ibmq_backend/emulator/classic/_routes.py"),
        dialects=("classic",),
        summary="Every operation of the classic service, in matching order.",
    ),
    RouteTable(
        file=Path("ibmq_backend/emulator/platform/_routes.py"),
        dialects=("platform", "cloud"),
        summary="Every operation of today's service and the ones around it, in matching order.",
    ),
)
