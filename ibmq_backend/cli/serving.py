"""``ibmq-backend serve``: the emulator as a server of its own."""

from __future__ import annotations

import argparse

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.snapshots import SnapshotError


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted or terminated.

    Raises:
        CommandError: a dependency is missing, the set-up contradicts itself, or the port or the
            database cannot be used.
    """
    try:
        from ibmq_backend.emulator.http.serve import serve_with

        serve_with(options)
    except ModuleNotFoundError as error:
        raise CommandError(
            f"The server needs {error.name}, which is not installed. "
            "Run `pip install 'ibmq-backend[local]'`."
        ) from error
    except (EmulatorError, SnapshotError) as error:
        raise CommandError(f"The server cannot run: {error}") from error
    return 0
