"""Whether a server works: its database, its threads and its workers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.service_state import ServiceState

DATABASE_SILENT = "The database does not answer. The log of the server says more."
_DATABASE_LOST = "The database cannot be used. The log of the server has the reason."
_DISK_FULL = "The disk of the database is full. Make room on it, or delete jobs."
_NO_WORKERS = "No worker can run jobs."
_FEW_WORKERS = "Some workers cannot run jobs."


@dataclass(frozen=True)
class Health:
    """Whether a server works.

    Attributes:
        works: whether it serves users and runs their jobs.
        problems: what is wrong; one sentence each, without names or addresses.
    """

    works: bool
    problems: tuple[str, ...] = ()


def check_health(
    service_state: ServiceState, engine: Engine, dispatcher: Dispatcher | None
) -> Health:
    """Return whether a server works; this asks the database.

    Args:
        service_state: the service.
        engine: the engine of its jobs.
        dispatcher: its dispatcher; None for a server that leaves its jobs to others.
    """
    fatal: list[str] = []
    minor: list[str] = []
    try:
        with service_state.store.read() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        fatal.append(_DATABASE_LOST)
    if service_state.store.outages.is_full:
        fatal.append(_DISK_FULL)
    if dispatcher is not None:
        problem = dispatcher.find_problem()
        if problem is not None:
            fatal.append(problem)
        engine_health = engine.health()  # its problems may name machines
        if not engine_health.workers:
            fatal.append(_NO_WORKERS)
        elif engine_health.problems:
            minor.append(_FEW_WORKERS)
    return Health(not fatal, (*fatal, *minor))
