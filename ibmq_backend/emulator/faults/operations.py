"""The operations that faults can name: those of all dialects, and the status stream."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from ibmq_backend.emulator.classic._routes import ROUTES
from ibmq_backend.emulator.faults.errors import FaultScriptError
from ibmq_backend.emulator.platform._routes import PLATFORM_ROUTES

ALL_OPERATIONS: Final = "*"
STREAM_NAME: Final = "jobStatusStream"


class Operation(NamedTuple):
    """Something that a client can ask for.

    Attributes:
        name: The operation id.
        dialect: The description it stands in: ``classic``, ``platform`` or ``cloud``.
        authenticated: Whether the request carries a token.
        stream: Whether it is the websocket.
    """

    name: str
    dialect: str
    authenticated: bool
    stream: bool = False

    @property
    def qualified(self) -> str:
        """``dialect:name``."""
        return f"{self.dialect}:{self.name}"


STREAM: Final = Operation(STREAM_NAME, "classic", authenticated=True, stream=True)
OPERATIONS: Final = (
    *(
        Operation(route.operation_id, route.dialect, route.authenticated)
        for route in (*ROUTES, *PLATFORM_ROUTES)
    ),
    STREAM,
)


def find_operations(name: Any) -> tuple[Operation, ...]:
    """The operations that a script means: one id may be in several dialects.

    Raises:
        FaultScriptError: There is none; the message has the nearest names.
    """
    if name == ALL_OPERATIONS:
        return OPERATIONS
    found = tuple(one for one in OPERATIONS if name in (one.name, one.qualified))
    if found:
        return found
    raise FaultScriptError.about("operation", name, _nearest(str(name)))


def _nearest(name: str) -> str:
    qualified = ":" in name
    known = sorted({one.qualified if qualified else one.name for one in OPERATIONS})
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
    if near:
        return f"{', '.join(by_lower[one] for one in near)} and others, or '*'"
    return f"'*' or one of {', '.join(known)}"
