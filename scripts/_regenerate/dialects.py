"""The dialects: their descriptions, and the packages made from them."""

from pathlib import Path
from typing import Final, NamedTuple


class Dialect(NamedTuple):
    """One dialect.

    Attributes:
        name: name in the route tables of the emulator.
        spec: file name of the description in spec/.
        package: name of the generated package in generated/.
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
        file: path relative to the repository.
        dialects: names of its dialects.
        summary: first line of its docstring.
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
        summary="Every operation of the platform and its account services, in matching order.",
    ),
)
