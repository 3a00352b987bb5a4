"""``AccountProvider``: what an account may use under one hub, group and project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qiskit.providers import ProviderV1

from ibmq_backend.api.port import AccountClient
from ibmq_backend.backend_service import IBMQBackendService
from ibmq_backend.backend_variants import IBMQBackend
from ibmq_backend.exceptions import IBMQInputValueError, IBMQNotAuthorizedError

if TYPE_CHECKING:
    from ibmq_backend.credentials import Credentials

__all__ = ["AccountProvider"]

_SERVICES = ("backend", "experiment", "random", "runtime")


class AccountProvider(ProviderV1):
    """The backends of one hub, group and project (or cloud instance) of an account.

    Users get one from ``IBMQ.load_account()``, ``IBMQ.enable_account()`` or
    ``IBMQ.get_provider()``. Making one sends no request; the backends are asked for when first
    used.

    Attributes:
        credentials: the account and the hub, group and project of this provider.
        backend: the backend service.
        backends: the same object; call it to list backends, or use a device attribute
            (``provider.backends.ibmq_vigo``).

    Source: ``AccountProvider`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(self, credentials: Credentials, api_client: AccountClient) -> None:
        self.credentials = credentials
        self._api_client = api_client
        self.backend = IBMQBackendService(self, api_client)
        self.backends = self.backend  # type: ignore[method-assign]

    def backends(self, name: str | None = None, **kwargs: Any) -> list[IBMQBackend]:
        """Return the backends that match; the attribute of the same name answers.

        Args:
            name: name or historic alias.
            **kwargs: see ``IBMQBackendService.backends``.
        """
        return self.backend.backends(name, **kwargs)

    def get_backend(self, name: str | None = None, **kwargs: Any) -> IBMQBackend:
        """Return the one backend that matches.

        Args:
            name: name or historic alias, for example ``ibmq_vigo``.
            **kwargs: conditions as for ``provider.backends()``.

        Raises:
            QiskitBackendNotFoundError: none matches, or more than one; the text says which there
                are.
            ApiError: a call failed.
        """
        return self.backend.get(name, **kwargs)

    def services(self) -> dict[str, Any]:
        """Return the services this provider offers, by name."""
        return {"backend": self.backend}

    def service(self, name: str) -> Any:
        """Return a service by its name.

        Raises:
            IBMQInputValueError: there has never been such a service.
            IBMQNotAuthorizedError: this provider does not offer it.
        """
        self._check_service(name)
        if name not in self.services():
            raise IBMQNotAuthorizedError(
                f"{self.place_text()} does not offer the service {name!r}; it offers 'backend'."
            )
        return self.services()[name]

    def has_service(self, name: str) -> bool:
        """Return whether this provider offers a service.

        Raises:
            IBMQInputValueError: there has never been such a service.
        """
        self._check_service(name)
        return name in self.services()

    def _check_service(self, name: str) -> None:
        if name not in _SERVICES:
            raise IBMQInputValueError(
                f"There is no service {name!r}. Known: {', '.join(_SERVICES)}."
            )

    def place_text(self) -> str:
        """Return where this provider is, as it stands in ``repr`` of everything below it."""
        instance = self._api_client.instance
        where = f"IBMQ({instance.text()})"
        return f"{where}, emulated locally" if self._api_client.info.place == "local" else where

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccountProvider) and self.credentials == other.credentials

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<AccountProvider for {self.place_text()}>"

    def _repr_html_(self) -> str:
        from ibmq_backend.cards import provider_card

        return provider_card(self)
