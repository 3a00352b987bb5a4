"""Uploads and results of jobs in the database, stored in pieces.

The server keeps only one piece at a time in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import job_data, jobs

PIECE_BYTES: Final = 262_144


class JobData:
    """The uploads and results of all jobs.

    Args:
        store: database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, connection: Connection, job_id: str, kind: str, content: RawJson) -> None:
        """Store the data of a job in place of earlier data of this kind, within a transaction.

        Raises:
            StoreFull: if there is no space for it.
        """
        self.delete(connection, job_id, kind)
        self._store.check_room(connection, content.size)
        for number, piece in enumerate(_regular(content.pieces())):
            values = {"job_id": job_id, "kind": kind, "number": number, "content": piece}
            # The first row stores the size of all pieces, so reading the size needs no sum.
            size = 0 if number else content.size
            connection.execute(insert(job_data).values(**values, size=size))

    def delete(self, connection: Connection, job_id: str, kind: str | None = None) -> None:
        """Delete the data of a job, of one kind or of all, within a transaction."""
        row = job_data.c
        chosen = [row.job_id == job_id, *([] if kind is None else [row.kind == kind])]
        connection.execute(delete(job_data).where(*chosen))

    def size(self, connection: Connection, job_id: str, kind: str) -> int | None:
        """Return the number of stored bytes, within a transaction; None if nothing is stored."""
        row = job_data.c
        first = (row.job_id == job_id, row.kind == kind, row.number == 0)
        found = connection.execute(select(row.size).where(*first)).scalar()
        return None if found is None else int(found)

    def of_user(self, connection: Connection, user_id: str) -> int:
        """Return the number of bytes of the jobs of a user, within a transaction."""
        joined = job_data.join(jobs, jobs.c.id == job_data.c.job_id)
        total = select(func.sum(job_data.c.size)).select_from(joined)
        own = (jobs.c.user_id == user_id, job_data.c.number == 0)
        return int(connection.execute(total.where(*own)).scalar() or 0)

    def read(self, job_id: str, kind: str) -> RawJson | None:
        """Return the data of a job byte for byte as it was stored; None if there is none."""
        with self._store.read() as connection:
            size = self.size(connection, job_id, kind)
        if size is None:
            return None
        return RawJson(lambda: self._pieces(job_id, kind, size), size)

    def _pieces(self, job_id: str, kind: str, size: int) -> Iterator[bytes]:
        row, number = job_data.c, 0
        while size > 0:
            # A transaction for each piece: a slow reader must not block writers.
            with self._store.read() as connection:
                piece = connection.execute(
                    select(row.content).where(
                        row.job_id == job_id, row.kind == kind, row.number == number
                    )
                ).scalar()
            if piece is None:
                raise OSError(f"the data of job {job_id} was deleted while it was read")
            yield bytes(piece)
            size -= len(piece)
            number += 1


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
