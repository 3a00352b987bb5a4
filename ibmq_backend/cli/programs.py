"""Reads circuits from OpenQASM files."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ibmq_backend.cli.errors import CommandError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_VERSION: Final = re.compile(r"\s*OPENQASM\s+(\d+)(?:\.\d+)?\s*;")


def read_circuit(name: str) -> QuantumCircuit:
    """The circuit of an OpenQASM 2 or 3 file; ``-`` is standard input.

    Raises:
        CommandError: the file cannot be read, is not OpenQASM, or cannot be understood.
    """
    if name == "-":
        return circuit_from_text(sys.stdin.read(), "standard input", Path())
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not a text file.") from error
    circuit = circuit_from_text(text, name, path.parent)
    circuit.name = path.stem
    return circuit


def circuit_from_text(text: str, name: str, folder: Path) -> QuantumCircuit:
    """The circuit of an OpenQASM program.

    Args:
        text: the program; the version is taken from its first statement.
        name: what messages call it.
        folder: where ``include`` looks beside the standard library.

    Raises:
        CommandError: the program cannot be understood.
    """
    version = _VERSION.match(_COMMENT.sub(" ", text))
    if version is None:
        raise CommandError(
            f"{name} is not an OpenQASM program: it has to begin with 'OPENQASM 2.0;' or "
            "'OPENQASM 3.0;'."
        )
    if version[1] == "2":
        return _qasm2(text, name, folder)
    if version[1] == "3":
        return _qasm3(text, name)
    raise CommandError(f"{name}: OpenQASM {version[1]} is not known; 2 and 3 are.")


def _qasm2(text: str, name: str, folder: Path) -> QuantumCircuit:
    from qiskit import qasm2

    try:
        return qasm2.loads(
            text,
            include_path=(*qasm2.LEGACY_INCLUDE_PATH, folder),
            custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
            custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL,
        )
    except qasm2.QASM2ParseError as error:
        raise CommandError(f"{name}: {error.message}") from error


def _qasm3(text: str, name: str) -> QuantumCircuit:
    from qiskit import qasm3
    from qiskit.exceptions import MissingOptionalLibraryError

    try:
        return qasm3.loads(text)
    except MissingOptionalLibraryError as error:
        raise CommandError(
            f"{name} is OpenQASM 3: reading it needs one more package. "
            "Run `pip install qiskit-qasm3-import`, or write the program in OpenQASM 2."
        ) from error
    except Exception as error:
        # Lexer, parser and importer have errors of their own, without a common base.
        raise CommandError(f"{name}: {getattr(error, 'message', None) or error}") from error
