"""Arguments of the command. Loads nothing outside the standard library."""

from __future__ import annotations

import argparse

from ibmq_backend.emulator.http.serve_options import (
    ADMIN_TOKEN_VARIABLE,
    DEFAULT_PORT,
    add_serve_options,
    natural,
    positive,
)

DEFAULT_TOKEN_VARIABLE = "QE_TOKEN"  # noqa: S105 - the name of a variable, not a token

DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

_DEBUG_HELP = "show where an error came from"
_DESCRIPTION = """\
Work with IBMQBackend from the shell: on the local emulator of the retired IBM Quantum devices
(when there is no account), or on a server that speaks the classic API."""

_EPILOG = """\
Without --url the account is found as IBMQ.load_account() finds it: in the environment (QE_TOKEN and
QE_URL), then in ~/.qiskit. Jobs run on the local emulator are kept between commands."""


def build_parser() -> argparse.ArgumentParser:
    """The parser; its result has ``command``, the arguments of the command, and the common ones."""
    parser = argparse.ArgumentParser(
        prog="ibmq-backend",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[_common(None, False)],
    )
    parser.add_argument("--version", action="store_true", help="print the version and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    # The same options after the command; without defaults, which would undo those before it.
    common = _common(argparse.SUPPRESS, argparse.SUPPRESS)

    def command(name: str, help_text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            parents=[common],
        )

    command("demo", "run the documented program with no account and show what happens")
    add_serve_options(command("serve", "run the emulator as a server for other programs"))
    _add_json(command("backends", "list the devices and simulators"))

    status = command("status", "show the state of a device")
    status.add_argument("name", metavar="NAME", help="for example ibmq_vigo")
    _add_json(status)

    run = command("run", "run an OpenQASM program on a device and show the counts")
    run.add_argument("file", metavar="FILE.qasm", help="OpenQASM 2 or 3; - reads standard input")
    run.add_argument("--backend", required=True, metavar="NAME", help="for example ibmq_vigo")
    run.add_argument("--shots", type=positive, metavar="N", help="repetitions of the circuit")
    run.add_argument("--seed", type=natural, metavar="N", help="same seed, same counts")
    run.add_argument("--no-wait", action="store_true", help="submit and end; see `result`")
    _add_json(run)

    jobs = command("jobs", "list jobs, newest first")
    jobs.add_argument("--backend", metavar="NAME", help="only jobs of this device")
    jobs.add_argument("--limit", type=positive, default=10, metavar="N", help="default: 10")
    _add_json(jobs)

    for name, help_text in (
        ("job", "show a job"),
        ("result", "show the counts of a job, waiting for its end"),
        ("cancel", "end a job"),
    ):
        one = command(name, help_text)
        one.add_argument("id", metavar="ID", help="as printed by `run` and `jobs`")
        if name != "cancel":
            _add_json(one)
    _add_admin(commands)
    return parser


def _add_admin(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands for a server's administration, which have a token of their own."""
    about = "list and cancel the jobs of all users of a server"
    admin = commands.add_parser(
        "admin",
        help=about,
        description=f"{about[0].upper()}{about[1:]}. The environment variable "
        f"{ADMIN_TOKEN_VARIABLE} holds its admin token.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--url", default=argparse.SUPPRESS, metavar="URL", help=f"of the server ({DEFAULT_URL})"
    )
    common.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=_DEBUG_HELP)
    actions = admin.add_subparsers(dest="admin_command", metavar="COMMAND", required=True)
    listing = "list the jobs that are not finished"
    _add_json(actions.add_parser("jobs", help=listing, description=listing, parents=[common]))
    ending = "cancel the job of any user"
    cancel = actions.add_parser("cancel", help=ending, description=ending, parents=[common])
    cancel.add_argument("id", metavar="ID", help="as listed by `admin jobs`")


def _common(text_default: str | None, flag_default: bool | str) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group("account and messages")
    group.add_argument(
        "--url", default=text_default, metavar="URL", help="login address of a classic server"
    )
    group.add_argument(
        "--token-env",
        default=text_default,
        metavar="NAME",
        help=f"environment variable that holds the token for --url ({DEFAULT_TOKEN_VARIABLE})",
    )
    group.add_argument("--debug", action="store_true", default=flag_default, help=_DEBUG_HELP)
    return common


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine-readable output")
