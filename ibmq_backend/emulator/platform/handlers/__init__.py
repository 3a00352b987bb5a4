"""One function per operation of today's dialect, by operation id.

``identity`` holds those of the account's services, ``instances``, ``backends``, ``jobs``,
``sessions`` and ``workloads`` those of one resource each.
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
"""Described operations that answer 501 here."""

HANDLERS: Final[dict[str, Handler]] = {
    **identity.HANDLERS,
    **instances.HANDLERS,
    **backends.HANDLERS,
    **jobs.HANDLERS,
    **sessions.HANDLERS,
    **workloads.HANDLERS,
}
