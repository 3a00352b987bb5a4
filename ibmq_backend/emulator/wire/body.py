"""Request bodies, read within limits; large ones are kept on disk."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import IO, Final

import anyio
from starlette.requests import Request as HttpRequest

from ibmq_backend.emulator.core.errors import BodyTooLarge, BodyTooSlow, ServiceUnavailable
from ibmq_backend.emulator.core.raw_json import RawJson

SMALL_BODY_BYTES: Final = 1_000_000
"""For requests without job data."""

ANONYMOUS_BODY_BYTES: Final = 65_536
"""For requests that need neither a token nor a signature."""

MAX_BODIES_PER_USER: Final = 100
"""Unfinished bodies; each occupies a connection."""

PIECE_BYTES: Final = 262_144
_SILENCE_SECONDS: Final = 30.0
_TOTAL_SECONDS: Final = 900.0


class Body:
    """The body of one request.

    Args:
        content: the received bytes.
        size: number of bytes.
        on_close: called with ``size`` when the body is closed.
    """

    def __init__(
        self, content: IO[bytes], size: int, on_close: Callable[[int], None] = lambda _size: None
    ) -> None:
        self._content = content
        self.size = size
        self._on_close = on_close

    def read(self) -> bytes:
        """Return the whole body."""
        self._content.seek(0)
        return self._content.read()

    def raw(self) -> RawJson:
        """Return the body as the data of a job, which is read in pieces."""
        return RawJson(self._pieces, self.size)

    def _pieces(self) -> Iterator[bytes]:
        self._content.seek(0)
        while piece := self._content.read(PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Delete the body."""
        self._content.close()
        self._on_close(self.size)


class BodyReader:
    """Reader for the bodies of all requests of a server.

    Args:
        max_bytes: maximum total size of the bodies of unfinished requests.
    """

    def __init__(self, max_bytes: int) -> None:
        self._free = max_bytes
        self._owners: Counter[str] = Counter()

    async def read(self, http: HttpRequest, max_size: int, owner: str = "") -> Body:
        """Read a body.

        Args:
            http: the request.
            max_size: maximum size of the body in bytes.
            owner: user who sends the body; empty for a request without login.

        Raises:
            BodyTooLarge: the body is larger.
            BodyTooSlow: the body does not arrive in time.
            ServiceUnavailable: the server is reading too many bodies.
            OSError: the body cannot be written to disk.
            ClientDisconnect: the client has disconnected.
        """
        if declared_bytes(http) > max_size:
            raise BodyTooLarge(max_size)
        if owner and self._owners[owner] >= MAX_BODIES_PER_USER:
            raise ServiceUnavailable
        self._owners[owner] += 1
        try:
            return await self._read(http, max_size)
        finally:
            self._owners[owner] -= 1
            self._owners = +self._owners

    async def _read(self, http: HttpRequest, max_size: int) -> Body:
        kept = tempfile.SpooledTemporaryFile(max_size=SMALL_BODY_BYTES)  # noqa: SIM115 (the body)
        size = 0
        try:
            chunks = aiter(http.stream())
            with anyio.fail_after(_TOTAL_SECONDS):
                while (chunk := await _next(chunks)) is not None:
                    size += len(chunk)
                    self._free -= len(chunk)
                    if size > max_size:
                        raise BodyTooLarge(max_size)
                    if self._free < 0:
                        raise ServiceUnavailable
                    kept.write(chunk)
        except BaseException as error:
            kept.close()
            self._give_back(size)
            if isinstance(error, TimeoutError):
                raise BodyTooSlow from None
            raise
        return Body(kept, size, self._give_back)

    def _give_back(self, size: int) -> None:
        self._free += size


def declared_bytes(http: HttpRequest) -> int:
    """Return the ``Content-Length`` of a request; 0 without one."""
    return int(http.headers.get("content-length", "0"))


def has_body(http: HttpRequest) -> bool:
    """Return whether a request has a body."""
    return declared_bytes(http) > 0 or "transfer-encoding" in http.headers


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    with anyio.fail_after(_SILENCE_SECONDS):
        return await anext(chunks, None)
