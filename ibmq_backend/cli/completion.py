"""``ibmq-backend completion``, which prints a completion script for a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from ibmq_backend.cli.parser import DEVICE, FILE_METAVARS, FOLDER, build_parser


def run(options: argparse.Namespace) -> int:
    """Print the completion script of a shell, with the names of the emulated devices."""
    import shtab

    from ibmq_backend.emulator.devices.catalog import Catalog

    parser = build_parser()
    add_completions(parser, Catalog().names(), shtab.FILE, shtab.DIRECTORY)
    print(shtab.complete(parser, options.shell))
    return 0


def add_completions(
    parser: argparse.ArgumentParser, devices: Sequence[str], file: object, folder: object
) -> None:
    """Add what can be written for each argument, by the placeholder of its value.

    Args:
        parser: the parser to change.
        devices: names of devices.
        file: what shtab calls any file.
        folder: what shtab calls any folder.
    """
    for action in _actions_of(parser):
        if action.metavar == DEVICE:
            action.choices = devices
        elif action.metavar in FILE_METAVARS:
            action.complete = file
        elif action.metavar == FOLDER:
            action.complete = folder


def _actions_of(parser: argparse.ArgumentParser) -> Iterator[Any]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions_of(command)
        else:
            yield action
