"""All old names, from the tables of this package.

Only data is imported here: this module is loaded whenever Qiskit is.
"""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.aer import AER, AER_GONE
from ibmq_backend._compat.names.circuits import CIRCUITS, CIRCUITS_GONE
from ibmq_backend._compat.names.elements import ELEMENTS_GONE
from ibmq_backend._compat.names.figures import FIGURES
from ibmq_backend._compat.names.lab import LAB
from ibmq_backend._compat.names.old_name import GoneName, OldName
from ibmq_backend._compat.names.providers import PROVIDERS, PROVIDERS_GONE
from ibmq_backend._compat.names.pulse import PULSE, PULSE_GONE
from ibmq_backend._compat.names.reached import REACHED
from ibmq_backend._compat.names.states import STATES, STATES_GONE
from ibmq_backend._compat.names.transpiling import TRANSPILING, TRANSPILING_GONE

OLD_NAMES: Final[tuple[OldName, ...]] = (
    *REACHED,
    *CIRCUITS,
    *STATES,
    *PROVIDERS,
    *TRANSPILING,
    *FIGURES,
    *PULSE,
    *AER,
    *LAB,
)
"""The names that can be imported again, in the order of the documentation."""

GONE_NAMES: Final[tuple[GoneName, ...]] = (
    *CIRCUITS_GONE,
    *STATES_GONE,
    *PROVIDERS_GONE,
    *TRANSPILING_GONE,
    *PULSE_GONE,
    *AER_GONE,
    *ELEMENTS_GONE,
)
"""The names whose import ends in an error that says what to write."""
