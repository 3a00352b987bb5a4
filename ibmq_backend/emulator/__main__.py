"""``python -m ibmq_backend.emulator``: serve from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ibmq_backend.emulator.accounts_file import parse_instance
from ibmq_backend.emulator.errors import EmulatorError
from ibmq_backend.emulator.network import Project
from ibmq_backend.emulator.serve import DEFAULT_PORT, serve
from ibmq_backend.emulator.snapshots import SnapshotError
from ibmq_backend.emulator.world import Settings


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m ibmq_backend.emulator",
        description="Serve the emulated quantum service, in the classic dialect and today's.",
    )
    made.add_argument("--host", default="127.0.0.1", help="address to listen on")
    made.add_argument("--port", type=_port, default=DEFAULT_PORT, help="0 takes a free one")
    made.add_argument("--store", metavar="URL", help="SQLite file or postgresql:// URL")
    made.add_argument("--speed", choices=("instant", "realistic"), default="instant")
    made.add_argument("--accounts", type=Path, metavar="FILE", help="accounts file, TOML or JSON")
    made.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="let any API token log in (the default without an accounts file)",
    )
    made.add_argument(
        "--instance",
        action="append",
        default=[],
        type=_instance,
        metavar="HUB/GROUP/PROJECT",
        help="a further project; may be repeated",
    )
    made.add_argument(
        "--any-instance", action="store_true", help="every hub, group and project exists"
    )
    made.add_argument(
        "--folder",
        action="append",
        default=[],
        type=Path,
        help="folder of device snapshots; may be repeated",
    )
    made.add_argument(
        "--platform-device",
        action="append",
        metavar="NAME",
        help="a device of today's dialect; may be repeated; without it all ibm_... devices",
    )
    made.add_argument("--workers", type=_count, default=1, help="simulator processes")
    made.add_argument("--seed", type=int, default=0, help="seed of all simulations")
    made.add_argument(
        "--faults", type=Path, metavar="FILE", help="let go wrong what a fault file says"
    )
    made.add_argument(
        "--lease-seconds",
        type=float,
        default=Settings().lease_seconds,
        help="after how long the jobs of a dead server are taken over",
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted.

    Returns:
        The exit status: 0, or 1 when the server could not start.
    """
    given = parser().parse_args(arguments)
    try:
        serve(
            given.host,
            given.port,
            store_url=given.store,
            speed=given.speed,
            accounts=given.accounts,
            open_mode=given.open,
            any_instance=given.any_instance,
            projects=given.instance,
            folders=given.folder,
            workers=given.workers,
            faults=given.faults,
            settings=Settings(
                seed=given.seed,
                lease_seconds=given.lease_seconds,
                platform_devices=given.platform_device and tuple(given.platform_device),
            ),
        )
    except (EmulatorError, SnapshotError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is not a port")
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("the number of workers is not negative")
    return count


def _instance(text: str) -> Project:
    try:
        return Project(parse_instance(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
