"""``ibmq-backend serve``: the emulator as a server of its own."""

from __future__ import annotations

import argparse

from ibmq_backend.cli.errors import CommandError


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted or terminated.

    Raises:
        CommandError: a dependency is missing, the set-up contradicts itself, or the port or the
            database cannot be used.
    """
    try:
        from ibmq_backend.emulator.errors import EmulatorError
        from ibmq_backend.emulator.serve import serve
        from ibmq_backend.emulator.world import Settings
    except ModuleNotFoundError as error:
        raise CommandError(
            f"The server needs {error.name}, which is not installed. "
            "Run `pip install 'ibmq-backend[local]'`."
        ) from error
    try:
        serve(
            options.host,
            options.port,
            store_url=options.store,
            speed=options.speed,
            accounts=options.accounts,
            any_instance=options.any_instance,
            folders=options.devices,
            workers=options.workers,
            faults=options.faults,
            settings=Settings(seed=options.seed),
        )
    except EmulatorError as error:
        raise CommandError(f"The server cannot run: {error}") from error
    return 0
