"""One function per operation of the service.

``accounts``, ``backends``, ``jobs``, ``reservations``, ``storage`` and ``stream`` hold those of one
resource each. A function takes the :class:`~ibmq_backend.emulator.classic.state.state.ClassicState`
and a request and returns a reply, or raises a domain error or
:class:`~ibmq_backend.emulator.classic.errors.ServiceError`. :data:`HANDLERS` maps the operation ids
of the route table to them; with :data:`NOT_EMULATED` they make up the table.
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
"""What is checked of a request that needs no token before its body is read; gives the user."""

NOT_EMULATED: Final[frozenset[str]] = frozenset()
"""Operations of the route table that answer 501."""
