"""Credentials: the accounts of a user and the files and variables that contain them.

``model`` contains ``Credentials``, with the ``hub_group_project`` of a classic service or the
``crn`` of an instance of IBM Quantum Platform; ``hosts`` distinguishes current services from those
that were switched off. ``discover`` finds the accounts in ``environ`` (variables), ``saved`` (our
own file), ``qiskitrc`` and ``official`` (the file of IBM's current client), and selects the one to
use. ``files`` reads and writes these files. ``accounts`` saves, chooses and deletes stored
accounts; ``old_readers`` provides the readers of the first releases.
"""

from ibmq_backend.credentials.accounts import (
    delete_account,
    describe_use,
    merge_first_generation,
    save_account,
    stored_account,
    use_account,
)
from ibmq_backend.credentials.discover import (
    Discovery,
    FoundAccount,
    default_url,
    discover,
    find_accounts,
    is_blanked,
    stored_accounts,
    uses_local,
)
from ibmq_backend.credentials.environ import LOCAL_VARIABLE, local_choice
from ibmq_backend.credentials.hosts import (
    CLASSIC_URL,
    DEFAULT_CHANNEL,
    PLATFORM_URL,
    display_instance,
    display_url,
)
from ibmq_backend.credentials.hub_group_project import HubGroupProject, HubGroupProjectID
from ibmq_backend.credentials.model import Credentials, is_cloud_key
from ibmq_backend.credentials.old_readers import (
    discover_credentials,
    read_credentials_from_environ,
    read_credentials_from_qiskitrc,
)
from ibmq_backend.credentials.qiskitrc import (
    qiskitrc_path,
    read_qiskitrc,
    remove_credentials,
    store_credentials,
    stored_credentials,
)
from ibmq_backend.credentials.saved import (
    read_saved_account,
    remove_saved_account,
    write_saved_account,
)
from ibmq_backend.exceptions import (
    CredentialsError,
    CredentialsNotFoundError,
    HubGroupProjectInvalidStateError,
    InvalidCredentialsFormatError,
)

__all__ = [
    "CLASSIC_URL",
    "DEFAULT_CHANNEL",
    "LOCAL_VARIABLE",
    "PLATFORM_URL",
    "Credentials",
    "CredentialsError",
    "CredentialsNotFoundError",
    "Discovery",
    "FoundAccount",
    "HubGroupProject",
    "HubGroupProjectID",
    "HubGroupProjectInvalidStateError",
    "InvalidCredentialsFormatError",
    "default_url",
    "delete_account",
    "describe_use",
    "discover",
    "discover_credentials",
    "display_instance",
    "display_url",
    "find_accounts",
    "is_blanked",
    "is_cloud_key",
    "local_choice",
    "merge_first_generation",
    "qiskitrc_path",
    "read_credentials_from_environ",
    "read_credentials_from_qiskitrc",
    "read_qiskitrc",
    "read_saved_account",
    "remove_credentials",
    "remove_saved_account",
    "save_account",
    "store_credentials",
    "stored_account",
    "stored_accounts",
    "stored_credentials",
    "use_account",
    "uses_local",
    "write_saved_account",
]
