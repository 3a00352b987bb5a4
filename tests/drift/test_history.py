"""From 2025-05-01 to 2026-04-15: what changed, what it touches, and that the bindings follow."""

import copy
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts._drift.changes import Change, Effect
from scripts._drift.compare import compare_versions
from scripts._drift.impact import Impact, ImpactFinder, is_urgent
from scripts._drift.operations import Version
from tests.support.spec_check import Contract

HISTORY = Path(__file__).parent / "history"
OLD_CASSETTE = "platform/test_versions/test_life_of_a_job_in_the_replies_of_2025.yaml"
NEW_CASSETTE = "platform/test_versions/test_life_of_a_job_in_the_replies_of_2026.yaml"


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((HISTORY / "changes.toml").read_text())["row"]
    return found


@pytest.fixture(scope="module")
def changes(history: tuple[Version, Version]) -> list[Change]:
    """All that the comparison finds."""
    return compare_versions(*history)


@pytest.fixture(scope="module")
def impacts(
    changes: list[Change], history: tuple[Version, Version], finder: ImpactFinder
) -> dict[str, Impact]:
    """What each touches, by operation and field."""
    keys = {one.endpoint: one.key for each in history for one in each.operations.values()}
    found = finder.impacts(changes, "platform", keys)
    return {
        f"{one.change.operation} {one.change.field or one.change.where}".strip(): one
        for one in found
    }


def test_exactly_the_published_changes_are_found(changes: list[Change]) -> None:
    published = [change for row in rows() for change in row["changes"]]
    found = [
        " | ".join((one.operation, one.place, one.kind, one.effect.value)).replace("|  |", "| |")
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


def test_functions_that_read_what_went_are_named(impacts: dict[str, Impact]) -> None:
    gone = impacts["getJobMetrics usage.quantum_seconds"]
    assert gone.senders == ("api.platform.jobs.JobReader._measured",)
    assert gone.readers == ("api.platform.mapping._seconds",)
    assert gone.emulator == ("platform.handlers.jobs.get_job_metrics",)
    assert {"IBMQJob.result", "IBMQJob.time_per_step", "IBMQJob.properties"} <= {*gone.documented}
    assert not {"IBMQBackend.status", "IBMQJob.tags", "IBMQJob.update_name"} & {*gone.documented}
    assert gone.ways["IBMQJob.properties"] == [
        "job.job.IBMQJob.properties",
        "api.port.AccountClient.job_properties",
        "api.platform.client.PlatformAccountClient.job_properties",
        "api.platform.jobs.JobReader._started",
        "api.platform.jobs.JobReader._measured",
    ]


def test_what_nobody_reads_touches_no_documented_method(impacts: dict[str, Impact]) -> None:
    handed_through = impacts["getJobMetrics bss"]
    assert handed_through.readers == ()
    assert handed_through.documented == ()
    assert handed_through.stale == (OLD_CASSETTE,)
    unused = impacts["getTranspiledCircuits"]
    assert (unused.senders, unused.documented, unused.exercised) == ((), (), ())


def test_a_bound_of_what_is_sent_names_who_sends_it(impacts: dict[str, Impact]) -> None:
    sent = impacts["createJob tags[]"]
    assert "api.platform.payloads.job_request" in sent.readers
    assert "IBMQBackend.run" in sent.documented
    assert impacts["createJob cost"].readers == ()


def test_the_stale_cassettes_are_those_with_old_replies(impacts: dict[str, Impact]) -> None:
    stale = {name for impact in impacts.values() for name in impact.stale}
    assert stale == {OLD_CASSETTE}
    assert NEW_CASSETTE in impacts["getJobMetrics bss"].exercised


def test_a_strict_reader_of_the_new_version_refuses_the_same_cassette(
    history: tuple[Version, Version], finder: ImpactFinder, impacts: dict[str, Impact]
) -> None:
    """The cassettes checker, told that nothing else may be there, agrees with the impact."""
    strict = Contract(closed(history[1].document))
    refused = set()
    for interaction in finder.interactions("platform"):
        if not interaction.path.endswith("/metrics") or interaction.status != "200":
            continue
        pointer = strict_reply(strict, "getJobMetrics")
        if list(strict.schemas.problems(pointer, interaction.answered)):
            refused.add(interaction.cassette)
    metrics = [one for name, one in impacts.items() if name.startswith("getJobMetrics")]
    assert refused == {name for one in metrics for name in one.stale} == {OLD_CASSETTE}


def closed(value: Any) -> Any:
    """A copy in which objects with properties allow no others."""
    if isinstance(value, list):
        return [closed(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    copy = {key: closed(inner) for key, inner in value.items()}
    if copy.get("type") == "object" and isinstance(copy.get("properties"), dict):
        copy.setdefault("additionalProperties", False)
    return copy


def strict_reply(contract: Contract, operation_id: str) -> str:
    pointer = next(one.pointer for one in contract.operations if one.id == operation_id)
    return f"{pointer}/responses/200/content/application~1json/schema"


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
    """The bindings of both versions, each in a folder of its own."""
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


def imported(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Import the adapter on the bindings of a folder."""
    code = (
        "import ibmq_api_platform, ibmq_backend.api.platform.jobs\n"
        f"assert ibmq_api_platform.__file__.startswith({str(folder)!r})\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def replayed(root: Path, folder: Path) -> str:
    """Replay the recorded lives of a job, of both versions, on the bindings of a folder."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("tests/contract/test_versions.py", "-k", "cassette"),
        ],
        cwd=root,
        env={
            **os.environ,
            "PYTHONPATH": str(folder),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # they take a third of the time
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


def test_the_suite_breaks_where_the_impact_says(
    root: Path, tmp_path: Path, impacts: dict[str, Impact]
) -> None:
    """The results are no text any more. It is why spec/platform.yaml keeps text before JSON."""
    ours = yaml.safe_load((root / "spec/platform.yaml").read_text(encoding="utf-8"))
    content = ours["paths"]["/v1/jobs/{job_id}/results"]["get"]["responses"]["200"]["content"]
    for name in ("as it is", "without text"):
        if name == "without text":
            del content["text/plain"]
        spec = tmp_path / f"{name}.json"
        spec.write_text(json.dumps(ours, default=str), encoding="utf-8")
        try_description(root, spec, tmp_path / name)
    assert "2 passed" in replayed(root, tmp_path / "as it is")
    broken = replayed(root, tmp_path / "without text")
    assert "2 failed" in broken
    raised = re.findall(r"^E .*ApiNotFound: 'The service stores no result of job", broken, re.M)
    assert len(raised) == 2
    results = [one for one in impacts.values() if one.change.operation == "getJobResults"]
    (removed,) = (one for one in results if one.change.effect is Effect.BREAKING)
    assert is_urgent(removed)
    assert removed.change.place == "response 200 text/plain"
    assert removed.senders == ("api.platform.jobs.JobReader._results",)
    assert "IBMQJob.result" in removed.documented


def test_what_breaks_is_where_the_impact_says(
    root: Path, tmp_path: Path, history: tuple[Version, Version], finder: ImpactFinder
) -> None:
    """A next version without the metrics: the named module cannot be imported any more."""
    document = copy.deepcopy(dict(history[1].document))
    del document["paths"]["/v1/jobs/{job_id}/metrics"]
    spec = tmp_path / "next.yaml"
    spec.write_text(json.dumps(document), encoding="utf-8")
    (change,) = compare_versions(history[1], Version(document, "next"))
    keys = {one.endpoint: one.key for one in history[1].operations.values()}
    (impact,) = finder.impacts([change], "platform", keys)
    assert impact.senders == ("api.platform.jobs.JobReader._measured",)
    assert {"IBMQJob.result", "IBMQJob.time_per_step"} <= set(impact.documented)
    assert impact.stale == impact.exercised != ()
    try_description(root, spec, tmp_path)
    done = imported(tmp_path)
    assert done.returncode == 1
    assert "ibmq_backend/api/platform/jobs.py" in done.stderr
    assert "cannot import name 'get_job_metrics'" in done.stderr
