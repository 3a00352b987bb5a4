"""The table of error codes holds the codes of the emulator, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ibmq_backend.emulator.core.error_codes import ErrorCode

ROOT = Path(__file__).parents[3]
EMULATOR = ROOT / "ibmq_backend" / "emulator"
RAISED = {"JobRefused", "EngineError", "ServiceError", "PlatformError", "too_large", "_failure"}
"""Callables that take a code."""


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in EMULATOR.rglob("*.py")]


def test_each_code_is_used_and_no_other() -> None:
    used: set[str] = set()
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "ErrorCode":
                used.add(node.attr)
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in RAISED:
                numbers = [
                    given.value
                    for given in [*node.args, *(keyword.value for keyword in node.keywords)]
                    if isinstance(given, ast.Constant) and type(given.value) is int
                ]
                assert not [one for one in numbers if one >= 1000], f"{path}:{node.lineno}"
    assert used == set(ErrorCode.__members__)


@pytest.mark.parametrize("code", ErrorCode)
def test_each_code_has_a_meaning_and_is_a_plain_number(code: ErrorCode) -> None:
    assert re.match(r"[a-z].*[^.]$", code.meaning) or code.meaning.startswith("OpenQASM")
    assert f"{code}" == str(int(code))
    assert ErrorCode(int(code)) is code
