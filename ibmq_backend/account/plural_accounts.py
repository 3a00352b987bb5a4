"""``IBMQ`` as it was until late 2019: accounts in the plural, backends without a provider.

The provider kept these methods beside the present ones until its release 0.3, so the tutorials and
papers of that year are written with them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ibmq_backend.exceptions import IBMQAccountCredentialsNotFound

if TYPE_CHECKING:
    from ibmq_backend.account.provider import AccountProvider
    from ibmq_backend.backend.backend import IBMQBackend


class PluralAccounts:
    """The methods of the first ``IBMQ``, on top of those of the present one."""

    if TYPE_CHECKING:
        load_account: Callable[[], AccountProvider | None]
        active_account: Callable[[], dict[str, str] | None]
        stored_account: Callable[[], dict[str, str]]
        disable_account: Callable[[], None]
        delete_account: Callable[[], None]
        providers: Callable[[], list[AccountProvider]]

    def load_accounts(self, **kwargs: Any) -> None:
        """Log in; see ``load_account``.

        Args:
            **kwargs: conditions on the stored accounts (``hub=...``); accepted and without
                effect, since there is one account now.

        Raises:
            IBMQAccountError, ApiError: as there.
        """
        del kwargs
        self.load_account()

    def active_accounts(self) -> list[dict[str, str]]:
        """Return the active account in a list, which is empty without one."""
        account = self.active_account()
        return [] if account is None else [account]

    def stored_accounts(self) -> list[dict[str, str]]:
        """Return the stored account in a list, which is empty without one.

        Raises:
            IBMQAccountMultipleCredentialsFound: the file holds several.
        """
        account = self.stored_account()
        return [account] if account else []

    def disable_accounts(self, **kwargs: Any) -> None:
        """Forget the active account; see ``disable_account``.

        Args:
            **kwargs: conditions on the accounts; accepted and without effect.

        Raises:
            IBMQAccountCredentialsNotFound: no account is active.
        """
        del kwargs
        self.disable_account()

    def delete_accounts(self, **kwargs: Any) -> None:
        """Delete the stored account; see ``delete_account``.

        Args:
            **kwargs: conditions on the accounts; accepted and without effect.

        Raises:
            IBMQAccountCredentialsNotFound: none is stored.
        """
        del kwargs
        self.delete_account()

    def backends(self, name: str | None = None, **kwargs: Any) -> list[IBMQBackend]:
        """Return the backends of the account's first provider; see ``provider.backends``.

        Args:
            name: name or historic alias.
            **kwargs: conditions as there.

        Raises:
            IBMQAccountCredentialsNotFound: no account is active.
            ApiError: a call failed.
        """
        return self._first_provider().backend.backends(name, **kwargs)

    def get_backend(self, name: str | None = None, **kwargs: Any) -> IBMQBackend:
        """Return the one backend of the account's first provider that matches.

        Args:
            name: name or historic alias.
            **kwargs: conditions as for ``provider.backends``.

        Raises:
            QiskitBackendNotFoundError: none matches, or more than one.
            IBMQAccountCredentialsNotFound: no account is active.
            ApiError: a call failed.
        """
        return self._first_provider().get_backend(name, **kwargs)

    def _first_provider(self) -> AccountProvider:
        for provider in self.providers():
            return provider
        raise IBMQAccountCredentialsNotFound(
            "No account is active. IBMQ.load_account() or IBMQ.enable_account() opens one."
        )
