"""The readers of accounts under their first names, which give dictionaries by instance.

Served as ``qiskit.providers.ibmq.credentials.configrc`` and ``.environ``.
"""

from __future__ import annotations

from pathlib import Path

from ibmq_backend.credentials.environ import classic_credentials
from ibmq_backend.credentials.hub_group_project import HubGroupProject
from ibmq_backend.credentials.model import Credentials, Preferences
from ibmq_backend.credentials.store import read_qiskitrc, remove_credentials, store_credentials

__all__ = [
    "read_credentials_from_environ",
    "read_credentials_from_qiskitrc",
    "remove_credentials",
    "store_credentials",
]


def read_credentials_from_qiskitrc(
    filename: str | Path | None = None,
) -> tuple[dict[HubGroupProject, Credentials], Preferences]:
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
