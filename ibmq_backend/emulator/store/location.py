"""Where the jobs of local services are stored. Reading the location opens no service."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STORE_VARIABLE: Final = "IBMQ_BACKEND_STORE"
MEMORY: Final = "memory"
DEFAULT_SOURCE: Final = "default"
ARGUMENT_SOURCE: Final = "argument"
FALLBACK_SOURCE: Final = "fallback"
_FOLDER_MODE: Final = 0o700
_KINDS: Final = ("sqlite", "postgresql", "postgres")
_READ_SECONDS: Final = 2.0
_MAX_SHOWN_CHARACTERS: Final = 100


@dataclass(frozen=True)
class StoreLocation:
    """Where a local service stores its jobs.

    Attributes:
        url: path or URL of the database; None if the jobs are lost when the process ends.
        source: what chose it: :data:`DEFAULT_SOURCE`, :data:`ARGUMENT_SOURCE`, the name of the
            variable, or :data:`FALLBACK_SOURCE` after a failure.
    """

    url: str | None
    source: str = DEFAULT_SOURCE

    @property
    def path(self) -> Path | None:
        """The path of the SQLite file; None for another database and for memory."""
        if self.url is None or "://" not in self.url:
            return None if self.url is None else Path(self.url).expanduser()
        scheme, _, path = self.url.partition(":///")
        return Path(path) if scheme.startswith("sqlite") and path else None

    def label(self) -> str:
        """Return the location for messages: with ``~``, and without a password."""
        if self.url is None:
            return MEMORY
        if self.path is not None:
            return short_path(self.path)
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"


@dataclass(frozen=True)
class StoreSummary:
    """What is stored, read without starting a service.

    Attributes:
        location: where the jobs are stored.
        size_bytes: size of the files; None if there are none.
        jobs: number of jobs; None if they cannot be counted.
        unfinished_jobs: number of those that have not ended.
        problem: why the file cannot be read; None if it can, or does not exist yet.
    """

    location: StoreLocation
    size_bytes: int | None = None
    jobs: int | None = None
    unfinished_jobs: int | None = None
    problem: str | None = None


def user_store_path() -> Path:
    """Return the path of the database with the jobs of the user."""
    return Path.home() / ".qiskit" / "ibmq_backend" / "local.sqlite"


def choose_store(
    persist: bool | None = None,
    store: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> StoreLocation:
    """Return where a local service stores its jobs.

    Args:
        persist: True to keep the jobs, False to lose them at the end of the process; None for what
            the variable ``IBMQ_BACKEND_STORE`` says, or else True.
        store: path or URL of a database, or ``memory``; overrides the others.
        environ: environment variables; default: those of the process.

    Raises:
        ValueError: the value of the argument or variable is neither of these.
    """
    if store is not None:
        return StoreLocation(_checked(str(store), "store"), ARGUMENT_SOURCE)
    if persist is False:
        return StoreLocation(None, ARGUMENT_SOURCE)
    value = (os.environ if environ is None else environ).get(STORE_VARIABLE, "").strip()
    if value:
        url = _checked(value, STORE_VARIABLE)
        if url is not None or not persist:
            return StoreLocation(url, STORE_VARIABLE)
    return StoreLocation(str(user_store_path()))


def summarize_store(location: StoreLocation | None = None) -> StoreSummary:
    """Return the size and the number of jobs of a store, without changing it.

    Args:
        location: the store; default: that of ``IBMQ.load_account()``.

    Raises:
        ValueError: the value of the variable ``IBMQ_BACKEND_STORE`` cannot be used.
    """
    import sqlite3  # when it is needed: every run of pytest imports this module

    location = location or choose_store()
    path = location.path
    try:
        if path is None or not path.exists():
            return StoreSummary(location)
        files = [Path(f"{path}{suffix}") for suffix in ("", "-wal", "-shm", ".reserve")]
        size = sum(file.stat().st_size for file in files if file.exists())
    except OSError as error:
        return StoreSummary(location, problem=error.strerror)
    counts = "SELECT count(*), coalesce(sum(NOT final), 0) FROM jobs WHERE NOT deleted"
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, timeout=_READ_SECONDS, uri=True)) as connection:
            jobs, unfinished = connection.execute(counts).fetchone()
    except sqlite3.Error as error:
        return StoreSummary(location, size, problem=str(error))
    return StoreSummary(location, size, jobs, unfinished)


def short_path(path: Path) -> str:
    """Return a path with ``~`` for the home folder."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner can enter; an existing one is not changed.

    Raises:
        OSError: it cannot be created.
    """
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)


def _checked(value: str, name: str) -> str | None:
    """Return the path or URL in a value, None for ``memory``."""
    text = value.strip()
    if text.lower() == MEMORY:
        return None
    scheme, is_url, _ = text.partition("://")
    if is_url and scheme.partition("+")[0] in _KINDS:
        return text
    # A word such as "off" in the variable is a mistake rather than the name of a file.
    is_path = Path(text).suffix or Path(text).name != text or name != STORE_VARIABLE
    if text and is_path and not is_url:
        with suppress(OSError, RuntimeError):  # the path is too long, or its user unknown
            path = Path(text).expanduser().absolute()
            if not path.is_dir():
                return str(path)
    shown = f"{scheme}://..." if is_url else text[:_MAX_SHOWN_CHARACTERS]  # without a password
    raise ValueError(
        f"{name} is {shown!r}, which is not a place for jobs. Set it to memory, the path of a file "
        "such as ~/jobs.sqlite, or a URL such as postgresql://USER@HOST/NAME."
    )
