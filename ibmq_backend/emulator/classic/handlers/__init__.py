"""Handlers of the operations, by resource.

The modules are ``accounts``, ``backends``, ``jobs``, ``reservations``, ``storage`` and ``stream``.
A handler gets the :class:`~ibmq_backend.emulator.classic.state.state.ClassicState` and a request,
and returns a reply or raises a domain error or
:class:`~ibmq_backend.emulator.classic.errors.ServiceError`. :data:`HANDLERS` and
:data:`NOT_EMULATED` together contain all operation ids of the route table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ibmq_backend.emulator.classic.handlers import accounts, backends, jobs, reservations, storage
from ibmq_backend.emulator.classic.requests import Handler, HeadCheck

HANDLERS: Final[Mapping[str, Handler]] = {
    **accounts.HANDLERS,
    **backends.HANDLERS,
    **reservations.HANDLERS,
    **jobs.HANDLERS,
    **storage.HANDLERS,
}

HEAD_CHECKS: Final[Mapping[str, HeadCheck]] = storage.HEAD_CHECKS
"""Checks of presigned URLs before the body is read; they return the user id."""

NOT_EMULATED: Final[frozenset[str]] = frozenset()
"""Operations that reply 501."""
