"""docs/platform.md says something of every documented method, and nothing of others."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import ibmq_backend
from ibmq_backend.api.platform.operations import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
from ibmq_backend.backend_service import IBMQBackendService

TEXT = (Path(__file__).parents[3] / "docs" / "platform.md").read_text("utf-8")
ROWS = re.findall(r"^\| (.*?) \| (.*?) \| (full|partial|none) \|(.*)\|$", TEXT, re.MULTILINE)
CLASSES = {
    "IBMQ": ibmq_backend.IBMQFactory,
    "IBMQBackend": ibmq_backend.IBMQBackend,
    "IBMQBackendService": IBMQBackendService,
    "IBMQJob": ibmq_backend.IBMQJob,
}
ELSEWHERE = {
    "IBMQ": {"enable_local", "enable_accounts", "load_accounts", "backends", "get_backend"},
    "IBMQBackend": {"options", "set_options", "in_final_state"},
    "IBMQJob": {"done", "running", "cancelled", "in_final_state", "metadata"},
}
OLD = {
    *("active_accounts", "disable_accounts", "delete_accounts", "stored_accounts"),
}


def named():
    return {
        tuple(name.removesuffix("()").split("."))
        for documented, *_ in ROWS
        for name in re.findall(r"`(\w+\.\w+(?:\(\))?)`", documented)
    }


def test_every_method_has_a_row_and_every_row_a_method():
    for owner, cls in CLASSES.items():
        public = {
            name
            for name, member in inspect.getmembers(cls)
            if not name.startswith("_") and (callable(member) or isinstance(member, property))
        }
        rows = {name for where, name in named() if where == owner}
        assert rows <= public, owner
        missing = public - rows - ELSEWHERE.get(owner, set()) - OLD
        assert missing == set(), owner


def test_every_operation_exists():
    known = {
        each.id for table in (PLATFORM_OPERATIONS, CLOUD_OPERATIONS) for each in table.operations
    }
    for documented, operations, *_ in ROWS:
        for word in re.findall(r"\b[a-z]+[A-Z]\w+\b", operations):
            assert word in known, (documented, word)


def test_every_argument_of_run_has_a_row():
    arguments = set(inspect.signature(ibmq_backend.IBMQBackend.run).parameters)
    rows = {name for documented, *_ in ROWS for name in re.findall(r"`(\w+)`", documented)}
    assert arguments - {"self", "run_config"} <= rows


def test_every_row_that_is_not_full_says_why():
    assert [row for row in ROWS if row[2] != "full" and not row[3].strip()] == []
