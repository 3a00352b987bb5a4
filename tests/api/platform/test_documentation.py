"""docs/platform.md has a row for each documented method and no others."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import ibmq_api_cloud.operations
import ibmq_api_platform.operations

import ibmq_backend
from ibmq_backend.api import platform
from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
from ibmq_backend.backend.service import IBMQBackendService

TEXT = (Path(__file__).parents[3] / "docs" / "platform.md").read_text("utf-8")
ROWS = re.findall(r"^\| (.*?) \| (.*?) \| (full|partial|none) \|(.*)\|$", TEXT, re.MULTILINE)
KNOWN = {each.id for table in (PLATFORM_OPERATIONS, CLOUD_OPERATIONS) for each in table.operations}
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
    for documented, asked, *_ in ROWS:
        for word in re.findall(r"\b[a-z]+[A-Z]\w+\b", asked):
            assert word in KNOWN, (documented, word)


def used_operations():
    """Ids of the operations that the adapter calls, found by their constants."""
    names = {
        name
        for file in Path(platform.__path__[0]).glob("*.py")
        for name in re.findall(
            r"\.(?:call|read|confirm|exchange)\(\s*ops\.(\w+)", file.read_text("utf-8")
        )
    }
    tables = (vars(ibmq_api_platform.operations), vars(ibmq_api_cloud.operations))
    return {table[name].operation_id for name in names for table in tables if name in table}


def test_every_unused_operation_has_a_reason():
    used = used_operations()
    listed = re.findall(r"^\| ([a-zA-Z, ]+) \| [^|]+ \|$", TEXT, re.MULTILINE)
    not_used = [name for row in listed for name in row.split(", ") if name in KNOWN]
    assert len(not_used) == len(set(not_used))
    assert {each.id for each in PLATFORM_OPERATIONS.operations} - used == set(not_used)
    assert {each.id for each in CLOUD_OPERATIONS.operations} <= used
    assert f"has {len(PLATFORM_OPERATIONS.operations)} operations" in TEXT


def test_every_argument_of_run_has_a_row():
    arguments = set(inspect.signature(ibmq_backend.IBMQBackend.run).parameters)
    rows = {name for documented, *_ in ROWS for name in re.findall(r"`(\w+)`", documented)}
    assert arguments - {"self", "run_config"} <= rows


def test_every_partial_row_names_a_difference():
    assert [row for row in ROWS if row[2] != "full" and not row[3].strip()] == []
