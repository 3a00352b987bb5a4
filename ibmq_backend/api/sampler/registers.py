"""Maps the memory slots of a Qobj to registers of OpenQASM 3 and back.

Registers follow one another: the first one has the lowest memory slots.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

_WORDS: Final = """
    OPENQASM include defcalgrammar def cal defcal gate extern box let break continue if else end
    return for while in switch case default pragma input output const readonly mutable qreg qubit
    creg bool bit int uint float angle complex array void duration stretch gphase inv pow ctrl
    negctrl dim durationof delay reset measure barrier true false pi tau euler U CX im sizeof
    arccos arcsin arctan ceiling cos exp floor log mod popcount rotl rotr sin sqrt tan dt ns us ms s
    p x y z h sdg t tdg sx rx ry rz cx cy cz cp crx cry crz ch swap ccx cswap cu phase cphase id
    u1 u2 u3 ecr rzz
    """
RESERVED: Final = frozenset(_WORDS.split())
"""Names that a register must not have: keywords, gates of the library and our own gates."""

MAX_BITS: Final = 100_000
"""Maximum number of bits and qubits in a program from a service."""

_PLAIN_NAME: Final = re.compile(r"[a-z][A-Za-z0-9_]*")
"""Names that Qiskit's importer keeps, by which the service names the registers of a result."""


@frozen
class Register:
    """A register; ``offset`` is the memory slot of its element 0."""

    name: str
    size: int
    offset: int

    @property
    def mask(self) -> int:
        """The memory slots of the register as a bit mask, with slot 0 as the lowest bit."""
        return ((1 << self.size) - 1) << self.offset


def memory_width(experiment: Mapping[str, Any]) -> int:
    """Return the number of memory slots that an experiment declares or uses."""
    header = experiment.get("header") or {}
    config = experiment.get("config") or {}
    width = max(int(header.get("memory_slots") or 0), int(config.get("memory_slots") or 0))
    for instruction in experiment.get("instructions") or ():
        slots = instruction.get("memory") or ()
        if instruction.get("name") == "bfunc":
            width = max(width, int(str(instruction["mask"]), 16).bit_length())
        width = max(width, *(int(slot) + 1 for slot in slots)) if slots else width
    return width


def registers_for(experiment: Mapping[str, Any]) -> list[Register]:
    """Return the registers to declare for an experiment.

    They are those of its header (``creg_sizes``), renamed where OpenQASM 3 or Python do not accept
    the name, or where the service would change it. Additional slots get an additional register. If
    the header has more bits than there are slots, a single register replaces its registers.
    """
    width = memory_width(experiment)
    named = [
        (str(name), int(size))
        for name, size in (experiment.get("header") or {}).get("creg_sizes") or ()
        if int(size) > 0
    ]
    covered = sum(size for _, size in named)
    if covered > width:
        named, covered = [], 0
    if covered < width:
        named.append(("c" if not named else "more", width - covered))
    return in_order(zip(_wire_names(name for name, _ in named), (n for _, n in named), strict=True))


def in_order(sizes: Iterable[tuple[str, int]]) -> list[Register]:
    """Return consecutive registers from memory slot 0 on.

    Raises:
        ValueError: the registers have more than :data:`MAX_BITS` bits in total.
    """
    registers = []
    offset = 0
    for name, size in sizes:
        registers.append(Register(name, size, offset))
        offset += size
        if not 0 <= size <= offset <= MAX_BITS:
            raise ValueError(f"a program has more than {MAX_BITS} bits")
    return registers


def bit_text(registers: Sequence[Register], slot: int) -> str:
    """Return the name of a memory slot in OpenQASM 3, for example ``c[0]``."""
    for register in registers:
        if register.offset <= slot < register.offset + register.size:
            return f"{register.name}[{slot - register.offset}]"
    raise ValueError(f"memory slot {slot} is in no register")


def _wire_names(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for index, name in enumerate(names):
        usable = _PLAIN_NAME.fullmatch(name) and not keyword.iskeyword(name)
        wire = name if usable and name not in RESERVED else f"c_{index}"
        while wire in found:
            wire += "_"
        found.append(wire)
    return found
