"""The submitted input of a job: Qobj, circuits, options, header."""

from __future__ import annotations

import copy
from typing import Any, Final

from qiskit.assembler.disassemble import disassemble  # noqa: TID251 (see _disassembled)
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping
from qiskit.qobj import PulseQobj, QasmQobj

from ibmq_backend._errors.malformed import reading
from ibmq_backend._errors.translate import raising_job_errors
from ibmq_backend.api.port import AccountClient
from ibmq_backend.exceptions import ApiNotFound, IBMQJobApiError, find_api_error
from ibmq_backend.models import MAX_BITS, check_bits, check_pulse_values
from ibmq_backend.records import Document

_WHAT: Final = "The input of the job"

_GATE_METHODS: Final = frozenset(get_standard_gate_name_mapping()) | {
    "barrier", "bfunc", "initialize", "mcp", "mcu1", "mcx", "ms", "pauli", "rv", "u0", "unitary",
}  # fmt: skip
"""Names of instructions that disassembling may look up as methods of a circuit."""

_MAX_PARAMETER_CHARACTERS: Final = 1000  # Qiskit makes an array of them

_OPAQUE: Final = "opaque:"


def qobj_from(document: Document) -> QasmQobj | PulseQobj:
    """Return the Qobj of a document, without changing the document.

    Raises:
        IBMQJobApiError: the document is not a Qobj.
    """
    data = copy.deepcopy(dict(document))  # from_dict removes entries of its argument
    with reading(_WHAT, raises=IBMQJobApiError):
        return (PulseQobj if data.get("type") == "PULSE" else QasmQobj).from_dict(data)


class SubmittedInput:
    """The submitted input of one job, read from the service at most once.

    Args:
        api_client: client of the account.
        job_id: id of the job.
        document: the Qobj, if it is already known.

    Attributes:
        document: the Qobj as received; ``None`` until it is read.
    """

    def __init__(self, api_client: AccountClient, job_id: str, document: Document | None) -> None:
        self._api_client = api_client
        self._job_id = job_id
        self.document = document

    def update(self, document: Document | None) -> None:
        """Keep the Qobj of a reply, unless one is already known."""
        if self.document is None:
            self.document = document

    def qobj(self, kind: str | None) -> QasmQobj | PulseQobj | None:
        """Return the Qobj; ``None`` for a job from before Qobj was introduced.

        Args:
            kind: kind of the job; ``None`` for jobs from before Qobj.

        Raises:
            IBMQJobApiError: the call failed, or the document is not a Qobj.

        Wire: getJobDownloadUrl and the download, once, unless the Qobj is already known.
        """
        document = self._read(kind)
        return None if document is None else qobj_from(document)

    def circuits(self, kind: str | None) -> list[Any]:
        """Return circuits or schedules; an empty list if there is no Qobj. Wire: as ``qobj``."""
        document = self._read(kind)
        return [] if document is None else circuits_of(document)

    def run_options(self, kind: str | None) -> dict[str, Any]:
        """Return the run options; empty if there is no Qobj. Wire: as ``qobj``."""
        document = self._read(kind)
        return {} if document is None else run_options_of(document)

    def header(self, kind: str | None) -> dict[str, Any]:
        """Return the header; empty if there is no Qobj. Wire: as ``qobj``."""
        document = self._read(kind)
        return {} if document is None else header_of(document)

    def _read(self, kind: str | None) -> Document | None:
        if self.document is None:
            try:
                with raising_job_errors("reading the input of the job"):
                    self.document = self._api_client.job_input(self._job_id)
            except IBMQJobApiError as error:
                if kind is None and isinstance(find_api_error(error), ApiNotFound):
                    return None
                raise
        return self.document


def circuits_of(document: Document) -> list[Any]:
    """Return the circuits or schedules of a Qobj document.

    Metadata and global phase, which disassembling drops, come from the headers.
    """
    circuits, _ = _disassembled(document)
    with reading(_WHAT, raises=IBMQJobApiError):
        for circuit, experiment in zip(circuits, document["experiments"], strict=True):
            header = experiment.get("header") or {}
            if isinstance(circuit, QuantumCircuit):
                circuit.metadata = header.get("metadata") or {}
                circuit.global_phase = header.get("global_phase") or 0
        return circuits


def run_options_of(document: Document) -> dict[str, Any]:
    """Return the run options of a Qobj document."""
    return _disassembled(document)[1]


def _disassembled(document: Document) -> tuple[list[Any], dict[str, Any]]:
    """Return the circuits or schedules of a Qobj document and its run options.

    Terra calls the method of a circuit with the name of the instruction. An instruction named
    ``qasm`` or ``draw`` would write files, so all names except those of gates are hidden from it.
    """
    qobj = qobj_from(document)
    with reading(_WHAT, raises=IBMQJobApiError):
        for part in (document, *document["experiments"]):
            calibrations = (part.get("config") or {}).get("calibrations") or {}
            for gate in calibrations.get("gates") or ():
                check_pulse_values(gate["instructions"])
        bits = [check_bits(each.get("header") or {}) for each in document["experiments"]]
        if sum(bits) > 10 * MAX_BITS:
            raise ValueError(f"its circuits have more than {10 * MAX_BITS} bits in total")
        for experiment, each in zip(qobj.experiments, document["experiments"], strict=True):
            if isinstance(qobj, PulseQobj):
                check_pulse_values(each["instructions"])
                continue
            for instruction in experiment.instructions:
                if instruction.name in _GATE_METHODS:
                    _check_texts(getattr(instruction, "params", ()))
                else:
                    instruction.name = f"{_OPAQUE}{instruction.name}"
        programs, options, _ = disassemble(qobj)
        for circuit in programs or ():
            for instruction in circuit.data if isinstance(circuit, QuantumCircuit) else ():
                operation = instruction.operation
                if operation.name.startswith(_OPAQUE):
                    operation.name = operation.name.removeprefix(_OPAQUE)
        return list(programs or ()), dict(options)


def _check_texts(params: Any) -> None:
    for each in (params, *params):
        if isinstance(each, str) and len(each) > _MAX_PARAMETER_CHARACTERS:
            raise ValueError(f"a parameter has {len(each)} characters")


def header_of(document: Document) -> dict[str, Any]:
    """Return the header of a Qobj document."""
    with reading(_WHAT, raises=IBMQJobApiError):
        return copy.deepcopy(dict(document.get("header") or {}))
