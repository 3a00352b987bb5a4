"""What was submitted with a job: Qobj, circuits, options, header."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from qiskit.circuit import QuantumCircuit
from qiskit.qobj import PulseQobj, QasmQobj

from ibmq_backend.exceptions import IBMQJobApiError
from ibmq_backend.records import Document

Disassembler = Callable[[QasmQobj | PulseQobj], tuple[list[Any], dict[str, Any], dict[str, Any]]]


def qobj_from(document: Document) -> QasmQobj | PulseQobj:
    """Return the Qobj of a document, which is left as it is.

    Raises:
        IBMQJobApiError: the document is not a Qobj.
    """
    data = copy.deepcopy(dict(document))  # from_dict empties what it is given
    try:
        return (PulseQobj if data.get("type") == "PULSE" else QasmQobj).from_dict(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise IBMQJobApiError(f"What was submitted is not a Qobj: {error!r}.") from error


def circuits_of(document: Document, disassemble: Disassembler) -> list[Any]:
    """Return the circuits or schedules of a Qobj document.

    Metadata and global phase, which disassembling drops, come from the headers.
    """
    circuits = disassemble(qobj_from(document))[0]
    for circuit, experiment in zip(circuits, document["experiments"], strict=True):
        header = experiment.get("header") or {}
        if isinstance(circuit, QuantumCircuit):
            circuit.metadata = header.get("metadata") or {}
            circuit.global_phase = header.get("global_phase") or 0
    return circuits


def run_options_of(document: Document, disassemble: Disassembler) -> dict[str, Any]:
    """Return the run options of a Qobj document."""
    return dict(disassemble(qobj_from(document))[1])


def header_of(document: Document) -> dict[str, Any]:
    """Return the header of a Qobj document."""
    return copy.deepcopy(dict(document.get("header") or {}))
