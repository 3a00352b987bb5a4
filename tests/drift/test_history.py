"""The real change from 2025-05-01 to 2026-04-15: every difference is found, bindings follow."""

import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scripts._drift.changes import Change, Effect
from scripts._drift.compare import compare_versions
from scripts._drift.operations import Version

HISTORY = Path(__file__).parent / "history"


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((HISTORY / "changes.toml").read_text())["row"]
    return found


@pytest.fixture(scope="module")
def changes(history: tuple[Version, Version]) -> list[Change]:
    """The changes that the comparison finds."""
    return compare_versions(*history)


def test_exactly_the_published_changes_are_found(changes: list[Change]) -> None:
    published = [change for row in rows() for change in row["changes"]]
    found = [
        " | ".join((one.operation, one.location, one.kind, one.effect.value)).replace("|  |", "| |")
        for one in changes
    ]
    assert Counter(found) - Counter(published) == Counter(), "false alarms"
    assert Counter(published) - Counter(found) == Counter(), "not found"
    assert len(found) == 57
    assert Counter(one.effect for one in changes) == {Effect.BREAKING: 15, Effect.COMPATIBLE: 42}


def test_every_version_of_the_published_table_has_its_row() -> None:
    assert [row["version"] for row in rows() if row["version"] != "replies"] == [
        "2026-02-01",
        "2026-02-15",
        "2026-03-15",
        "2026-04-15",
    ]


@pytest.mark.parametrize("which", [0, 1])
def test_a_version_does_not_differ_from_itself(
    which: int, history: tuple[Version, Version]
) -> None:
    assert compare_versions(history[which], history[which]) == []


def try_description(root: Path, spec: Path, folder: Path) -> None:
    """Make the bindings of a description in a folder."""
    command = [sys.executable, str(root / "scripts/regenerate"), "--try", "platform"]
    done = subprocess.run(
        [*command, str(spec), str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def generated(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Bindings of both versions, in two folders."""
    folders = {}
    for version in ("2025-05-01", "2026-04-15"):
        folders[version] = tmp_path_factory.mktemp("bindings")
        try_description(root, HISTORY / f"{version}.yaml", folders[version])
    return folders


def test_bindings_follow(generated: dict[str, Path], changes: list[Change]) -> None:
    def modules(version: str) -> set[str]:
        folder = generated[version] / "ibmq_api_platform/api"
        return {path.stem for path in folder.rglob("*.py")}

    gone = {one.operation for one in changes if one.kind == "operation removed"}
    assert modules("2025-05-01") - modules("2026-04-15") == {
        "get_interim_results",
        "get_transpiled_circuits",
    }
    assert gone == {"getInterimResults", "getTranspiledCircuits"}
    assert modules("2026-04-15") <= modules("2025-05-01")


FIELDS = """
import json
from attrs import fields
import ibmq_api_platform.models as models
import ibmq_api_platform.api.backends.list_backends as list_backends
import inspect
print(json.dumps({
    "usage": [f.name for f in fields(models.JobUsage)],
    "metrics": [f.name for f in fields(models.JobMetrics)],
    "list": list(inspect.signature(list_backends.sync_detailed).parameters),
}))
"""


def names(folder: Path) -> dict[str, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", FIELDS],
        env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name: set(value) for name, value in json.loads(done.stdout).items()}


def test_models_and_arguments_follow(generated: dict[str, Path]) -> None:
    old, new = names(generated["2025-05-01"]), names(generated["2026-04-15"])
    assert old["usage"] - new["usage"] == {"seconds"}
    assert new["usage"] - old["usage"] == {"qpu_charge_time_seconds", "status"}
    assert "bss" in old["metrics"] - new["metrics"]
    assert "circuits_execution_time_ns" in new["metrics"] - old["metrics"]
    assert new["list"] - old["list"] == {"fields"}
