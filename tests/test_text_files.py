"""Every file of a user is read in the encodings that editors write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import qiskit.providers.ibmq  # noqa: F401 - adapts the readers of Terra
from qiskit import QuantumCircuit, qasm3

from ibmq_backend.cli.errors import CommandError
from ibmq_backend.cli.programs import read_circuit
from ibmq_backend.credentials.official import read_official_accounts
from ibmq_backend.credentials.saved import read_saved_account
from ibmq_backend.doctor.sources import UnreadableProgramError, read_program
from ibmq_backend.emulator.classroom.accounts_file import read_accounts_file
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.snapshots import SnapshotError, read_document
from ibmq_backend.emulator.faults.kinds import FaultScriptError
from ibmq_backend.emulator.faults.script import FaultScript
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidFormat
from ibmq_backend.testing.cassette_files import CassetteFile, CassetteProblem, deserialize
from ibmq_backend.text_files import NotTextError, decode_text

QASM_2 = 'OPENQASM 2.0; // für\ninclude "qelib1.inc";\nqreg q[1];\nh q[0];\n'
QASM_3 = 'OPENQASM 3.0; // für\ninclude "stdgates.inc";\nqubit[1] q;\nh q[0];\n'
ACCOUNT = {"token": "t", "url": "https://host/api"}
CELL = {"cell_type": "code", "source": ["x = 1\n", "# für\n", "y = 2"]}
CASSETTE = "# für\nversion: 1\ninteractions: []\n"
FAULT = {"fault": [{"operation": "createJob", "kind": "status", "status": 500}]}


class Yaml:
    """A serializer of vcrpy."""

    deserialize = staticmethod(deserialize)


def official() -> str:
    return read_official_accounts(environ={})[1]["default-ibm-cloud"]().token


READERS = {
    "a.qasm": (QASM_2, lambda path: read_circuit(str(path)).depth(), CommandError),
    "b.qasm": (QASM_3, lambda path: read_circuit(str(path)).depth(), CommandError),
    "terra.qasm": (QASM_2, lambda path: QuantumCircuit.from_qasm_file(str(path)).depth(), None),
    "terra3.qasm": (QASM_3, lambda path: qasm3.load(str(path)).depth(), None),
    "program.py": (
        "# für\nx = 1\n",
        lambda path: len(read_program(path).cells[0].tree.body),
        UnreadableProgramError,
    ),
    "program.ipynb": (
        json.dumps({"cells": [CELL]}, ensure_ascii=False),
        lambda path: len(read_program(path).cells[0].tree.body) - 1,
        UnreadableProgramError,
    ),
    "home/.qiskit/qiskit-ibm.json": (
        json.dumps({"note": "für", "default-ibm-cloud": ACCOUNT}, ensure_ascii=False),
        lambda path: len(official()),
        IBMQAccountCredentialsInvalidFormat,
    ),
    "saved.json": (
        json.dumps({"format": 1, "note": "für", "account": ACCOUNT}, ensure_ascii=False),
        lambda path: len(read_saved_account(path).token),
        IBMQAccountCredentialsInvalidFormat,
    ),
    "accounts.toml": (
        '# für\n[[project]]\ninstance = "a/b/c"\n',
        lambda path: len(read_accounts_file(path).projects),
        EmulatorError,
    ),
    "faults.toml": (
        '# für\n[[fault]]\noperation = "createJob"\nkind = "status"\nstatus = 500\n',
        lambda path: len(FaultScript.load(path).faults),
        FaultScriptError,
    ),
    "faults.json": (
        json.dumps(FAULT),
        lambda path: len(FaultScript.load(path).faults),
        FaultScriptError,
    ),
    "conf_a.json": ('{"note": "für"}', lambda path: len(read_document(path)), SnapshotError),
    "cassette.yaml": (
        CASSETTE,
        lambda path: len(CassetteFile().load_cassette(path, Yaml())),
        CassetteProblem,
    ),
}

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1"]
"""``utf-16`` and ``utf-32`` have a byte order mark."""


def put(name: str, folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(folder / "home"))
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_files_are_read_in_any_encoding(name, encoding, tmp_path, monkeypatch):
    text, read, _ = READERS[name]
    for lines in (text, text.replace("\n", "\r\n")):
        path = put(name, tmp_path, lines.encode(encoding), monkeypatch)
        found = read(path)
        assert found if name == "cassette.yaml" else found == 1


@pytest.mark.parametrize("name", [name for name, reader in READERS.items() if reader[2]])
def test_what_is_not_text_is_named(name, tmp_path, monkeypatch):
    text, read, error = READERS[name]
    content = text.encode() + b"\n\x7fELF\0\1\xff\n"
    path = put(name, tmp_path, content, monkeypatch)
    line = content.count(b"\n", 0, content.index(b"\0")) + 1
    with pytest.raises(error, match=f"line {line} contains a null byte; save") as caught:
        read(path)
    assert path.name in str(caught.value)


def test_only_the_line_with_other_bytes_is_latin_1():
    content = "ä = 1\n".encode() + "# für\n".encode("latin-1")
    assert decode_text(content) == "ä = 1\n# für\n"
    kept = decode_text(content, keep_bytes=True)
    assert kept.encode(errors="surrogateescape") == content
    assert decode_text("a\n".encode("utf-8-sig") * 2 + b"\rb\r\nc") == "a\na\n\nb\nc"
    assert decode_text(b"") == ""
    with pytest.raises(NotTextError, match="byte 4 is not UTF-16; save"):
        decode_text("a".encode("utf-16") + b"x")


def test_texts_of_terra_may_begin_with_a_mark(tmp_path):
    assert QuantumCircuit.from_qasm_str("\ufeff" + QASM_2).depth() == 1
    (tmp_path / "mine.inc").write_text("opaque mine a;")
    path = tmp_path / "a.qasm"
    path.write_text('OPENQASM 2.0; include "mine.inc"; qreg q[1]; mine q[0];', encoding="utf-16")
    assert QuantumCircuit.from_qasm_file(str(path)).depth() == 1
