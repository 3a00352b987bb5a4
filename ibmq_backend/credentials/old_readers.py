"""The readers of accounts as programs of the first years call them: dictionaries by instance.

Served as ``qiskit.providers.ibmq.credentials.configrc`` and ``.environ``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.credentials.environ import classic_credentials
from ibmq_backend.credentials.hub_group_project import HubGroupProject
from ibmq_backend.credentials.model import Credentials, Preferences
from ibmq_backend.credentials.store import read_qiskitrc, remove_credentials, store_credentials
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
    """Stored accounts as qiskit-ibmq-provider 0.20 gives them: environment, then qiskitrc.

    Returns:
        The accounts of the first source that has any, by triple, and the preferences of the file
        (``{}`` from the environment). A source that cannot be understood is passed over with a
        logged warning.
    """
    readers: tuple[Callable[[], Found], ...] = (
        lambda: (read_credentials_from_environ(), {}),
        lambda: read_credentials_from_qiskitrc(qiskitrc_filename),
    )
    for reader in readers:
        try:
            accounts, preferences = reader()
        except IBMQAccountError as error:
            logger.warning("Stored credentials are passed over: %s", error.message)
            continue
        if accounts:
            return accounts, preferences
    return {}, {}


def read_credentials_from_qiskitrc(filename: str | Path | None = None) -> Found:
    """Return the accounts of the file by instance, and the preferences in it.

    Args:
        filename: the file; ``None`` = ``~/.qiskit/qiskitrc``.

    Returns:
        Two empty dictionaries when there is no such file.

    Raises:
        IBMQAccountCredentialsInvalidFormat: and the others of
            :func:`~ibmq_backend.credentials.read_qiskitrc`.

    Source: qiskit-ibmq-provider 0.20.
    """
    accounts = {each.unique_id(): each for each in read_qiskitrc(filename).values()}
    preferences = next((each.preferences for each in accounts.values()), {})
    return accounts, preferences


def read_credentials_from_environ() -> dict[HubGroupProject, Credentials]:
    """Return the account in ``QE_TOKEN`` and ``QE_URL`` by its instance; none unless both are set.

    Raises:
        IBMQAccountCredentialsInvalidFormat: hub, group or project cannot be one.
        IBMQAccountCredentialsInvalidToken: the token cannot be one.
        IBMQAccountCredentialsInvalidUrl: the address is not an http(s) address.

    Source: qiskit-ibmq-provider 0.20.
    """
    account = classic_credentials()
    return {} if account is None else {account.unique_id(): account}
