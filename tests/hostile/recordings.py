"""What the cassettes hold, by operation, and a service that answers from it."""

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
    {"getVersion", "loginWithToken", "getCurrentUser", "listHubs"}
    | {"exchangeToken", "searchInstances", "getCatalogEntry"}
)
_KEPT: Final = ("content-type", "uber-trace-id")


def operation_of(request: httpx.Request) -> str:
    """The operation of a request of either dialect; of a stored object also what it holds."""
    for table in (PLATFORM_OPERATIONS, CLOUD_OPERATIONS, OPERATIONS):
        if found := table.find(request):
            if found is STORED_OBJECTS["GET"]:
                return f"{found.id} {request.url.path.rpartition('/')[2].partition('-')[0]}"
            return found.id
    return "unknown"


@lru_cache
def recorded(dialect: str) -> dict[str, tuple[Reply, ...]]:
    """Every reply of the cassettes of a dialect, each once, by operation."""
    found: dict[str, dict[tuple[int, bytes], Reply]] = {}
    for path in sorted((cassettes.FOLDER / dialect).rglob("*.yaml")):
        for exchange in cassettes.read(path):
            operation = operation_of(httpx.Request(exchange.method, exchange.url))
            headers = {n: exchange.reply_headers[n] for n in _KEPT if n in exchange.reply_headers}
            reply = Reply(exchange.status, headers, exchange.reply_body)
            found.setdefault(operation, {})[reply.status, reply.body] = reply
    found.pop("unknown", None)
    return {operation: tuple(replies.values()) for operation, replies in found.items()}


def usual(replies: tuple[Reply, ...], ended: bool = True) -> Reply:
    """The reply that says most; of those about a job one of a job that has ended, or has not."""

    def weight(reply: Reply) -> tuple[bool, bool, int]:
        is_over = b'"COMPLETED"' in reply.body or b'"Completed"' in reply.body
        return reply.status < 300, is_over == ended, len(reply.body)

    return max(replies, key=weight)


class Service(FakeDialect):
    """Answers from the recordings.

    Args:
        dialect: of the recordings.
        ended: whether its jobs have ended.
    """

    def __init__(self, dialect: str, ended: bool = True) -> None:
        super().__init__({name: usual(each, ended) for name, each in recorded(dialect).items()})
        self.dialect = dialect

    def name_of(self, request: httpx.Request) -> str:
        return operation_of(request)

    def account(self) -> ServiceClient:
        """An account that has not logged in."""
        kind: Callable[..., Any] = ClassicServiceClient
        arguments: tuple[str, ...] = (cassettes.ORIGIN, "a-token")
        if self.dialect == "platform":
            kind = PlatformServiceClient
            arguments = (f"{cassettes.ORIGIN}/api", "a-key", "course")
        return kind(*arguments, settings=ONCE, leaf=self.transport, sleep=lambda _: None)

    def provider(self) -> AccountProvider:
        """The documented provider of a logged-in account."""
        account = self.account()
        account.log_in()
        instance = account.instances()[0].id
        credentials = Credentials("a-token", cassettes.ORIGIN, instance=instance.crn)
        return AccountProvider(credentials, account.open(instance))
