"""Large JSON values in temporary files, which are not parsed."""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Iterator
from typing import IO, Final

from ibmq_backend.emulator.core.raw_json import RawJson

__all__ = ["copy_json"]

_PIECE: Final = 1 << 18
_IN_MEMORY: Final = 1 << 20


def copy_json(source: IO[bytes], size: int) -> RawJson:
    """Copy a JSON value to a temporary file, which is deleted with the returned object.

    The ``pieces`` of the object may be called by several threads at the same time.

    Args:
        source: source of the text.
        size: number of bytes.

    Raises:
        EOFError: if the source has fewer bytes.
        OSError: if the text cannot be stored.
    """
    text = _Text()
    text.copy(source, size)
    return RawJson(text.pieces, size)


class _Text:
    def __init__(self) -> None:
        # Closed by ``finalize``; until then several threads read from it.
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._lock = threading.Lock()
        weakref.finalize(self, self._file.close)

    def copy(self, source: IO[bytes], size: int) -> None:
        left = size
        while left:
            piece = source.read(min(left, _PIECE))
            if not piece:
                raise EOFError(f"{left} of {size} bytes are missing")
            self._file.write(piece)
            left -= len(piece)

    def pieces(self) -> Iterator[bytes]:
        at = 0
        while piece := self._read(at):
            at += len(piece)
            yield piece

    def _read(self, at: int) -> bytes:
        with self._lock:
            self._file.seek(at)
            return self._file.read(_PIECE)
