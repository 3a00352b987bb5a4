"""Transactions of PostgreSQL that wait for locks."""

from __future__ import annotations

import time

from sqlalchemy import text

from ibmq_backend.emulator.store.database import Store

PATIENCE_SECONDS = 60.0
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def wait_for_a_waiting_transaction(store: Store) -> None:
    """Wait until a transaction waits for a lock that another one holds."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        with store.read() as connection:
            if connection.execute(_WAITING).scalar_one():
                return
        assert time.monotonic() < limit, "no transaction waits"
        time.sleep(0.01)
