"""Reads OpenQASM 3 back into the experiments of a Qobj.

OpenQASM's reference parser and Qiskit's importer read the program. Statements that an experiment
cannot contain, and programs that would need too much memory, are rejected before the import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import openqasm3
import qiskit_qasm3_import
from antlr4 import CommonTokenStream, InputStream
from antlr4.error.ErrorListener import ErrorListener
from openqasm3 import ast
from openqasm3.parser import (  # type: ignore[attr-defined]
    QASMNodeVisitor,
    qasm3Lexer,
    qasm3Parser,
)
from openqasm3.visitor import QASMVisitor
from qiskit.circuit import Clbit, Delay, IfElseOp, QuantumCircuit

from ibmq_backend._secrets.redact import printable
from ibmq_backend.api.sampler.qasm_headers import comment_of, header_of
from ibmq_backend.api.sampler.qasm_writer import (
    CIRCUIT_COMMENT,
    IDENTITY_COMMENT,
    LIBRARY_GATES,
    labels_of,
)
from ibmq_backend.api.sampler.registers import MAX_BITS
from ibmq_backend.exceptions import ApiNotSupported

MAX_CHARACTERS: Final = 2_000_000
"""Maximum length of the programs of a job, where a repeated line of ``qasm_writer`` counts once.

The parser needs about 20 µs and 300 bytes per character.
"""

MAX_STATEMENT_CHARACTERS: Final = 10_000
"""Maximum length of a statement."""

MAX_OPERANDS: Final = 1_000_000
"""Maximum number of operands in a program; a register counts with all its elements."""

# The parser's time grows with the square of the nesting. The search takes linear time.
_DEEP_NESTING: Final = re.compile(r"(?:[-!~(\[][\w\s.*/+]*+){64}")
_CACHED_LINES: Final = 10_000
_SHOWN_CHARACTERS: Final = 80
_SECONDS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

# The importer converts ``id`` of the library to a rotation by 0, named ``u``.
_IDENTITY: Final = "ibmq_backend_id"
_IMPORTED_GATES: Final = LIBRARY_GATES | {"CX", "U", "phase", "cphase"}

_ALLOWED: Final = (
    ast.BranchingStatement,
    ast.ClassicalDeclaration,
    ast.DelayInstruction,
    ast.Include,
    ast.QuantumBarrier,
    ast.QuantumGate,
    ast.QuantumGateDefinition,
    ast.QuantumMeasurementStatement,
    ast.QuantumPhase,
    ast.QuantumReset,
    ast.QubitDeclaration,
)

_OPERATIONS: Final = (ast.DelayInstruction, ast.QuantumBarrier)

_Statements = Sequence[ast.Statement | ast.Pragma]
_Parse = Callable[[str], _Statements]


def read_experiments(texts: Sequence[str], job_id: str) -> list[dict[str, Any]]:
    """Return the programs of a job as experiments of a Qobj.

    Args:
        texts: the OpenQASM 3 program of each circuit.
        job_id: the id of the job, for messages.

    Raises:
        ApiNotSupported: a program is not valid OpenQASM 3, or cannot be converted.
    """
    left = MAX_CHARACTERS

    @lru_cache(_CACHED_LINES)
    def parse(text: str) -> _Statements:
        nonlocal left
        left -= len(text)
        if left < 0:
            raise ValueError(f"its job has more than {MAX_CHARACTERS} characters of OpenQASM 3")
        return _parse(text)

    experiments = []
    for index, text in enumerate(texts):
        try:
            experiments.append(_experiment(text, index, parse))
        except MemoryError:
            raise
        except Exception as error:  # untrusted text; the libraries do not document their errors
            raise ApiNotSupported(
                f"Circuit {index} of job {job_id} cannot be converted to a Qobj: {_reason(error)} "
                "job.result() returns its results."
            ) from error
    return experiments


def _reason(error: Exception) -> str:
    match error:
        case RecursionError():
            return "it is nested too deeply."
        case IndexError():
            return "it uses an index that is out of range."
    # Without the importer's position in a text that is not shown.
    message = printable(re.sub(r"^\d+,\d+: ", "", str(error)))
    return f"{message.rstrip('.') or type(error).__name__}."


def _experiment(text: str, index: int, parse: _Parse) -> dict[str, Any]:
    header = header_of(text, index)
    own = comment_of(text, CIRCUIT_COMMENT)
    statements = _parse_lines(text, parse) if own else parse(text)
    inspector = _Inspector()
    for statement in statements:
        inspector.visit(statement)
    program = ast.Program([*inspector.missing_gates(), *statements])
    circuit = qiskit_qasm3_import.convert(program)
    if circuit.parameters:
        names = ", ".join(sorted(parameter.name for parameter in circuit.parameters))
        raise ValueError(f"it has the parameters {names}")
    instructions = list(_Flattener(circuit).instructions(circuit))
    if any(each["name"] == "bfunc" for each in instructions):
        for each in instructions:  # Qobj evaluates conditions on the register, not on the memory
            if each["name"] == "measure":
                each["register"] = each["memory"]
    if not header.get("qreg_sizes"):
        width = circuit.num_qubits
        header["qreg_sizes"] = [["q", width]] if width else []
        header["qubit_labels"] = labels_of(header["qreg_sizes"])
        header["n_qubits"] = width
    if circuit.global_phase:
        header.setdefault("global_phase", float(circuit.global_phase))
    config = own.get("config")
    if not isinstance(config, dict):
        config = {"n_qubits": circuit.num_qubits, "memory_slots": header["memory_slots"]}
    return {"config": config, "header": header, "instructions": instructions}


def _parse_lines(text: str, parse: _Parse) -> _Statements:
    """Return the statements of a program of ``qasm_writer``, parsed line by line or by block.

    The circuits of a job have most lines in common, and each line is parsed once.
    """
    statements: list[ast.Statement | ast.Pragma] = []
    block: list[str] = []
    depth = 0
    for line in text.split("\n"):
        if not line or line.startswith("//"):
            continue
        if line.endswith(IDENTITY_COMMENT):
            line = f"id {line.rpartition('] ')[2]}"
        depth += line.endswith("{") - (line.strip() == "}")
        block.append(line)
        if depth == 0:
            statements.extend(parse("\n".join(block)))
            block.clear()
    if block:
        statements.extend(parse("\n".join(block)))
    return statements


def _parse(text: str) -> _Statements:
    # ``openqasm3.parse`` prints errors, and raises most of them without a message.
    if max(map(len, re.split(r"[;{}]", text))) > MAX_STATEMENT_CHARACTERS:
        raise ValueError(f"it has a statement longer than {MAX_STATEMENT_CHARACTERS} characters")
    if _DEEP_NESTING.search(text):
        raise RecursionError
    lexer = qasm3Lexer(InputStream(text))
    parser = qasm3Parser(CommonTokenStream(lexer))
    for recognizer in (lexer, parser):
        recognizer.removeErrorListeners()  # the default one prints
        recognizer.addErrorListener(_SyntaxErrors())
    visitor = QASMNodeVisitor()  # type: ignore[no-untyped-call]
    statements: _Statements = visitor.visitProgram(parser.program()).statements
    return statements


class _SyntaxErrors(ErrorListener):
    def syntaxError(self, recognizer, offendingSymbol, line, column, msg, e):  # type: ignore[no-untyped-def] # noqa: ARG002
        message = msg.partition(" expecting ")[0][:_SHOWN_CHARACTERS]
        raise ValueError(f"syntax error in line {line}: {message}")


class _Inspector(QASMVisitor[None]):
    """Rejects statements that an experiment cannot contain, and counts operands."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._bits = 0
        self._operands = 0
        self._called: dict[str, tuple[int, int]] = {}
        self._defined: set[str] = set()

    def missing_gates(self) -> Iterator[ast.QuantumGateDefinition]:
        """Yield definitions of the gates that the program uses without defining them."""
        for name, (n_parameters, n_qubits) in self._called.items():
            if name not in self._defined:
                parameters = [ast.Identifier(f"_p{n}") for n in range(n_parameters)]
                qubits = [ast.Identifier(f"_q{n}") for n in range(n_qubits)]
                body = _short_body(parameters, qubits)
                yield ast.QuantumGateDefinition(ast.Identifier(name), parameters, qubits, body)

    def visit(self, node: ast.QASMNode, context: None = None) -> None:
        """Visit a node; reject statements that have no form in a Qobj."""
        if isinstance(node, ast.Statement | ast.Pragma) and (
            not isinstance(node, _ALLOWED)
            or getattr(node, "modifiers", None)
            or getattr(node, "else_block", None)
            or (isinstance(node, _OPERATIONS) and not node.qubits)
        ):
            raise _unsupported(node)
        super().visit(node, context)

    def visit_QubitDeclaration(self, node: ast.QubitDeclaration) -> None:
        """Note the size of a register."""
        self._declare(node, node.qubit.name, node.size)

    def visit_ClassicalDeclaration(self, node: ast.ClassicalDeclaration) -> None:
        """Note the size of a register."""
        if not isinstance(node.type, ast.BitType):
            raise _unsupported(node)
        self._declare(node, node.identifier.name, node.type.size)
        if node.init_expression is not None:
            self.visit(node.init_expression)

    def visit_QuantumGateDefinition(self, node: ast.QuantumGateDefinition) -> None:
        """Replace the body: it is not used, and expanding nested bodies can take very long."""
        node.body = _short_body(node.arguments, node.qubits)
        self._defined.add(node.name.name)

    def visit_QuantumGate(self, node: ast.QuantumGate) -> None:
        """Note the call of a gate that the library does not have."""
        if node.name.name == "id":
            node.name.name = _IDENTITY
        name = node.name.name
        if name not in _IMPORTED_GATES:
            self._called[name] = len(node.arguments), len(node.qubits)
        self.generic_visit(node)

    def visit_IndexedIdentifier(self, node: ast.IndexedIdentifier | ast.IndexExpression) -> None:
        """Count a single element as one operand."""
        match node:
            case ast.IndexedIdentifier(
                name=ast.Identifier(name), indices=[[ast.IntegerLiteral()]]
            ) | ast.IndexExpression(ast.Identifier(name), [ast.IntegerLiteral()]) if (
                name in self._sizes
            ):
                self._count(1)
            case _:
                self.generic_visit(node)

    visit_IndexExpression = visit_IndexedIdentifier

    def visit_Identifier(self, node: ast.Identifier) -> None:
        """Count all elements of a register as operands."""
        if node.name[:1] == "$":
            self._bits = max(self._bits, int(node.name[1:]) + 1)
            self._check_bits()
        self._count(self._sizes.get(node.name, 1))

    def _declare(self, node: ast.Statement, name: str, size: ast.Expression | None) -> None:
        if not isinstance(size, ast.IntegerLiteral | None):
            raise _unsupported(node)
        self._sizes[name] = 1 if size is None else size.value
        self._bits += self._sizes[name]
        self._check_bits()

    def _check_bits(self) -> None:
        if self._bits > MAX_BITS:
            raise ValueError(f"it has more than {MAX_BITS} bits")

    def _count(self, operands: int) -> None:
        self._operands += operands
        if self._operands > MAX_OPERANDS:
            raise ValueError(f"its instructions have more than {MAX_OPERANDS} operands")


def _short_body(
    parameters: Sequence[ast.Identifier], qubits: Sequence[ast.Identifier]
) -> list[ast.QuantumStatement]:
    """Return a body that uses every parameter, since the importer counts only used ones."""
    zero = ast.IntegerLiteral(0)
    return [
        ast.QuantumGate([], ast.Identifier("U"), [parameter, zero, zero], list(qubits[:1]))
        for parameter in parameters
    ]


class _Flattener:
    """Converts a circuit with conditions to a flat list of instructions."""

    def __init__(self, circuit: QuantumCircuit) -> None:
        self._circuit = circuit
        self._next_register = circuit.num_clbits
        self._has_changed_bits = False

    def instructions(
        self, block: QuantumCircuit, mask: int = 0, value: int = 0
    ) -> Iterator[dict[str, Any]]:
        """Yield the instructions of the circuit or of a block of it.

        Args:
            block: the circuit or block.
            mask: the memory slots that the conditions around the block test.
            value: the values that the slots must have.
        """
        for item in block.data:
            if not mask:
                self._has_changed_bits = False
            elif self._has_changed_bits:
                raise ValueError("it measures a bit again within a block that depends on this bit")
            operation = item.operation
            if isinstance(operation, IfElseOp):
                tested, wanted = self._condition(operation.condition)
                if tested & mask:
                    raise ValueError("two nested conditions test the same bit")
                yield from self.instructions(operation.blocks[0], mask | tested, value | wanted)
                continue
            instruction = self._instruction(item)
            if mask:
                yield {
                    "name": "bfunc",
                    "mask": f"0x{mask:X}",
                    "relation": "==",
                    "val": f"0x{value:X}",
                    "register": self._next_register,
                }
                instruction["conditional"] = self._next_register
                self._next_register += 1
                slots = instruction.get("memory", ())
                self._has_changed_bits = any(mask >> slot & 1 for slot in slots)
            yield instruction

    def _instruction(self, item: Any) -> dict[str, Any]:
        operation = item.operation
        name = "id" if operation.name == _IDENTITY else operation.name
        instruction: dict[str, Any] = {"name": name, "qubits": self._indices(item.qubits)}
        if item.clbits:
            instruction["memory"] = self._indices(item.clbits)
        if isinstance(operation, Delay):
            length, unit = operation.duration, operation.unit
            instruction["params"] = [int(length) if unit == "dt" else length * _SECONDS[unit]]
        elif operation.params:
            instruction["params"] = [float(parameter) for parameter in operation.params]
        return instruction

    def _condition(self, condition: tuple[Any, int]) -> tuple[int, int]:
        tested, value = condition
        if isinstance(tested, Clbit):
            slots, value = self._indices([tested]), int(value)
        else:
            slots = self._indices(tested)
        if value >> len(slots):
            raise ValueError("a condition compares a register with a value that is too large")
        bits = [1 << slot for slot in slots]
        return sum(bits), sum(bit for place, bit in enumerate(bits) if value >> place & 1)

    def _indices(self, bits: Any) -> list[int]:
        return [self._circuit.find_bit(bit).index for bit in bits]


def _unsupported(node: ast.QASMNode) -> ValueError:
    text = " ".join(openqasm3.dumps(node).split())[:_SHOWN_CHARACTERS]
    return ValueError(f"a Qobj cannot contain {text!r}")
