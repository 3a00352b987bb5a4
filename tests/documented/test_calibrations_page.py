"""docs/calibrations.md: its examples run, one after the other, and print what they state."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "calibrations.md").read_text(encoding="utf-8")
JOB = """
from qiskit import QuantumCircuit, transpile
circuit = QuantumCircuit(1)
circuit.measure_all()
job = backend.run(transpile(circuit, backend))
"""


@pytest.mark.integration
def test_the_examples_print_what_they_state(tmp_path: Path) -> None:
    choose, state = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"from qiskit import IBMQ\n{choose}{JOB}{state}"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    day, *printed = done.stdout.splitlines()
    stated_day, *stated = re.findall(r"  # (.*)", choose + state)
    assert day[:10] == stated_day[:10]
    assert printed == stated
