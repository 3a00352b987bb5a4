"""Labels of the jobs of a set: a tag with the id of the set, and a name with a number.

Source: the labels of qiskit-ibmq-provider 0.20.2, so that each package finds the sets of the other.
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

    With the number of jobs, retrieving the set can detect that its submission was interrupted.
    """
    return f"{uuid.uuid4().hex}-{total}"


def total_in(set_id: str) -> int | None:
    """Return the number of jobs in the id of a set, ``None`` if the id has none.

    Ids of the original package end with a time, which has at least ten digits.
    """
    match = _OWN_ID.fullmatch(set_id)
    return None if match is None else int(match["total"]) or None


def default_set_name() -> str:
    """Return the current time in UTC as text, without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat()


def set_tag(set_id: str) -> str:
    """Return the tag of all jobs of the set."""
    return f"{JOB_SET_PREFIX}{set_id}_"


def set_id_of(text: str) -> str:
    """Return the id of a set from its id or from the tag of its jobs."""
    return text.removeprefix(JOB_SET_PREFIX).removesuffix("_")


def job_name(set_name: str, number: int) -> str:
    """Return the name of the job with this number, counted from 0."""
    return f"{set_name}_{number}_"


def read_job_name(name: str | None) -> tuple[str, int] | None:
    """Return the set name and the number in the name of a job, ``None`` for other names."""
    match = _JOB_NAME.fullmatch(name or "")
    return None if match is None else (match["set_name"], int(match["number"]))
