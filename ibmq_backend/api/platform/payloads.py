"""Builds the request that creates a job, and its tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ibmq_api_platform.models import JobRequest
from ibmq_api_platform.types import UNSET

from ibmq_backend.api.platform.mapping import NAME_PREFIX
from ibmq_backend.api.sampler.programs import PROGRAM, PreparedJob
from ibmq_backend.exceptions import ApiInputError
from ibmq_backend.records import JobRecord, Submission

MAX_TAGS: Final = 8
MAX_TAG_CHARACTERS: Final = 86
"""The service refuses longer tags (code 1205)."""


def job_request(submission: Submission, job: PreparedJob) -> JobRequest:
    """Return the request that creates a job.

    Raises:
        ApiInputError: there are too many tags, or one is too long.
    """
    tags = wire_tags(submission.tags, submission.name, submission.submission_id)
    return JobRequest(
        program_id=PROGRAM,
        backend=submission.backend_name,
        params=job.params,
        tags=tags or UNSET,
        session_id=submission.terms.session_id or UNSET,
    )


def submitted_record(submission: Submission, job_id: str) -> JobRecord:
    """Return the record of a job that was just created."""
    return JobRecord(
        job_id=job_id,
        status="INITIALIZING",
        service_status="created",
        kind=PROGRAM,
        backend_name=submission.backend_name,
        name=submission.name,
        tags=(*submission.tags, submission.submission_id),
    )


def wire_tags(tags: Sequence[str], name: str | None, submission_id: str | None = None) -> list[str]:
    """Return the tags to send.

    Args:
        tags: the tags of the user.
        name: the job name, if any.
        submission_id: the id of the submission, which becomes a tag.

    Raises:
        ApiInputError: there are too many tags, or one is too long.
    """
    own = [submission_id] if submission_id else []
    if name:
        own.append(NAME_PREFIX + name)
        if len(own[-1]) > MAX_TAG_CHARACTERS:
            raise ApiInputError(
                f"The job name has {len(name)} characters. On IBM Quantum Platform it is stored in "
                f"a tag and may have {MAX_TAG_CHARACTERS - len(NAME_PREFIX)}."
            )
    listed = list(dict.fromkeys([*tags, *own]))
    for tag in listed:
        if len(tag) > MAX_TAG_CHARACTERS or not tag:
            raise ApiInputError(
                f"The tag {tag!r} has {len(tag)} characters. IBM Quantum Platform accepts 1 to "
                f"{MAX_TAG_CHARACTERS}."
            )
    if len(listed) > MAX_TAGS:
        raise ApiInputError(
            f"{len(listed)} tags are too many: IBM Quantum Platform accepts {MAX_TAGS} per job. "
            "One contains the submission id, and another one the job name, if there is one."
        )
    return listed
