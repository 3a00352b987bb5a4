"""``Wire:`` lines: they are read completely, and they are true."""

import ast
from functools import cache
from pathlib import Path

import pytest

from scripts._drift.wire import WireLines, constant_of
from scripts._regenerate.dialects import DIALECTS
from tests.support.descriptions import DOCUMENTS, ROOT

OPERATIONS = {
    name: {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    | set(document.get("x-websockets", ()))
    for name, document in DOCUMENTS.items()
}
ADAPTERS = {"api/classic/": ("classic",), "api/platform/": ("platform", "cloud")}


@cache
def wire() -> WireLines:
    return WireLines(ROOT)


def test_every_operation_in_a_wire_line_exists() -> None:
    for line in wire().lines:
        dialects = next(
            (dialects for folder, dialects in ADAPTERS.items() if line.module.startswith(folder)),
            tuple(OPERATIONS),
        )
        known = set().union(*(OPERATIONS[name] for name in dialects))
        assert line.operations <= known, f"{line.module}:{line.line}"


def test_every_reference_in_a_wire_line_leads_to_a_wire_line() -> None:
    names = {line.name for line in wire().lines}
    for line in wire().lines:
        assert line.references <= names, f"{line.module}:{line.line}"


def test_every_wire_line_names_something() -> None:
    for line in wire().lines:
        assert line.operations | line.references, f"{line.module}:{line.line}"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_every_operation_that_is_sent_has_a_wire_line_beside_it(dialect) -> None:  # type: ignore[no-untyped-def]
    for operation in OPERATIONS[dialect.name]:
        for place in wire().senders(dialect.name, operation):
            path = place.partition(":")[0]
            named = {
                name
                for line in wire().lines
                if f"ibmq_backend/{line.module}" == path
                for name in line.operations
            }
            uses = calls_of(ROOT / path, constant_of(operation))
            assert operation in named or not uses, f"{place}: no Wire line names {operation}"


def calls_of(path: Path, constant: str) -> bool:
    """Return whether a function, and no table of the module, uses a constant."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.Attribute) and node.attr == constant
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    )


def test_operations_that_nothing_sends() -> None:
    def unused(dialect: str) -> set[str]:
        return {one for one in OPERATIONS[dialect] if not wire().senders(dialect, one)}

    assert unused("cloud") == set()
    assert unused("classic") == {"getVersion"}
    assert unused("platform") == {
        "getAccountConfiguration",
        "getBackendDefaults",
        "getInstance",
        "getInstanceConfiguration",
        "getInterimResults",
        "getTranspiledCircuits",
        "getVersions",
        "listTags",
        "listWorkloads",
    }


@pytest.mark.parametrize(
    ("method", "classic", "platform"),
    [
        ("IBMQBackend.status", {"getBackendStatus"}, {"getBackendStatus"}),
        ("IBMQBackend.remaining_jobs_count", {"getJobsLimit"}, {"listJobs"}),
        ("IBMQBackend.reservations", {"listBackendBookings"}, set()),
        ("IBMQJob.update_tags", {"updateJob"}, {"getJob", "replaceJobTags"}),
        ("IBMQJob.qobj", {"getJobDownloadUrl", "getStoredObject"}, {"getJob"}),
        ("ManagedJob.qobj", {"getJobDownloadUrl", "getStoredObject"}, {"getJob"}),
        (
            "IBMQJob.properties",
            {"getJobProperties"},
            {"getJob", "getJobMetrics", "getBackendProperties"},
        ),
    ],
)
def test_operations_of_a_documented_method(
    method: str, classic: set[str], platform: set[str]
) -> None:
    assert wire().documented("classic")[method] == classic
    assert wire().documented("platform")[method] == platform


def test_documented_methods_that_sign_in_name_all_services() -> None:
    for dialect, operation in (
        ("classic", "loginWithToken"),
        ("cloud", "exchangeToken"),
        ("cloud", "getCatalogEntry"),
    ):
        assert operation in wire().documented(dialect)["IBMQFactory.enable_account"]
