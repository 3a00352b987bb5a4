"""What the service stated about devices after their snapshots in qiskit-terra were taken.

Most snapshots are of March or July 2021. Until December 2021 the service added fields and raised
limits, on which the programs of 2022 rely; devices that were retired before never had them.

Sources: the list of retired systems in the documentation of IBM Quantum (Qiskit/documentation,
``docs/run/retired-systems.mdx``) for the devices that were in service in December 2021; the
snapshots of that month (cairo, hanoi, kolkata, nairobi) for the fields; the configurations of 2023
in qiskit-ibm-runtime for jakarta, lagos and manila; the threads named below.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["complete"]

_WITH_OLDER_SNAPSHOTS: Final = frozenset(
    {
        "ibm_lagos", "ibmq_armonk", "ibmq_belem", "ibmq_bogota", "ibmq_brooklyn",
        "ibmq_casablanca", "ibmq_guadalupe", "ibmq_jakarta", "ibmq_lima", "ibmq_manila",
        "ibmq_montreal", "ibmq_mumbai", "ibmq_quito", "ibmq_santiago", "ibmq_sydney",
        "ibmq_toronto",
    }
)  # fmt: skip
"""Devices in service in December 2021 whose snapshots are older."""

_TIMING_CONSTRAINTS: Final = {
    "acquire_alignment": 16,
    "granularity": 16,
    "min_length": 64,
    "pulse_alignment": 1,
}
"""In samples, as cairo, hanoi and nairobi stated them. Since July 2021: ibm-quantum-schemas#11.

The configurations of 2023 state a ``pulse_alignment`` of 16, but by then nairobi's had changed too;
with 16, delays in programs of 2021 would be refused.
"""

_MAX_SHOTS: Final = 20_000
"""Limit of the open group, known of quito."""

_OF_DEVICES: Final[dict[str, dict[str, Any]]] = {
    "ibm_lagos": {"max_shots": 100_000, "clops": 2741},
    "ibmq_jakarta": {"max_shots": 100_000, "clops": 2438},
    "ibmq_manila": {"max_shots": 100_000, "clops": 2819},
    "ibmq_mumbai": {"max_shots": 100_000},  # qiskit-terra#7398
}


def complete(document: dict[str, Any]) -> None:
    """Add to a configuration document of qiskit-terra what the service stated later.

    Limits are raised and fields added; nothing else that a snapshot states is changed, except that
    ``supported_features`` of four snapshots is the word "qobj" in letters.
    """
    name = document["backend_name"]
    if name in _WITH_OLDER_SNAPSHOTS:
        document["timing_constraints"] = dict(_TIMING_CONSTRAINTS)
        document["max_shots"] = _MAX_SHOTS
        document["input_allowed"] = ["job", "runtime"]
        document["supported_features"] = ["qobj"]
        document.update(_OF_DEVICES.get(name, {}))
    elif document.get("supported_features") == list("qobj"):
        document["supported_features"] = ["qobj"]
