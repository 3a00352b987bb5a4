"""``python -m ibmq_backend.emulator``: the command ``ibmq-backend serve`` without the client."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.snapshots import SnapshotError
from ibmq_backend.emulator.http.serve_options import add_serve_options


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m ibmq_backend.emulator")
    add_serve_options(parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted.

    Returns:
        The exit status: 0, or 1 when the server could not start.
    """
    options = build_parser().parse_args(arguments)
    from ibmq_backend.emulator.http.serve import serve_with  # imports the whole emulator

    try:
        serve_with(options)
    except (EmulatorError, SnapshotError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
