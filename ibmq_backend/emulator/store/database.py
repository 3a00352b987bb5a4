"""The database of the service: SQLite or PostgreSQL, short transactions.

Every change of the service's state is one transaction, so a killed server leaves either the whole
change or none of it.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Table,
    bindparam,
    case,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.store import schema
from ibmq_backend.emulator.store.disk_reserve import DiskReserve
from ibmq_backend.emulator.store.location import make_private_folder
from ibmq_backend.emulator.store.outages import Outages
from ibmq_backend.emulator.store.statements import Statement

POOL_SIZE: Final = 4
"""Connections for requests, one for each thread. More threads contend for Python's lock: 12 take
twice the processor time for each job of 64 clients."""

_MORE_CONNECTIONS: Final = 8
"""For the threads that process jobs."""

_CACHE_KB: Final = 500
_SCHEMA_LOCK: Final = 0x69626D71
_OPENING_SECONDS: Final = 5
_BUSY_MS: Final = 30_000
_VACUUM_PAGES: Final = 2000
_POSTGRESQL: Final = {"connect_timeout": _OPENING_SECONDS, "tcp_user_timeout": 10_000}
"""Without them, a server whose network is cut off waits for minutes."""

_PASSWORDS: Final = ("password", "sslpassword")
_AFTER_COMMIT: Final = "ibmq.after_commit"
_NEXT: Final = schema.counters.c.value + 1
_FLOOR: Final = bindparam("floor", type_=BigInteger)
_COUNT: Final = Statement(
    schema.counters.update()
    .where(schema.counters.c.name == bindparam("counter"))
    .values(value=case((_NEXT > _FLOOR, _NEXT), else_=_FLOOR))
)
_NUMBER: Final = Statement(
    select(schema.counters.c.value).where(schema.counters.c.name == bindparam("counter"))
)
_T = TypeVar("_T")


class Store:
    """An open database.

    Args:
        url: ``sqlite:///path`` or ``postgresql://user@host/name``, or the path of an SQLite
            file. Missing tables are created.

    Attributes:
        is_sqlite: whether the database is an SQLite file.
        outages: whether the database can be used now.

    Raises:
        StoreUnusable: if the URL names no supported database, or the database cannot be opened or
            has a newer version of the schema.
    """

    def __init__(self, url: str) -> None:
        self.url = _database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _make_engine(self.url)
        self.outages = Outages()
        self._is_open = False
        self._thread = _Thread()
        self._file: tuple[int, int] | None = None
        self._kept_writer: Connection | None = None
        # SQLite allows one writer at a time, and the others poll; a lock here is fairer.
        self._writing = threading.Lock() if self.is_sqlite else nullcontext()
        self._reserve = (
            DiskReserve(Path(f"{self.url.database}.reserve")) if self.is_sqlite else None
        )
        try:
            self._secret = self._prepare()
            if self._reserve is not None:
                self._reserve.take()
                event.listen(self._engine, "connect", _wait_longer)
                self._engine.dispose()
                self._file = self._find_file()
            self._is_open = True
        except DBAPIError as error:
            self._engine.dispose()
            reason = reason_of(error)
            message = f"cannot open the database {self.address}: {reason}"
            raise StoreUnusable(message, reason) from error
        except (KeyError, ValueError) as error:
            self._engine.dispose()
            reason = "it was not created by this program"
            raise StoreUnusable(f"cannot use {self.address}: {reason}", reason) from error
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def address(self) -> str:
        """The path of the SQLite file, or the URL of the database without passwords."""
        if self.is_sqlite:
            return str(self.url.database)
        url = self.url.set(drivername=self.url.get_backend_name())
        return url.difference_update_query(_PASSWORDS).render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads, or use the one of :meth:`shared_read`."""
        thread = self._thread
        with self._watched(opens=thread.connection is None):
            if not thread.shares:
                with self._engine.connect() as connection:
                    self._begin_read(connection)
                    yield connection
                return
            if thread.connection is None:
                thread.connection = self._engine.connect()
                self._begin_read(thread.connection)
            try:
                yield thread.connection
            except Exception:  # PostgreSQL has aborted the transaction
                thread.end_read()
                raise

    def _begin_read(self, connection: Connection) -> None:
        if self.is_sqlite:  # the driver of PostgreSQL begins by itself
            connection.connection.execute("BEGIN")

    @contextmanager
    def shared_read(self) -> Iterator[None]:
        """Let all reads of this thread in the block share one transaction, up to a write.

        No read may enclose another read or a write, which can end its transaction.
        """
        thread = self._thread
        thread.shares = True
        try:
            yield
        finally:
            thread.shares = False
            thread.end_read()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; it is rolled back if the block raises an error."""
        actions: list[Callable[[], object]] = []
        self._thread.end_read()  # later reads must see the change
        with self._watched(), self._writing, self._writer() as connection:
            connection.info[_AFTER_COMMIT] = actions
            with connection.begin():
                yield connection
        for action in actions:
            action()

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        kept, self._kept_writer = self._kept_writer, None
        connection = kept or self._engine.connect().execution_options(ibmq_immediate=True)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if self._file is None:
            connection.close()
        else:  # only one thread of SQLite writes at a time, and opening takes as long as writing
            self._kept_writer = connection

    def after_commit(self, connection: Connection, action: Callable[[], object]) -> None:
        """Call ``action`` when the transaction that writes has been committed."""
        connection.info[_AFTER_COMMIT].append(action)

    @contextmanager
    def _watched(self, *, opens: bool = True) -> Iterator[None]:
        try:
            if opens and self._file is not None and self._find_file() != self._file:
                # SQLite would store everything in a file that nobody finds again.
                raise StoreMoved(f"{self.address} was removed or replaced; restart this program")
            yield
        except SQLAlchemyError as error:
            if self._is_open and is_outage(error):
                self.outages.record_failure(reason_of(error), is_full=is_full(error))
            raise
        self.outages.record_success()

    def write_urgently(self, change: Callable[[Connection], _T]) -> _T:
        """Make a small change, such as a deletion, even if the disk is full."""
        try:
            with self.write() as connection:
                return change(connection)
        except OperationalError as error:
            if self._reserve is None or not is_full(error):
                raise
        with self._reserve.given_up():
            with self._engine.connect() as connection:
                # Earlier commits may still have to be moved into the database file.
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            with self.write() as connection:
                return change(connection)

    def check_room(self, connection: Connection, size: int) -> None:
        """Check that the disk has room for data twice: in the journal and in the database file.

        Raises:
            StoreFull: if it does not.
        """
        if not self.is_sqlite:
            return
        pages = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        unused = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        free = shutil.disk_usage(Path(str(self.url.database)).parent).free
        if free + unused < 2 * size:
            raise StoreFull(f"{size} bytes more do not fit on the disk of the database")

    def used_bytes(self) -> int:
        """Return the size of the database; that of an SQLite file without its free pages."""
        with self.read() as connection:
            if not self.is_sqlite:
                size = func.pg_database_size(func.current_database())
                return int(connection.execute(select(size)).scalar_one())
            pages, unused, size = (
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("page_count", "freelist_count", "page_size")
            )
        return int((pages - unused) * size)

    def return_free_space(self) -> None:
        """Give the free pages of the SQLite file back to the file system, in short steps."""
        while True:
            with self.write() as connection:
                before = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
                after = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            if not 0 < after < before:
                return

    def insert_missing(
        self, connection: Connection, table: Table, values: Mapping[str, Any]
    ) -> None:
        """Insert a row unless one with the same key exists."""
        if self.is_sqlite:
            connection.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing())
            return
        from sqlalchemy.dialects import postgresql  # takes several megabytes

        connection.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing())

    def next_number(self, connection: Connection, counter: str, floor: int = 0) -> int:
        """Return the next number of a counter: above all earlier ones and at least ``floor``.

        Other servers that use the same counter wait until this transaction ends.
        """
        chosen = {"counter": counter, "floor": floor}
        if not _COUNT.execute(connection, chosen):
            self.insert_missing(connection, schema.counters, {"name": counter, "value": 0})
            _COUNT.execute(connection, chosen)
        return int(_NUMBER.scalar(connection, {"counter": counter}))

    def keyed_digest(self, purpose: str, content: str) -> str:
        """Return the HMAC-SHA256 of ``content`` with the secret of this database, in hex."""
        message = f"{purpose}\0{content}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Close all connections."""
        with self._writing:
            if self._kept_writer is not None:
                self._kept_writer.close()
                self._kept_writer = None
        self._engine.dispose()

    def _find_file(self) -> tuple[int, int] | None:
        """Return the device and the inode of the SQLite file; None if there is none."""
        try:
            found = os.stat(str(self.url.database))  # noqa: PTH116 (four times as fast)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _prepare(self) -> bytes:
        with self.write() as connection:
            if not self.is_sqlite:
                # Two servers that start at the same time must not both create the tables.
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
            if version > schema.SCHEMA_VERSION:  # inside the transaction: no table is created
                reason = f"schema version {version}; this program needs {schema.SCHEMA_VERSION}"
                raise StoreUnusable(f"the database {self.address} has {reason}", reason)
            for older in range(version, schema.SCHEMA_VERSION):
                for statement in schema.CONVERSIONS[older]:
                    connection.execute(text(statement))
            if version < schema.SCHEMA_VERSION:
                connection.execute(
                    schema.meta.update()
                    .where(schema.meta.c.key == "schema_version")
                    .values(value=str(schema.SCHEMA_VERSION))
                )
        return bytes.fromhex(known["secret"])


class _Thread(threading.local):
    """Whether a thread is inside :meth:`Store.shared_read`, and its connection there."""

    shares = False
    connection: Connection | None = None

    def end_read(self) -> None:
        """End the shared transaction, if there is one."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


class StoreUnusable(EmulatorError):
    """The database cannot be used.

    Attributes:
        reason: the reason without the address of the database.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message


def is_outage(failure: BaseException) -> bool:
    """Return whether a failure means that the database cannot be used, which it logs itself."""
    return (
        isinstance(
            failure, OperationalError | InterfaceError | PoolTimeout | StoreFull | StoreMoved
        )
        or type(failure) is DatabaseError  # SQLite: the file is not a database, or is damaged
    )


def is_full(failure: Exception) -> bool:
    """Return whether the cause of a failure is a full disk or disk quota."""
    if isinstance(failure, StoreFull):
        return True
    if isinstance(failure, OSError):
        return failure.errno in (errno.ENOSPC, errno.EDQUOT)
    found = reason_of(failure)
    return "disk is full" in found or "No space left" in found


def reason_of(failure: Exception) -> str:
    """Return the reason of a failure in one line, without the statement and its values."""
    return " ".join(str(getattr(failure, "orig", None) or failure).split())


class StoreFull(SQLAlchemyError):
    """Nothing can be stored until something is deleted."""


class StoreMoved(SQLAlchemyError):
    """The SQLite file is no longer where it was opened."""


def _database_url(url: str) -> URL:
    if "://" not in url:
        url = f"sqlite:///{Path(url).expanduser()}"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnusable(f"not the URL of a database: {url!r}") from error
    kind = parsed.get_backend_name()
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreUnusable(
            "the store is an SQLite file (sqlite:///path) or a PostgreSQL database "
            f"(postgresql://...), not {parsed.render_as_string(hide_password=True)!r}"
        )
    return parsed


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(
                url,
                pool_size=POOL_SIZE + _MORE_CONNECTIONS,
                max_overflow=8,
                pool_use_lifo=True,
                pool_pre_ping=True,
                hide_parameters=True,  # errors are logged
                connect_args={
                    name: value for name, value in _POSTGRESQL.items() if name not in url.query
                },
            )
        except ModuleNotFoundError as error:
            raise StoreUnusable(
                f"a PostgreSQL database needs {error.name}, which is not installed. "
                "Run `pip install 'psycopg[binary]'`"
            ) from error
    folder = Path(str(url.database)).parent
    try:
        make_private_folder(folder)
    except OSError as error:
        message = f"cannot create the folder of the database {folder}: {error}"
        raise StoreUnusable(message, error.strerror or str(error)) from error
    # It contains all jobs and the secret of their tokens; SQLite copies its permissions.
    with suppress(OSError):  # opening it below raises a clear error
        os.close(os.open(str(url.database), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    engine = create_engine(
        url,
        pool_size=POOL_SIZE + _MORE_CONNECTIONS,
        max_overflow=8,
        pool_use_lifo=True,  # its pages are in the cache
        hide_parameters=True,  # errors are logged
        connect_args={"timeout": _OPENING_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's implicit transactions would break BEGIN IMMEDIATE below.
    connection.isolation_level = None
    cursor = connection.cursor()
    # This has an effect before the first table only, and waits for writers.
    if not cursor.execute("PRAGMA page_count").fetchone()[0]:
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    # Overwriting deleted data would need as much disk space again.
    cursor.execute("PRAGMA secure_delete=FAST")
    cursor.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
    cursor.close()


def _wait_longer(connection: Any, _record: Any) -> None:
    """Wait longer for a lock than while the database is opened."""
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("ibmq_immediate", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
