"""Statements that the driver executes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import OperationalError

from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.schema import counters
from ibmq_backend.emulator.store.statements import Statement

_READ = Statement(select(counters.c.value).where(counters.c.name == bindparam("counter")))


def test_a_missing_value_is_an_error(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "store.sqlite"))
    with store.read() as connection, pytest.raises(KeyError, match="counter"):
        _READ.scalar(connection, {"name": "job"})
    store.close()


@pytest.mark.postgres
def test_a_lost_connection_is_replaced(postgres_url: str) -> None:
    store, other = Store(postgres_url), Store(postgres_url)
    end = text("SELECT pg_terminate_backend(:process)")

    def count() -> int:
        with store.write() as connection:
            number = store.next_number(connection, "job")
            if processes:
                with other.write() as killer:
                    killer.execute(end, {"process": processes.pop()})
            return number + int(_READ.scalar(connection, {"counter": "job"}))

    with store.read() as connection:
        processes = [connection.execute(text("SELECT pg_backend_pid()")).scalar_one()]
    with pytest.raises(OperationalError):
        count()
    assert count() == 1 + 1
    for one in (store, other):
        one.close()
