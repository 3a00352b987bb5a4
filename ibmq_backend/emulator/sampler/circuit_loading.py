"""Loading the circuit of a pub: OpenQASM 3 or QPY.

Qubit `i` of the loaded circuit is qubit `i` of the device, as in the service.
"""

from __future__ import annotations

import re
from typing import Any, Final

from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.sampler.errors import CANNOT_LOAD_QASM, CANNOT_LOAD_QPY
from ibmq_backend.emulator.sampler.qpy_reader import MOST_BITS, NEWEST, OLDEST, read_qpy
from ibmq_backend.emulator.sampler.typed_values import unpack

_COMMENTS: Final = re.compile(r"(?:\s+|//[^\n]*\n?|/\*.*?\*/)*", re.DOTALL)
_HEADER: Final = re.compile(r"OPENQASM\s+3(?:\.\d+)?\s*;")
_INCLUDE: Final = re.compile(r'include\s+"stdgates\.inc"\s*;')
# Not in stdgates.inc, but native on devices of its time. Equal to the gate up to a phase.
_ECR: Final = " gate ecr _a, _b { s _a; sx _b; cx _a, _b; x _a; }"
_ECR_USED: Final = re.compile(r"\becr\b")
_ECR_DEFINED: Final = re.compile(r"\bgate\s+ecr\b")
# Whatever follows a keyword, there is a match, so that the search takes linear time.
_WIDTH: Final = re.compile(r"\b(?:qubit|bit|qreg|creg)\b[^;\[]*(?:\[\s*(\d[\d_]*))?|\$(\d+)")
_ELEMENT: Final = re.compile(r"(.*)\[(\d+)\]")


def load_circuit(circuit: Any, label: str) -> QuantumCircuit:
    """Load the circuit of a pub.

    Args:
        circuit: OpenQASM 3 text, or a typed `QuantumCircuit`.
        label: name of the circuit for messages.

    Raises:
        JobRefused: 1506 for a text, 1603 for anything else that cannot be loaded.
    """
    if isinstance(circuit, str):
        return _from_text(circuit, label)
    if circuit.get("__type__") != "QuantumCircuit":
        raise JobRefused(f"{label} is no circuit", CANNOT_LOAD_QPY)
    return _from_qpy(circuit.get("__value__"), label)


def parameter_names(circuit: QuantumCircuit) -> list[str]:
    """Return the names of the free parameters in the order in which a list of values binds them."""
    return [parameter.name for parameter in parameters_of(circuit)]


def parameters_of(circuit: QuantumCircuit) -> list[Parameter]:
    """Return the free parameters of a circuit by name; loop variables are not free."""
    found = [one for one in circuit.parameters if not one.name.startswith("_loop_")]
    return sorted(found, key=lambda one: _place(one.name))


def _place(name: str) -> tuple[str, int]:
    """Return a sort key that puts elements of a vector in order: `v[2]` before `v[10]`."""
    element = _ELEMENT.fullmatch(name)
    return (name, -1) if element is None else (element[1], int(element[2]))


def _from_text(text: str, label: str) -> QuantumCircuit:
    # Imported when needed: it takes a while and most workers of the classic dialect never do.
    import qiskit_qasm3_import

    start = _COMMENTS.match(text)
    if _HEADER.match(text, start.end() if start else 0) is None:
        raise JobRefused(
            f"{label} is not an OpenQASM 3 program: its first statement is not OPENQASM 3",
            CANNOT_LOAD_QASM,
        )
    for found in _WIDTH.finditer(text):
        # The importer would make every one of them.
        digits = (found[1] or found[2] or "").replace("_", "").lstrip("0")
        if len(digits) > len(str(MOST_BITS)) or int(digits or "0") > MOST_BITS:
            raise JobRefused(f"{label} has more than {MOST_BITS} bits", CANNOT_LOAD_QASM)
    if _ECR_USED.search(text) and not _ECR_DEFINED.search(text):
        # On the same line, so that positions in messages stay those of the sender.
        text = _INCLUDE.sub(lambda found: found[0] + _ECR, text, count=1)
    try:
        loaded: QuantumCircuit = qiskit_qasm3_import.parse(text)
    except MemoryError:
        raise  # known to whoever has set the limit
    except Exception as error:
        # The importer reads what an untrusted client wrote, and does not say how it may fail.
        reason = str(error).strip() or f"{type(error).__name__}: a syntax error"
        raise JobRefused(f"{label} cannot be loaded: {reason}", CANNOT_LOAD_QASM) from error
    return loaded


def _from_qpy(value: Any, label: str) -> QuantumCircuit:
    try:
        content = unpack(value)
    except ValueError as error:
        raise JobRefused(f"{label} cannot be loaded: {error}", CANNOT_LOAD_QPY) from error
    if content[:6] != b"QISKIT" or len(content) < 7:
        raise JobRefused(f"{label} cannot be loaded: it is no QPY", CANNOT_LOAD_QPY)
    version = content[6]
    if not OLDEST <= version <= NEWEST:
        # Terra reads older ones, but evaluates the text of the expressions in them.
        raise JobRefused(
            f"{label} cannot be loaded: it is QPY version {version}, this service reads the "
            f"versions {OLDEST} to {NEWEST}",
            CANNOT_LOAD_QPY,
        )
    try:
        return read_qpy(content)
    except MemoryError:
        raise  # as above
    except Exception as error:
        # Bytes of an untrusted client, which can be wrong in any way.
        reason = str(error).strip() or type(error).__name__
        raise JobRefused(f"{label} cannot be loaded: {reason}", CANNOT_LOAD_QPY) from error
