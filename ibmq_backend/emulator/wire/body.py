"""Request bodies, read within limits and spooled to disk when they are large."""

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
"""The largest body of a request that does not bring the data of a job."""

ANONYMOUS_BODY_BYTES: Final = 65_536
"""The largest body of a request that needs neither token nor signature."""

BODIES_PER_USER: Final = 100
"""Unfinished ones: each occupies a connection."""

PIECE_BYTES: Final = 262_144
_SILENCE_SECONDS: Final = 30.0
_TOTAL_SECONDS: Final = 900.0


class Body:
    """The body of one request.

    Args:
        content: what was received.
        size: number of bytes.
        on_close: called with ``size`` when the body is not needed any more.
    """

    def __init__(
        self, content: IO[bytes], size: int, on_close: Callable[[int], None] = lambda _size: None
    ) -> None:
        self._content = content
        self.size = size
        self._on_close = on_close

    def read(self) -> bytes:
        """Return all of it."""
        self._content.seek(0)
        return self._content.read()

    def raw(self) -> RawJson:
        """Return it as the data of a job, which is read in pieces."""
        return RawJson(self._pieces, self.size)

    def _pieces(self) -> Iterator[bytes]:
        self._content.seek(0)
        while piece := self._content.read(PIECE_BYTES):
            yield piece

    def close(self) -> None:
        """Remove what is on disk."""
        self._content.close()
        self._on_close(self.size)


class BodyReader:
    """Reads the bodies of all requests of a server.

    Args:
        most_bytes: how much may be kept of all unfinished requests together.
    """

    def __init__(self, most_bytes: int) -> None:
        self._free = most_bytes
        self._owners: Counter[str] = Counter()

    async def read(self, http: HttpRequest, largest: int, owner: str = "") -> Body:
        """Read a body.

        Args:
            http: request.
            largest: number of bytes that it may have.
            owner: user who sends it; empty where nobody has logged in.

        Raises:
            BodyTooLarge: it has more bytes.
            BodyTooSlow: it does not arrive in time.
            ServiceUnavailable: too much is being read at the moment.
            OSError: it cannot be kept on disk.
            ClientDisconnect: the client has left.
        """
        if declared_bytes(http) > largest:
            raise BodyTooLarge(largest)
        if owner and self._owners[owner] >= BODIES_PER_USER:
            raise ServiceUnavailable
        self._owners[owner] += 1
        try:
            return await self._read(http, largest)
        finally:
            self._owners[owner] -= 1
            self._owners = +self._owners

    async def _read(self, http: HttpRequest, largest: int) -> Body:
        kept = tempfile.SpooledTemporaryFile(max_size=SMALL_BODY_BYTES)  # noqa: SIM115 (the body)
        size = 0
        try:
            chunks = aiter(http.stream())
            with anyio.fail_after(_TOTAL_SECONDS):
                while (chunk := await _next(chunks)) is not None:
                    size += len(chunk)
                    self._free -= len(chunk)
                    if size > largest:
                        raise BodyTooLarge(largest)
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
    """Return the length that a request states for its body; 0 where it states none."""
    return int(http.headers.get("content-length", "0"))


def has_body(http: HttpRequest) -> bool:
    """Return whether a request brings a body."""
    return declared_bytes(http) > 0 or "transfer-encoding" in http.headers


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    with anyio.fail_after(_SILENCE_SECONDS):
        return await anext(chunks, None)
