"""Stored jobs, and requests for new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.emulator.core.lifecycle import Steps

if TYPE_CHECKING:
    from sqlalchemy import Row

LARGE_JOB_BYTES: Final = 2_000_000
"""A job with more data is validated by another thread, so that small jobs do not wait for it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A hub, group and project."""

    hub: str
    group: str
    project: str

    def __str__(self) -> str:
        return f"{self.hub}/{self.group}/{self.project}"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """The parameters of a new job."""

    user_id: str
    dialect: str
    instance: Instance
    backend_name: str
    backend_version: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    experiment_tag: str | None = None
    share_level: str | None = None
    live_data: bool | None = None
    client_name: str | None = None
    client_version: str | None = None
    address: str | None = None

    def columns(self) -> dict[str, Any]:
        """Return the columns of the table of jobs that contain the parameters."""
        instance = self.instance
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values.update(hub=instance.hub, group_name=instance.group, project=instance.project)
        del values["instance"]
        return {**values, "tags": list(self.tags)}


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A row of the table of jobs; times are milliseconds since 1970 in UTC.

    ``run_ms`` is the time that its simulation has taken so far, over all attempts.
    """

    id: str
    sequence: int
    creation_ms: int
    user_id: str
    dialect: str
    hub: str
    group_name: str
    project: str
    backend_name: str
    backend_version: str
    status: str
    final: bool
    steps: Steps
    last_step_ms: int
    revision: int
    name: str | None
    tags: list[str]
    experiment_tag: str | None
    share_level: str | None
    live_data: bool | None
    client_name: str | None
    client_version: str | None
    address: str | None
    seed: int
    shots: int | None
    input_bytes: int | None
    run_mode: str | None
    planned_start_ms: int | None
    planned_end_ms: int | None
    end_ms: int | None
    error: dict[str, Any] | None
    summary: dict[str, Any] | None
    properties_digest: str | None
    deleted: bool
    lease_owner: str | None
    lease_until_ms: int | None
    attempts: int
    run_ms: int

    @property
    def instance(self) -> Instance:
        """The hub, group and project of the job."""
        return Instance(self.hub, self.group_name, self.project)


JOB_COLUMNS: Final = tuple(field.name for field in fields(JobRecord))
"""The columns of the table of jobs, in the order of the record."""


def new_job_record(values: Mapping[str, Any]) -> JobRecord:
    """Return the record of a new row of the table of jobs; other columns have no value."""
    return JobRecord(*map(values.get, JOB_COLUMNS))  # type: ignore[arg-type]


def job_record(row: Row[Any]) -> JobRecord:
    """Return the record of a row of the table of jobs."""
    values = row._mapping
    return JobRecord(**{name: values[name] for name in JOB_COLUMNS})
