"""``ibmq-backend serve``: the emulator as a separate server."""

from __future__ import annotations

import argparse

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.snapshots import SnapshotError
from ibmq_backend.installation.extras import describe_missing, require_aer


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted or terminated.

    Raises:
        CommandError: a dependency is missing, the options contradict each other, or the port or
            the database cannot be used.
    """
    try:
        require_aer()
        from ibmq_backend.emulator.http.serve import serve_with

        serve_with(options)
    except ModuleNotFoundError as error:
        raise CommandError(describe_missing("The server", "local", error.name)) from error
    except (EmulatorError, SnapshotError) as error:
        raise CommandError(f"The server cannot run: {error}") from error
    return 0
