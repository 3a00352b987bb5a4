"""Cloud resource names (CRN), which identify instances of IBM Quantum Platform."""

from __future__ import annotations

import re
from typing import Final

INSTANCE_CRN: Final = re.compile(
    r"crn:v1:[^:]+:[^:]+:quantum-computing:(?P<region>[^:]+):a/(?P<account>[^:]+):(?P<id>[^:]+)::"
)
"""The CRN of an instance of the quantum service; its account part must not be shown."""

NOT_AN_INSTANCE: Final = (
    "The instance is not a valid CRN of the quantum service, which begins with 'crn:v1:' and ends "
    "with '::'. Copy it from https://quantum.cloud.ibm.com/instances, or use the name of the "
    "instance."
)
"""Error text for an invalid CRN."""


def is_crn(text: str) -> bool:
    """Return whether a text has the prefix of a CRN."""
    return text.startswith("crn:")
