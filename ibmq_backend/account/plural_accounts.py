"""The methods of ``IBMQ`` until late 2019: several accounts, backends without a provider.

The original package kept these methods until its release 0.3, so tutorials and papers of that year
use them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ibmq_backend import credentials as stored
from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend.account.stored_accounts import details_of
from ibmq_backend.exceptions import IBMQAccountCredentialsNotFound

if TYPE_CHECKING:
    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend


@methods_suggest_keywords
class PluralAccounts:
    """The methods of the first ``IBMQ``, implemented with the current ones."""

    if TYPE_CHECKING:
        load_account: Callable[[], AccountProvider | None]
        active_account: Callable[[], dict[str, Any] | None]
        disable_account: Callable[[], None]
        delete_account: Callable[[], None]
        providers: Callable[[], list[AccountProvider]]
        _open_unasked: Callable[[], None]

    def load_accounts(self, **kwargs: Any) -> None:
        """Log in with the stored account, like ``load_account``.

        Args:
            **kwargs: conditions for the stored accounts (``hub=...``); ignored, since only one
                account is stored.

        Raises:
            IBMQAccountError: the account cannot be used.
            ApiError: the service refused the token, or a call failed.

        Wire: as ``IBMQFactory.load_account``.
        """
        del kwargs
        self.load_account()

    def active_accounts(self) -> list[dict[str, Any]]:
        """Return a list with the active account; empty if there is none."""
        account = self.active_account()
        return [] if account is None else [account]

    def stored_accounts(self) -> list[dict[str, Any]]:
        """Return all accounts in files, in the order in which ``load_account`` uses them.

        Raises:
            IBMQAccountCredentialsInvalidFormat: a file is malformed.
        """
        found = stored.stored_accounts()
        for each in found:
            if each.credentials is None and each.error is not None:
                raise each.error
        accounts = [each.credentials for each in found if each.credentials is not None]
        return [details_of(account, account.url) for account in accounts]

    def disable_accounts(self, **kwargs: Any) -> None:
        """Forget the active account, like ``disable_account``.

        Args:
            **kwargs: conditions for the accounts; ignored.

        Raises:
            IBMQAccountCredentialsNotFound: no account is active.
        """
        del kwargs
        self.disable_account()

    def delete_accounts(self, **kwargs: Any) -> None:
        """Delete the stored account, like ``delete_account``.

        Args:
            **kwargs: conditions for the accounts; ignored.

        Raises:
            IBMQAccountCredentialsNotFound: no account is stored.
        """
        del kwargs
        self.delete_account()

    def backends(self, name: str | None = None, **kwargs: Any) -> list[IBMQBackend]:
        """Return the matching backends of the account's first provider.

        Args:
            name: name or historic alias.
            **kwargs: conditions of ``AccountProvider.backends``.

        Raises:
            IBMQAccountCredentialsNotFound: no account is active.
            ApiError: a call failed.
        """
        return self._first_provider().backend.backends(name, **kwargs)

    def get_backend(self, name: str | None = None, **kwargs: Any) -> IBMQBackend:
        """Return the only matching backend of the account's first provider.

        Args:
            name: name or historic alias.
            **kwargs: conditions of ``AccountProvider.backends``.

        Raises:
            QiskitBackendNotFoundError: no backend matches, or several do.
            IBMQAccountCredentialsNotFound: no account is active.
            ApiError: a call failed.
        """
        return self._first_provider().get_backend(name, **kwargs)

    def _first_provider(self) -> AccountProvider:
        self._open_unasked()
        for provider in self.providers():
            return provider
        raise IBMQAccountCredentialsNotFound(
            "No account is active. Call IBMQ.load_account() or IBMQ.enable_account()."
        )
