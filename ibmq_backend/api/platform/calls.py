"""Sends the requests of an account with the generated bindings and our HTTP client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, ParamSpec

import httpx
from attrs import evolve
from ibmq_api_cloud.client import AuthenticatedClient as CloudBinding
from ibmq_api_cloud.operations import OPERATIONS as _CLOUD
from ibmq_api_platform import operations as ops
from ibmq_api_platform.client import AuthenticatedClient as PlatformBinding
from ibmq_api_platform.types import Response

from ibmq_backend._errors.causes import shown
from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import UNREADABLE
from ibmq_backend._http.malformed import is_html
from ibmq_backend._http.operations import Operation, OperationTable
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend.api.calls import HttpCalls
from ibmq_backend.api.platform.hints import add_hint
from ibmq_backend.api.platform.instances import region_of

P = ParamSpec("P")

API_VERSION: Final = "2026-04-15"
VERSION_HEADER: Final = "IBM-API-Version"
INSTANCE_HEADER: Final = "Service-CRN"
TOKEN_HEADER: Final = "Authorization"  # noqa: S105  (its name, not a token)
TOKEN_SCHEME: Final = "Bearer"  # noqa: S105


# By id, since some versions of the service lack operations that are not used here.
PLATFORM_OPERATIONS: Final = OperationTable.described(
    ops.OPERATIONS,
    transfers={"createJob", "getJobResults", "getInterimResults", "getTranspiledCircuits"},
    not_resent={"createJob"},  # after a 401 it must be checked whether it was executed
    paced={"createJob"},  # submissions wait for the rate limit themselves
)

CLOUD_OPERATIONS: Final = OperationTable.described(_CLOUD)

_GET_JOB: Final = PLATFORM_OPERATIONS[ops.GET_JOB.operation_id]
_GET_JOB_WITH_PARAMS: Final = evolve(_GET_JOB, is_transfer=True)


def operation_of(request: httpx.Request) -> Operation | None:
    """Return the operation of a request to the quantum service, ``None`` if not documented.

    Reading a job with its parameters is a transfer, since they contain the circuits.
    """
    found = PLATFORM_OPERATIONS.operation_of(request)
    if found is _GET_JOB and request.url.params.get("exclude_params") != "true":
        return _GET_JOB_WITH_PARAMS
    return found


class PlatformCalls(HttpCalls):
    """Sends requests to the quantum service for one instance; errors say what to do.

    Args:
        base_url: the base URL of the service in the region of the instance.
        crn: the CRN of the instance, which every request contains.
        settings: the network settings.
        auth: adds the token.
        headers: the headers of every request.
        leaf: the transport to use instead of the network.
        timing: the clock and the sleep function.
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
        # The token of the bindings is not used: the HTTP client adds one and renews it.
        self.client = PlatformBinding(base_url=base_url, token="")
        self.client.set_httpx_client(http)

    def confirm(
        self,
        operation: ops.Operation,
        function: Callable[P, Response[Any, Any]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Send a request whose reply is only a confirmation: any success status is one.

        Args:
            operation: the operation of the request.
            function: the ``sync_detailed`` of the operation.
            *args: positional arguments of the function.
            **kwargs: keyword arguments of the function.

        Raises:
            ApiProtocolError: the reply does not confirm the request.
            ApiError: any other failure.
        """

        def check(reply: Response[Any, Any]) -> None:
            if is_html(reply.content):
                raise self.unexpected(operation, "is an HTML page and not a confirmation.")

        self.exchange(operation, check, function, *args, **kwargs)

    @contextmanager
    def reading(self, operation: ops.Operation, what: str) -> Iterator[None]:
        """Convert errors in the block, which reads a document of a reply, to ``ApiProtocolError``.

        Args:
            operation: the operation of the request.
            what: what is wrong with the reply, for the message.

        Raises:
            ApiProtocolError: the document cannot be read.
        """
        try:
            yield
        except UNREADABLE as error:
            raise self.unexpected(operation, f"{what}: {error!r}.") from shown(error)


class CloudCalls(HttpCalls):
    """Sends requests to one of the account services; errors say what to do.

    Args:
        base_url: the base URL of the service.
        settings: the network settings.
        auth: adds the token; ``None`` for the exchange of the key.
        headers: the headers of every request.
        leaf: the transport to use instead of the network.
        expected: whether the service is known to exist at this URL.
        timing: the clock and the sleep function.
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
            operation_of=CLOUD_OPERATIONS.operation_of,
            leaf=leaf,
            expected=expected,
            timing=timing,
        )
        super().__init__(http, CLOUD_OPERATIONS, add_hint)
        self.client = CloudBinding(base_url=base_url, token="")
        self.client.set_httpx_client(http)
