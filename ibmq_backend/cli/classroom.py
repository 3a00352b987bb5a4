"""``ibmq-backend class``, with which a teacher manages the users of a server."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.output import print_json, print_table, print_text
from ibmq_backend.installation.extras import describe_missing

if TYPE_CHECKING:
    from ibmq_backend.emulator.accounts.accounts import User

_SHOWN_NAMES: Final = 10
_RELOADED: Final = "A running server takes this over within two seconds."


def run(options: argparse.Namespace) -> int:
    """Run one of the ``class`` commands; no request is sent.

    Raises:
        CommandError: a dependency is missing, a file cannot be used, or a name is unknown; nothing
            has changed then.
    """
    try:
        from ibmq_backend.emulator.core.errors import EmulatorError

        try:
            _ACTIONS[options.class_command](options)
        except EmulatorError as error:
            raise CommandError(str(error)) from error
    except ModuleNotFoundError as error:
        raise CommandError(describe_missing("`class`", "local", error.name)) from error
    return 0


def _new(options: argparse.Namespace) -> None:
    from ibmq_backend.emulator.classroom.class_folder import (
        ACCOUNTS_NAME,
        create_class,
        describe_next_steps,
    )

    folder = create_class(options.name, options.folder, options.class_url)
    print_text(f"Created {folder / ACCOUNTS_NAME}, with a new admin token. Next, type:")
    for line in describe_next_steps(folder, options.class_url):
        print_text(f"    {line}")


def _add_users(options: argparse.Namespace) -> None:
    from ibmq_backend.emulator.accounts.accounts import User
    from ibmq_backend.emulator.classroom import accounts_editor
    from ibmq_backend.emulator.classroom.accounts_file import parse_accounts
    from ibmq_backend.emulator.classroom.class_folder import find_accounts
    from ibmq_backend.emulator.classroom.roster import name_key, read_roster

    path = find_accounts(options.folder)
    students = read_roster(options.roster)
    added: list[User] = []
    kept: list[str] = []

    def change(text: str) -> str:
        known = {name_key(user.name) for user in parse_accounts(text, path).users}
        kept[:] = [one.name for one in students if name_key(one.name) in known]
        added[:] = [
            User(one.name, accounts_editor.new_token(), one.email)
            for one in students
            if name_key(one.name) not in known
        ]
        return accounts_editor.add_users(text, added)

    accounts_editor.edit_accounts(path, change)
    if kept:
        names = "; ".join(kept[:_SHOWN_NAMES])
        more = f" and {len(kept) - _SHOWN_NAMES} more" if len(kept) > _SHOWN_NAMES else ""
        print_text(f"Already in the class, with the same token as before: {names}{more}.")
    print_text(f"Added {len(added)} user{'s' * (len(added) != 1)} to {path}.")
    if added:
        _write_handouts(path, [user.name for user in added])
        print_text(_RELOADED)


def _remove_user(options: argparse.Namespace) -> None:
    from ibmq_backend.emulator.classroom import accounts_editor
    from ibmq_backend.emulator.classroom.class_folder import find_accounts

    path = find_accounts(options.folder)
    accounts_editor.edit_accounts(
        path, lambda text: accounts_editor.remove_user(text, options.name)
    )
    print_text(f"Removed {options.name} and the bookings of this user; the jobs are kept.")
    print_text(_RELOADED)


def _new_token(options: argparse.Namespace) -> None:
    from ibmq_backend.emulator.classroom import accounts_editor
    from ibmq_backend.emulator.classroom.class_folder import find_accounts

    path, token = find_accounts(options.folder), accounts_editor.new_token()
    accounts_editor.edit_accounts(
        path, lambda text: accounts_editor.replace_token(text, options.name, token)
    )
    print_text(f"{options.name} has a new token; the old one is no longer valid.")
    _write_handouts(path, [options.name])
    print_text(_RELOADED)


def _handout(options: argparse.Namespace) -> None:
    from ibmq_backend.emulator.classroom.class_folder import find_accounts

    _write_handouts(find_accounts(options.folder), options.names)


def _list(options: argparse.Namespace) -> None:
    from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
    from ibmq_backend.emulator.classroom.class_folder import find_accounts

    file = read_accounts_file(find_accounts(options.folder))
    users: list[dict[str, Any]] = [
        {
            "name": user.name,
            "email": user.email,
            "projects": None if user.instances is None else [str(one) for one in user.instances],
            "limits": {**file.limits, **user.limits},
        }
        for user in file.users
    ]
    bookings: list[dict[str, Any]] = [
        {
            "user": booking.user,
            "backend": booking.backend,
            "start": booking.start,
            "end": booking.end,
            "project": str(booking.instance),
        }
        for booking in file.bookings or ()
    ]
    if options.json:
        print_json(
            {"ends": file.last_day and str(file.last_day), "users": users, "bookings": bookings}
        )
        return
    print_text(f"{file.name or 'class'}: {len(users)} users, ends {file.last_day or 'never'}")
    for user in users:
        user["limits"] = [f"{name}: {limit}" for name, limit in user["limits"].items()]
    print_table(users, "The class has no users.")
    if bookings:
        print_text("Bookings:")
        print_table(bookings, "")


def _write_handouts(path: Path, names: list[str]) -> None:
    """Write the handouts of users; of all users without names."""
    from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
    from ibmq_backend.emulator.classroom.handout import write_handouts

    file = read_accounts_file(path)
    by_name: dict[str, User] = {user.name: user for user in file.users}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise CommandError(
            f"The class has no user {unknown[0]!r}; `ibmq-backend class list` names all."
        )
    users = [by_name[name] for name in names] or list(file.users)
    text, page = write_handouts(path.parent, file, users)
    print_text(f"Handouts with the tokens: {text}, and {page} to print from a browser.")


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], None]]] = {
    "new": _new,
    "add-users": _add_users,
    "list": _list,
    "new-token": _new_token,
    "remove-user": _remove_user,
    "handout": _handout,
}
