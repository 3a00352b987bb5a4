"""The stored account: one, in the file that suits its kind."""

from __future__ import annotations

from collections.abc import Callable

from ibmq_backend.credentials.hosts import CLASSIC_URL, is_first_generation
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.credentials.saved import (
    read_saved_account,
    remove_saved_account,
    write_saved_account,
)
from ibmq_backend.credentials.store import (
    read_qiskitrc,
    remove_credentials,
    store_credentials,
    stored_credentials,
)
from ibmq_backend.exceptions import IBMQAccountError


def save_account(account: Credentials, *, overwrite: bool) -> bool:
    """Store an account: of a classic service in qiskitrc, of today's platform in our own file.

    Returns:
        False when an account is stored already and ``overwrite`` is not set: nothing is changed.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the present file cannot be understood.
        IBMQAccountError: the file cannot be written.
    """
    if account.dialect == "platform":
        return write_saved_account(account, overwrite=overwrite)
    return store_credentials(account, overwrite=overwrite)


def stored_account() -> Credentials | None:
    """Return the stored account, that of qiskitrc before our own file's; ``None`` for none.

    Raises:
        IBMQAccountMultipleCredentialsFound: qiskitrc holds several.
        IBMQAccountCredentialsInvalidFormat: a file cannot be understood.
    """
    return stored_credentials() or read_saved_account()


def delete_account() -> None:
    """Delete the account that :func:`stored_account` returns.

    Raises:
        IBMQAccountCredentialsNotFound: none is stored.
        IBMQAccountMultipleCredentialsFound: qiskitrc holds several.
    """
    if stored_credentials() is None and read_saved_account() is not None:
        remove_saved_account()
    else:
        remove_credentials()


def merge_first_generation(
    agreed: Callable[[str], bool], tell: Callable[[str], None]
) -> Credentials | None:
    """Make one account of those that a first-generation qiskitrc holds.

    Args:
        agreed: asked before anything is written, with a sentence that says what.
        tell: told what is done, or that there is nothing to do.

    Returns:
        The account that was written; ``None`` when nothing was.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be understood.
        IBMQAccountError: the accounts have different tokens, or the file cannot be written.
    """
    accounts = list(read_qiskitrc().values())
    if len(accounts) < 2 and not any(is_first_generation(each.base_url) for each in accounts):
        tell("There is nothing to update in ~/.qiskit/qiskitrc.")
        return None
    tokens = {account.token for account in accounts}
    if len(tokens) > 1:
        raise IBMQAccountError(
            f"~/.qiskit/qiskitrc holds {len(tokens)} different tokens. Save the one to keep with "
            "IBMQ.save_account(token, overwrite=True)."
        )
    merged = Credentials(accounts[0].token, CLASSIC_URL, verify=accounts[0].verify)
    if not agreed(f"{len(accounts)} stored account(s) become one, for {merged.url}."):
        tell("Nothing was changed.")
        return None
    store_credentials(merged, overwrite=True)
    return merged
