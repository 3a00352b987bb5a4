"""Sends requests of one account: the generated bindings with our transport under them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import httpx
from attrs import evolve
from ibmq_api_cloud.client import AuthenticatedClient as CloudBinding
from ibmq_api_cloud.operations import OPERATIONS as _CLOUD
from ibmq_api_platform import operations as ops
from ibmq_api_platform.client import AuthenticatedClient as PlatformBinding

from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import UNREADABLE
from ibmq_backend._http.operations import Operation, OperationTable
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend.api.calls import HttpCalls
from ibmq_backend.api.platform.hints import add_hint
from ibmq_backend.api.platform.instances import region_of

API_VERSION: Final = "2026-04-15"
VERSION_HEADER: Final = "IBM-API-Version"
INSTANCE_HEADER: Final = "Service-CRN"
TOKEN_HEADER: Final = "Authorization"  # noqa: S105  (its name, not a token)
TOKEN_SCHEME: Final = "Bearer"  # noqa: S105


# By id, since not every version of the service has the operations that are not used here.
PLATFORM_OPERATIONS: Final = OperationTable.described(
    ops.OPERATIONS,
    transfers={"createJob", "getJobResults", "getInterimResults", "getTranspiledCircuits"},
    # After a refusal for the token these are looked up before they are sent again.
    not_resent={"createJob", "createSession"},
    paced={"createJob"},  # a submission waits for a place in the minute
)
CLOUD_OPERATIONS: Final = OperationTable.described(_CLOUD)

_GET_JOB: Final = PLATFORM_OPERATIONS[ops.GET_JOB.operation_id]
_GET_JOB_WITH_PARAMS: Final = evolve(_GET_JOB, is_transfer=True)


def operation_of(request: httpx.Request) -> Operation | None:
    """Return the operation of a request to the quantum service, ``None`` if not described.

    A job with its parameters, which hold the circuits, is a transfer.
    """
    found = PLATFORM_OPERATIONS.find(request)
    if found is _GET_JOB and request.url.params.get("exclude_params") != "true":
        return _GET_JOB_WITH_PARAMS
    return found


class PlatformCalls(HttpCalls):
    """Requests to the quantum service for one instance; errors carry the next step.

    Args:
        base_url: base of the service in the region of the instance.
        crn: the instance; every request names it, and no other.
        settings: the network settings.
        auth: adds the token.
        headers: sent with every request.
        leaf: makes the attempts instead of a network connection.
        timing: clock and sleep.
    """

    def __init__(
        self,
        base_url: str,
        crn: str,
        settings: NetworkSettings,
        auth: httpx.Auth,
        headers: dict[str, str],
        leaf: httpx.BaseTransport | None = None,
        *,
        timing: Timing | None = None,
    ) -> None:
        http = build_client(
            settings,
            base_url=base_url,
            headers={**headers, VERSION_HEADER: API_VERSION, INSTANCE_HEADER: crn},
            auth=auth,
            operation_of=operation_of,
            leaf=leaf,
            timing=timing,
        )
        region = region_of(crn)
        super().__init__(http, PLATFORM_OPERATIONS, partial(add_hint, region=region))
        # The bindings' own token stays empty: the injected client has one that renews itself.
        self.client = PlatformBinding(base_url=base_url, token="")
        self.client.set_httpx_client(http)

    @contextmanager
    def reading(self, operation: ops.Operation, what: str) -> Iterator[None]:
        """Read a free document of a reply in the block.

        Args:
            operation: the request it came with.
            what: what to say of the reply when the document is not of its documented form.

        Raises:
            ApiProtocolError: it is not.
        """
        try:
            yield
        except UNREADABLE as error:
            raise self.unexpected(operation, f"{what}: {error!r}.") from error


class CloudCalls(HttpCalls):
    """Requests to one of the account services; errors carry the next step.

    Args:
        base_url: base of the service.
        settings: the network settings.
        auth: adds the token; ``None`` for the exchange of the key itself.
        headers: sent with every request.
        leaf: makes the attempts instead of a network connection.
        expected: the service is known to be there.
        timing: clock and sleep.
    """

    def __init__(
        self,
        base_url: str,
        settings: NetworkSettings,
        auth: httpx.Auth | None,
        headers: dict[str, str],
        leaf: httpx.BaseTransport | None = None,
        *,
        expected: bool = True,
        timing: Timing | None = None,
    ) -> None:
        http = build_client(
            settings,
            base_url=base_url,
            headers=headers,
            auth=auth,
            operation_of=CLOUD_OPERATIONS.find,
            leaf=leaf,
            expected=expected,
            timing=timing,
        )
        super().__init__(http, CLOUD_OPERATIONS, add_hint)
        self.client = CloudBinding(base_url=base_url, token="")
        self.client.set_httpx_client(http)
