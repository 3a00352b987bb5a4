"""Which service is talked to is decided in one place; nobody asks again."""

import ast
import re
from pathlib import Path

import ibmq_backend

PACKAGE = Path(ibmq_backend.__file__).parent
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
        if path.relative_to(PACKAGE).parts[0] not in {"emulator", "redact.py", "log_setup.py"}
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
