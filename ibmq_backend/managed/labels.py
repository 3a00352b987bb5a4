"""How a job set is written on its jobs: one tag, and a name with the number of the job.

Source of the forms: what qiskit-ibmq-provider 0.20.2 sends, so that either finds the other's sets.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Final

from ibmq_backend.job.tags import JOB_SET_PREFIX

_JOB_NAME: Final = re.compile(r"(?P<set_name>.*)_(?P<number>\d+)_", re.DOTALL)
_OWN_ID: Final = re.compile(r"[0-9a-f]{32}-(?P<total>\d{1,9})")


def new_set_id(total: int) -> str:
    """Return a new id: 32 hexadecimal digits, a dash, and the number of jobs of the set.

    What the digits mean is our choice. They tell whoever retrieves the set how many jobs there
    have to be, so that a submission that broke off is noticed.
    """
    return f"{uuid.uuid4().hex}-{total}"


def total_in(set_id: str) -> int | None:
    """Return how many jobs a set has to have according to its id, ``None`` if it does not say.

    The original provider wrote the time there: ten digits and more.
    """
    match = _OWN_ID.fullmatch(set_id)
    return None if match is None else int(match["total"]) or None


def default_set_name() -> str:
    """Return the current time in UTC as text, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat()


def set_tag(set_id: str) -> str:
    """Return the tag that every job of the set carries."""
    return f"{JOB_SET_PREFIX}{set_id}_"


def set_id_of(text: str) -> str:
    """Return the id of a set that was given by its id or by the tag of its jobs."""
    return text.removeprefix(JOB_SET_PREFIX).removesuffix("_")


def job_name(set_name: str, number: int) -> str:
    """Return the name of the job with this number, counted from 0."""
    return f"{set_name}_{number}_"


def read_job_name(name: str | None) -> tuple[str, int] | None:
    """Return set name and number from the name of a job, ``None`` for any other name."""
    match = _JOB_NAME.fullmatch(name or "")
    return None if match is None else (match["set_name"], int(match["number"]))
