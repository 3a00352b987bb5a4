"""Folders for a service that keeps nothing: gone at its end, or found and removed later.

A process that is killed cannot clean up. Each folder therefore holds a file that its owner keeps
locked; the system frees the lock when the owner ends, however it ends, and whoever starts next
removes the folders whose lock is free.
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
except ImportError:  # Windows: no folder is taken for abandoned
    fcntl = None  # type: ignore[assignment]

_log: Final = logging.getLogger(__name__)

PREFIX: Final = "ibmq_backend-"
OWNER_FILE: Final = "owner.lock"


class ScratchFolder:
    """A folder among the temporary files of this machine.

    Args:
        parent: where to make it; default: where temporary files go.

    Attributes:
        path: the folder.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        # Under another name until it is locked: nobody must find it there and free.
        unfinished = self.path / f"{OWNER_FILE}.new"
        self._owner: IO[bytes] = unfinished.open("wb")
        if fcntl is not None:
            fcntl.flock(self._owner, fcntl.LOCK_EX)
            unfinished.rename(self.path / OWNER_FILE)

    def remove(self) -> None:
        """Remove the folder with all that is in it. May be called twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._owner.close()


def remove_abandoned(parent: Path | None = None) -> list[Path]:
    """Remove this user's folders whose owners have ended without removing them.

    Folders of others, of living owners and without an owner file are left alone.

    Args:
        parent: where to look; default: where temporary files go.

    Returns:
        What was removed.
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
        except OSError as error:  # locked by its owner, or just removed by another start
            _log.debug("%s stays: %s", folder, error)
        else:
            removed.append(folder)
    return removed
