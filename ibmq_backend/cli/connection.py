"""Opens the account that the options ask for."""

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
    """The provider to work with.

    On the local emulator jobs are kept between commands, and one line on standard error says why
    the place is local.

    Raises:
        CommandError: the token's variable is not set, or the account offers no provider.
        IBMQAccountError: the account cannot be found or used.
        ApiError: the server cannot be reached or refuses the login.
    """
    token = _token(options) if options.url else None
    from ibmq_backend import IBMQ
    from ibmq_backend.credentials import discover

    found = discover(token, options.url)
    if found.place == "local":
        print(f"Local emulator. {found.reason}", file=sys.stderr)
        return IBMQ.enable_local(persist=True)
    provider = IBMQ.enable_account(token, options.url) if token else IBMQ.load_account()
    if provider is None:
        raise CommandError("The account has no hub, group and project, so it offers no devices.")
    return provider


def close_provider() -> None:
    """Log out and stop what was started in this process."""
    from ibmq_backend import IBMQ

    if IBMQ.active_account() is not None:
        IBMQ.disable_account()


def _token(options: argparse.Namespace) -> str:
    name = options.token_env or DEFAULT_TOKEN_VARIABLE
    token = os.environ.get(name, "")
    if not token.strip():
        raise CommandError(
            f"The environment variable {name} is not set: put the token for {options.url} into it, "
            "or name another variable with --token-env."
        )
    from ibmq_backend._secrets.traceback_scrubbing import hide

    return hide(token)
