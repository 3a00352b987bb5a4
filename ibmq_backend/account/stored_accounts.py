"""``IBMQ``: the account in the file of the user."""

from __future__ import annotations

from typing import Any

from ibmq_backend import credentials as stored
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend.credentials import CLASSIC_URL, Credentials
from ibmq_backend.exceptions import IBMQAccountValueError

logger = get_logger(__name__)


class StoredAccounts:
    """The methods of ``IBMQ`` that need no service: one account is kept for later sessions."""

    @staticmethod
    def save_account(
        token: str,
        url: str = CLASSIC_URL,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        overwrite: bool = False,
        **kwargs: Any,
    ) -> None:
        """Store an account in ``~/.qiskit/qiskitrc``, readable by its owner only.

        Args:
            token: API token.
            url: login address of the service.
            hub: hub of the default provider.
            group: group of the default provider.
            project: project of the default provider.
            overwrite: replace a stored account; without it a stored one is kept, with a warning
                in the log.
            **kwargs: ``proxies``, ``verify``; with ``instance``, or with the ``channel``
                ``ibm_quantum_platform``, the account is one of today's platform and goes to a file
                of this package.

        Raises:
            IBMQAccountCredentialsInvalidToken: the token is not text or is empty.
            IBMQAccountCredentialsInvalidUrl: the address is not an http(s) address.
            IBMQAccountValueError: only a part of hub, group and project is given.
            IBMQAccountError: the file cannot be written.
        """
        token, kwargs = hide(token), with_hidden_instance(kwargs)
        parts = (hub, group, project)
        if any(parts) and not all(parts):
            raise IBMQAccountValueError(
                "hub, group and project belong together: give all three or none."
            )
        default = stored.HubGroupProject(*parts) if all(parts) else None
        address = stored.default_url(url, kwargs.get("instance"), kwargs.get("channel"))
        account = Credentials(token, address, default_provider=default, **kwargs)
        if not stored.save_account(account, overwrite=overwrite):
            logger.warning("An account is stored already; overwrite=True replaces it.")

    @staticmethod
    def delete_account() -> None:
        """Delete the stored account.

        Raises:
            IBMQAccountCredentialsNotFound: none is stored.
            IBMQAccountMultipleCredentialsFound: the file holds several.
        """
        stored.delete_account()

    @staticmethod
    def stored_account() -> dict[str, str]:
        """Return ``token`` and ``url`` of the stored account; an empty dictionary for none.

        Raises:
            IBMQAccountMultipleCredentialsFound: the file holds several.
        """
        account = stored.stored_account()
        return {} if account is None else {"token": str(account.token), "url": account.url}

    @staticmethod
    def update_account(force: bool = False) -> Credentials | None:
        """Merge the accounts of a file of the first generation into one; prints what it does.

        Args:
            force: do not ask before writing.

        Returns:
            The account that was written, or ``None`` when there was nothing to do.

        Raises:
            IBMQAccountCredentialsInvalidFormat: the file cannot be read.
            IBMQAccountError: the accounts cannot be merged, or the file cannot be written.
        """

        def agreed(what: str) -> bool:
            print(what)  # noqa: T201  (documented to print)
            return force or input("Write it? [y/N] ").strip().lower() in ("y", "yes")

        return stored.merge_first_generation(agreed, print)


def with_hidden_instance(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the CRN, which names the account, unreadable in variables."""
    return {name: hide(value) if name == "instance" else value for name, value in options.items()}
