"""docs/old-programs.md matches the code."""

import re
from pathlib import Path

from ibmq_backend._compat.adaptations import ADAPTATIONS
from ibmq_backend._compat.circuit_methods import METHODS, RENAMED
from ibmq_backend._compat.dropin import OLD_NAMES

PAGE = (Path(__file__).parents[2] / "docs" / "old-programs.md").read_text(encoding="utf-8")


def rows(heading):
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \| (.*) \|$", section, re.MULTILINE)


def test_table_of_imports():
    written = {old: new.strip("`") for old, new in rows("Imports")}
    assert written == OLD_NAMES


def test_table_of_changes():
    assert [module for module, _ in rows("Changes in Terra and Aer")] == list(ADAPTATIONS)


def test_every_circuit_method_is_named():
    text = dict(rows("Changes in Terra and Aer"))["qiskit.circuit.quantumcircuit"]
    named = set(re.findall(r"\w+", text))
    assert {name for name in (*METHODS, *RENAMED) if not name.startswith("__")} <= named
