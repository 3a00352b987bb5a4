"""The wire dialects of the service. A further one is a folder beside them and a line here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ibmq_backend.emulator.classic.dialect import Classic
from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.engine.job_kind import JobKind
from ibmq_backend.emulator.platform.dialect import Platform
from ibmq_backend.emulator.platform.state.instances import ServiceInstance
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.routes import Route

OPERATIONS: Final[tuple[Route, ...]] = (*Classic.operations, *Platform.operations)
"""Everything that clients can ask for."""


class Dialects(NamedTuple):
    """The dialects of one service; the first answers what belongs to none."""

    classic: Classic
    platform: Platform


def dialects_of(
    service_state: ServiceState, instances: Sequence[ServiceInstance] | None = None
) -> Dialects:
    """Make the dialects of a service.

    Args:
        service_state: the service.
        instances: the instances of the platform; default: one of each plan.

    Raises:
        EmulatorError: the instances contradict themselves or name an unknown device.
    """
    return Dialects(Classic(service_state), Platform(service_state, instances))


def job_kinds(dialects: Iterable[Dialect]) -> dict[str, JobKind]:
    """Return what the jobs of each dialect are."""
    return {dialect.name: dialect.job_kind for dialect in dialects}
