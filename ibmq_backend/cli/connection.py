"""Opens the account that the options specify."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.parser import DEFAULT_TOKEN_VARIABLE

if TYPE_CHECKING:
    from ibmq_backend.account.provider import AccountProvider


def open_provider(options: argparse.Namespace) -> AccountProvider:
    """Return the provider of the account that the options specify.

    Jobs on the local emulator are kept in the store that Python programs use too. One line on
    standard error says why the local emulator is used.

    Raises:
        CommandError: the environment variable of the token is not set, or the account has no
            provider.
        IBMQAccountError: the account cannot be found or used.
        ApiError: the server cannot be reached or rejects the login.
    """
    token = given_token(options) if options.url else None
    from ibmq_backend import IBMQ
    from ibmq_backend.credentials import discover
    from ibmq_backend.credentials.discover import HOW_TO_CONNECT

    found = discover(token, options.url)
    if found.target == "local":
        reason = (found.reason or "").replace(HOW_TO_CONNECT, "Add one: ibmq-backend account save")
        print(f"Local emulator. {reason}", file=sys.stderr)
        return IBMQ.enable_local()
    provider = IBMQ.enable_account(token, options.url) if token else IBMQ.load_account()
    if provider is None:
        raise CommandError(
            "The account has no hub, group and project, so it has no devices. Ask the operator of "
            "the service to add it to a project."
        )
    return provider


def close_provider() -> None:
    """Log out, and stop the emulator if this process started it."""
    from ibmq_backend import IBMQ

    if IBMQ.active_account() is not None:
        IBMQ.disable_account()


def given_token(options: argparse.Namespace) -> str:
    """Return the token for ``--url``.

    Raises:
        CommandError: its environment variable is not set.
    """
    name = options.token_env or DEFAULT_TOKEN_VARIABLE
    token = os.environ.get(name, "")
    if not token.strip():
        raise CommandError(
            f"The environment variable {name} is not set. Set it to the token for {options.url}, "
            "or name another variable with --token-env."
        )
    from ibmq_backend._secrets.traceback_scrubbing import hide

    return hide(token)
