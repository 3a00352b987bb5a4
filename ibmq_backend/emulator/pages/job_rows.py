"""Jobs as pages show them: with their states, their owners and their times in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ibmq_backend.emulator.core.clock import moment_of
from ibmq_backend.emulator.core.errors import UnknownJob
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.pages.job_states import state_of
from ibmq_backend.emulator.pages.site import Site, Viewer

__all__ = ["JobRow", "duration", "find_job", "job_rows", "user_name"]

_JOB_ID: Final = re.compile(r"[0-9a-z]{1,24}")


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job in a list.

    Attributes:
        record: the job.
        state: one of ``STATES``.
        user: name of its user.
        created: time of its creation.
    """

    record: JobRecord
    state: str
    user: str
    created: datetime


def user_name(site: Site, user_id: str) -> str:
    """Return the name of a user; the id of a user who has been removed."""
    account = site.service.accounts.account(user_id)
    return user_id if account is None else account.name


def job_rows(site: Site, records: Iterable[JobRecord]) -> list[JobRow]:
    """Return the rows of jobs."""
    return [
        JobRow(
            record,
            state_of(record.status),
            user_name(site, record.user_id),
            moment_of(record.creation_ms),
        )
        for record in records
    ]


def find_job(site: Site, viewer: Viewer, job_id: str) -> JobRecord:
    """Return a job that the viewer may see.

    Raises:
        UnknownJob: there is none, or it belongs to somebody else.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise UnknownJob(job_id)
    with site.service.store.read() as connection:
        record = site.service.jobs.require(connection, job_id)
    if viewer.user_id not in (None, record.user_id):
        raise UnknownJob(job_id)
    return record


def duration(milliseconds: int) -> str:
    """Return a duration in a form that is easy to read."""
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{milliseconds} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
