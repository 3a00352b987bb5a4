"""The fixture ``local_platform`` with ``qiskit-ibm-runtime``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.testing.conftest import Run

ROOT = Path(__file__).resolve().parents[2]
CLIENT = Path(os.environ.get("IBMQ_BACKEND_JUDGES", ROOT / ".judges")) / "runtime_client"
SITE = list(CLIENT.glob("lib/python*/site-packages"))

PROGRAM = """\
    from qiskit import QuantumCircuit, transpile
    from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2

    def counts():
        backend = QiskitRuntimeService().backend("ibm_oslo")
        circuit = QuantumCircuit(2)
        circuit.h(0)
        circuit.cx(0, 1)
        circuit.measure_all()
        circuit = transpile(circuit, backend, optimization_level=1)
        return SamplerV2(mode=backend).run([circuit], shots=200).result()[0].data.meas.get_counts()

    def test_bell(local_platform):
        found = counts()
        assert found["00"] + found["11"] > 150

    def test_again(local_platform):
        assert QiskitRuntimeService().jobs() == []
        assert QiskitRuntimeService().active_account()["instance"].startswith("crn:")
"""


@pytest.mark.skipif(
    not any((site / "pytest").exists() for site in SITE),
    reason="needs the environment that scripts/test judges runtime_client sets up",
)
def test_official_client_reaches_the_emulator(tmp_path: Path) -> None:
    (tmp_path / "test_bell.py").write_text(dedent(PROGRAM), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\nibmq_python = {sys.executable}\n", encoding="utf-8"
    )
    done = subprocess.run(
        [
            *(str(CLIENT / "bin/python"), "-m", "pytest", "-q", "-W", "ignore"),
            *("-p", "ibmq_backend.testing.plugin", "-p", "no:cacheprovider"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_missing_client_is_explained(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    monkeypatch.setattr("ibmq_backend.testing.official_client.running_server", _no_server)
    result = run("def test_it(local_platform):\n    pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*local_platform needs the package requests*local_ibmq*"])


def _no_server(_python: str, _folder: Path):
    from contextlib import nullcontext

    return nullcontext("http://127.0.0.1:9")


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/true"])
def test_interpreter_without_the_emulator_is_named(
    run: Run, pytester: pytest.Pytester, python: str
) -> None:
    pytester.makeini(f"[pytest]\nibmq_python = {python}")
    result = run("def test_it(local_platform):\n    pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*Name an interpreter that has this package with its extra local*"]
    )
