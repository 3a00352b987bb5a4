"""Backend names: historic aliases, Python identifiers, nearest names."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Iterable, Sequence
from typing import Final

from ibmq_backend.backend._aliases import ALIASES


def resolve(name: str) -> str:
    """Return the service's name of a backend that may have been given by an alias."""
    return ALIASES.get(name, name)


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """Return Python identifiers in snake case for backend names.

    Returns:
        Identifier to backend name; two names that would share one get a trailing underscore.
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
"""Devices of which no snapshot is known, to one of the same processor family and size."""


def describe_unknown(name: str, known: Sequence[str]) -> str:
    """Return a sentence that names an unknown backend, the nearest known ones, and all of them."""
    stand_in = STAND_INS.get(name)
    if stand_in in known:
        return (
            f"There is no backend {name!r} here: no snapshot of it is known. Nearest: {stand_in}, "
            f"a device of the same kind and size. Available: {', '.join(sorted(known))}."
        )
    cores = {_core(candidate): candidate for candidate in known}
    near = [cores[core] for core in difflib.get_close_matches(_core(name), cores, cutoff=0.65)]
    suggestion = f" Nearest: {', '.join(near)}." if near else ""
    listed = ", ".join(sorted(known)) if known else "none"
    return f"There is no backend {name!r} here.{suggestion} Available: {listed}."


def _core(name: str) -> str:
    """Return what tells a name apart: without the prefix and the qubit count most names share."""
    return re.sub(r"^(ibmq?_)?(\d+_)?", "", name.lower())
