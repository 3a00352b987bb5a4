"""Entry point of ``ibmq-backend`` and ``python -m ibmq_backend.cli``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from ibmq_backend._secrets.redact import printable, printable_lines, text_of
from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.parser import build_parser

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments without the program's name; ``None`` = those of the process.

    Returns:
        Exit status: 0 done, 1 failed (one line on standard error says why), 2 wrong arguments,
        130 interrupted.
    """
    parser = build_parser()
    try:
        options = parser.parse_args(argv)
        if options.token_env and not options.url:
            parser.error("--token-env is of use only together with --url")
    except SystemExit as end:  # argparse ends the process by itself; a caller in Python must not
        return end.code if isinstance(end.code, int) else USAGE
    if options.version:
        return _print_version()
    if options.command is None:
        parser.print_help()
        return USAGE
    try:
        return _command(options.command)(options)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe went away: nothing is left to say, not even at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    # Outermost frame: a user of the shell gets one line whatever went wrong, and --debug the rest.
    except Exception as error:
        if options.debug:
            sys.stderr.write(printable_lines(traceback.format_exc()))
        else:
            print(f"ibmq-backend: {_one_line(error)}", file=sys.stderr)
        return FAILED


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """The function for a command; each module is loaded only for its own commands."""
    if name == "demo":
        from ibmq_backend.cli import demo

        return demo.run
    if name == "serve":
        from ibmq_backend.cli import serving

        return serving.run
    if name == "admin":
        from ibmq_backend.cli import administration

        return administration.run
    from ibmq_backend.cli import commands

    return commands.COMMANDS[name]


def _one_line(error: Exception) -> str:
    message = str(getattr(error, "message", None) or text_of(error))
    text = printable(" ".join(message.split()))
    if isinstance(error, CommandError) or _is_documented(error):
        return text
    return f"{type(error).__name__}: {text} (--debug shows where)"


def _is_documented(error: Exception) -> bool:
    """Whether it is an error meant for users; Qiskit is not loaded to find out."""
    return any(base.__name__ == "QiskitError" for base in type(error).__mro__)


def _print_version() -> int:
    from importlib.metadata import version

    print(f"ibmq-backend {version('ibmq-backend')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
