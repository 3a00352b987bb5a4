"""Arguments of the command, read without loading anything but the standard library."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final, NoReturn

from ibmq_backend._secrets.redact import redact
from ibmq_backend.emulator.http.serve_options import (
    ADMIN_TOKEN_VARIABLE,
    DEFAULT_PORT,
    SERVE_HELP,
    add_serve_options,
    non_negative_int,
    positive_int,
)

DEVICE: Final = "DEVICE"
FILE_METAVARS: Final = frozenset({"FILE", "FILE.qasm", "PROGRAM", "ROSTER.csv"})
FOLDER: Final = "FOLDER"
SHELLS: Final = ("bash", "fish", "zsh")

DEFAULT_TOKEN_VARIABLE = "QE_TOKEN"  # noqa: S105 - the name of a variable, not a token

DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"

_DEBUG_HELP = "show where an error came from"
_DESCRIPTION = """\
Use IBMQBackend from the shell: with the local emulator of the retired IBM Quantum devices (when
there is no account), or with a server of the classic API."""

_EPILOG = """\
Without --url, the account is the one that IBMQ.load_account() finds: in the environment (QE_TOKEN
and QE_URL), then in ~/.qiskit. Jobs on the local emulator are kept between commands.

Exit status: 0 for success, 1 for a failure, 2 for wrong arguments, 130 after Ctrl-C."""


class _Parser(argparse.ArgumentParser):
    """A parser that is in its result, so that errors show the usage of the command."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.set_defaults(parser=self)

    def error(self, message: str) -> NoReturn:
        """End the program with the usage and a message, which may quote a token."""
        super().error(redact(message))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser, whose result has ``command``, its arguments, and the common ones."""
    parser: argparse.ArgumentParser = _Parser(
        prog="ibmq-backend",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[_common(None, False)],
    )
    parser.add_argument("--version", action="store_true", help="print the versions and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    # The options may also follow the command; a default there would overwrite what precedes it.
    common = _common(argparse.SUPPRESS, argparse.SUPPRESS)

    def command(name: str, help_text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            parents=[common],
        )

    def local_command(name: str, help_text: str) -> argparse.ArgumentParser:
        """Add a command that uses no account."""
        description = f"{help_text[0].upper()}{help_text[1:]}."
        one = commands.add_parser(name, help=help_text, description=description)
        one.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=_DEBUG_HELP
        )
        return one

    local_command("demo", "run the documented program with no account and show what happens")
    serve = commands.add_parser("serve", help=SERVE_HELP)
    add_serve_options(serve)
    # Not in the help, which is the same as that of ``python -m ibmq_backend.emulator``.
    serve.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )
    _add_json(command("backends", "list the devices and simulators"))

    status = command("status", "show the state of a device")
    status.add_argument("name", metavar=DEVICE, help="for example ibmq_vigo")
    _add_json(status)

    run = command("run", "run an OpenQASM program on a device and show the counts")
    run.add_argument("file", metavar="FILE.qasm", help="OpenQASM 2 or 3; - reads standard input")
    run.add_argument("--backend", required=True, metavar=DEVICE, help="for example ibmq_vigo")
    run.add_argument("--shots", type=positive_int, metavar="N", help="repetitions of the circuit")
    run.add_argument(
        "--seed",
        type=non_negative_int,
        metavar="N",
        help="seed of the simulation; the same seed gives the same counts",
    )
    run.add_argument(
        "--no-wait", action="store_true", help="do not wait for the result; see `result`"
    )
    _add_json(run)

    jobs = command("jobs", "list jobs, newest first")
    jobs.add_argument("--backend", metavar=DEVICE, help="only jobs of this device")
    jobs.add_argument("--limit", type=positive_int, default=10, metavar="N", help="default: 10")
    _add_json(jobs)

    for name, help_text in (
        ("job", "show a job"),
        ("result", "wait for a job to end and show its counts"),
        ("cancel", "cancel a job"),
    ):
        one = command(name, help_text)
        one.add_argument("id", metavar="ID", help="as printed by `run` and `jobs`")
        if name != "cancel":
            _add_json(one)
    _add_json(command("usage", "show the device time that is left on IBM Quantum Platform"))
    live = command(
        "try-live",
        "run one shot on IBM Quantum Platform and record what the service answers, without secrets",
    )
    live.add_argument("--backend", metavar=DEVICE, help="default: the least busy device")
    live.add_argument(
        "--instance", metavar="INSTANCE", help="CRN or name (default: that of the account)"
    )
    live.add_argument("--cassette", metavar="FILE", help="new file for the recording")
    live.add_argument("--yes", action="store_true", help="do not ask before the job is submitted")
    _add_account(commands)
    _add_admin(commands)
    _add_class(commands)
    doctor = local_command("doctor", "find what is wrong with a program, or with the installation")
    doctor.add_argument(
        "program",
        nargs="?",
        metavar="PROGRAM",
        help="script or notebook, which is not run; without it, the installation is examined",
    )
    doctor.add_argument(
        "--online", action="store_true", help="also test whether the service can be reached"
    )
    _add_json(doctor)
    completion = local_command("completion", "print a completion script for a shell")
    completion.add_argument("shell", choices=SHELLS, help="save it as docs/command-line.md says")
    return parser


def _add_account(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands for stored accounts, which contact no service."""
    about = "list, save, choose and delete stored accounts"
    account = commands.add_parser(
        "account", help=about, description=f"{about[0].upper()}{about[1:]}."
    )
    actions = account.add_subparsers(dest="account_command", metavar="COMMAND", required=True)

    def action(name: str, help_text: str) -> argparse.ArgumentParser:
        description = f"{help_text[0].upper()}{help_text[1:]}."
        one = actions.add_parser(name, help=help_text, description=description)
        one.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=_DEBUG_HELP
        )
        return one

    _add_json(action("list", "list all accounts, and say which one is used and why"))
    save = action("save", "save an account; the API key or token is asked for, or read from a pipe")
    save.add_argument(
        "--instance", metavar="INSTANCE", help="CRN or name of an instance, or HUB/GROUP/PROJECT"
    )
    save.add_argument(
        "--url", default=argparse.SUPPRESS, help="login URL (default: IBM Quantum Platform)"
    )
    save.add_argument(
        "--token-env",
        dest="saved_token_env",
        metavar="NAME",
        help="environment variable with the API key or token",
    )
    save.add_argument("--overwrite", action="store_true", help="replace a stored account")
    for name, help_text in (
        ("use", "use a stored account from now on"),
        ("delete", "delete a stored account"),
    ):
        action(name, help_text).add_argument(
            "name", metavar="NAME", help="as listed by `account list`"
        )


def _add_admin(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands for the operator of a server, which use the admin token."""
    about = "list and cancel the jobs of all users of a server"
    admin = commands.add_parser(
        "admin",
        help=about,
        description=f"{about[0].upper()}{about[1:]}. The environment variable "
        f"{ADMIN_TOKEN_VARIABLE} must be set to its admin token.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--url",
        default=argparse.SUPPRESS,
        metavar="URL",
        help=f"URL of the server (default: {DEFAULT_URL})",
    )
    common.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=_DEBUG_HELP)
    actions = admin.add_subparsers(dest="admin_command", metavar="COMMAND", required=True)
    listing = "list the unfinished jobs"
    _add_json(actions.add_parser("jobs", help=listing, description=listing, parents=[common]))
    ending = "cancel a job of any user"
    cancel = actions.add_parser("cancel", help=ending, description=ending, parents=[common])
    cancel.add_argument("id", metavar="ID", help="as listed by `admin jobs`")


def _add_class(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands for a teacher, which change the accounts file of a class."""
    about = "manage the users of a server for a class"
    teaching = commands.add_parser(
        "class", help=about, description=f"{about[0].upper()}{about[1:]}; see docs/class.md."
    )
    actions = teaching.add_subparsers(dest="class_command", metavar="COMMAND", required=True)

    def action(name: str, help_text: str) -> argparse.ArgumentParser:
        description = f"{help_text[0].upper()}{help_text[1:]}."
        one = actions.add_parser(name, help=help_text, description=description)
        if name != "new":
            one.add_argument(
                "--class",
                dest="folder",
                type=Path,
                default=Path(),
                metavar=FOLDER,
                help="folder of the class (default: the current one)",
            )
        one.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help=_DEBUG_HELP
        )
        return one

    new = action("new", "create a folder with an accounts file")
    new.add_argument("name", metavar="NAME", help="name of the class")
    new.add_argument(
        "--folder", type=Path, metavar=FOLDER, help="the folder (default: named after the class)"
    )
    new.add_argument(
        "--url",
        dest="class_url",
        default=DEFAULT_URL,
        metavar="URL",
        help=f"address of the server for students (default: {DEFAULT_URL})",
    )
    adding = action("add-users", "give every student of a roster a token, and write handouts")
    adding.add_argument(
        "roster", type=Path, metavar="ROSTER.csv", help="a name and, optionally, an e-mail per line"
    )
    _add_json(action("list", "list users, limits and bookings, without tokens"))
    for name, help_text in (
        ("new-token", "replace the token of a user, and write a handout"),
        ("remove-user", "remove a user and the bookings of this user; the jobs are kept"),
    ):
        action(name, help_text).add_argument(
            "name", metavar="NAME", help="as listed by `class list`"
        )
    again = action("handout", "write handouts again")
    again.add_argument("names", nargs="*", metavar="NAME", help="users (default: all)")


def _common(text_default: str | None, flag_default: bool | str) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group("account and messages")
    group.add_argument(
        "--url", default=text_default, metavar="URL", help="login URL of a classic server"
    )
    group.add_argument(
        "--token-env",
        default=text_default,
        metavar="NAME",
        help=f"environment variable with the token for --url (default: {DEFAULT_TOKEN_VARIABLE})",
    )
    group.add_argument("--debug", action="store_true", default=flag_default, help=_DEBUG_HELP)
    return common


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="machine-readable output")
