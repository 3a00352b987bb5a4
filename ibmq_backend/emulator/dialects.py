"""The wire dialects of the service."""

from __future__ import annotations

from ibmq_backend.emulator.classic.jobs.kind import QobjJobs
from ibmq_backend.emulator.engine.job_kind import JobKind
from ibmq_backend.emulator.platform.jobs.kind import ProgramJobs
from ibmq_backend.emulator.service_state import ServiceState


def job_kinds(service_state: ServiceState) -> dict[str, JobKind]:
    """Return what the jobs of each dialect are."""
    return {"classic": QobjJobs(service_state), "platform": ProgramJobs(service_state)}
