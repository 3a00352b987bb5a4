"""Which service is talked to is decided in one place; nobody asks again."""

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
DECIDERS = ("api", "credentials", "emulator")
WORDS = {"dialect", "channel", "crn", "hub"}
SMALL_VALUES = {"records.py"}  # an instance describes itself


def asked(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                name = getattr(side, "attr", getattr(side, "id", None))
                if name in WORDS:
                    yield f"line {node.lineno}: {ast.unparse(node)}"


def test_only_adapters_and_credentials_ask_for_the_dialect():
    found = [
        f"{path.relative_to(PACKAGE)} {where}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in {*DECIDERS, *SMALL_VALUES}
        for where in asked(ast.parse(path.read_text()))
    ]
    assert found == []


def test_the_search_finds_what_it_looks_for():
    code = "if credentials.dialect == 'platform' or hub is None: pass"
    assert len(list(asked(ast.parse(code)))) == 2


def test_all_loggers_but_those_of_the_emulator_keep_secrets():
    """Those of ``redact.get_logger`` do; the emulator has a guard of its own."""
    found = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in {"emulator", "_secrets"}
        and re.search(r"\bgetLogger\b", path.read_text())
    ]
    assert found == []


def test_no_file_grew_too_long():
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in PACKAGE.rglob("*.py")
        if path.name != "_routes.py" and (lines := len(path.read_text().splitlines())) > 500
    }
    assert long == {}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of pyproject.toml on the copy of the package in a folder."""
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
def scratch(tmp_path: Path) -> Path:
    """A folder with a copy of the package."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("*.json*"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(scratch):
    done = lint_imports(scratch)
    assert done.returncode == 0, done.stdout


def test_what_no_contract_names_or_allows_is_found(scratch):
    package = scratch / PACKAGE.name
    added = {
        "newcomer.py": "",
        "emulator/newcomer.py": "",
        "api/newcomer.py": "",
        "emulator/core/borrowed.py": "from ibmq_backend.units import to_utc",
        "job/face.py": "from ibmq_backend import IBMQ",
        "job/upward.py": "def late():\n    from ibmq_backend.account.factory import IBMQ",
        "job/wait_too.py": "from ibmq_backend.job.progress import Progress",
        "job/binding.py": "import ibmq_api_classic",
    }
    for name, code in added.items():
        (package / name).write_text(code, encoding="utf-8")
    with (package / "job/progress.py").open("a", encoding="utf-8") as progress:
        progress.write("\nif TYPE_CHECKING:\n    from ibmq_backend.job import wait_too\n")
    done = lint_imports(scratch)
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    for expected in (
        "- ibmq_backend.newcomer ",
        "- ibmq_backend.emulator.newcomer ",
        "- ibmq_backend.api.newcomer ",
        "ibmq_backend.emulator is not allowed to import ibmq_backend.units",
        "ibmq_backend.job.face -> ibmq_backend ",
        "ibmq_backend.job.upward -> ibmq_backend.account.factory",
        "ibmq_backend.job.binding -> ibmq_api_classic",
        "wait_too",
    ):
        assert expected in text, expected
