"""Temporary folders, removed at the end of the service or by a later one.

A killed process cannot remove its folder. Each folder therefore contains a file that its owner
locks; the system releases the lock when the process ends, and the next service removes the folders
without a lock.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import IO, Final

try:
    import fcntl
except ImportError:  # Windows: abandoned folders stay
    fcntl = None  # type: ignore[assignment]

_log: Final = logging.getLogger(__name__)

PREFIX: Final = "ibmq_backend-"
OWNER_FILE: Final = "owner.lock"


class ScratchFolder:
    """A temporary folder with a locked owner file.

    Args:
        parent: parent folder; default: the folder for temporary files.

    Attributes:
        path: path of the folder.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        # Renamed once it is locked, so that nobody finds an unlocked owner file.
        unfinished = self.path / f"{OWNER_FILE}.new"
        self._owner: IO[bytes] = unfinished.open("wb")
        if fcntl is not None:
            fcntl.flock(self._owner, fcntl.LOCK_EX)
            unfinished.rename(self.path / OWNER_FILE)

    def remove(self) -> None:
        """Remove the folder with its content; repeating it has no effect."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._owner.close()


def remove_abandoned(parent: Path | None = None) -> list[Path]:
    """Remove the abandoned folders of this user.

    Folders of other users, of running processes and without an owner file stay.

    Args:
        parent: parent folder; default: the folder for temporary files.

    Returns:
        The removed folders.
    """
    if fcntl is None:
        return []
    removed = []
    for folder in sorted(Path(parent or tempfile.gettempdir()).glob(f"{PREFIX}*")):
        try:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            with (folder / OWNER_FILE).open("r+b") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        except OSError as error:  # locked by its owner, or removed by another process
            _log.debug("cannot remove %s: %s", folder, error)
        else:
            removed.append(folder)
    return removed
