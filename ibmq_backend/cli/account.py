"""``ibmq-backend account``, which lists, saves, chooses and deletes stored accounts."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from typing import Final

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.output import print_json, print_text


def run(options: argparse.Namespace) -> int:
    """Run ``account list``, ``save``, ``use`` or ``delete``; no request is sent.

    Raises:
        CommandError: there is no token, or an account is stored and ``--overwrite`` is not given.
        IBMQAccountError: an account cannot be used, or a file cannot be changed.
    """
    return _ACTIONS[options.account_command](options)


def _list(options: argparse.Namespace) -> int:
    from ibmq_backend.credentials import describe_use, find_accounts

    rows = [account.to_json() for account in find_accounts()]
    if options.json:
        print_json(rows)
        return 0
    for row in rows:
        print_text(f"{'->' if row['used'] else '  '} {row['name']}")
        facts = (row["source"], row["service"], row["instance"])
        print_text(f"     {', '.join(fact for fact in facts if fact)}")
        print_text(f"     {row['why']}")
    print_text(describe_use())
    return 0


def _save(options: argparse.Namespace) -> int:
    from ibmq_backend.credentials import (
        PLATFORM_URL,
        Credentials,
        describe_use,
        save_account,
    )

    channel = None if options.url else "ibm_quantum_platform"
    account = Credentials(
        _token(options),
        options.url or PLATFORM_URL,
        instance=options.instance,
        channel=channel,
    )
    if not options.url and account.is_ibmq():
        raise CommandError(
            f"{options.instance} is not an instance of IBM Quantum Platform, which has no hubs. "
            "Add --url with the login URL of its server, or use a CRN or a name."
        )
    is_saved, remark = save_account(account, overwrite=options.overwrite)
    if not is_saved:
        raise CommandError(str(remark).replace("overwrite=True", "--overwrite"))
    print_text(remark or f"The account is saved. {describe_use()}")
    return 0


def _use(options: argparse.Namespace) -> int:
    from ibmq_backend.credentials import describe_use, use_account

    account = use_account(options.name)
    print_text(f"{account.name} comes first of the stored accounts. {describe_use()}")
    return 0


def _delete(options: argparse.Namespace) -> int:
    from ibmq_backend.credentials import delete_account, describe_use, stored_accounts

    account = delete_account(options.name)
    left = ", ".join(each.name for each in stored_accounts()) or "none"
    print_text(f"{account.name} is deleted. Stored accounts left: {left}. {describe_use()}")
    return 0


def _token(options: argparse.Namespace) -> str:
    """Return the token, which is never an argument: other users can see those."""
    from ibmq_backend._secrets.traceback_scrubbing import hide

    what = "token" if options.url else "API key"
    if options.saved_token_env:
        token = hide(os.environ.get(options.saved_token_env, ""))
        where = f"The environment variable {options.saved_token_env} is not set"
    elif sys.stdin is not None and sys.stdin.isatty():
        token = hide(getpass.getpass(f"{what[0].upper()}{what[1:]} (not shown): "))
        where = "Nothing was entered"
    else:
        token = hide("" if sys.stdin is None else sys.stdin.readline())
        where = "Standard input is empty"
    if not token.strip():
        raise CommandError(
            f"{where}. Enter the {what} when asked, pipe it, or name a variable with --token-env."
        )
    return token


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "list": _list,
    "save": _save,
    "use": _use,
    "delete": _delete,
}
