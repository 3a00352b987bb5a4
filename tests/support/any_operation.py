"""Operations for tests of the transport, which does not depend on endpoints."""

from __future__ import annotations

from typing import Final

import httpx

from ibmq_backend._http.operations import Content, Operation

SAFE: Final = Operation("anything", "GET", "/x", retry_safe=True, content=Content.NOTHING)
UNSAFE: Final = Operation("create", "POST", "/x", retry_safe=False, content=Content.NOTHING)


def safe(_request: httpx.Request) -> Operation:
    """Return an operation that may be repeated and accepts every reply."""
    return SAFE
