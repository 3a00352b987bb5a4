"""Backend names: historic aliases, Python identifiers and similar names."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Final

from ibmq_backend._errors.suggestions import MOST_NAMES
from ibmq_backend.backend._aliases import ALIASES
from ibmq_backend.records import InstanceRecord


def resolve(name: str) -> str:
    """Return the service's name for a backend name or alias."""
    return ALIASES.get(name, name)


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """Return a mapping of Python identifiers in snake case to backend names.

    A repeated identifier gets a trailing underscore.
    """
    found: dict[str, str] = {}
    for name in names:
        identifier = re.sub(r"\W", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
        if not identifier.isidentifier() or keyword.iskeyword(identifier):
            identifier = f"_{identifier}"
        while identifier in found:
            identifier += "_"
        found[identifier] = name
    return found


STAND_INS: Final[dict[str, str]] = {
    **dict.fromkeys(("ibmqx1", "real"), "ibmqx2"),
    **dict.fromkeys(("ibmqx3", "ibmq_16_rueschlikon"), "ibmqx5"),
    **dict.fromkeys(("QS1_1", "ibmq_20_austin"), "ibmq_20_tokyo"),
    **dict.fromkeys(
        ("ibmq_dublin", "ibmq_ehningen", "ibm_algiers", "ibm_canberra", "ibm_peekskill"),
        "ibm_auckland",
    ),
    "ibm_ithaca": "ibmq_brooklyn",
    **dict.fromkeys(
        ("ibm_brisbane", "ibm_cusco", "ibm_kawasaki", "ibm_kyiv", "ibm_kyoto", "ibm_nazca",
         "ibm_osaka", "ibm_quebec", "ibm_strasbourg", "ibm_brussels", "ibm_rensselaer"),
        "ibm_sherbrooke",
    ),
}  # fmt: skip
"""Devices without a snapshot, each with a device of the same processor family and size."""


RETIRED: Final[dict[str, int]] = {
    name: qubits
    for qubits, names in {
        1: "ibmq_armonk",
        5: (
            "ibmq_athens ibmq_belem ibmq_bogota ibmq_burlington ibmq_essex ibmq_lima "
            "ibmq_london ibmq_manila ibmq_ourense ibmq_quito ibmq_rome ibmq_santiago "
            "ibmq_valencia ibmq_vigo ibmqx2 ibmqx4"
        ),
        7: "ibm_lagos ibm_nairobi ibm_oslo ibm_perth ibmq_casablanca ibmq_jakarta",
        15: "ibmq_16_melbourne",
        16: "ibmq_guadalupe ibmqx5",
        20: (
            "ibmq_20_tokyo ibmq_almaden ibmq_boeblingen ibmq_johannesburg "
            "ibmq_poughkeepsie ibmq_singapore"
        ),
        27: (
            "ibm_auckland ibm_cairo ibm_geneva ibm_hanoi ibmq_kolkata ibmq_montreal "
            "ibmq_mumbai ibmq_paris ibmq_sydney ibmq_toronto"
        ),
        28: "ibmq_cambridge",
        33: "ibm_prague",
        53: "ibmq_rochester",
        65: "ibmq_brooklyn ibmq_manhattan",
        127: "ibm_sherbrooke ibm_washington",
    }.items()
    for name in names.split()
}
"""Number of qubits of each retired device that the emulator has."""

RETIRED_SIMULATORS: Final = frozenset(
    {
        "ibmq_qasm_simulator",
        "simulator_extended_stabilizer",
        "simulator_mps",
        "simulator_stabilizer",
        "simulator_statevector",
    }
)
"""The simulators of the classic service, which the emulator has too."""


def is_device_name(name: str) -> bool:
    """Return whether a name has the form of all devices of today's service."""
    return name.startswith(("ibm_", "ibmq_"))


def is_retired(name: str) -> bool:
    """Return whether a name is that of a device or simulator that only the emulator has."""
    return name in RETIRED or name in RETIRED_SIMULATORS


def describe_unknown(
    name: str, known: Iterable[str], qubits: Mapping[str, int] | None = None
) -> str:
    """Return an error text for an unknown name, with what to use instead.

    Args:
        name: name that a user gave.
        known: names of the backends.
        qubits: number of qubits of each device of a remote service; ``None`` for the local one.
    """
    names = sorted(known)
    near = _similar(name, names)
    if qubits is not None and (text := _describe_retired(name, bool(near), qubits)):
        return text
    missing = f"There is no backend {name!r}"
    if is_retired(resolve(name)):
        missing += (
            " on the date of the emulation or in this project, but IBMQ.enable_local() without a "
            "date has it"
        )
    stand_in = STAND_INS.get(name)
    if stand_in in names:
        return (
            f"{missing}: it has no snapshot. Nearest: {stand_in}, a device of the same kind and "
            "size."
        )
    if near:
        return f"{missing}. Nearest: {', '.join(near)}."
    if len(names) > MOST_NAMES:
        return f"{missing}. provider.backends() lists all {len(names)}."
    return f"{missing}. Available: {', '.join(names) or 'none'}."


def describe_elsewhere(name: str, instance: InstanceRecord) -> str:
    """Return an error text for a backend of another instance of the account."""
    label = instance.id.label
    return (
        f"This instance has no backend {name!r}, but {label!r} ({instance.description}) has it: "
        f"IBMQ.get_provider(instance={label!r}).get_backend({name!r})."
    )


def _describe_retired(name: str, has_near: bool, qubits: Mapping[str, int]) -> str | None:
    """Return the text for a device that only the emulator has, ``None`` for other names."""
    wanted = resolve(name)
    first = f"{name!r} is retired."
    emulated = STAND_INS.get(wanted, wanted)
    kind = "it"
    if emulated != wanted:
        first = f"There is no backend {name!r}."
        kind = f"{emulated}, a device of the same kind and size"
    elif not is_retired(emulated):
        similar = [] if has_near else _similar(name, [*RETIRED, *RETIRED_SIMULATORS])
        if not similar:
            return None
        emulated = similar[0]
        first = f"There is no backend {name!r}. Nearest: {emulated}, which is retired."
    needed = RETIRED.get(emulated, 0)
    nearest = ""
    if needed and qubits:
        device, size = min(
            qubits.items(), key=lambda item: (item[1] < needed, abs(item[1] - needed), item[0])
        )
        why = f"the smallest with at least {needed}" if size >= needed else "the largest"
        nearest = f" Nearest device of this account: {device} ({size} qubits), {why}."
    return (
        f"{first}{nearest} To emulate {kind}, which replaces this account: "
        f"IBMQ.enable_local().get_backend({emulated!r})."
    )


def _similar(name: str, known: Iterable[str]) -> list[str]:
    """Return the most similar names, the most similar first; empty if none is similar."""
    cores = {_core(candidate): candidate for candidate in known}
    close = difflib.get_close_matches(_core(name), cores, n=MOST_NAMES, cutoff=0.65)
    return [cores[core] for core in close]


def _core(name: str) -> str:
    """Return a name without the prefix and the number of qubits that many names share."""
    return re.sub(r"^(ibmq?_)?(\d+_)?", "", name.lower())
