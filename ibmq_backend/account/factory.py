"""``IBMQ``: accounts and their providers."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ibmq_backend import credentials as stored
from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend.account import local
from ibmq_backend.account.pickling import look_for_providers_in
from ibmq_backend.account.plural_accounts import PluralAccounts
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.account.provider_errors import (
    describe_conditions,
    no_provider,
    several_providers,
)
from ibmq_backend.account.stored_accounts import StoredAccounts, details_of, with_instance
from ibmq_backend.api.port import ServiceClient
from ibmq_backend.backend.emulation import KIND as EMULATION_NOTICE
from ibmq_backend.backend.emulation import notify_no_account
from ibmq_backend.credentials import CLASSIC_URL, Credentials, discover
from ibmq_backend.exceptions import (
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQProviderError,
)
from ibmq_backend.notices import mark_shown, notify_once
from ibmq_backend.records import InstanceId, InstanceRecord

__all__ = ["IBMQ", "IBMQFactory"]

logger = get_logger(__name__)


@methods_suggest_keywords
class IBMQFactory(StoredAccounts, PluralAccounts):
    """The account of this process and its providers; ``IBMQ`` is the only instance.

    >>> from ibmq_backend import IBMQ
    >>> IBMQ.enable_local()
    <AccountProvider for IBMQ(hub='ibm-q', group='open', project='main'), emulated locally>
    >>> IBMQ.get_provider(hub="ibm-q").get_backend("ibmq_vigo").name()
    'ibmq_vigo'
    >>> IBMQ.disable_account()
    >>> IBMQ.providers()
    []

    Without an account, or with an account of a service that was switched off, the local emulator is
    used. At the first job a notice says so and how to connect to another service. If the variable
    ``IBMQ_BACKEND_LOCAL`` is ``never``, the documented error is raised instead; ``always`` uses the
    emulator in any case.

    Source: ``IBMQFactory`` of qiskit-ibmq-provider 0.8 to 0.20.2; ``enable_local`` is an addition.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._credentials: Credentials | None = None
        self._service: ServiceClient | None = None
        self._providers: dict[str, AccountProvider] = {}
        self._closed_services: list[ServiceClient] = []
        self._had_account = False

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
            url: login URL of the service.
            hub: hub of the provider to return.
            group: group of the provider to return.
            project: project of the provider to return.
            **kwargs: ``proxies``; ``verify``; ``instance`` or ``crn``, the CRN or name of an
                instance of IBM Quantum Platform, for which the token is an API key and the URL is
                optional; ``channel``, ``ibm_quantum_platform`` to search the instances of such an
                account instead of naming one, or ``region``, ``plans_preference`` and ``tags`` to
                use those that they select, as for ``save_account``.

        Returns:
            The matching provider; without conditions, the account's first. If the account has no
            provider, ``None`` with a warning.

        Raises:
            IBMQAccountError: an account is active already, unless both are the local emulator.
            IBMQAccountCredentialsInvalidToken: the token is not text, is empty, or is something
                else: an instance, a URL. The local emulator is used with an empty token for a
                service that was switched off, if no other account is found.
            IBMQAccountCredentialsInvalidUrl: the URL is not that of a quantum service.
            IBMQProviderError: no provider matches, or several do; the account stays enabled.
            ApiError: the service refused the token, or a call failed.

        Wire: loginWithToken, getCurrentUser, listHubs; on IBM Quantum Platform
        exchangeToken and, without a CRN, searchInstances and getCatalogEntry.
        """
        token = hide(token)
        with self._lock:
            had_account, self._had_account = self._had_account, True  # also if this call fails
            kwargs = with_instance(kwargs, IBMQFactory.enable_account)
            if self._credentials is not None and not self._is_local():
                raise self._already_active()
            found = discover(token, url, hub=hub, group=group, project=project, **kwargs)
            if self._credentials is not None:
                if found.credentials is not None:
                    raise self._already_active()
                notify_no_account("An account is active already and is replaced.")
                self._close()
            if found.credentials is None:
                if token and stored.is_cloud_key(token):
                    logger.warning(
                        "The token looks like an API key of IBM Quantum Platform, but its instance "
                        "is missing. Write IBMQ.enable_account(API_KEY, instance='crn:...')."
                    )
                self._had_account = had_account
                self._open_local(found.reason, hub, group, project)
            else:
                self._open(found.credentials)
            return self._chosen(hub, group, project)

    def load_account(self) -> AccountProvider | None:
        """Log in with the account in the environment or in the user's Qiskit folder.

        Sources in order: ``QE_TOKEN`` and ``QE_URL``; ``QISKIT_IBM_TOKEN``; the account that was
        saved or chosen last; ``~/.qiskit/ibmq_backend.json``; ``~/.qiskit/qiskitrc``;
        ``~/.qiskit/qiskit-ibm.json``. The local emulator is used if there is no account or only
        accounts of services that were switched off. ``ibmq-backend account list`` shows all.

        Returns:
            The stored default provider, or the account's first.

        Raises:
            IBMQAccountCredentialsNotFound: no account was found, and ``IBMQ_BACKEND_LOCAL=never``
                or another account is active, which is kept.
            IBMQAccountMultipleCredentialsFound: the file contains several accounts.
            IBMQAccountCredentialsInvalidFormat: a file or environment variable is malformed.
            IBMQAccountCredentialsInvalidUrl: the URL is not that of a quantum service.
            IBMQProviderError: the stored default provider does not exist.
            ApiError: the service refused the token, or a call failed.

        Wire: loginWithToken, getCurrentUser, listHubs.
        """
        found = discover()
        with self._lock:
            if self._credentials is not None:
                if self._is_local() and found.credentials is None:
                    logger.info("The local emulator is opened again.")
                elif found.credentials is None and found.source != stored.LOCAL_VARIABLE:
                    raise IBMQAccountCredentialsNotFound(
                        "No stored account can be used; the active account is kept. Save one with "
                        "IBMQ.save_account(API_KEY, instance=CRN), or emulate devices with "
                        "IBMQ.enable_local()."
                    )
                else:
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
        persist: bool | None = None,
        store: str | Path | None = None,
        devices: Sequence[str | Path] = (),
        speed: str = "instant",
        seed: int | None = None,
        date: str | date | None = None,
        calibration: str = "median",
        noise: str = "full",
    ) -> AccountProvider:
        """Use the local emulator of the classic service instead of any active account.

        Args:
            hub: hub of the provider; any name is accepted.
            group: group of the provider; any name is accepted.
            project: project of the provider; any name is accepted.
            persist: True to keep the jobs for later sessions in the user's Qiskit folder, False to
                lose them at the end of this one; by default True, unless the environment variable
                ``IBMQ_BACKEND_STORE`` is ``memory`` or names another file or database.
            store: SQLite file, or SQLAlchemy URL of a database, in which to keep the jobs;
                ``memory`` for none.
            devices: folders with further device snapshots (``conf_*.json``, ``props_*.json``).
            speed: ``instant``, or ``realistic`` queue and run times.
            seed: seed of the simulation, for repeatable counts.
            date: date of the emulation, such as ``2020-05``: the devices and calibrations of that
                time; by default that of the environment variable ``IBMQ_BACKEND_DATE``, or the
                newest.
            calibration: ``median``, noise from the median over the calibrations of a device with
                outliers repaired, or ``published``, from the calibration that
                ``backend.properties()`` returns.
            noise: ``full``; ``gates``, without the relaxation of qubits that wait for others; or
                ``none``.

        Returns:
            The provider of the hub, group and project.

        Raises:
            IBMQAccountError: the emulator's dependencies are not installed, the store that was
                named cannot be used, or an argument has an unknown value.
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
                date=date,
                calibration=calibration,
                noise=noise,
            )
            chosen = self._chosen(hub, group, project)
            assert chosen is not None
            return chosen

    def disable_account(self) -> None:
        """Forget the active account. No request is sent.

        Raises:
            IBMQAccountCredentialsNotFound: no account is active.
        """
        with self._lock:
            if self._credentials is None:
                raise IBMQAccountCredentialsNotFound("No account is active.")
            self._close()

    def _open(self, credentials: Credentials, target: str | None = None) -> None:
        # Imported here, while the simulator of the local service starts.
        from ibmq_backend.api.connect import connect

        self._had_account = self._had_account or target != "local"
        service = connect(credentials, target=target)
        try:
            instances = service.instances()
        except BaseException:  # close it here, also after an interruption
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
        if reason is None:
            mark_shown(EMULATION_NOTICE)
        else:
            logger.info("Using the local emulator of the retired devices: %s", reason)
        self._open(local.local_credentials(hub, group, project, **settings), target="local")

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

    def _is_local(self) -> bool:
        return self._service is not None and self._service.info.target == "local"

    def _may_emulate(self) -> bool:
        """Return whether a program that never logged in cannot mean any other account."""
        return not self._had_account and stored.uses_local()

    def _open_unasked(self) -> None:
        """Open the local emulator for a program that does not log in, if it has no account."""
        with self._lock:
            if self._credentials is None and self._may_emulate():
                notify_no_account("No account is active.")
                self.load_account()

    def _already_active(self) -> IBMQAccountError:
        if self._is_local():  # which load_account() would open again
            return IBMQAccountError(
                "The local emulator is already active. Close it with IBMQ.disable_account()."
            )
        return IBMQAccountError(
            "An account is already active. Close it with IBMQ.disable_account(), or "
            "replace it with IBMQ.load_account()."
        )

    def _close(self) -> None:
        """Forget the account; its existing backends and jobs keep their connection."""
        if self._service is not None:
            self._closed_services.append(self._service)
        self._credentials = None
        self._service = None
        self._providers = {}

    def _close_connections(self) -> None:
        """Close all connections at the end of the process."""
        self._close()
        while self._closed_services:
            self._closed_services.pop().close()

    def _chosen(
        self, hub: str | None = None, group: str | None = None, project: str | None = None
    ) -> AccountProvider | None:
        """Return the provider that meets the conditions; without conditions, the first."""
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
        """Return the providers that match all given values, the default first. No request is sent.

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
        """Return the only provider that matches.

        No request is sent if an account is active, unless ``instance`` is one of IBM Quantum
        Platform that :meth:`providers` does not list: it is looked up and added.
        Without an account, the local emulator is opened if :meth:`load_account` would use it.

        The local emulator accepts any hub, group and project. IBM Quantum Platform has none of
        them: any values select the instance of the account, with a notice, if it is the only one or
        was specified with the account.

        Args:
            hub: hub name.
            group: group name.
            project: project name.
            instance: name or CRN of an instance of IBM Quantum Platform.

        Raises:
            IBMQProviderError: no account is active, but one can be loaded or was enabled before,
                even if that failed; not exactly one provider matches; or an argument is not text.

        Wire: searchInstances and getCatalogEntry for an instance that is not listed.
        """
        given = {"hub": hub, "group": group, "project": project, "instance": instance}
        for name, value in given.items():
            if value is not None and not isinstance(value, str):
                raise IBMQProviderError(f"{name} must be text, not {type(value).__name__}.")
        with self._lock:
            self._open_unasked()
            found = self.providers(hub, group, project, instance=instance)
            if len(found) == 1:
                return found[0]
            if self._service is None:
                raise IBMQProviderError(
                    "No account is active. Call IBMQ.load_account() or IBMQ.enable_account()."
                )
            if found:
                raise several_providers(given, self._labels(found))
            if instance is None and self._service.info.target == "local":
                return self._open_any(self._service, hub, group, project)
            if instance is not None and not any((hub, group, project)):
                other = self._service.find(instance)
                if other is not None:
                    opened = self.providers(instance=other.id.crn)  # with another label
                    return opened[0] if opened else self._add(self._service, other)
            if instance is None and (only := self._provider_without_hubs()) is not None:
                notify_once(
                    "instance",
                    f"This account has no hubs, groups and projects; its instance "
                    f"{self._labels([only])[0]} is used for {describe_conditions(given)}.",
                )
                return only
            raise no_provider(given, self._providers)

    def _provider_without_hubs(self) -> AccountProvider | None:
        """Return the provider for any hub, group and project of a service without them."""
        assert self._credentials is not None
        listed = list(self._providers.values())
        if not listed or any(provider.credentials.is_ibmq() for provider in listed):
            return None
        is_chosen = len(listed) == 1 or self._credentials.instance is not None
        return listed[0] if is_chosen else None

    def _labels(self, providers: Sequence[AccountProvider]) -> list[str]:
        return [
            label
            for label, provider in self._providers.items()
            if any(provider is each for each in providers)
        ]

    def _open_any(
        self, service: ServiceClient, hub: str | None, group: str | None, project: str | None
    ) -> AccountProvider:
        """Return a provider of the local emulator for any hub, group and project."""
        given = (hub, group, project)
        names = [
            value or default for value, default in zip(given, local.DEFAULT_TRIPLE, strict=True)
        ]
        label = "/".join(names)
        if label in self._providers:
            return self._providers[label]
        logger.info("%s is opened on the local emulator, which accepts any name.", label)
        return self._add(service, InstanceRecord(InstanceId(label, *names)))

    def active_account(self) -> dict[str, str] | None:
        """Return the active account, or ``None``.

        Returns:
            ``token``, ``url`` and ``instance``: the CRN or name of the instance of IBM Quantum
            Platform that is used by default, or ``hub/group/project`` if they were specified.
        """
        if self._credentials is None:
            return None
        account = self._credentials
        first = next(iter(self._providers.values()), None)
        if account.instance is None and first is not None and first.credentials.instance:
            account = first.credentials
        return details_of(account, self._credentials.base_url)

    def __repr__(self) -> str:
        if self._service is None:
            return "<IBMQFactory, no active account>"
        return f"<IBMQFactory at {self._service.info.url} ({self._service.info.target})>"


IBMQ = IBMQFactory()
atexit.register(IBMQ._close_connections)
look_for_providers_in(IBMQ.providers)
