"""Uploads and results of jobs in the database, stored in pieces.

The server keeps only one piece at a time in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select

from ibmq_backend.emulator.core.raw_json import RawJson, raw_bytes
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import job_data, jobs
from ibmq_backend.emulator.store.statements import Statement
from ibmq_backend.emulator.store.totals import STORED_BYTES, add_bytes, read_total

PIECE_BYTES: Final = 262_144

_INSERT: Final = Statement(insert(job_data))
_SIZE: Final = Statement(
    select(job_data.c.size).where(
        job_data.c.job_id == bindparam("job_id"),
        job_data.c.kind == bindparam("kind"),
        job_data.c.number == 0,
    )
)

_FIRST: Final = Statement(
    select(job_data.c.size, job_data.c.content).where(
        job_data.c.job_id == bindparam("job_id"),
        job_data.c.kind == bindparam("kind"),
        job_data.c.number == 0,
    )
)

_PIECE: Final = Statement(
    select(job_data.c.content).where(
        job_data.c.job_id == bindparam("job_id"),
        job_data.c.kind == bindparam("kind"),
        job_data.c.number == bindparam("number"),
    )
)


class JobData:
    """The uploads and results of all jobs.

    Args:
        store: database.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def write(self, connection: Connection, job_id: str, kind: str, content: RawJson) -> None:
        """Store the data of a job in place of earlier data of this kind, within a transaction.

        Raises:
            StoreFull: if there is no space for it.
        """
        if (replaced := self.size(connection, job_id, kind)) is not None:
            self._remove(connection, job_id, kind)
        self.add(connection, job_id, kind, content, replaced or 0)

    def add(
        self, connection: Connection, job_id: str, kind: str, content: RawJson, replaced: int = 0
    ) -> None:
        """Store the first data of a kind of a job, within a transaction.

        Args:
            connection: transaction.
            job_id: id of the job.
            kind: kind of the data.
            content: the data.
            replaced: number of removed bytes that the total of the user still contains.

        Raises:
            StoreFull: if there is no space for it.
        """
        if content.size > PIECE_BYTES:  # less than that fails by itself on a full disk
            self.store.check_room(connection, content.size)
        for number, piece in enumerate(_regular(content.pieces())):
            values = {"job_id": job_id, "kind": kind, "number": number, "content": piece}
            # The first row stores the size of all pieces, so reading the size needs no sum.
            size = 0 if number else content.size
            _INSERT.execute(connection, {**values, "size": size})
        add_bytes(connection, job_id, content.size - replaced)

    def delete(self, connection: Connection, job_id: str, kind: str | None = None) -> None:
        """Delete the data of a job, of one kind or of all, within a transaction."""
        row = job_data.c
        total = select(func.sum(row.size)).where(*_chosen(job_id, kind))
        freed = connection.execute(total).scalar()
        if freed is not None:
            self._remove(connection, job_id, kind)
            add_bytes(connection, job_id, -int(freed))

    def _remove(self, connection: Connection, job_id: str, kind: str | None) -> None:
        connection.execute(delete(job_data).where(*_chosen(job_id, kind)))

    def size(self, connection: Connection, job_id: str, kind: str) -> int | None:
        """Return the number of stored bytes, within a transaction; None if nothing is stored."""
        found = _SIZE.scalar(connection, {"job_id": job_id, "kind": kind})
        return None if found is None else int(found)

    def of_user(self, connection: Connection, user_id: str, *, keep: bool = True) -> int:
        """Return the number of bytes of the jobs of a user, within a transaction.

        Args:
            connection: transaction.
            user_id: id of the user.
            keep: whether the transaction may write.
        """
        joined = job_data.join(jobs, jobs.c.id == job_data.c.job_id)
        total = select(func.sum(job_data.c.size)).select_from(joined)
        own = (jobs.c.user_id == user_id, job_data.c.number == 0)
        computed = total.where(*own)
        return read_total(self.store, connection, STORED_BYTES, user_id, computed, keep=keep)

    def read(self, job_id: str, kind: str) -> RawJson | None:
        """Return the data of a job byte for byte as it was stored; None if there is none."""
        with self.store.read() as connection:
            chosen = {"job_id": job_id, "kind": kind}
            found = _FIRST.rows(connection, chosen)
        if not found:
            return None
        size, content = found[0]
        if size == len(content):
            return raw_bytes(bytes(content))
        return RawJson(lambda: self._pieces(job_id, kind, size), size)

    def _pieces(self, job_id: str, kind: str, size: int) -> Iterator[bytes]:
        number = 0
        while size > 0:
            # A transaction for each piece: a slow reader must not block writers.
            with self.store.read() as connection:
                chosen = {"job_id": job_id, "kind": kind, "number": number}
                piece = _PIECE.scalar(connection, chosen)
            if piece is None:
                raise OSError(f"the data of job {job_id} was deleted while it was read")
            yield bytes(piece)
            size -= len(piece)
            number += 1


def _chosen(job_id: str, kind: str | None) -> list[ColumnElement[bool]]:
    row = job_data.c
    return [row.job_id == job_id, *([] if kind is None else [row.kind == kind])]


def _regular(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the content in pieces of equal size; empty content is one empty piece."""
    waiting = bytearray()
    first = True
    for piece in content:
        waiting += piece
        while len(waiting) >= PIECE_BYTES:
            yield bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
            first = False
    if waiting or first:
        yield bytes(waiting)
