"""Disk space that is reserved for deletions on a full disk."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_RESERVE_BYTES: Final = 8_000_000
_log: Final = logging.getLogger(__name__)


class DiskReserve:
    """A file that reserves disk space and is removed when the disk is full.

    It remains when the store is closed: other processes may use the same one.

    Args:
        path: path of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self) -> None:
        """Create the file; do nothing if there is no space for it."""
        try:
            if self._path.exists() and self._path.stat().st_size >= _RESERVE_BYTES:
                return
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(self._path, flags, 0o600), "wb") as file:
                # Zeros take no space on a compressing file system.
                file.write(os.urandom(_RESERVE_BYTES))
        except OSError as error:
            _log.debug("no disk space can be reserved: %s", error)
            self._remove()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Remove the file during the block."""
        self._remove()
        try:
            yield
        finally:
            self.take()

    def _remove(self) -> None:
        with suppress(OSError):
            self._path.unlink()
