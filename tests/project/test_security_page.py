"""The audit in docs/security.md names tests that are there, one at least in every row."""

import re
from pathlib import Path

from scripts._docs.check import has_test

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def audit() -> list[list[str]]:
    """The cells of the rows whose table has the column of tests."""
    rows, inside = [], False
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[-1] == "tests":
            inside = True
        elif inside and not set(line) <= set("| -"):
            rows.append(cells)
    return rows


def test_every_row_names_tests_that_are_there() -> None:
    rows = audit()
    assert len(rows) > 25
    for what, reader, reason, tests in rows:
        assert all((what, reader, reason))
        found = re.findall(r"`(tests/[^`]+)`", tests)
        assert found, what
        assert [test for test in found if not has_test(ROOT, test)] == [], what


def test_files_that_the_page_names_are_there() -> None:
    for name in re.findall(r"`([\w/.]+\.(?:py|lock|toml))`", PAGE):
        assert list(ROOT.glob(name)) or list(ROOT.glob(f"ibmq_backend/**/{name}")), name
