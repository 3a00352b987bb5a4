"""How well random circuits agree with Aer on IBM Quantum Platform."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
TEST: Final = "tests/backend/test_platform_circuits.py"
_CIRCUITS: Final = 50


def show(_: Sequence[str] = ()) -> None:
    """Compare random circuits of each basis with Aer, from ``transpile`` to the counts."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-k", "random_circuits", TEST],
        cwd=ROOT,
        env={**os.environ, "IBMQ_BACKEND_CIRCUITS": str(_CIRCUITS)},
        capture_output=True,
        text=True,
        check=False,
    )
    for line in re.findall(r"agreement .*", done.stdout):
        print(line)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
