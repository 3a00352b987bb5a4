"""The replies in the cassettes by operation, and a service that sends them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import httpx

from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.classic.calls import OPERATIONS, STORED_OBJECTS
from ibmq_backend.api.platform.auth import PlatformServiceClient
from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
from ibmq_backend.api.port import ServiceClient
from ibmq_backend.credentials import Credentials
from tests.hostile.mutations import Reply
from tests.support import cassettes
from tests.support.fake_service import FakeDialect

ONCE: Final = NetworkSettings(retry=RetryPolicy(attempts=1), trust_env=False)
DEVICES: Final = {"classic": "ibmq_vigo", "platform": "ibm_lagos"}
LOGINS: Final = frozenset(
    {"loginWithToken", "getCurrentUser", "listHubs"}
    | {"exchangeToken", "searchInstances", "getCatalogEntry"}
)
_KEPT_HEADERS: Final = ("content-type", "uber-trace-id")


def operation_of(request: httpx.Request) -> str:
    """Return the operation of a request, for a stored object with the kind of its content."""
    for table in (PLATFORM_OPERATIONS, CLOUD_OPERATIONS, OPERATIONS):
        if found := table.find(request):
            if found is STORED_OBJECTS["GET"]:
                return f"{found.id} {request.url.path.rpartition('/')[2].partition('-')[0]}"
            return found.id
    return "unknown"


@lru_cache
def recorded(dialect: str) -> dict[str, tuple[Reply, ...]]:
    """Return the different replies in the cassettes of a dialect, by operation."""
    found: dict[str, dict[tuple[int, bytes], Reply]] = {}
    for path in sorted((cassettes.FOLDER / dialect).rglob("*.yaml")):
        for exchange in cassettes.read(path):
            operation = operation_of(httpx.Request(exchange.method, exchange.url))
            headers = {
                n: exchange.reply_headers[n] for n in _KEPT_HEADERS if n in exchange.reply_headers
            }
            reply = Reply(exchange.status, headers, exchange.reply_body)
            found.setdefault(operation, {})[reply.status, reply.body] = reply
    found.pop("unknown", None)
    return {operation: tuple(replies.values()) for operation, replies in found.items()}


def representative(replies: tuple[Reply, ...], ended: bool = True) -> Reply:
    """Return the longest successful reply, preferably about a job that has ended or has not."""

    def weight(reply: Reply) -> tuple[bool, bool, int]:
        has_ended = b'"COMPLETED"' in reply.body or b'"Completed"' in reply.body
        return reply.status < 300, has_ended == ended, len(reply.body)

    return max(replies, key=weight)


class Service(FakeDialect):
    """Sends recorded replies.

    Args:
        dialect: the dialect of the recordings.
        ended: whether its jobs have ended.
    """

    def __init__(self, dialect: str, ended: bool = True) -> None:
        super().__init__(
            {name: representative(each, ended) for name, each in recorded(dialect).items()}
        )
        self.dialect = dialect

    def name_of(self, request: httpx.Request) -> str:
        return operation_of(request)

    def account(self) -> ServiceClient:
        """Return an account that has not logged in."""
        kind: Callable[..., Any] = ClassicServiceClient
        arguments: tuple[str, ...] = (cassettes.ORIGIN, "a-token")
        if self.dialect == "platform":
            kind = PlatformServiceClient
            arguments = (f"{cassettes.ORIGIN}/api", "a-key", "course")
        return kind(*arguments, settings=ONCE, leaf=self.transport, sleep=lambda _: None)

    def provider(self) -> AccountProvider:
        """Log in and return the documented provider."""
        account = self.account()
        account.log_in()
        instance = account.instances()[0].id
        credentials = Credentials("a-token", cassettes.ORIGIN, instance=instance.crn)
        return AccountProvider(credentials, account.open(instance))
