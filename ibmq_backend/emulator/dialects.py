"""The wire dialects of the service; a new dialect is a package and an entry here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ibmq_backend.emulator.classic.dialect import Classic
from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.engine.job_kind import JobKind
from ibmq_backend.emulator.platform.dialect import Platform
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.routes import Route

OPERATIONS: Final[tuple[Route, ...]] = (*Classic.operations, *Platform.operations)
"""All operations that clients can call."""


class Dialects(NamedTuple):
    """The dialects of one service; the first one answers requests that belong to none."""

    classic: Classic
    platform: Platform


def create_dialects(
    service_state: ServiceState,
    instances: Sequence[ServiceInstance] | None = None,
    engine: Engine | None = None,
) -> Dialects:
    """Create the dialects of a service.

    Args:
        service_state: the service.
        instances: instances of the platform dialect; default: one of each plan.
        engine: inspects large requests; default: a new engine, started when needed.

    Raises:
        EmulatorError: the instances are invalid or have an unknown device.
    """
    return Dialects(Classic(service_state), Platform(service_state, instances, engine))


def job_kinds(dialects: Iterable[Dialect]) -> dict[str, JobKind]:
    """Return the job kinds by the names of the dialects."""
    return {dialect.name: dialect.job_kind for dialect in dialects}
