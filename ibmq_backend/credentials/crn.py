"""Cloud resource names (CRN), by which today's service calls its instances."""

from __future__ import annotations

import re
from typing import Final

INSTANCE_CRN: Final = re.compile(
    r"crn:v1:[^:]+:[^:]+:quantum-computing:(?P<region>[^:]+):a/(?P<account>[^:]+):(?P<id>[^:]+)::"
)
"""The name of an instance of the quantum service; its account part is never to be shown."""

NOT_AN_INSTANCE: Final = (
    "The instance is not the CRN of an instance of the quantum service, which begins with "
    "'crn:v1:' and ends with '::'. Copy it from https://quantum.cloud.ibm.com/instances, "
    "or give the name of the instance."
)
"""What an error says of a text that begins as a CRN and is none."""


def is_crn(text: str) -> bool:
    """Return whether a text is meant as a cloud resource name."""
    return text.startswith("crn:")
