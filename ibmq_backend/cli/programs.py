"""Reading circuits from OpenQASM files."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.text_files import NotTextError, decode_text

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_PLACE: Final = re.compile(r"^<input>:(\d+),(\d+): ")
_VERSION: Final = re.compile(r"\s*OPENQASM\s+(\d+)(?:\.\d+)?\s*;")


def read_circuit(name: str) -> QuantumCircuit:
    """Return the circuit of an OpenQASM 2 or 3 file; ``-`` is standard input.

    Raises:
        CommandError: the file cannot be read or is not a valid OpenQASM program.
    """
    if name == "-":
        text = _decoded(sys.stdin.buffer.read(), "standard input")
        return circuit_from_text(text, "standard input", Path())
    path = Path(name)
    try:
        text = _decoded(path.read_bytes(), name)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
    circuit = circuit_from_text(text, name, path.parent)
    circuit.name = path.stem
    return circuit


def _decoded(content: bytes, name: str) -> str:
    try:
        return decode_text(content)
    except NotTextError as error:
        raise CommandError(f"{name} is not a text file: {error}.") from error


def circuit_from_text(text: str, name: str, folder: Path) -> QuantumCircuit:
    """Return the circuit of an OpenQASM program.

    Args:
        text: the program; its first statement gives the version.
        name: name of the program in error messages.
        folder: folder in which ``include`` searches in addition to the standard library.

    Raises:
        CommandError: the text is not a valid OpenQASM program.
    """
    version = _VERSION.match(_COMMENT.sub(" ", text))
    if version is None:
        raise CommandError(
            f"{name} is not an OpenQASM program. Begin it with 'OPENQASM 2.0;' or 'OPENQASM 3.0;'."
        )
    if version[1] == "2":
        return _qasm2(text, name, folder)
    if version[1] == "3":
        return _qasm3(text, name)
    raise CommandError(f"{name}: OpenQASM {version[1]} is not supported. Use OpenQASM 2 or 3.")


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
        text = _PLACE.sub(r"line \1, column \2: ", error.message)
        raise CommandError(f"{name}, {text}.") from error


def _qasm3(text: str, name: str) -> QuantumCircuit:
    from qiskit import qasm3

    printed = io.StringIO()  # the parser prints what is wrong with the syntax
    try:
        with redirect_stderr(printed):
            return qasm3.loads(text)
    except Exception as error:
        # The errors of lexer, parser and importer have no common base class.
        said = getattr(error, "message", None) or str(error) or printed.getvalue()
        raise CommandError(f"{name}: {said.strip() or type(error).__name__}") from error
