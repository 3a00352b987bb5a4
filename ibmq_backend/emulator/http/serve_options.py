"""The options of the server on a command line; loads nothing outside the standard library."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ibmq_backend.emulator.core.records import Instance

DEFAULT_PORT: Final = 8000
DEFAULT_JOB_SECONDS: Final = 600
"""Shorter than in a service of one's own: the jobs of others wait."""

_HOST_NAME: Final = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")

ADMIN_TOKEN_VARIABLE: Final = "IBMQ_BACKEND_ADMIN_TOKEN"  # noqa: S105 - its name, not a token


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that :func:`~ibmq_backend.emulator.http.serve.serve_with` reads."""
    network = parser.add_argument_group("network")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    network.add_argument(
        "--port",
        type=port,
        default=DEFAULT_PORT,
        metavar="N",
        help=f"0 takes any free one ({DEFAULT_PORT})",
    )
    network.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        type=host_name,
        metavar="NAME",
        help="a name under which clients reach the server; may be repeated",
    )
    network.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="serve https with this PEM certificate chain"
    )
    network.add_argument("--tls-key", type=Path, metavar="FILE", help="the key of the certificate")

    users = parser.add_argument_group("users")
    users.add_argument(
        "--accounts",
        type=Path,
        metavar="FILE",
        help="users, hubs and bookings, TOML or JSON; without it one random token is printed",
    )
    users.add_argument("--open", action="store_true", help="let anybody log in, with any API token")
    users.add_argument(
        "--instance",
        action="append",
        default=[],
        type=_instance,
        metavar="HUB/GROUP/PROJECT",
        help="a further project; may be repeated",
    )
    users.add_argument(
        "--any-instance", action="store_true", help="accept every hub, group and project"
    )

    jobs = parser.add_argument_group("devices and jobs")
    jobs.add_argument(
        "--store",
        metavar="URL",
        help="where jobs are kept: an SQLite file or a database URL (a file in ~/.qiskit)",
    )
    jobs.add_argument(
        "--speed",
        choices=("instant", "realistic"),
        default="instant",
        help="queue and run times (instant)",
    )
    jobs.add_argument(
        "--devices",
        "--folder",
        action="append",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="more device snapshots; may be repeated",
    )
    jobs.add_argument(
        "--platform-device",
        action="append",
        metavar="NAME",
        help="a device of today's dialect; may be repeated; without it all ibm_... devices",
    )
    jobs.add_argument(
        "--workers",
        type=natural,
        default=1,
        metavar="N",
        help="simulator processes (1); 0 leaves the jobs to other servers on the same store",
    )
    jobs.add_argument(
        "--job-seconds",
        type=positive,
        default=DEFAULT_JOB_SECONDS,
        metavar="N",
        help=f"how long one job may be simulated, over all attempts ({DEFAULT_JOB_SECONDS})",
    )
    jobs.add_argument(
        "--result-bytes",
        type=positive,
        metavar="N",
        help="largest result of a job, as JSON (100 MB)",
    )
    jobs.add_argument("--seed", type=natural, default=0, metavar="N", help="of the simulation")
    jobs.add_argument(
        "--lease-seconds",
        type=float,
        metavar="N",
        help="after how long the jobs of a dead server are taken over",
    )
    jobs.add_argument(
        "--faults", type=Path, metavar="FILE", help="inject the faults described in FILE"
    )


def positive(text: str) -> int:
    """Read a whole number from 1 on."""
    value = natural(text)
    if value == 0:
        raise argparse.ArgumentTypeError("has to be 1 or more")
    return value


def natural(text: str) -> int:
    """Read a whole number from 0 on."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if value < 0:
        raise argparse.ArgumentTypeError("has to be 0 or more")
    return value


def port(text: str) -> int:
    """Read the number of a port."""
    number = natural(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port: 0 to 65535 are")
    return number


def host_name(text: str) -> str:
    """Read the name of a host, or a pattern for all names below one."""
    if not _HOST_NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not the name of a host: write lab.example.org, or *.example.org for all "
            "names below it, without scheme, port and path"
        )
    return text


def _instance(text: str) -> Instance:
    from ibmq_backend.emulator.http.accounts_file import parse_instance

    try:
        return parse_instance(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
