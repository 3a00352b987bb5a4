"""Changing the tags of a job: what the user asks for, what is kept in any case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ibmq_backend.backend.run_input import check_tags
from ibmq_backend.exceptions import IBMQJobInvalidStateError

JOB_SET_PREFIX: Final = "ibmq_jobset_"


def changed_tags(
    current: Sequence[str],
    replacement_tags: Iterable[str] | None,
    additional_tags: Iterable[str] | None,
    removal_tags: Iterable[str] | None,
) -> list[str]:
    """Return the tags after replacing, adding and removing, in this order.

    Tags of a job set are neither replaced nor removed.

    Raises:
        IBMQJobInvalidStateError: nothing is asked for, or not by lists of text.
    """
    if replacement_tags is None and additional_tags is None and removal_tags is None:
        raise IBMQJobInvalidStateError(
            "Nothing to change: give replacement_tags, additional_tags or removal_tags."
        )
    try:
        replacement = check_tags(replacement_tags, "replacement_tags")
        additional = check_tags(additional_tags, "additional_tags")
        removal = set(check_tags(removal_tags, "removal_tags"))
    except ValueError as error:
        raise IBMQJobInvalidStateError(str(error.args[0])) from error
    kept = [tag for tag in current if tag.startswith(JOB_SET_PREFIX)]
    base = current if replacement_tags is None else [*replacement, *kept]
    return [
        tag
        for tag in dict.fromkeys([*base, *additional])
        if tag not in removal or tag.startswith(JOB_SET_PREFIX)
    ]
