"""The hub/group/project triple that identifies credentials of the classic service."""

from __future__ import annotations

import re
from typing import Protocol

from attrs import frozen

from ibmq_backend.exceptions import HubGroupProjectInvalidStateError

STORED_FORMAT = re.compile(r"([^/:\s]+)/([^/:\s]+)/([^/:\s]+)")
"""Format of a complete triple in files: ``hub/group/project``."""


class HasTriple(Protocol):
    """An object with the parts of a triple."""

    @property
    def hub(self) -> str | None:
        """Hub name."""
        ...

    @property
    def group(self) -> str | None:
        """Group name."""
        ...

    @property
    def project(self) -> str | None:
        """Project name."""
        ...


@frozen(order=True)
class HubGroupProject:
    """Hub, group and project; all parts are ``None`` if the credentials specify none.

    Attributes:
        hub: hub name.
        group: group name.
        project: project name.
    """

    hub: str | None = None
    group: str | None = None
    project: str | None = None

    @classmethod
    def from_stored_format(cls, hgp: str) -> HubGroupProject:
        """Parse the text ``hub/group/project``.

        Raises:
            HubGroupProjectInvalidStateError: the text does not have exactly three non-empty parts.
        """
        match = STORED_FORMAT.fullmatch(hgp.strip()) if isinstance(hgp, str) else None
        if match is None:
            raise HubGroupProjectInvalidStateError(
                f"{hgp!r} is not a triple. Write it as <hub>/<group>/<project>, "
                "for example ibm-q/open/main."
            )
        return cls(*match.groups())

    @classmethod
    def from_credentials(cls, credentials: HasTriple) -> HubGroupProject:
        """Return the triple of credentials; missing parts are ``None``."""
        return cls(credentials.hub, credentials.group, credentials.project)

    def to_stored_format(self) -> str:
        """Return the text ``hub/group/project``.

        Raises:
            HubGroupProjectInvalidStateError: a part is missing, or contains a ``/`` or a blank.
        """
        text = f"{self.hub or ''}/{self.group or ''}/{self.project or ''}"
        if STORED_FORMAT.fullmatch(text) is None:
            raise HubGroupProjectInvalidStateError(
                f"hub={self.hub!r}, group={self.group!r}, project={self.project!r} cannot be "
                "stored. Set all three parts, without slashes and blanks."
            )
        return text

    def to_tuple(self) -> tuple[str | None, str | None, str | None]:
        """Return ``(hub, group, project)``."""
        return self.hub, self.group, self.project


HubGroupProjectID = HubGroupProject
"""The name of the class in qiskit-ibmq-provider 0.20."""
