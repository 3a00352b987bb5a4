"""Explains imports from packages of Qiskit that are not part of Terra: Aqua and Ignis.

Python imports a package before it looks at the rest of an import statement, so what a program needs
of the package is read from the statement itself.
"""

from __future__ import annotations

import dis
import importlib.abc
import sys
from collections.abc import Sequence
from types import FrameType, ModuleType
from typing import Final

from ibmq_backend._compat.names.elements import PACKAGES, describe_gone
from ibmq_backend.installation.extras import describe_missing

IGNIS: Final = "qiskit.ignis"

_MAX_NAMES: Final = 3
"""Limit for the names of one message."""


class GonePackageFinder(importlib.abc.MetaPathFinder):
    """Finds nothing; it must be the last finder, which is asked for what is not installed."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> None:
        """Return ``None``: the module is not found, as usual.

        Raises:
            ModuleNotFoundError: the module is one of the packages; the text says what to do. It has
                no ``name``, since ``from package import module`` hides the error that has one.
        """
        del path, target
        importing = sys._getframe(1)
        if importing.f_back and importing.f_back.f_globals.get("__name__") == "importlib.util":
            return  # importlib.util.find_spec asks whether there is such a module
        if fullname == IGNIS:
            raise ModuleNotFoundError(describe_missing(IGNIS, "ignis", "qiskit-ignis"))
        if fullname in PACKAGES:
            names = imported_names(importing)
            wanted = [name for name in names if f"{name}.".startswith(f"{fullname}.")]
            raise ModuleNotFoundError(describe_gone(*(wanted[:_MAX_NAMES] or [fullname])))


def imported_names(frame: FrameType | None) -> list[str]:
    """Return the dotted names that the running import statement imports.

    Args:
        frame: a frame of the import system, or the one that imports.

    Returns:
        the names; the module for ``import module`` and ``from module import *``; nothing if no
        statement imports, but a function such as ``importlib.import_module``.
    """
    while frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    if frame is None:
        return []
    before: list[dis.Instruction] = []
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset == frame.f_lasti and instruction.opname == "IMPORT_NAME":
            module, names = instruction.argval, before[-1].argval
            if isinstance(names, tuple) and "*" not in names:
                return [f"{module}.{name}" for name in names]
            return [module]
        if instruction.opname != "EXTENDED_ARG":
            before.append(instruction)
    return []
