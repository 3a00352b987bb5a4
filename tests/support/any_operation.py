"""Operations for tests of the transport, which knows no endpoint."""

from __future__ import annotations

from typing import Final

import httpx

from ibmq_backend._http.operations import Content, Operation

SAFE: Final = Operation("anything", "GET", "/x", retry_safe=True, content=Content.NOTHING)
UNSAFE: Final = Operation("create", "POST", "/x", retry_safe=False, content=Content.NOTHING)


def safe(_request: httpx.Request) -> Operation:
    """Every request may be repeated, and whatever comes back is a reply."""
    return SAFE
