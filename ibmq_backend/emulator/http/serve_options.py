"""The command line of the server: ``ibmq-backend serve`` and ``python -m ibmq_backend.emulator``.

Parsing imports nothing outside the standard library.
"""

from __future__ import annotations

import argparse
import math
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from ibmq_backend.emulator.devices.options import (
    DATE_VARIABLE,
    Calibration,
    Noise,
    environment_date_text,
    read_date,
)

if TYPE_CHECKING:
    from ibmq_backend.emulator.core.records import Instance

DEFAULT_PORT: Final = 8000
DEFAULT_JOB_SECONDS: Final = 600
"""Shorter than in a local service, because other users' jobs wait."""

_HOST_NAME: Final = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")

ADMIN_TOKEN_VARIABLE: Final = "IBMQ_BACKEND_ADMIN_TOKEN"  # noqa: S105 - its name, not a token
SERVE_HELP: Final = "run the emulator as a server for other programs"


def add_serve_options(parser: argparse.ArgumentParser) -> None:
    """Add the description and the options of the server to a parser.

    :func:`~ibmq_backend.emulator.http.serve.serve_with` reads the options.
    """
    parser.description = f"{SERVE_HELP[0].upper()}{SERVE_HELP[1:]}."
    network = parser.add_argument_group("network")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    network.add_argument(
        "--port",
        type=port_number,
        default=DEFAULT_PORT,
        metavar="N",
        help=f"port to listen on; 0 for any free one ({DEFAULT_PORT})",
    )
    network.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        type=host_name,
        metavar="NAME",
        help="host name that clients use for this server; may be repeated",
    )
    network.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="serve HTTPS with this PEM certificate chain"
    )
    network.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="PEM private key of the certificate"
    )

    users = parser.add_argument_group("users")
    users.add_argument(
        "--accounts",
        type=Path,
        metavar="FILE",
        help="file of users, projects and bookings, TOML or JSON; default: print a random token",
    )
    users.add_argument("--open", action="store_true", help="let anybody log in with any API token")
    users.add_argument(
        "--instance",
        action="append",
        default=[],
        type=_instance,
        metavar="HUB/GROUP/PROJECT",
        help="add a project; may be repeated",
    )
    users.add_argument(
        "--any-instance", action="store_true", help="accept every hub, group and project"
    )

    jobs = parser.add_argument_group("devices and jobs")
    jobs.add_argument(
        "--store",
        metavar="URL",
        help="SQLite file or database URL for the jobs (a file in ~/.qiskit)",
    )
    jobs.add_argument(
        "--speed",
        choices=("instant", "realistic"),
        default="instant",
        help="whether to simulate queue and run times (instant)",
    )
    jobs.add_argument(
        "--devices",
        action="append",
        default=[],
        type=Path,
        metavar="FOLDER",
        help="folder of further device snapshots; may be repeated",
    )
    jobs.add_argument(
        "--date",
        type=_date,
        default=environment_date_text(),
        help="devices and calibrations of this time, such as 2020-05 (the newest, or that of the "
        f"environment variable {DATE_VARIABLE})",
    )
    jobs.add_argument(
        "--calibration",
        choices=get_args(Calibration),
        default="median",
        help="noise from the median over the calibrations of a device, or from the published one "
        "(median)",
    )
    jobs.add_argument(
        "--noise",
        choices=get_args(Noise),
        default="full",
        help="gates: without relaxation of qubits that wait; none: no noise (full)",
    )
    jobs.add_argument(
        "--platform-device",
        action="append",
        metavar="DEVICE",
        help="device of the platform dialect; may be repeated (all ibm_... devices)",
    )
    jobs.add_argument(
        "--workers",
        type=non_negative_int,
        metavar="N",
        help="jobs that run at a time, each in a process of its own; 0 leaves all jobs to other "
        "servers on the same store (1, with --dask the threads of the cluster)",
    )
    jobs.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="run jobs on the Dask cluster whose scheduler is at tcp://host:port",
    )
    jobs.add_argument(
        "--dask-tls",
        nargs="+",
        default=[],
        type=Path,
        metavar="PATH",
        help="folder with ca.pem, cert.pem and key.pem for the cluster, or these three files",
    )
    jobs.add_argument(
        "--job-seconds",
        type=positive_int,
        default=DEFAULT_JOB_SECONDS,
        metavar="N",
        help=f"simulation time of one job over all attempts ({DEFAULT_JOB_SECONDS})",
    )
    jobs.add_argument(
        "--result-bytes",
        type=positive_int,
        metavar="N",
        help="maximum size of a result as JSON (100 MB)",
    )
    jobs.add_argument(
        "--seed", type=non_negative_int, default=0, metavar="N", help="seed of the simulation (0)"
    )
    jobs.add_argument(
        "--lease-seconds",
        type=positive_number,
        metavar="N",
        help="time after which the jobs of a stopped server are taken over (10)",
    )
    jobs.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="format of the log on standard error (text)",
    )
    jobs.add_argument(
        "--faults", type=Path, metavar="FILE", help="inject the faults described in FILE"
    )


def _date(text: str) -> datetime:
    try:
        return read_date(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive_int(text: str) -> int:
    """Parse a whole number of at least 1."""
    value = non_negative_int(text)
    if value == 0:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def non_negative_int(text: str) -> int:
    """Parse a whole number of at least 0."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is less than 0")
    return value


def positive_number(text: str) -> float:
    """Parse a finite number above 0."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def port_number(text: str) -> int:
    """Parse a port number."""
    number = non_negative_int(text)
    if number > 65535:
        raise argparse.ArgumentTypeError(f"{number} is not a port number: use 0 to 65535")
    return number


def host_name(text: str) -> str:
    """Parse a host name, or a pattern that matches all its subdomains."""
    if not _HOST_NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a host name: write lab.example.org, or *.example.org for all "
            "subdomains, without scheme, port and path"
        )
    return text


def _instance(text: str) -> Instance:
    from ibmq_backend.emulator.classroom.accounts_file import parse_instance

    try:
        return parse_instance(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
