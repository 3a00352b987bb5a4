"""JSON documents that are sent to many clients without being encoded again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Prepared:
    """A JSON document that does not change while the service runs.

    Attributes:
        content: the document.
    """

    content: bytes = field(repr=False)

    @cached_property
    def etag(self) -> str:
        """The strong entity tag of the document, in quotes."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    def is_known(self, if_none_match: str | None) -> bool:
        """Return whether the header ``If-None-Match`` of a client contains the entity tag."""
        listed = (if_none_match or "").split(",")
        return any(one.strip().removeprefix("W/") in ("*", self.etag) for one in listed)
