"""A change of a reply that we read is a type error in the line that reads it.

Bindings of a changed description are made in a scratch folder, and mypy checks the adapter against
them.
"""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.support.descriptions import DOCUMENTS, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.integration]


class Change(NamedTuple):
    """A change of one property of a reply.

    Attributes:
        schema: In components, with the names of properties on the way to an inner one.
        property: Its name.
        how: ``rename``, ``retype`` or ``remove``.
        read: What the line that reads it holds.
    """

    schema: str
    property: str
    how: str
    read: str


CHANGES = {
    "classic": (
        "ibmq_api_classic",
        "ibmq_backend.api.classic",
        [
            Change("BackendStatus", "lengthQueue", "retype", "status.length_queue"),
            Change("BackendStatus", "state", "retype", "status.state"),
            Change("Booking", "mode", "remove", "booking.mode"),
            Change("CancelReply", "cancelled", "rename", "reply.cancelled"),
            Change("ClientInfo", "version", "remove", "value.version"),
            Change("InfoQueue", "position", "retype", "queue.position"),
            Change("InfoQueue", "hubPriority", "rename", "queue.hub_priority"),
            Change("Job", "kind", "rename", "job.kind"),
            Change("Job", "status", "retype", "job.status"),
            Change("Job", "qObjectResult", "remove", "job.q_object_result"),
            Change("JobError", "message", "retype", "error.message"),
            Change("JobsLimit", "maximumJobs", "rename", "limit.maximum_jobs"),
            Change("ListedJob", "liveDataEnabled", "remove", "job.live_data_enabled"),
            Change("LoginReply", "ttl", "retype", "reply.ttl"),
            Change("PresignedUrl", "url", "retype", "reply.url"),
            Change("Project", "isDefault", "retype", "project.is_default"),
            Change("ServiceUrls", "ws", "remove", "user.urls.ws"),
            Change("UploadInfo", "maxJobSizeInBytes", "rename", "max_job_size_in_bytes"),
            Change("UploadedJob", "timePerStep", "remove", "job.time_per_step"),
        ],
    ),
    "platform": (
        "ibmq_api_platform",
        "ibmq_backend.api.platform",
        [
            Change("BackendStatus", "length_queue", "retype", "status.length_queue"),
            Change("BackendStatus", "state", "remove", "status.state"),
            Change("CreatedJob", "id", "rename", "job.id"),
            Change("Device", "is_simulator", "rename", "device.is_simulator"),
            Change("Device", "name", "retype", "device.name"),
            Change("Job", "backend", "retype", "job.backend"),
            Change("Job", "params", "retype", "job.params"),
            Change("Job", "session_id", "remove", "job.session_id"),
            Change("Job", "tags", "retype", "job.tags"),
            Change("JobList", "count", "retype", "listed.count"),
            Change("JobMetrics", "caller", "rename", "metrics.caller"),
            Change("JobProgram", "id", "retype", "job.program.id"),
            Change("JobState", "reason", "remove", "state.reason)"),
            Change("JobState", "reasonCode", "rename", "state.reasonCode"),
            Change("JobTimestamps", "finished", "retype", "times.finished"),
            Change("JobUsage", "qpu_charge_time_seconds", "rename", "qpu_charge_time_seconds"),
            Change("JobUsage", "status", "retype", "usage.status"),
            Change("Session", "mode", "remove", "session.mode"),
        ],
    ),
    "cloud": (
        "ibmq_api_cloud",
        "ibmq_backend.api.platform",
        [
            Change("CatalogEntry", "name", "retype", "entry.name"),
            Change("CatalogTexts", "display_name", "rename", "shown.display_name"),
            Change("FoundResource", "crn", "rename", "resource.crn"),
            Change("FoundResource", "name", "rename", "each.name"),
            Change("FoundResource", "service_plan_unique_id", "remove", "service_plan_unique_id"),
            Change("Pricing", "type", "retype", "pricing.type_"),
            Change("ResourceDetails", "extensions", "rename", "details.extensions"),
            Change("SearchReply", "search_cursor", "remove", "page.search_cursor"),
            Change("TokenReply", "access_token", "retype", "reply.access_token"),
            Change("TokenReply", "expires_in", "rename", "reply.expires_in"),
        ],
    ),
}


def changed(document: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
    """The description after the changes."""
    result = copy.deepcopy(document)
    for change in changes:
        schema = result["components"]["schemas"][change.schema]
        properties = schema["properties"] = dict(schema["properties"])  # may be shared by anchor
        old = properties.pop(change.property)
        if change.how == "rename":
            properties[f"{change.property}Renamed"] = old
        if change.how == "retype":
            becomes_text = old.get("type") in ("integer", "number", "boolean", "array")
            properties[change.property] = {"type": "string" if becomes_text else "integer"}
        required = schema.get("required", [])
        if change.how != "retype" and change.property in required:
            schema["required"] = [name for name in required if name != change.property]
            if change.how == "rename":
                schema["required"].append(f"{change.property}Renamed")
    return result


Problem = tuple[str, str]
"""Location and source line of an error of mypy in handwritten code."""


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """The errors in each adapter with the changed bindings; one run of mypy finds those of all."""
    work = tmp_path_factory.mktemp("typed_reads")
    bindings = work / "bindings"
    bindings.mkdir()
    for dialect, (package, _, changes) in CHANGES.items():
        made = generate(dialect, changes, work / dialect)
        (made / package).rename(bindings / package)
    adapters = {adapter for _, adapter, _ in CHANGES.values()}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--no-pretty", "--hide-error-context"),
            *("--cache-dir", str(work / "cache")),
            *(part for adapter in sorted(adapters) for part in ("-p", adapter)),
        ],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(bindings)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: dict[str, list[Problem]] = {adapter: [] for adapter in adapters}
    for path, number in re.findall(r"^(ibmq_backend/[^:]+):(\d+): error:", done.stdout, re.M):
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        for adapter in adapters:
            if path.startswith(adapter.replace(".", "/") + "/"):
                found[adapter].append((f"{path}:{number}", lines[int(number) - 1]))
    return found


def generate(dialect: str, changes: list[Change], work: Path) -> Path:
    """Make the bindings of a changed description and return their folder."""
    work.mkdir()
    spec = work / "changed.yaml"
    spec.write_text(yaml.safe_dump(changed(DOCUMENTS[dialect], changes), sort_keys=False))
    made = subprocess.run(
        [sys.executable, "scripts/regenerate", "--try", dialect, spec, work / "bindings"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return work / "bindings"


@pytest.mark.parametrize("dialect", CHANGES)
def test_every_changed_property_is_named_with_the_line_that_reads_it(
    dialect: str, problems: dict[str, list[Problem]]
) -> None:
    _, adapter, changes = CHANGES[dialect]
    assert len(changes) >= 8
    assert {change.how for change in changes} == {"rename", "retype", "remove"}
    found = problems[adapter]
    missed = [one for one in changes if not any(one.read in line for _, line in found)]
    assert missed == [], found
