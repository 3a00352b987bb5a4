"""Silences warnings of Terra that mislead whoever runs old programs with this package.

Terra 0.46 warns that Qiskit 1.0 removes what these programs use, and recommends another package
instead of ``IBMQ``. This package needs Terra 0.46, where nothing is removed. Ignis, which only old
programs use, recommends qiskit-experiments. Set
``IBMQ_BACKEND_ADAPT=never`` to see the warnings; then Terra is not adapted either.
"""

from __future__ import annotations

import os
import warnings
from typing import Final

VARIABLE: Final = "IBMQ_BACKEND_ADAPT"

MESSAGES: Final = (
    r"The qiskit\.IBMQ entrypoint and the qiskit-ibmq-provider package",
    r"Importing from 'qiskit\.providers\.",
    r"The `\w+Simulator` backend will be deprecated in the future",
    r"The return type of saved ",
    r"(?s).*\b(removed|work) in (the )?Qiskit 1\.0",
    r"(?s).*\bdeprecated (as of|since) qiskit(-terra|-aer)? 0\.",
    r"Passing unrecognized arguments to super\(Layout\)",  # of the job watcher
    r"The (qiskit\.ignis|retworkx) package is deprecated and has been",
    r"The use of qiskit-ignis for measurement mitigation is deprecated",
)
"""Regular expressions for the beginnings of the silenced messages."""

FILTERS: Final = (
    *((message, DeprecationWarning) for message in MESSAGES),
    *((message, PendingDeprecationWarning) for message in MESSAGES),
    (r"The default matplotlib drawer scheme will be changed", FutureWarning),
)
"""Messages and categories; the last is that of ``QuantumCircuit.draw("mpl")``."""


def is_switched_off() -> bool:
    """Return whether Terra must be left as it is."""
    return os.environ.get(VARIABLE) == "never"


def silence_terra() -> None:
    """Ignore these warnings, unless a filter of the program is about a message.

    The filters stand before those for all messages, such as ``-W error``.
    """
    if is_switched_off():
        return
    for message, category in FILTERS:
        warnings.filterwarnings("ignore", message, category)
        filters: list[object] = warnings.filters  # type: ignore[assignment]
        ours = filters.pop(0)
        names_a_message = (each[1] is not None for each in warnings.filters)
        place = next((i for i, has in enumerate(names_a_message) if not has), len(filters))
        filters.insert(place, ours)
