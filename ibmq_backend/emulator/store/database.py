"""The database of the service: SQLite or PostgreSQL, short transactions.

Every change of the service's state is one transaction, so a server that is killed leaves
either the whole change or nothing of it.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.store import schema

POOL_SIZE: Final = 12
_SCHEMA_LOCK: Final = 0x69626D71
_BUSY_SECONDS: Final = 30
_RESERVE_BYTES: Final = 8_000_000
_T = TypeVar("_T")
_log: Final = logging.getLogger(__name__)


class Store:
    """An open database.

    Args:
        url: ``sqlite:///path`` or ``postgresql://user@host/name``, or the path of an SQLite
            file. The tables are made when they are missing.

    Raises:
        EmulatorError: the URL names no supported database, the database cannot be reached, or
            it was made by another version of the schema.
    """

    def __init__(self, url: str) -> None:
        self.url = _database_url(url)
        self._engine = _make_engine(self.url)
        # SQLite lets one writer in at a time and the others poll; queueing here is fairer.
        self._writing = threading.Lock() if self.is_sqlite else None
        self._reserve = (
            DiskReserve(Path(f"{self.url.database}.reserve")) if self.is_sqlite else None
        )
        try:
            self._secret = self._prepare()
            if self._reserve is not None:
                self._reserve.take()
        except DBAPIError as error:
            self._engine.dispose()
            raise EmulatorError(
                f"cannot open the database {self.url.render_as_string(hide_password=True)}: "
                f"{error.orig}"
            ) from error

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is an SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes; committed at the end of the block, undone on an error."""
        if self._writing is None:
            with self._engine.connect() as connection, connection.begin():
                yield connection
            return
        with self._writing, self._engine.connect() as plain:
            connection = plain.execution_options(ibmq_immediate=True)
            with connection.begin():
                yield connection

    def write_urgently(self, change: Callable[[Connection], _T]) -> _T:
        """Make a small change that must be possible on a full disk, too, such as deleting."""
        try:
            with self.write() as connection:
                return change(connection)
        except OperationalError as error:
            if self._reserve is None or not is_full(error):
                raise
        with self._reserve.given_up():
            with self._engine.connect() as connection:
                # What was committed before may still have to find its place in the file.
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            with self.write() as connection:
                return change(connection)

    def check_room(self, connection: Connection, size: int) -> None:
        """Check that data fits on the disk, first beside and then in the database file.

        Raises:
            StoreFull: it does not.
        """
        if not self.is_sqlite:
            return
        pages = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        unused = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        free = shutil.disk_usage(Path(str(self.url.database)).parent).free
        if free + unused < 2 * size:
            raise StoreFull(f"{size} bytes more do not fit on the disk of the database")

    def insert_missing(
        self, connection: Connection, table: Table, values: Mapping[str, Any]
    ) -> None:
        """Insert a row unless one with the same key exists."""
        if self.is_sqlite:
            connection.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing())
        else:
            connection.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing())

    def next_number(self, connection: Connection, counter: str, floor: int = 0) -> int:
        """Draw the next number of a counter: above every earlier one and not below ``floor``.

        Other servers that draw from the same counter wait until this transaction ends.
        """
        self.insert_missing(connection, schema.counters, {"name": counter, "value": 0})
        row = schema.counters.c
        last = connection.execute(
            select(row.value).where(row.name == counter).with_for_update()
        ).scalar_one()
        number = max(int(last) + 1, floor)
        connection.execute(schema.counters.update().where(row.name == counter).values(value=number))
        return number

    def keyed_digest(self, purpose: str, content: str) -> str:
        """HMAC-SHA256 of ``content`` under this database's own secret; 64 hex characters."""
        message = f"{purpose}\0{content}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _prepare(self) -> bytes:
        with self.write() as connection:
            if not self.is_sqlite:
                # Two servers starting at once must not both create the tables.
                connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            schema.metadata.create_all(connection)
            for key, value in (
                ("schema_version", str(schema.SCHEMA_VERSION)),
                ("secret", secrets.token_hex(32)),
            ):
                self.insert_missing(connection, schema.meta, {"key": key, "value": value})
            known: dict[str, str] = {
                row.key: row.value for row in connection.execute(select(schema.meta))
            }
            version = int(known["schema_version"])
            for older in range(version, schema.SCHEMA_VERSION):
                for statement in schema.CONVERSIONS[older]:
                    connection.execute(text(statement))
            if version < schema.SCHEMA_VERSION:
                connection.execute(
                    schema.meta.update()
                    .where(schema.meta.c.key == "schema_version")
                    .values(value=str(schema.SCHEMA_VERSION))
                )
        if version > schema.SCHEMA_VERSION:
            self._engine.dispose()
            raise EmulatorError(
                f"the database {self.url.render_as_string(hide_password=True)} has schema version "
                f"{version}, this program works with {schema.SCHEMA_VERSION}"
            )
        return bytes.fromhex(known["secret"])


def is_full(failure: Exception) -> bool:
    """Return whether something failed because a disk or a quota of the system is full."""
    if isinstance(failure, StoreFull):
        return True
    if isinstance(failure, OSError):
        return failure.errno in (errno.ENOSPC, errno.EDQUOT)
    found = reason_of(failure)
    return "disk is full" in found or "No space left" in found


def reason_of(failure: Exception) -> str:
    """Return why the store failed in one line, without the statement and its values."""
    return " ".join(str(getattr(failure, "orig", None) or failure).split())


class StoreFull(SQLAlchemyError):
    """Nothing more can be stored until something is deleted."""


class DiskReserve:
    """Room on the disk that is given up when nothing else is left.

    It stays when the store is closed: other processes may use the same one.

    Args:
        path: file that takes the room.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self) -> None:
        """Take the room; does nothing where there is none."""
        try:
            if self._path.exists() and self._path.stat().st_size >= _RESERVE_BYTES:
                return
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(self._path, flags, 0o600), "wb") as file:
                # Zeros take no room on a file system that compresses.
                file.write(os.urandom(_RESERVE_BYTES))
        except OSError as error:
            _log.debug("no room can be reserved: %s", error)
            self._remove()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Give the room up for the time of the block."""
        self._remove()
        try:
            yield
        finally:
            self.take()

    def _remove(self) -> None:
        with suppress(OSError):
            self._path.unlink()


def _database_url(url: str) -> URL:
    if "://" not in url:
        url = f"sqlite:///{Path(url).expanduser()}"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise EmulatorError(f"not the URL of a database: {url!r}") from error
    kind = parsed.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise EmulatorError(
            "the store is an SQLite file (sqlite:///path) or a PostgreSQL database "
            f"(postgresql://...), not {parsed.render_as_string(hide_password=True)!r}"
        )
    return parsed


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=POOL_SIZE, max_overflow=8, pool_pre_ping=True)
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmulatorError(f"cannot make the folder of the database {folder}: {error}") from error
    # It holds everybody's jobs and what signs their tokens; SQLite's own files follow suit.
    with suppress(OSError):  # opening it says what is wrong
        os.close(os.open(str(url.database), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=8,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own habit of beginning transactions would break BEGIN IMMEDIATE below.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # To overwrite what is deleted would need as much room on the disk again.
    cursor.execute("PRAGMA secure_delete=FAST")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("ibmq_immediate", False)
    connection.execute(text("BEGIN IMMEDIATE" if immediate else "BEGIN"))
