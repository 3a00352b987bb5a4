"""What is submitted: the request that makes a job, and its tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ibmq_api_platform.models import JobRequest
from ibmq_api_platform.types import UNSET

from ibmq_backend.api.platform.mapping import NAME_PREFIX
from ibmq_backend.api.sampler.programs import PROGRAM, PreparedJob
from ibmq_backend.exceptions import ApiInputError
from ibmq_backend.records import JobRecord, Submission

MOST_TAGS: Final = 8
LONGEST_TAG: Final = 86
"""Characters; the service refuses longer ones (code 1205)."""


def job_request(submission: Submission, job: PreparedJob) -> JobRequest:
    """Return the request that makes a job.

    Raises:
        ApiInputError: too many tags, or too long; nothing is cut silently.
    """
    tags = wire_tags(submission.tags, submission.name, submission.submission_id)
    return JobRequest(
        program_id=PROGRAM,
        backend=submission.backend_name,
        params=job.params,
        tags=tags or UNSET,
    )


def submitted_record(submission: Submission, job_id: str) -> JobRecord:
    """Return what is known of a job that was just made."""
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
        tags: the user's, and those of a job that it keeps.
        name: name of the job.
        submission_id: the submission's own tag.

    Raises:
        ApiInputError: too many, or one is too long; nothing is cut silently.
    """
    own = [submission_id] if submission_id else []
    if name:
        own.append(NAME_PREFIX + name)
        if len(own[-1]) > LONGEST_TAG:
            raise ApiInputError(
                f"The job name has {len(name)} characters. On IBM Quantum Platform a name is kept "
                f"as a tag and may have {LONGEST_TAG - len(NAME_PREFIX)}."
            )
    listed = list(dict.fromkeys([*tags, *own]))
    for tag in listed:
        if len(tag) > LONGEST_TAG or not tag:
            raise ApiInputError(
                f"The tag {tag!r} has {len(tag)} characters; IBM Quantum Platform takes 1 to "
                f"{LONGEST_TAG}."
            )
    if len(listed) > MOST_TAGS:
        raise ApiInputError(
            f"{len(listed)} tags are too many: IBM Quantum Platform takes {MOST_TAGS} for a job, "
            "of which one is needed to find the job again and one for its name."
        )
    return listed
