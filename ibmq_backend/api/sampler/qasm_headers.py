"""Reads the declared registers and the comments of ``qasm_writer`` from a program."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from ibmq_backend.api.sampler.qasm_writer import CIRCUIT_COMMENT, JOB_COMMENT, labels_of
from ibmq_backend.api.sampler.registers import Register, in_order

# Both take linear time, since the text may come from an untrusted service.
_BITS: Final = re.compile(r"^[ \t]*+bit(?:\s*+\[\s*+(\d+)\s*+\])?\s++(\w+)\s*+;", re.MULTILINE)
_COMMENTS: Final = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


def declared_registers(text: str) -> list[Register]:
    """Return the classical registers of a program in the order of declaration."""
    found = _BITS.findall(_COMMENTS.sub("", text))
    return in_order((name, int(size) if size else 1) for size, name in found)


def comment_of(text: str, kind: str) -> dict[str, Any]:
    """Return the content of a comment, an empty object if there is none.

    Args:
        text: the program.
        kind: ``CIRCUIT_COMMENT`` or ``JOB_COMMENT``.
    """
    for line in text.split("\n"):
        if line.startswith(kind):
            try:
                document = json.loads(line[len(kind) :])
            except (ValueError, RecursionError):
                return {}  # a comment of another client with the same beginning
            return document if isinstance(document, dict) else {}
    return {}


def without_comments(text: str) -> str:
    """Return a program without the comments of ``qasm_writer``."""
    kinds = (CIRCUIT_COMMENT, JOB_COMMENT)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(kinds))


def job_comment(text: str) -> dict[str, Any]:
    """Return the data of the job from its first program."""
    return comment_of(text, JOB_COMMENT)


def header_of(text: str, index: int) -> dict[str, Any]:
    """Return the header of an experiment from the comment or else from the declarations.

    Args:
        text: the program.
        index: the position in the job, for the name of the circuit.
    """
    registers = declared_registers(text)
    header = comment_of(text, CIRCUIT_COMMENT).get("header")
    if not isinstance(header, dict):
        header = {
            "name": f"circuit-{index}",
            "creg_sizes": [[register.name, register.size] for register in registers],
            "qreg_sizes": [],
        }
    header = dict(header)
    width = sum(register.size for register in registers)
    header["memory_slots"] = max(int(header.get("memory_slots") or 0), width)
    for kind, labels in (("qreg_sizes", "qubit_labels"), ("creg_sizes", "clbit_labels")):
        header.setdefault(labels, labels_of(header.get(kind) or ()))
    return header
