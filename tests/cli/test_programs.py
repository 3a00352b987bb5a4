import io
import sys
from pathlib import Path

import pytest

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.programs import read_circuit

BELL = """\
// a comment first
OPENQASM 2.0;
include "qelib1.inc";
qreg q[2]; creg c[2];
h q[0]; cx q[0], q[1]; u3(0.1, 0.2, 0.3) q[1]; cu1(0.5) q[0], q[1];
measure q -> c;
"""

BELL_3 = """\
OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q; bit[2] c;
h q[0]; cx q[0], q[1];
c = measure q;
"""


def put(folder: Path, text: str) -> str:
    path = folder / "program.qasm"
    path.write_text(text)
    return str(path)


def test_openqasm_2(tmp_path):
    circuit = read_circuit(put(tmp_path, BELL))
    assert (circuit.num_qubits, circuit.num_clbits) == (2, 2)
    assert dict(circuit.count_ops()) == {"measure": 2, "h": 1, "cx": 1, "u3": 1, "cu1": 1}


def test_standard_input_in_another_encoding(monkeypatch):
    piped = io.TextIOWrapper(io.BytesIO(f"// für\n{BELL}".encode("utf-16")), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", piped)
    assert read_circuit("-").num_qubits == 2


def test_include_from_the_folder_of_the_file(tmp_path):
    (tmp_path / "mine.inc").write_text("opaque mine a;")
    text = 'OPENQASM 2.0; include "mine.inc"; qreg q[1]; mine q[0];'
    assert read_circuit(put(tmp_path, text)).count_ops() == {"mine": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not an OpenQASM program"),
        ("qreg q[1];", "not an OpenQASM program"),
        ("OPENQASM 4.0;", "OpenQASM 4 is not supported"),
        ("OPENQASM 2.0;\nqreg q[1];\nh q[0];", r"program\.qasm, line 3, column 0: cannot use"),
        ('OPENQASM 2.0; include "none.inc";', "none.inc"),
        ("OPENQASM 3.0;\nqubit q;\nh q[0\n", r"program\.qasm: line 4:0 .+"),
    ],
)
def test_invalid_program(tmp_path, text, says):
    with pytest.raises(CommandError, match=says):
        read_circuit(put(tmp_path, text))


def test_unreadable_file(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        read_circuit(str(tmp_path / "none.qasm"))
    with pytest.raises(CommandError, match="cannot be read"):
        read_circuit(str(tmp_path))
    (tmp_path / "binary.qasm").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not a text file"):
        read_circuit(str(tmp_path / "binary.qasm"))


def test_openqasm_3(tmp_path):
    assert read_circuit(put(tmp_path, BELL_3)).num_qubits == 2
