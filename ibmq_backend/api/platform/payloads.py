"""Builds the request that creates a job, and its tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from ibmq_api_platform.models import JobRequest
from ibmq_api_platform.types import UNSET

from ibmq_backend.api.platform.mapping import NAME_PREFIX
from ibmq_backend.api.sampler.programs import PROGRAM, PreparedJob
from ibmq_backend.exceptions import ApiInputError, ApiStatusError
from ibmq_backend.records import JobRecord, Submission

MAX_TAGS: Final = 8
MAX_TAG_CHARACTERS: Final = 86
"""The service refuses longer tags (code 1205)."""

_TOO_MANY_TAGS: Final = 1204
_TAG_TOO_LONG: Final = 1205
_TAGS: Final = re.compile(r"\btags?\b", re.IGNORECASE)
_STATED_LENGTH: Final = re.compile(r"(?<![\w.:/-])[1-9]\d(?![\w:/-]|\.\d)")


def job_request(submission: Submission, job: PreparedJob) -> JobRequest:
    """Return the request that creates a job, without its ``cost``.

    Raises:
        ApiInputError: there are too many tags, or one is too long.
    """
    tags = wire_tags(submission.tags, submission.name, submission.submission_id)
    terms = submission.terms
    return JobRequest(
        program_id=PROGRAM,
        backend=submission.backend_name,
        params=job.params,
        tags=tags or UNSET,
        session_id=terms.session_id or UNSET,
        private=terms.private or UNSET,
    )


def submitted_record(submission: Submission, job_id: str, cost: int | None) -> JobRecord:
    """Return the record of a job that was just created.

    Args:
        submission: what was submitted.
        job_id: the id of the job.
        cost: the longest time on the device in seconds, if it was sent.
    """
    return JobRecord(
        job_id=job_id,
        status="INITIALIZING",
        service_status="created",
        kind=PROGRAM,
        backend_name=submission.backend_name,
        name=submission.name,
        tags=(*submission.tags, submission.submission_id),
        extra={} if cost is None else {"cost": cost},
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


@contextmanager
def naming_refused_tags(tags: Sequence[str]) -> Iterator[None]:
    """Add to an error in the block, if the service refuses the tags, which of them do not fit.

    The service may have smaller bounds than those checked before; its message states them.

    Args:
        tags: the tags that are sent.
    """
    try:
        yield
    except ApiStatusError as error:
        refused = _refused_tags(error, tags)
        if refused:
            error.message += f" {refused}"
            error.args = (error.message,)
        raise


def _refused_tags(error: ApiStatusError, tags: Sequence[str]) -> str | None:
    is_about_tags = error.status_code == HTTPStatus.BAD_REQUEST and _TAGS.search(error.message)
    if not tags or not (error.code in (_TOO_MANY_TAGS, _TAG_TOO_LONG) or is_about_tags):
        return None
    stated = [int(number) for number in _STATED_LENGTH.findall(error.message)]
    too_long = [tag for tag in tags if stated and len(tag) > min(stated)]
    if error.code == _TAG_TOO_LONG and not too_long:
        too_long = [max(tags, key=len)]
    if error.code == _TOO_MANY_TAGS or not too_long:
        return f"The job has {len(tags)} tags: {', '.join(map(_shown, tags))}."
    listed = ", ".join(f"{_shown(tag)} with {len(tag)} characters" for tag in too_long)
    return f"These do not fit: {listed}."


def _shown(tag: str) -> str:
    return f"{tag!r} (the job name)" if tag.startswith(NAME_PREFIX) else repr(tag)
