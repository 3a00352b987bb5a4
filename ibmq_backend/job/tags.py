"""Tags of jobs: those of the user, and those by which a submission or a job set is found."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobInvalidStateError

JOB_SET_PREFIX: Final = "ibmq_jobset_"
SUBMISSION_PREFIX: Final = "ibmq_run_"
"""Prefix of the tag by which a submission is found if its reply was lost."""

_RANDOM_BYTES: Final = 11
"""88 bits, which are 15 characters: with the prefix the 24 that IBM's API of 2025 allows."""


def new_submission_tag() -> str:
    """Return a new tag for one submission."""
    return f"{SUBMISSION_PREFIX}{secrets.token_urlsafe(_RANDOM_BYTES)}"


def strip_submission_tag(tags: Iterable[str]) -> list[str]:
    """Return the tags without that of the submission."""
    return [tag for tag in tags if not tag.startswith(SUBMISSION_PREFIX)]


def only_submission_tag(tags: Iterable[str]) -> list[str]:
    """Return a list of the submission's tag, which is empty if there is none."""
    return [tag for tag in tags if tag.startswith(SUBMISSION_PREFIX)]


def check_tags(tags: object, name: str = "job_tags") -> tuple[str, ...]:
    """Return job tags as a tuple.

    Raises:
        IBMQBackendValueError: the tags are not a list of text.
    """
    if tags is None:
        return ()
    if isinstance(tags, str | bytes) or not isinstance(tags, Iterable):
        raise IBMQBackendValueError(f"{name} must be a list of text, not {tags!r}.")
    listed = tuple(tags)
    for tag in listed:
        if not isinstance(tag, str):
            raise IBMQBackendValueError(f"{name} must be a list of text; {tag!r} is not text.")
    return listed


def changed_tags(
    current: Sequence[str],
    replacement_tags: Iterable[str] | None,
    additional_tags: Iterable[str] | None,
    removal_tags: Iterable[str] | None,
) -> list[str]:
    """Return the tags after replacing, adding and removing, in this order.

    Tags of a job set are kept.

    Raises:
        IBMQJobInvalidStateError: no change is given, or one is not a list of text.
    """
    if replacement_tags is None and additional_tags is None and removal_tags is None:
        raise IBMQJobInvalidStateError(
            "There is nothing to change. Give replacement_tags, additional_tags or removal_tags."
        )
    try:
        replacement = check_tags(replacement_tags, "replacement_tags")
        additional = check_tags(additional_tags, "additional_tags")
        removal = set(check_tags(removal_tags, "removal_tags"))
    except ValueError as error:
        raise IBMQJobInvalidStateError(str(error.args[0])) from None
    kept = [tag for tag in current if tag.startswith(JOB_SET_PREFIX)]
    base = current if replacement_tags is None else [*replacement, *kept]
    return [
        tag
        for tag in dict.fromkeys([*base, *additional])
        if tag not in removal or tag.startswith(JOB_SET_PREFIX)
    ]
