"""The layers of the package, and a few rules that import-linter cannot check."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ibmq_backend

PACKAGE = Path(ibmq_backend.__file__).parent
ROOT = Path(__file__).resolve().parents[2]
MAY_COMPARE = ("api", "credentials", "emulator")
NAMES = {"dialect", "channel", "crn", "hub"}
MAY_COMPARE_TOO = {"records.py"}  # the text form of an instance


def comparisons(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                name = getattr(side, "attr", getattr(side, "id", None))
                if name in NAMES:
                    yield f"line {node.lineno}: {ast.unparse(node)}"


def test_only_adapters_and_credentials_compare_dialects():
    found = [
        f"{path.relative_to(PACKAGE)} {where}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in {*MAY_COMPARE, *MAY_COMPARE_TOO}
        for where in comparisons(ast.parse(path.read_text()))
    ]
    assert found == []


def test_comparisons_are_found():
    code = "if credentials.dialect == 'platform' or hub is None: pass"
    assert len(list(comparisons(ast.parse(code)))) == 2


def test_loggers_outside_the_emulator_redact_secrets():
    """Only ``redact.get_logger`` may be used; the emulator has a guard of its own."""
    found = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in {"emulator", "_secrets"}
        and re.search(r"\bgetLogger\b", path.read_text())
    ]
    assert found == []


def test_no_module_has_more_than_500_lines():
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if path.name != "_routes.py" and (lines := len(path.read_text().splitlines())) > 500
    }
    assert long == {}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of pyproject.toml on a copy of the package."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT / "generated"))),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def copied_package(tmp_path: Path) -> Path:
    """Return a folder with a copy of the package."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("*.json*"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copied_package):
    done = lint_imports(copied_package)
    assert done.returncode == 0, done.stdout


def test_unnamed_modules_and_forbidden_imports_are_found(copied_package):
    package = copied_package / PACKAGE.name
    added = {
        "unnamed.py": "",
        "emulator/unnamed.py": "",
        "api/unnamed.py": "",
        "emulator/core/borrowed.py": "from ibmq_backend.units import to_utc",
        "job/face.py": "from ibmq_backend import IBMQ",
        "job/upward.py": "def late():\n    from ibmq_backend.account.factory import IBMQ",
        "job/wait_too.py": "from ibmq_backend.job.progress import Row",
        "job/binding.py": "import ibmq_api_classic",
    }
    for name, code in added.items():
        (package / name).write_text(code, encoding="utf-8")
    with (package / "job/progress.py").open("a", encoding="utf-8") as progress:
        progress.write("\nif TYPE_CHECKING:\n    from ibmq_backend.job import wait_too\n")
    done = lint_imports(copied_package)
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    for expected in (
        "- ibmq_backend.unnamed ",
        "- ibmq_backend.emulator.unnamed ",
        "- ibmq_backend.api.unnamed ",
        "ibmq_backend.emulator is not allowed to import ibmq_backend.units",
        "ibmq_backend.job.face -> ibmq_backend ",
        "ibmq_backend.job.upward -> ibmq_backend.account.factory",
        "ibmq_backend.job.binding -> ibmq_api_classic",
        "wait_too",
    ):
        assert expected in text, expected
