"""Exchanges the API key of an IBM Cloud account for tokens and opens its instances."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

import httpx
from attrs import evolve
from ibmq_api_cloud import operations as ops
from ibmq_api_cloud.api.discovery import get_catalog_entry, search_instances
from ibmq_api_cloud.api.iam import exchange_token
from ibmq_api_cloud.models import FoundResource, SearchRequest, TokenReply, TokenRequest
from ibmq_api_cloud.types import UNSET, Unset

from ibmq_backend._errors.causes import shown
from ibmq_backend._errors.suggestions import MOST_NAMES
from ibmq_backend._http.auth import HeaderTokenAuth, RenewingToken, Token
from ibmq_backend._http.operations import OperationTable
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend._secrets.redact import get_logger, register_secret
from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend._version import __version__
from ibmq_backend.api.calls import CLIENT_HEADER, client_headers, user_agent
from ibmq_backend.api.platform.calls import (
    CLOUD_OPERATIONS,
    PLATFORM_OPERATIONS,
    TOKEN_HEADER,
    TOKEN_SCHEME,
    CloudCalls,
    PlatformCalls,
)
from ibmq_backend.api.platform.client import PlatformAccountClient
from ibmq_backend.api.platform.hints import NAME_THE_CRN, add_step
from ibmq_backend.api.platform.instances import (
    FIELDS,
    NO_FILTERS,
    QUERY,
    FoundInstance,
    InstanceFilters,
    Plan,
    account_of,
    addresses_of,
    chosen_first,
    found_instances,
    instance_of_crn,
    plan_of,
    region_of,
)
from ibmq_backend.api.secure_urls import check_address
from ibmq_backend.credentials.crn import is_crn
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiAuthError,
    ApiError,
    ApiForbidden,
    ApiNotSupported,
    ApiStatusError,
)
from ibmq_backend.records import InstanceId, InstanceRecord, ServiceInfo

_logger = get_logger(__name__)

_GRANT: Final = "urn:ibm:params:oauth:grant-type:apikey"
_PAGE: Final = 100

PLANS_SECONDS: Final = 10.0
"""Longest time to read the plans, which decide the order of the instances only."""

LOOKUP_SECONDS: Final = 10.0
"""Longest time to look for another instance, for an error message or by its name."""

MAX_SEARCHED_INSTANCES: Final = 10
_KEY_REFUSED: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
)


class PlatformServiceClient:
    """An account of IBM Quantum Platform; implements ``ServiceClient``.

    Constructing it sends nothing; :meth:`log_in` does. The key is sent to the token service only;
    all other requests use tokens, which are renewed when they expire.

    Args:
        url: the base URL of the quantum service; the region of an instance may have another one.
        key: the API key of the account.
        instance: the CRN or name of the instance to use; ``None`` searches the account.
        settings: the network settings.
        filters: the conditions for the instances if ``instance`` is ``None``.
        target: ``platform``, or ``local`` for the emulator on this machine.
        leaf: the transport to use instead of the network.
        clock: returns the seconds of a monotonic clock.
        sleep: waits for a number of seconds; by default ``time.sleep``.

    Raises:
        IBMQAccountCredentialsInvalidUrl: the URL is not valid, or the key would be sent
            unencrypted to another machine.
        IBMQAccountError: the CRN does not belong to an instance of the quantum service.
    """

    def __init__(
        self,
        url: str,
        key: str,
        instance: str | None = None,
        settings: NetworkSettings | None = None,
        *,
        filters: InstanceFilters = NO_FILTERS,
        target: str = "platform",
        leaf: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._settings = settings or NetworkSettings()
        check_address(url, self._settings)
        self._addresses = addresses_of(url)
        self._instance = instance
        self._filters = filters
        self._leaf = leaf
        self._timing = Timing(clock, sleep or time.sleep)
        key, instance = hide(key), hide(instance)
        register_secret(key)
        if instance is not None and is_crn(instance):
            register_secret(account_of(instance))
        self._target = target
        self._details: tuple[str, ...] = ()
        self._emulated = False
        # The service returns the last part as the caller of a job.
        headers = client_headers(__version__)
        caller = f"ibmq-backend-{__version__}"
        self._headers = {**headers, CLIENT_HEADER: f"{headers[CLIENT_HEADER]}/{caller}"}
        self._exchange = CloudCalls(
            self._addresses.tokens,
            self._settings,
            None,
            user_agent(__version__),
            leaf,
            expected=False,
            timing=self._timing,
        )
        self._token = RenewingToken(lambda: self._new_token(key), clock=clock)
        self._found: list[FoundInstance] | None = None
        self._instances: list[InstanceRecord] | None = None
        self._opened: dict[str, PlatformCalls] = {}
        self._searched: list[FoundInstance] | None = None
        self._devices: dict[str, frozenset[str]] = {}

    def log_in(self) -> None:
        """Exchange the key for a token.

        Raises:
            ApiAuthError: the key is not known or not allowed (code BXNIM0415E).
            ApiError: any other failure.

        Wire: exchangeToken.
        """
        self._token.text()

    @property
    def info(self) -> ServiceInfo:
        """The service; ``details`` name the instance that was chosen by default."""
        return ServiceInfo(
            self._target, self._addresses.base_url, self._details, emulated=self._emulated
        )

    def instances(self) -> Sequence[InstanceRecord]:
        """Return the instances that the filters allow, the default first; read once.

        If the account was opened with a name, these are all instances. If it was opened with a CRN,
        this is the only instance, and no request is sent.

        Raises:
            IBMQAccountError: the account has no instance, none with this name, or none that the
                filters allow.
            ApiError: the search failed. A plan that cannot be read is unknown.

        Wire: searchInstances, getCatalogEntry for each plan.
        """
        if self._instances is None:
            if self._instance is not None and is_crn(self._instance):
                only = instance_of_crn(self._instance)
                self._instances = [InstanceRecord(only, is_default=True)]
            else:
                self._instances = self._choose()
        return list(self._instances)

    def find(self, instance: str) -> InstanceRecord | None:
        """Return an instance of the account by its label or CRN, also one not in ``instances()``.

        Wire: searchInstances, getCatalogEntry for each plan; nothing if they were sent before.
        """
        with time_limit(LOOKUP_SECONDS, self._timing.clock):
            for found in self._all_if_known():
                if instance in (found.label, found.crn):
                    return found.record()
        return None

    def open(self, instance: InstanceId) -> PlatformAccountClient:
        """Return the client of an instance; sends no request."""
        if instance.crn is None:
            raise ApiNotSupported(
                f"{instance.label} is not an instance of IBM Quantum Platform. "
                "IBMQ.providers() lists the instances."
            )
        crn = hide(instance.crn)
        register_secret(account_of(crn))
        base = self._addresses.api(region_of(crn))
        if crn not in self._opened:
            auth = self._auth(base, PLATFORM_OPERATIONS)
            self._opened[crn] = PlatformCalls(
                base,
                crn,
                self._settings,
                auth,
                self._headers,
                self._leaf,
                timing=self._timing,
            )
        info = ServiceInfo(self._target, base, emulated=self._emulated)
        return PlatformAccountClient(
            self._opened[crn],
            instance,
            info,
            self._timing.sleep,
            find_other=partial(self._other_with, crn),
        )

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        for calls in (self._exchange, *self._opened.values()):
            calls.close()

    def _auth(self, base_url: str, operations: OperationTable) -> HeaderTokenAuth:
        return HeaderTokenAuth(
            self._token, TOKEN_HEADER, [httpx.URL(base_url)], operations, TOKEN_SCHEME
        )

    def _new_token(self, key: str) -> Token:
        body = TokenRequest(grant_type=_GRANT, apikey=key, response_type="cloud_iam")
        try:
            return self._exchange.read(
                ops.EXCHANGE_TOKEN,
                self._token_of,
                exchange_token.sync_detailed,
                client=self._exchange.client,
                body=body,
            )
        except ApiStatusError as error:
            if error.status_code in _KEY_REFUSED and not isinstance(error, ApiAuthError):
                raise _refused(error) from shown(error)
            raise

    def _token_of(self, reply: TokenReply) -> Token:
        text: str = reply.access_token
        lifetime: float | Unset | None = reply.expires_in
        self._emulated = "emulator" in reply
        if not isinstance(text, str) or not text:
            raise TypeError("access_token is not text")
        if isinstance(lifetime, bool) or not isinstance(lifetime, int | float):
            lifetime = None
        return Token(text, lifetime)

    def _choose(self) -> list[InstanceRecord]:
        chosen, *others = chosen_first(self._all(), self._instance, self._filters)
        text = f"Using the instance {chosen.describe()}."
        if others and self._instance is None:
            listed = ", ".join(each.describe() for each in others[:MOST_NAMES])
            more = f" and {len(others) - MOST_NAMES} more" if len(others) > MOST_NAMES else ""
            text += (
                f" The account also has {listed}{more}; to choose one: "
                "IBMQ.save_account(token, instance=<name or CRN>)."
            )
        _logger.info(text)
        if self._instance is None:
            self._details = (text,)
        return [chosen.record(is_default=True), *(each.record() for each in others)]

    def _other_with(self, crn: str, backend_name: str) -> InstanceRecord | None:
        """Return another instance with a backend; ``None`` if none is found in a short time.

        Everything is asked once, and not again after an error: programs try many names.
        """
        with time_limit(LOOKUP_SECONDS, self._timing.clock):
            if self._searched is None:
                self._searched = self._all_if_known()
            others = [each for each in self._searched if each.crn != crn]
            for each in others[:MAX_SEARCHED_INSTANCES]:
                if each.crn not in self._devices:
                    self._devices[each.crn] = self._devices_of(each)
                if backend_name in self._devices[each.crn]:
                    return each.record()
        return None

    def _devices_of(self, instance: FoundInstance) -> frozenset[str]:
        """Return the devices of an instance; none, with a line in the log, after an error."""
        try:
            listed = self.open(instance.record().id).backends()
        except ApiError as error:
            _logger.info("The backends of %s are not known: %s", instance.label, error.message)
            return frozenset()
        return frozenset(backend.name for backend in listed)

    def _all_if_known(self) -> list[FoundInstance]:
        """Return all instances of the account; none, with a line in the log, after an error."""
        try:
            return self._all()
        except ApiError as error:
            _logger.info("The other instances of the account are not known: %s", error.message)
            return []

    def _all(self) -> list[FoundInstance]:
        """Return all instances of the account, free ones first; read once."""
        if self._found is None:
            try:
                resources = self._search()
            except ApiAuthError:
                raise
            except ApiError as error:
                add_step(error, NAME_THE_CRN)
                raise
            self._found = found_instances(resources, self._read_plans)
        return self._found

    def _read_plans(self, plan_ids: Sequence[str]) -> dict[str, Plan]:
        """Return the plans that can be read in a short time; the log has one line about others."""
        plans: dict[str, Plan] = {}
        failure: ApiError | None = None
        calls = self._cloud(self._addresses.catalog, attempts=2)
        try:
            with time_limit(PLANS_SECONDS, self._timing.clock):
                for plan_id in plan_ids:
                    try:
                        plans[plan_id] = _read_plan(calls, plan_id)
                    except ApiForbidden:
                        continue  # an archived plan
                    except ApiError as error:
                        failure = failure or error
        finally:
            calls.close()
        if failure is not None:
            matters = self._instance is None
            _logger.log(
                logging.WARNING if matters else logging.INFO,
                "Some plans cannot be read, so free instances may not come first: %s",
                failure.message,
            )
        return plans

    def _search(self) -> list[FoundResource]:
        calls = self._cloud(self._addresses.search)
        try:
            resources: list[FoundResource] = []
            cursor: str | None = None
            seen: set[str] = set()
            while True:
                body = SearchRequest(
                    query=QUERY, fields=list(FIELDS), search_cursor=cursor or UNSET
                )
                page = calls.call(
                    ops.SEARCH_INSTANCES,
                    search_instances.sync_detailed,
                    client=calls.client,
                    body=body,
                    limit=_PAGE,
                )
                for resource in page.items:
                    if isinstance(resource, FoundResource):
                        resource.crn = hide(resource.crn)
                resources.extend(page.items)
                cursor = page.search_cursor or None
                if cursor is not None and not isinstance(cursor, str):
                    raise calls.unexpected(ops.SEARCH_INSTANCES, "has an invalid search_cursor.")
                if not cursor or cursor in seen:
                    return resources
                seen.add(cursor)
        finally:
            calls.close()

    def _cloud(self, base_url: str, *, attempts: int | None = None) -> CloudCalls:
        auth = self._auth(base_url, CLOUD_OPERATIONS)
        settings = self._settings
        if attempts is not None:
            retry = evolve(settings.retry, attempts=min(attempts, settings.retry.attempts))
            settings = evolve(settings, retry=retry)
        return CloudCalls(
            base_url, settings, auth, user_agent(__version__), self._leaf, timing=self._timing
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._addresses.base_url})"


def _read_plan(calls: CloudCalls, plan_id: str) -> Plan:
    return calls.read(
        ops.GET_CATALOG_ENTRY,
        plan_of,
        get_catalog_entry.sync_detailed,
        plan_id,
        client=calls.client,
    )


def _refused(error: ApiStatusError) -> ApiAuthError:
    """Return the refusal of a key as an authentication error."""
    return ApiAuthError(
        error.message,
        operation=error.operation,
        method=error.method,
        path=error.path,
        status_code=error.status_code,
        code=error.code,
        trace_id=error.trace_id,
        retry_after=error.retry_after,
        accepted=False,
    )
