"""Reads OpenQASM 3 back into experiments of a Qobj: what we write, and flat programs of others.

Understood are declared bits and qubits, physical qubits, gate calls with numbers, ``measure``,
``reset``, ``barrier``, ``delay`` and conditions without ``else``. Anything else is refused by name:
a program is read as a whole or not at all.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ibmq_backend.api.sampler.qasm_writer import (
    CIRCUIT_COMMENT,
    IDENTITY_COMMENT,
    JOB_COMMENT,
    labels_of,
)
from ibmq_backend.api.sampler.registers import MOST_BITS, Register, in_order
from ibmq_backend.exceptions import ApiNotSupported

MOST_VALUES: Final = 10_000_000
"""Most qubits that the instructions of a program may name together; a register counts in full."""

# Searched in a time that grows with the text only: programs may come from anybody.
_BITS: Final = re.compile(r"^[ \t]*+bit(?:\s*+\[\s*+(\d+)\s*+\])?\s++(\w+)\s*+;", re.MULTILINE)
_IDENTITY: Final = re.compile(
    rf"^[ \t]*+delay\[[^\]]*\] (?P<qubit>\$\d+);{re.escape(IDENTITY_COMMENT)}$"
)
_COMMENTS: Final = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_PIECES: Final = re.compile(r"([^;{}]*)([;{}]|\Z)", re.DOTALL)
_TEXT: Final = re.compile(r'include\s+"[^"]*"\s*;')
_DECLARED: Final = re.compile(r"(?P<kind>bit|qubit)(?:\s*\[\s*(?P<size>\d+)\s*\])?\s+(?P<name>\w+)")
_MEASURE: Final = re.compile(r"(?P<bit>\w+(?:\s*\[\s*\d+\s*\])?)\s*=\s*measure\s++(?P<qubit>.+)")
_DELAY: Final = re.compile(r"delay\s*\[\s*(?P<length>[\d.eE+-]+)\s*(?P<unit>dt|ns|us|µs|ms|s)\s*\]")
_GATE: Final = re.compile(
    r"(?P<name>[A-Za-z_]\w*+)\s*+(?:\((?P<angles>.*)\)\s*+)?(?P<qubits>[^()]*+)"
)
_COMPARISON: Final = re.compile(r"(?P<left>[^=]*+)==\s*+(?P<right>\d+|true|false)")
_ELEMENT: Final = re.compile(r"(?P<name>\w+)\s*\[\s*(?P<index>\d+)\s*\]")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_UNKNOWN_WORDS: Final = """
    input output const int uint float angle bool complex array duration stretch let def defcal cal
    extern box for while switch return break continue end pragma qreg creg ctrl negctrl inv pow
    gphase else defcalgrammar
    """
_UNKNOWN: Final = frozenset(_UNKNOWN_WORDS.split())


def declared_registers(text: str) -> list[Register]:
    """Return the classical registers of a program in the order of their declaration."""
    found = _BITS.findall(_COMMENTS.sub("", text))
    return in_order((name, int(size) if size else 1) for size, name in found)


def comment_of(text: str, kind: str) -> dict[str, Any]:
    """Return what a comment of ours says; an empty object without one.

    Args:
        text: the program.
        kind: ``CIRCUIT_COMMENT`` or ``JOB_COMMENT``.
    """
    for line in text.split("\n"):
        if line.startswith(kind):
            try:
                document = json.loads(line[len(kind) :])
            except (ValueError, RecursionError):
                return {}  # another client's comment that happens to begin alike
            return document if isinstance(document, dict) else {}
    return {}


def job_comment(text: str) -> dict[str, Any]:
    """Return what the job as a whole was given, as far as its first program says."""
    return comment_of(text, JOB_COMMENT)


def header_of(text: str, index: int) -> dict[str, Any]:
    """Return the header of an experiment: that of our comment, else what the program shows.

    Args:
        text: the program.
        index: its place in the job, for circuits without a name.
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


def read_experiment(text: str, index: int) -> dict[str, Any]:
    """Return a program as an experiment of a Qobj.

    Args:
        text: OpenQASM 3.
        index: its place in the job.

    Raises:
        ApiNotSupported: it holds something that an experiment cannot, or that is not understood.
    """
    reader = _Reader(index, declared_registers(text))
    instructions = list(reader.instructions(text))
    if any(each["name"] == "bfunc" for each in instructions):
        for each in instructions:  # Qobj evaluates conditions on the register, not on the memory
            if each["name"] == "measure":
                each["register"] = each["memory"]
    header = header_of(text, index)
    used = {qubit for each in instructions for qubit in each.get("qubits", ())}
    width = max(used, default=-1) + 1
    if not header.get("qreg_sizes"):
        header["qreg_sizes"] = [["q", width]] if width else []
        header["qubit_labels"] = labels_of(header["qreg_sizes"])
        header["n_qubits"] = width
    config = comment_of(text, CIRCUIT_COMMENT).get("config")
    if not isinstance(config, dict):
        config = {"n_qubits": width, "memory_slots": header["memory_slots"]}
    return {"config": config, "header": header, "instructions": instructions}


class _Reader:
    def __init__(self, index: int, registers: list[Register]) -> None:
        self._index = index
        self._registers = {register.name: register for register in registers}
        self._qubits: dict[str, tuple[int, int]] = {}
        self._declared = 0
        self._conditions: list[tuple[int, int]] = []
        self._is_stale = False
        self._next = sum(register.size for register in registers)
        self._left = MOST_VALUES

    def instructions(self, text: str) -> Iterator[dict[str, Any]]:
        """Yield the instructions of a program in order."""
        kept = "\n".join(_IDENTITY.sub(r"id \g<qubit>;", line) for line in text.split("\n"))
        skipping = 0
        for piece, end in _PIECES.findall(_TEXT.sub("", _COMMENTS.sub("", kept))):
            statement = piece.strip()
            if not end:
                return  # what follows the last statement
            if skipping:
                skipping += (end == "{") - (end == "}")
            elif end == "}":
                self._close(statement)
            elif end == "{":
                skipping = self._open(statement)
            elif statement:
                yield from self._statement(statement)

    def _open(self, statement: str) -> int:
        """Enter a block; return 1 when it is a definition to be left out."""
        if statement.startswith("gate "):
            return 1
        match = re.fullmatch(r"if\s*\((.*)\)", statement, re.DOTALL)
        if match is None:
            raise self._refusal(statement)
        self._conditions.append(self._condition(match[1]))
        return 0

    def _close(self, statement: str) -> None:
        if statement or not self._conditions:
            raise self._refusal(statement or "}")
        self._conditions.pop()
        self._is_stale = self._is_stale and bool(self._conditions)

    def _condition(self, text: str) -> tuple[int, int]:
        text = text.strip()
        value: int | None = None
        if match := _COMPARISON.fullmatch(text):
            text, value = match["left"].strip(), {"true": 1, "false": 0}.get(match["right"])
            value = int(match["right"]) if value is None else value
        elif text.startswith("!"):
            text, value = text[1:].strip(), 0
        if match := _ELEMENT.fullmatch(text):
            bit = 1 << self._slot(match["name"], int(match["index"]))
            return bit, bit if value in (None, 1) else 0
        register = self._registers.get(text)
        if register is None or value is None or value >> register.size:
            raise self._refusal(f"if ({text})")
        return register.mask, value << register.offset

    def _statement(self, text: str) -> Iterator[dict[str, Any]]:
        word = _WORD.match(text)
        first = word[0] if word else ""
        if first in ("OPENQASM", "bit"):
            return
        if first in _UNKNOWN or "@" in text:
            raise self._refusal(text)
        if first == "qubit":
            self._declare(text)
            return
        for instruction in self._operation(text, first):
            if self._conditions:
                yield self._function(instruction, text)
                instruction["conditional"] = self._next
                self._next += 1
            yield instruction

    def _function(self, instruction: Mapping[str, Any], text: str) -> dict[str, Any]:
        """Return the instruction that evaluates the condition before the given one."""
        mask = value = 0
        for part, wanted in self._conditions:
            if mask & part or self._is_stale:
                raise self._refusal(text)  # tested twice, or measured again inside the block
            mask, value = mask | part, value | wanted
        self._spend(mask.bit_length(), text)
        self._is_stale = any(mask >> slot & 1 for slot in instruction.get("memory", ()))
        return {
            "name": "bfunc",
            "mask": f"0x{mask:X}",
            "relation": "==",
            "val": f"0x{value:X}",
            "register": self._next,
        }

    def _declare(self, text: str) -> None:
        match = _DECLARED.fullmatch(text)
        if match is None:
            raise self._refusal(text)
        size = int(match["size"] or 1)
        self._qubits[match["name"]] = self._declared, size
        self._declared += size
        if self._declared > MOST_BITS:
            raise self._refusal(text)

    def _operation(self, text: str, first: str) -> Iterator[dict[str, Any]]:
        if match := _MEASURE.fullmatch(text):
            qubits = self._operands(match["qubit"])
            slots = self._slots(match["bit"])
            if len(qubits) != len(slots):
                raise self._refusal(text)
            for qubit, slot in zip(qubits, slots, strict=True):
                yield {"name": "measure", "qubits": [qubit], "memory": [slot]}
        elif match := _DELAY.match(text):
            length, unit = float(match["length"]), match["unit"]
            parameter: float = int(length) if unit == "dt" else length * _SECONDS[unit]
            for qubit in self._operands(text[match.end() :]):
                yield {"name": "delay", "params": [parameter], "qubits": [qubit]}
        elif first in ("barrier", "reset"):
            qubits = self._operands(text[len(first) :])
            if first == "barrier":
                yield {"name": "barrier", "qubits": qubits}
            else:
                yield from ({"name": "reset", "qubits": [qubit]} for qubit in qubits)
        elif (match := _GATE.fullmatch(text)) and match["qubits"].strip():
            instruction: dict[str, Any] = {"name": match["name"]}
            if match["angles"] is not None:
                instruction["params"] = self._numbers(match["angles"])
            yield {**instruction, "qubits": self._operands(match["qubits"])}
        else:
            raise self._refusal(text)

    def _operands(self, text: str) -> list[int]:
        qubits: list[int] = []
        for operand in text.split(","):
            name = operand.strip()
            if re.fullmatch(r"\$\d+", name):
                qubits.append(int(name[1:]))
            elif (match := _ELEMENT.fullmatch(name)) and match["name"] in self._qubits:
                qubits.append(self._qubits[match["name"]][0] + int(match["index"]))
            elif name in self._qubits:
                start, size = self._qubits[name]
                self._spend(size, text)
                qubits.extend(range(start, start + size))
            else:
                raise self._refusal(text)
        return qubits

    def _spend(self, values: int, text: str) -> None:
        self._left -= values
        if self._left < 0:
            raise self._refusal(text)

    def _slots(self, text: str) -> list[int]:
        if match := _ELEMENT.fullmatch(text.strip()):
            return [self._slot(match["name"], int(match["index"]))]
        register = self._registers.get(text.strip())
        if register is None:
            raise self._refusal(text)
        return list(range(register.offset, register.offset + register.size))

    def _slot(self, name: str, index: int) -> int:
        register = self._registers.get(name)
        if register is None or index >= register.size:
            raise self._refusal(f"{name}[{index}]")
        return register.offset + index

    def _numbers(self, text: str) -> list[float]:
        try:
            tree = ast.parse(f"({text},)", mode="eval").body
            assert isinstance(tree, ast.Tuple)
            return [_value(part) for part in tree.elts]
        except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
            raise self._refusal(f"({text})") from None

    def _refusal(self, what: str) -> ApiNotSupported:
        shown = " ".join(what.split())[:80]
        return ApiNotSupported(
            f"Circuit {self._index} of this job was written by another program and holds "
            f"{shown!r}, which is not understood here."
        )


def _value(node: ast.expr) -> float:
    """Return the value of arithmetic with numbers and π."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left), _value(node.right)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
    raise ValueError("not a number")


_CONSTANTS: Final[Mapping[str, float]] = {
    "pi": math.pi,
    "π": math.pi,
    "tau": math.tau,
    "τ": math.tau,
    "euler": math.e,
}
_SECONDS: Final[Mapping[str, float]] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
