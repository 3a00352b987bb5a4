"""``IBMQ``: accounts, and the providers they open."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ibmq_backend import credentials as stored
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend.account import local
from ibmq_backend.account.pickling import look_for_providers_in
from ibmq_backend.account.plural_accounts import PluralAccounts
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.account.stored_accounts import StoredAccounts, with_hidden_instance
from ibmq_backend.api.connect import connect
from ibmq_backend.api.port import ServiceClient
from ibmq_backend.credentials import CLASSIC_URL, Credentials, discover
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQProviderError,
)
from ibmq_backend.notices import notify_once
from ibmq_backend.records import InstanceId, InstanceRecord

__all__ = ["IBMQ", "IBMQFactory"]

logger = get_logger(__name__)


class IBMQFactory(StoredAccounts, PluralAccounts):
    """The account of this process and its providers; ``IBMQ`` is the one object of this class.

    With no account, or with one of a service that was switched off, everything leads to the local
    emulator, with one notice that says so and how to connect elsewhere. The environment variable
    ``IBMQ_BACKEND_LOCAL`` set to ``never`` turns that into the documented error, ``always`` leads
    to the emulator in any case.

    Source: ``IBMQFactory`` of qiskit-ibmq-provider 0.8 to 0.20.2; ``enable_local`` is our own.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._credentials: Credentials | None = None
        self._service: ServiceClient | None = None
        self._providers: dict[str, AccountProvider] = {}
        self._left: list[ServiceClient] = []

    # -- opening and closing ---------------------------------------------------------------------

    def enable_account(
        self,
        token: str,
        url: str = CLASSIC_URL,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        **kwargs: Any,
    ) -> AccountProvider | None:
        """Log in for this session and return the provider.

        Args:
            token: API token.
            url: login address of the service.
            hub: choose a provider of this hub.
            group: choose a provider of this group.
            project: choose a provider of this project.
            **kwargs: ``proxies``, ``verify``; ``instance``, the CRN or name of an instance of IBM
                Quantum Platform, whose API key is the token then and whose address the default;
                ``channel``, ``ibm_quantum_platform`` for such an account without an instance, whose
                instances are searched.

        Returns:
            The provider that matches, or the account's first; ``None``, with a warning, when the
            account has none.

        Raises:
            IBMQAccountError: an account is active already.
            IBMQAccountCredentialsInvalidToken: the token is not text or is empty.
            IBMQAccountCredentialsInvalidUrl: the address is not that of a quantum service.
            IBMQProviderError: no provider matches, or several; the account stays enabled.
            ApiError: the service refused the token, or a call failed.

        Wire: getVersion, loginWithToken, getCurrentUser, listHubs; on IBM Quantum Platform
        exchangeToken and, without a CRN, searchInstances and getCatalogEntry.
        """
        token, kwargs = hide(token), with_hidden_instance(kwargs)
        with self._lock:
            if self._credentials is not None:
                raise IBMQAccountError(
                    "An account is active already. IBMQ.disable_account() ends it; "
                    "IBMQ.load_account() replaces it."
                )
            found = discover(token, url, hub=hub, group=group, project=project, **kwargs)
            if found.credentials is None:
                self._open_local(found.reason, hub, group, project)
            else:
                self._open(found.credentials)
            return self._chosen(hub, group, project)

    def load_account(self) -> AccountProvider | None:
        """Log in with the account found in the environment or in the user's Qiskit folder.

        Looked at in this order: ``QE_TOKEN`` and ``QE_URL``; ``QISKIT_IBM_TOKEN``; the account
        saved by this package; ``~/.qiskit/qiskitrc``; ``~/.qiskit/qiskit-ibm.json``. Nothing, or
        only accounts of services that were switched off, leads to the local emulator.

        Returns:
            The stored default provider, or the account's first.

        Raises:
            IBMQAccountCredentialsNotFound: nothing found, and ``IBMQ_BACKEND_LOCAL=never``.
            IBMQAccountMultipleCredentialsFound: the file holds several accounts.
            IBMQAccountCredentialsInvalidFormat: a file or variable cannot be understood.
            IBMQAccountCredentialsInvalidUrl: the address is not that of a quantum service.
            IBMQProviderError: the stored default provider does not exist.
            ApiError: the service refused the token, or a call failed.

        Wire: getVersion, loginWithToken, getCurrentUser, listHubs.
        """
        found = discover()
        with self._lock:
            if self._credentials is not None:
                logger.warning("The active account is replaced.")
                self._close()
            if found.credentials is None:
                triple = () if found.wanted is None else found.wanted.to_tuple()
                self._open_local(found.reason, *triple)
                return self._chosen(*triple)
            self._open(found.credentials)
            preferred = found.credentials.default_provider
            if preferred is None:
                return self._chosen()
            return self._chosen(*preferred.to_tuple())

    def enable_local(
        self,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        *,
        persist: bool = False,
        store: str | Path | None = None,
        devices: Sequence[str | Path] = (),
        speed: str = "instant",
        seed: int | None = None,
    ) -> AccountProvider:
        """Use the local emulator of the classic service; replaces an active account.

        Args:
            hub: hub the provider shall name; any name is accepted.
            group: likewise.
            project: likewise.
            persist: keep jobs in the user's Qiskit folder, so that a later session finds them.
            store: keep jobs in this SQLite file, or in the database at this SQLAlchemy URL.
            devices: folders with further device snapshots (``conf_*.json``, ``props_*.json``).
            speed: ``instant``, or ``realistic`` queue and run times.
            seed: of the simulation, for repeatable counts.

        Returns:
            The provider.

        Raises:
            IBMQAccountError: the emulator's dependencies are not installed.
        """
        with self._lock:
            if self._credentials is not None:
                self._close()
            self._open_local(
                None,
                hub,
                group,
                project,
                persist=persist,
                store=store,
                devices=devices,
                speed=speed,
                seed=seed,
            )
            chosen = self._chosen(hub, group, project)
            assert chosen is not None
            return chosen

    def disable_account(self) -> None:
        """Forget the active account; no request.

        Raises:
            IBMQAccountCredentialsNotFound: no account is active.
        """
        with self._lock:
            if self._credentials is None:
                raise IBMQAccountCredentialsNotFound("No account is active.")
            self._close()

    def _open(self, credentials: Credentials, place: str | None = None) -> None:
        service = connect(credentials, place=place)
        try:
            instances = service.instances()
        except BaseException:  # nobody else can close it, also after an interruption
            service.close()
            raise
        self._credentials = credentials
        self._service = service
        self._providers = {}
        for record in instances:
            self._add(service, record)
        for detail in service.info.details:
            notify_once("instance", detail)
        if not instances:
            logger.warning("This account has no hub, group and project.")

    def _open_local(
        self,
        reason: str | None,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        **settings: Any,
    ) -> None:
        if reason is not None:
            notify_once("local", f"Using the local emulator of the retired devices: {reason}")
        self._open(local.local_credentials(hub, group, project, **settings), place="local")

    def _add(self, service: ServiceClient, record: InstanceRecord) -> AccountProvider:
        assert self._credentials is not None
        credentials = self._credentials
        instance = record.id
        if instance.hub and instance.group and instance.project:
            credentials = credentials.for_triple(instance.hub, instance.group, instance.project)
        elif instance.crn:
            credentials = credentials.for_instance(instance.crn)
        provider = AccountProvider(credentials, service.open(instance))
        self._providers[instance.label] = provider
        return provider

    def _close(self) -> None:
        """Forget the account; backends and jobs in the user's hands keep their connection."""
        if self._service is not None:
            self._left.append(self._service)
        self._credentials = None
        self._service = None
        self._providers = {}

    def _hang_up(self) -> None:
        """Close every connection, at the end of the process."""
        self._close()
        while self._left:
            self._left.pop().close()

    def _chosen(
        self, hub: str | None = None, group: str | None = None, project: str | None = None
    ) -> AccountProvider | None:
        """Return the provider that matches, the first one where nothing was asked for."""
        if not any((hub, group, project)):
            return next(iter(self._providers.values()), None)
        return self.get_provider(hub, group, project)

    # -- providers -------------------------------------------------------------------------------

    def providers(
        self,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        *,
        instance: str | None = None,
    ) -> list[AccountProvider]:
        """Return the providers that match exactly, the default first; no request.

        Args:
            hub: hub name.
            group: group name.
            project: project name.
            instance: name or CRN of an instance of IBM Quantum Platform.
        """
        wanted = {"hub": hub, "group": group, "project": project}
        return [
            provider
            for label, provider in self._providers.items()
            if (instance is None or instance in (label, provider.credentials.instance))
            and all(
                value is None or getattr(provider.credentials, part) == value
                for part, value in wanted.items()
            )
        ]

    def get_provider(
        self,
        hub: str | None = None,
        group: str | None = None,
        project: str | None = None,
        *,
        instance: str | None = None,
    ) -> AccountProvider:
        """Return the one provider that matches; no request.

        On the local emulator any hub, group and project is accepted. IBM Quantum Platform has none
        of them: there they lead to the instance of the account, with a notice, if it is the only
        one or was named with the account.

        Args:
            hub: hub name.
            group: group name.
            project: project name.
            instance: name or CRN of an instance of IBM Quantum Platform.

        Raises:
            IBMQProviderError: no account is active, none matches, or several do; or a part is not
                text.
        """
        given = {"hub": hub, "group": group, "project": project, "instance": instance}
        for name, value in given.items():
            if value is not None and not isinstance(value, str):
                raise IBMQProviderError(f"{name} has to be text, not {type(value).__name__}.")
        with self._lock:
            found = self.providers(hub, group, project, instance=instance)
            if len(found) == 1:
                return found[0]
            if self._service is None:
                raise IBMQProviderError(
                    "No account is active. IBMQ.load_account() or IBMQ.enable_account() opens one."
                )
            wanted = ", ".join(
                f"{part}={value!r}"
                for part, value in (
                    ("hub", hub),
                    ("group", group),
                    ("project", project),
                    ("instance", None if instance is None else stored.display_instance(instance)),
                )
                if value is not None
            )
            known = "; ".join(self._providers) or "none"
            if found:
                raise IBMQProviderError(
                    f"More than one provider matches {wanted or 'no condition'}: "
                    f"{self._labels(found)}. Give hub, group and project, or the instance."
                )
            if instance is None and self._service.info.place == "local":
                return self._open_any(self._service, hub, group, project)
            if instance is None and (only := self._without_hubs()) is not None:
                notify_once(
                    "instance",
                    f"This account has no hubs, groups and projects; {wanted} is read as its "
                    f"instance {self._labels([only])}.",
                )
                return only
            raise IBMQProviderError(f"No provider matches {wanted}. Available: {known}.")

    def _without_hubs(self) -> AccountProvider | None:
        """Return what hub, group and project lead to on a service that has none of them."""
        assert self._credentials is not None
        listed = list(self._providers.values())
        if not listed or any(provider.credentials.is_ibmq() for provider in listed):
            return None
        is_chosen = len(listed) == 1 or self._credentials.instance is not None
        return listed[0] if is_chosen else None

    def _labels(self, providers: Sequence[AccountProvider]) -> str:
        return "; ".join(
            label
            for label, provider in self._providers.items()
            if any(provider is each for each in providers)
        )

    def _open_any(
        self, service: ServiceClient, hub: str | None, group: str | None, project: str | None
    ) -> AccountProvider:
        """Open the instance a program asks for by name: locally, each is the same to us."""
        given = (hub, group, project)
        names = [
            value or default for value, default in zip(given, local.DEFAULT_TRIPLE, strict=True)
        ]
        label = "/".join(names)
        if label in self._providers:
            return self._providers[label]
        notify_once(
            "instance",
            f"{label} is opened on the local emulator; it stands for any hub, group and project.",
            implied_by="local",
        )
        return self._add(service, InstanceRecord(InstanceId(label, *names)))

    def active_account(self) -> dict[str, str] | None:
        """Return ``token`` and ``url`` of the active account, or ``None``."""
        if self._credentials is None:
            return None
        return {"token": str(self._credentials.token), "url": self._credentials.base_url}

    def __repr__(self) -> str:
        if self._service is None:
            return "<IBMQFactory, no active account>"
        return f"<IBMQFactory at {self._service.info.url} ({self._service.info.place})>"


IBMQ = IBMQFactory()
atexit.register(IBMQ._hang_up)
look_for_providers_in(IBMQ.providers)
