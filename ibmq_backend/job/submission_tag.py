"""The tag by which a submission can be found again when its reply was lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

PREFIX: Final = "ibmq_run_"


def new_submission_id(unique: UUID) -> str:
    """Return the tag of one submission."""
    return f"{PREFIX}{unique.hex}"


def visible(tags: Iterable[str]) -> list[str]:
    """Return the tags the user gave, without the submission's own."""
    return [tag for tag in tags if not tag.startswith(PREFIX)]


def hidden(tags: Iterable[str]) -> list[str]:
    """Return the submission's own tags."""
    return [tag for tag in tags if tag.startswith(PREFIX)]
