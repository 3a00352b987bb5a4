"""The readers of accounts of the first releases, which return dictionaries by instance.

Available as ``qiskit.providers.ibmq.credentials.configrc`` and ``.environ``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.credentials.environ import classic_credentials
from ibmq_backend.credentials.hub_group_project import HubGroupProject
from ibmq_backend.credentials.model import Credentials, Preferences
from ibmq_backend.credentials.qiskitrc import read_qiskitrc, remove_credentials, store_credentials
from ibmq_backend.exceptions import IBMQAccountError

__all__ = [
    "discover_credentials",
    "read_credentials_from_environ",
    "read_credentials_from_qiskitrc",
    "remove_credentials",
    "store_credentials",
]


logger = get_logger(__name__)

Found = tuple[dict[HubGroupProject, Credentials], Preferences]


def discover_credentials(qiskitrc_filename: str | Path | None = None) -> Found:
    """Return the accounts of the environment or else of qiskitrc, like qiskit-ibmq-provider 0.20.

    Returns:
        The accounts of the first source with an account, by triple, and the preferences of the file
        (``{}`` for the environment). A malformed source is skipped with a logged warning.
    """
    readers: tuple[Callable[[], Found], ...] = (
        lambda: (read_credentials_from_environ(), {}),
        lambda: read_credentials_from_qiskitrc(qiskitrc_filename),
    )
    for reader in readers:
        try:
            accounts, preferences = reader()
        except IBMQAccountError as error:
            logger.warning("Stored credentials are ignored: %s", error.message)
            continue
        if accounts:
            return accounts, preferences
    return {}, {}


def read_credentials_from_qiskitrc(filename: str | Path | None = None) -> Found:
    """Return the accounts of the file by instance, and the preferences in it.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed; for other
            errors see :func:`~ibmq_backend.credentials.read_qiskitrc`.

    Source: qiskit-ibmq-provider 0.20.
    """
    accounts = {each.unique_id(): each for each in read_qiskitrc(filename).values()}
    preferences = next((each.preferences for each in accounts.values()), {})
    return accounts, preferences


def read_credentials_from_environ() -> dict[HubGroupProject, Credentials]:
    """Return the account in ``QE_TOKEN`` and ``QE_URL`` by its instance, if both are set.

    Raises:
        IBMQAccountCredentialsInvalidFormat: hub, group or project is not valid.
        IBMQAccountCredentialsInvalidToken: the token is not valid.
        IBMQAccountCredentialsInvalidUrl: the URL is not an http(s) URL.

    Source: qiskit-ibmq-provider 0.20.
    """
    account = classic_credentials()
    return {} if account is None else {account.unique_id(): account}
