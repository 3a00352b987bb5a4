"""Every row of the tables in docs/security.md names existing tests."""

import re
from pathlib import Path

from tests.support.node_ids import has_test

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def audit_rows() -> list[list[str]]:
    """Return the cells of each row, in the tables with a column of tests."""
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


def test_every_row_names_existing_tests() -> None:
    rows = audit_rows()
    assert len(rows) > 25
    for what, reader, reason, tests in rows:
        assert all((what, reader, reason))
        found = re.findall(r"`(tests/[^`]+)`", tests)
        assert found, what
        assert [test for test in found if not has_test(ROOT, test)] == [], what


def test_named_files_exist() -> None:
    for name in re.findall(r"`([\w/.]+\.(?:py|lock|toml))`", PAGE):
        assert list(ROOT.glob(name)) or list(ROOT.glob(f"ibmq_backend/**/{name}")), name
