"""Sends the requests of an account with the generated bindings and our HTTP client."""

from __future__ import annotations

from typing import Any, Final

import httpx
from attrs import field, frozen
from ibmq_api_classic import operations as ops
from ibmq_api_classic.client import AuthenticatedClient

from ibmq_backend._http.client import build_client
from ibmq_backend._http.errors import describe_body
from ibmq_backend._http.malformed import is_malformed
from ibmq_backend._http.operations import Content, OperationTable
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend.api.calls import HttpCalls
from ibmq_backend.api.classic.hints import add_hint
from ibmq_backend.api.daemon_threads import LateRequests
from ibmq_backend.api.status_stream import StatusStream
from ibmq_backend.exceptions import ApiError
from ibmq_backend.records import ServiceInfo

TOKEN_HEADER: Final = "X-Access-Token"  # noqa: S105  (its name, not a token)
JSON_HEADERS: Final = {"Content-Type": "application/json"}

OPERATIONS: Final = OperationTable.described(
    ops.OPERATIONS,
    transfers={ops.PUT_STORED_OBJECT.operation_id, ops.GET_STORED_OBJECT.operation_id},
    # The service has created jobs although it replied 401.
    not_resent={ops.CREATE_JOB.operation_id},
)

STORED_OBJECTS: Final = {
    each.method: OPERATIONS[each.operation_id]
    for each in (ops.PUT_STORED_OBJECT, ops.GET_STORED_OBJECT)
}
"""By HTTP method, since presigned URLs can have any path."""


class ClassicCalls(HttpCalls):
    """Sends requests to one base URL; errors say what to do about their code.

    Args:
        base_url: the base URL of the API.
        settings: the network settings.
        auth: adds the token.
        headers: the headers of every request.
        leaf: the transport to use instead of the network.
        expected: whether the service is known to exist at this URL.
        timing: the clock and the sleep function.
    """

    def __init__(
        self,
        base_url: str,
        settings: NetworkSettings,
        auth: httpx.Auth,
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
            operation_of=OPERATIONS.operation_of,
            leaf=leaf,
            expected=expected,
            timing=timing,
        )
        super().__init__(http, OPERATIONS, add_hint)
        # The bindings require this class for operations that need a token. Its own token is not
        # used: the HTTP client adds one and renews it.
        self.client = AuthenticatedClient(base_url=base_url, token="")
        self.client.set_httpx_client(http)


class StorageCalls(HttpCalls):
    """Uploads and downloads with presigned URLs, without the token of the account.

    Args:
        settings: the network settings.
        headers: the headers of every request.
        leaf: the transport to use instead of the network.
        timing: the clock and the sleep function.
    """

    def __init__(
        self,
        settings: NetworkSettings,
        headers: dict[str, str],
        leaf: httpx.BaseTransport | None = None,
        *,
        timing: Timing | None = None,
    ) -> None:
        http = build_client(
            settings,
            headers=headers,
            operation_of=lambda request: STORED_OBJECTS.get(request.method),
            leaf=leaf,
            timing=timing,
        )
        super().__init__(http, OPERATIONS)

    def upload(self, url: str, data: bytes) -> None:
        """Upload JSON text to a URL. Wire: putStoredObject."""
        self.exchange(
            ops.PUT_STORED_OBJECT,
            self._check_stored,
            self._http.put,
            url,
            content=data,
            headers=JSON_HEADERS,
        )

    def download(self, url: str, job_id: str) -> dict[str, Any]:
        """Download a JSON object of a job from a URL. Wire: getStoredObject."""
        try:
            return self.exchange(ops.GET_STORED_OBJECT, self._stored, self._http.get, url)
        except ApiError as error:
            error.job_id = job_id
            raise

    def _check_stored(self, response: httpx.Response) -> None:
        if is_malformed(response, Content.NOTHING):
            raise self.unexpected(ops.PUT_STORED_OBJECT, f"is {describe_body(response)}.")

    def _stored(self, response: httpx.Response) -> dict[str, Any]:
        document = response.json()
        if not isinstance(document, dict):
            raise self.unexpected(
                ops.GET_STORED_OBJECT, f"is {describe_body(response)}, not a JSON object."
            )
        return document


@frozen
class Connection:
    """The connections that all instances of an account share.

    Attributes:
        api: sends requests to the API, with the token.
        storage: sends requests to presigned URLs, without the token.
        stream: follows jobs; ``None`` without websockets.
        info: the service.
        timing: the clock and the sleep function.
        late_requests: sends requests whose replies are not needed.
    """

    api: ClassicCalls
    storage: StorageCalls
    stream: StatusStream | None
    info: ServiceInfo
    timing: Timing = field(factory=Timing)
    late_requests: LateRequests = field(factory=LateRequests)
