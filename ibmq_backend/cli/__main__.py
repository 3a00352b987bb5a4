"""Entry point of ``ibmq-backend`` and ``python -m ibmq_backend.cli``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from io import TextIOWrapper
from pathlib import Path

from ibmq_backend._errors.causes import showing_causes
from ibmq_backend._secrets.redact import printable, printable_lines, text_of
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.parser import build_parser

FAILED = 1
USAGE = 2
INTERRUPTED = 130

WITHOUT_ACCOUNT = frozenset({"class", "completion", "demo", "doctor", "serve"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments without the program's name; ``None`` takes those of the process.

    Returns:
        The exit status: 0 for success, 1 for a failure (one line on standard error says why), 2 for
        wrong arguments, 130 for an interrupt.
    """
    _prepare_streams()
    parser = build_parser()
    try:
        options, unknown = parser.parse_known_args(argv)
        _check(options, unknown)
    except SystemExit as end:  # argparse exits, which a caller in Python does not expect
        return end.code if isinstance(end.code, int) else USAGE
    if options.version:
        return _print_version()
    if options.command is None:
        parser.print_help()
        return USAGE
    try:
        with showing_causes() if options.debug else nullcontext():
            return _command(options.command)(options)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe is gone. Discard the rest, including what is flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    # Users of the shell get one line for any error; --debug shows the traceback.
    except Exception as error:
        if options.debug:
            sys.stderr.write(printable_lines(traceback.format_exc()))
        else:
            print(f"ibmq-backend: {_one_line(error)}", file=sys.stderr)
        return FAILED


def _check(options: argparse.Namespace, unknown: Sequence[str]) -> None:
    """Exit with the usage of the command if its arguments are wrong."""
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if options.command in WITHOUT_ACCOUNT and (options.url or options.token_env):
        options.parser.error(f"{options.command} uses no account: leave out --url and --token-env")
    if options.token_env and not options.url:
        options.parser.error("--token-env needs --url")


def _prepare_streams() -> None:
    """Open the null device for closed streams (``2>&-``), and accept any character.

    Otherwise errors would be printed to standard output, a database or a connection might get the
    number of the stream, and the bars of a histogram would be an error where text is not UTF-8.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - until the end
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """Return the function of a command, loading only the module it is in."""
    if name == "demo":
        from ibmq_backend.cli import demo

        return demo.run
    if name == "serve":
        from ibmq_backend.cli import serving

        return serving.run
    if name == "account":
        from ibmq_backend.cli import account

        return account.run
    if name == "admin":
        from ibmq_backend.cli import administration

        return administration.run
    if name == "class":
        from ibmq_backend.cli import classroom

        return classroom.run
    if name == "completion":
        from ibmq_backend.cli import completion

        return completion.run
    if name == "doctor":
        from ibmq_backend.cli import doctor

        return doctor.run
    if name == "try-live":
        from ibmq_backend.cli import try_live

        return try_live.run
    from ibmq_backend.cli import commands

    return commands.COMMANDS[name]


def _one_line(error: Exception) -> str:
    if isinstance(error, ImportError):
        from ibmq_backend.installation.owners import explain

        if explanation := explain():
            return explanation
    message = str(getattr(error, "message", None) or text_of(error))
    text = printable(" ".join(message.split()))
    if isinstance(error, CommandError) or _is_documented(error):
        return text
    return f"{type(error).__name__}: {text} (--debug shows where)"


def _is_documented(error: Exception) -> bool:
    """Return whether an error is one for users, without loading Qiskit."""
    return any(base.__name__ == "QiskitError" for base in type(error).__mro__)


def _print_version() -> int:
    from importlib.metadata import PackageNotFoundError, version

    for name in ("ibmq-backend", "qiskit-terra", "qiskit-aer"):
        try:
            print(f"{name} {version(name)}")
        except PackageNotFoundError:
            print(f"{name} is not installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
