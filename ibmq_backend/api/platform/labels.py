"""Job names as tags: the service has no names, and tags are all that a job can be found by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ibmq_backend.exceptions import ApiInputError

NAME_PREFIX: Final = "ibmq_name_"
MOST_TAGS: Final = 8
LONGEST_TAG: Final = 86
"""Characters; the service refuses longer ones (code 1205)."""


def split_name(tags: Iterable[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the name that a job's tags carry, and the other tags."""
    name: str | None = None
    others = []
    for tag in tags:
        if tag.startswith(NAME_PREFIX) and name is None:
            name = tag.removeprefix(NAME_PREFIX)
        else:
            others.append(tag)
    return name, tuple(others)


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
