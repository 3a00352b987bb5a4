"""Loading the circuit of a pub: OpenQASM 3 or QPY.

Qubit ``i`` of the loaded circuit is qubit ``i`` of the device, as in the service.
"""

from __future__ import annotations

import re
from typing import Any, Final

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.sampler.qpy_reader import MAX_BITS, NEWEST, OLDEST, read_qpy
from ibmq_backend.emulator.sampler.typed_values import unpack

_COMMENTS: Final = re.compile(r"(?:\s+|//[^\n]*\n?|/\*.*?\*/)*", re.DOTALL)
_HEADER: Final = re.compile(r"OPENQASM\s+3(?:\.\d+)?\s*;")
_INCLUDE: Final = re.compile(r'include\s+"stdgates\.inc"\s*;')
# ecr is native on some devices, but not in stdgates.inc. Equal to the gate up to a global phase.
_ECR: Final = " gate ecr _a, _b { s _a; sx _b; cx _a, _b; x _a; }"
_ECR_USED: Final = re.compile(r"\becr\b")
_ECR_DEFINED: Final = re.compile(r"\bgate\s+ecr\b")
# The search is linear because every keyword matches, whatever follows it.
_WIDTH: Final = re.compile(r"\b(?:qubit|bit|qreg|creg)\b[^;\[]*(?:\[\s*(\d[\d_]*))?|\$(\d+)")
_ELEMENT: Final = re.compile(r"(.*)\[(\d+)\]")


def load_circuit(circuit: Any, label: str) -> QuantumCircuit:
    """Load the circuit of a pub.

    Args:
        circuit: OpenQASM 3 text, or a typed ``QuantumCircuit``.
        label: name of the circuit for messages.

    Raises:
        JobRefused: 1506 for a text, 1603 for anything else that cannot be loaded.
    """
    if isinstance(circuit, str):
        return _from_text(circuit, label)
    if circuit.get("__type__") != "QuantumCircuit":
        raise JobRefused(f"{label} is not a circuit", ErrorCode.QPY_NOT_READ)
    return _from_qpy(circuit.get("__value__"), label)


def parameter_names(circuit: QuantumCircuit) -> list[str]:
    """Return the names of the free parameters, in the order of a list of values."""
    return [parameter.name for parameter in parameters_of(circuit)]


def parameters_of(circuit: QuantumCircuit) -> list[Parameter]:
    """Return the free parameters of a circuit by name; loop variables are not free."""
    found = [one for one in circuit.parameters if not one.name.startswith("_loop_")]
    return sorted(found, key=lambda one: _sort_key(one.name))


def _sort_key(name: str) -> tuple[str, int]:
    """Return a sort key that puts ``v[2]`` before ``v[10]``."""
    element = _ELEMENT.fullmatch(name)
    return (name, -1) if element is None else (element[1], int(element[2]))


def _from_text(text: str, label: str) -> QuantumCircuit:
    # Imported when needed: the import is slow, and classic jobs do not need it.
    import qiskit_qasm3_import

    start = _COMMENTS.match(text)
    if _HEADER.match(text, start.end() if start else 0) is None:
        raise JobRefused(
            f"{label} is not an OpenQASM 3 program: its first statement is not OPENQASM 3",
            ErrorCode.QASM_NOT_READ,
        )
    for found in _WIDTH.finditer(text):
        # The importer would create all of them.
        digits = (found[1] or found[2] or "").replace("_", "").lstrip("0")
        if len(digits) > len(str(MAX_BITS)) or int(digits or "0") > MAX_BITS:
            raise JobRefused(f"{label} has more than {MAX_BITS} bits", ErrorCode.QASM_NOT_READ)
    if _ECR_USED.search(text) and not _ECR_DEFINED.search(text):
        # On the same line, so that messages state the positions of the original text.
        text = _INCLUDE.sub(lambda found: found[0] + _ECR, text, count=1)
    try:
        loaded: QuantumCircuit = qiskit_qasm3_import.parse(text)
    except MemoryError:
        raise  # handled where the memory limit is set
    except Exception as error:
        # The input is untrusted, and the importer documents no exceptions.
        reason = str(error).strip() or f"{type(error).__name__}: a syntax error"
        raise JobRefused(f"{label} cannot be loaded: {reason}", ErrorCode.QASM_NOT_READ) from error
    return loaded


def _from_qpy(value: Any, label: str) -> QuantumCircuit:
    try:
        content = unpack(value)
    except ValueError as error:
        raise JobRefused(f"{label} cannot be loaded: {error}", ErrorCode.QPY_NOT_READ) from error
    if content[:6] != b"QISKIT" or len(content) < 7:
        raise JobRefused(f"{label} cannot be loaded: it is not QPY", ErrorCode.QPY_NOT_READ)
    version = content[6]
    if not OLDEST <= version <= NEWEST:
        # Terra reads older versions, but evaluates text in them.
        raise JobRefused(
            f"{label} cannot be loaded: it is QPY version {version}, this service reads the "
            f"versions {OLDEST} to {NEWEST}",
            ErrorCode.QPY_NOT_READ,
        )
    try:
        return read_qpy(content)
    except MemoryError:
        raise  # handled where the memory limit is set
    except Exception as error:
        # The bytes are untrusted and can be wrong in any way.
        reason = str(error).strip() or type(error).__name__
        raise JobRefused(f"{label} cannot be loaded: {reason}", ErrorCode.QPY_NOT_READ) from error
