"""Handlers of the operations, by resource.

``identity`` has the handlers of the account services; ``instances``, ``backends``, ``jobs``,
``sessions`` and ``workloads`` have those of one resource each.
"""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.platform.handlers import (
    backends,
    identity,
    instances,
    jobs,
    sessions,
    workloads,
)
from ibmq_backend.emulator.platform.requests import Handler

NOT_EMULATED: Final[frozenset[str]] = frozenset()
"""Operations that reply 501."""

HANDLERS: Final[dict[str, Handler]] = {
    **identity.HANDLERS,
    **instances.HANDLERS,
    **backends.HANDLERS,
    **jobs.HANDLERS,
    **sessions.HANDLERS,
    **workloads.HANDLERS,
}
