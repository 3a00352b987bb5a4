"""Credentials: what they are, where they are kept, and which of them are used.

``model`` holds ``Credentials``, with the ``hub_group_project`` of a classic service or the ``crn``
of an instance of today's; ``hosts`` tells current services from those that were switched off.
``discover`` decides which account is used, out of ``environ`` (variables), ``saved`` (our own
file), ``store`` (qiskitrc) and ``official`` (the file of today's client), all by way of ``files``.
``accounts`` saves and deletes the one stored account; ``old_readers`` are the readers under their
first names.
"""

from ibmq_backend.credentials.accounts import (
    delete_account,
    merge_first_generation,
    save_account,
    stored_account,
)
from ibmq_backend.credentials.discover import (
    Discovery,
    default_url,
    discover,
)
from ibmq_backend.credentials.environ import LOCAL_VARIABLE, local_choice
from ibmq_backend.credentials.hosts import CLASSIC_URL, PLATFORM_URL, display_instance
from ibmq_backend.credentials.hub_group_project import HubGroupProject, HubGroupProjectID
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.credentials.official import read_official_account
from ibmq_backend.credentials.old_readers import (
    discover_credentials,
    read_credentials_from_environ,
    read_credentials_from_qiskitrc,
)
from ibmq_backend.credentials.saved import (
    read_saved_account,
    remove_saved_account,
    write_saved_account,
)
from ibmq_backend.credentials.store import (
    qiskitrc_path,
    read_qiskitrc,
    remove_credentials,
    store_credentials,
    stored_credentials,
)
from ibmq_backend.exceptions import (
    CredentialsError,
    CredentialsNotFoundError,
    HubGroupProjectInvalidStateError,
    InvalidCredentialsFormatError,
)

__all__ = [
    "CLASSIC_URL",
    "LOCAL_VARIABLE",
    "PLATFORM_URL",
    "Credentials",
    "CredentialsError",
    "CredentialsNotFoundError",
    "Discovery",
    "HubGroupProject",
    "HubGroupProjectID",
    "HubGroupProjectInvalidStateError",
    "InvalidCredentialsFormatError",
    "default_url",
    "delete_account",
    "discover",
    "discover_credentials",
    "display_instance",
    "local_choice",
    "merge_first_generation",
    "qiskitrc_path",
    "read_credentials_from_environ",
    "read_credentials_from_qiskitrc",
    "read_official_account",
    "read_qiskitrc",
    "read_saved_account",
    "remove_credentials",
    "remove_saved_account",
    "save_account",
    "store_credentials",
    "stored_account",
    "stored_credentials",
    "write_saved_account",
]
