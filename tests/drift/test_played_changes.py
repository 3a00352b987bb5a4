"""Changes of an API, which must lead to the right handwritten lines."""

import copy
from typing import Any

import pytest

from scripts._drift.changes import Change, Effect
from scripts._drift.code_check import CodeImpact, CodeLine, check_code
from scripts._drift.compare import compare_versions
from scripts._drift.operations import Version
from scripts._drift.report import Usage, verdict
from scripts._drift.wire import WireLines
from tests.support.descriptions import DOCUMENTS, ROOT

CLIENT = "ibmq_backend/api/platform/client.py"
JOBS = "ibmq_backend/api/platform/jobs.py"
MAPPING = "ibmq_backend/api/platform/mapping.py"


def after() -> dict[str, Any]:
    """Return the description of today with all changes."""
    document: dict[str, Any] = copy.deepcopy(DOCUMENTS["platform"])
    paths, schemas = document["paths"], document["components"]["schemas"]
    text = {"type": "string", "maxLength": 20}
    status = schemas["BackendStatus"]["properties"]
    status["maintenance_note"] = {"type": "string"}  # optional field
    status["queue_length"] = status.pop("length_queue")  # renamed property
    paths["/v1/jobs"]["get"]["parameters"].append(  # required parameter
        {"name": "region", "in": "query", "required": True, "schema": text}
    )
    session = schemas["Session"]["properties"]
    session["mode"]["x-known-values"] = ["batch", "dedicated", "interactive"]  # new known value
    session["state"]["x-known-values"] = ["open", "active", "inactive", "closed"]  # two less
    del paths["/v1/jobs/{job_id}/tags"]["put"]  # removed operation
    deleted = paths["/v1/jobs/{job_id}"]["delete"]["responses"]  # changed status
    deleted["202"] = deleted.pop("204")
    paths["/v1/news"] = copy.deepcopy(paths["/v1/tags"])  # new operation
    paths["/v1/news"]["get"]["operationId"] = "listNews"
    schemas["Device"]["properties"]["is_simulator"] = {"type": "string"}  # type change
    consumed = schemas["Usage"]["properties"]["usage_consumed_seconds"]
    consumed["nullable"] = True
    paths["/v2/jobs/{job_id}/results"] = paths.pop("/v1/jobs/{job_id}/results")  # moved path
    configuration = schemas["BackendConfiguration"]["properties"]
    configuration["native_gates"] = configuration.pop("basis_gates")
    for job in ("Job", "JobState"):  # new known value
        words = schemas[job]["properties"]["status"]["x-known-values"]
        schemas[job]["properties"]["status"]["x-known-values"] = [*words, "PAUSED"]
    device = schemas["DeviceStatus"]["properties"]["name"]
    device["x-known-values"] = [*device["x-known-values"], "Paused"]
    status["status"] = {"type": "string", "enum": ["active", "maintenance"]}  # closed list
    error = schemas["ErrorItem"]["properties"]
    error["advice"] = error.pop("solution")
    change_results(schemas)
    return document


def change_results(schemas: dict[str, Any]) -> None:
    """Change every alternative of the results of a job, which have no model."""
    register = schemas["PlainRegister"]
    register["properties"]["bits"] = register["properties"].pop("samples")
    register["required"] = ["bits", "num_bits"]
    del schemas["TypedResults"]["properties"]["__value__"]["required"]
    schemas["TypedPubResult"]["properties"]["__type__"]["enum"].append("ShadowPubResult")
    del schemas["TypedDataBin"]["properties"]["__type__"]["enum"]  # open list
    bin_ = schemas["TypedDataBin"]["properties"]["__value__"]["properties"]
    bin_["field_names"] = {"type": "object"}
    schemas["OtherTypedResults"]["properties"]["__value__"] = {"type": "object"}
    schemas["OtherResults"]["not"]["anyOf"].append({"required": ["pages"]})


TYPED = "ibmq_backend/api/sampler/typed_json.py"
RESULTS = "ibmq_backend/api/sampler/results.py"
PUBS = "__value__.pub_results"
RESULT_CHANGES = [
    ("results[].data.*.samples", "field removed", RESULTS, 'field["samples"]'),
    (PUBS, "became optional", RESULTS, '"pub_results"'),
    (f"{PUBS}[].__type__", "enum value added", TYPED, 'value.get("__type__")'),
    (f"{PUBS}[].__value__.data.__type__", "enum changed", TYPED, 'value.get("__type__")'),
    (f"{PUBS}[].__value__.data.__value__.field_names", "type changed", TYPED, '"field_names"'),
    ("__value__", "type changed", TYPED, '"__value__" not in value'),
]


def lines_with(file: str, text: str) -> list[str]:
    """Return ``file:line`` of the lines of a file that contain a text."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [f"{file}:{number}" for number, line in enumerate(lines, 1) if text in line]


def call_before(file: str, text: str) -> str:
    """Return ``file:line`` of the call whose first argument is on a line of its own."""
    ((number, _),) = (
        (number, line)
        for number, line in enumerate((ROOT / file).read_text(encoding="utf-8").splitlines())
        if line.strip() == f"{text},"
    )
    return f"{file}:{number}"


def test_operation_that_is_not_sent_uses_nothing() -> None:
    field = Change(
        "listWorkloads",
        "GET /v1/workloads",
        "response",
        "200 application/json",
        "workloads[].usage.status",
        "enum value added",
        "",
        "disputed",
        Effect.BREAKING,
    )
    shared_model = CodeImpact({field: [CodeLine(MAPPING, 1)]}, [])
    assert verdict(field, Usage("listWorkloads", [], []), shared_model) == (
        "nothing of ours sends this operation"
    )


@pytest.mark.slow
def test_each_change_leads_to_its_lines() -> None:
    old, new = Version(DOCUMENTS["platform"], "old"), Version(after(), "new")
    changes = compare_versions(old, new)
    code = check_code(ROOT, "platform", old, new, changes)
    wire = WireLines(ROOT)
    documented = wire.documented("platform")

    words = [one for one in changes if one.kind.startswith("known value")]
    assert {(one.kind, one.old or one.new, one.effect) for one in words} == {
        ("known value added", "PAUSED", Effect.BREAKING),
        ("known value added", "Paused", Effect.BREAKING),
        ("known value added", "interactive", Effect.BREAKING),
        ("known value removed", "internal", Effect.COMPATIBLE),
        ("known value removed", "pending_inactive", Effect.COMPATIBLE),
        ("known value removed", "pending_closed", Effect.COMPATIBLE),
    }

    def find(operation: str, kind: str, field: str = "") -> Change:
        return next(
            one
            for one in changes
            if (one.operation, one.kind, one.field) == (operation, kind, field)
        )

    def said(operation: str, kind: str, field: str = "") -> str:
        senders = wire.senders("platform", operation)
        methods = [name for name, sent in documented.items() if operation in sent]
        return verdict(find(operation, kind, field), Usage(operation, senders, methods), code)

    def breaking(operation: str, kind: str, field: str = "") -> list[str]:
        lines = code.by_change[find(operation, kind, field)]
        assert all(line.message for line in lines)
        return [str(line) for line in lines]

    assert said("getBackendStatus", "field added", "maintenance_note") == (
        "nothing of ours uses this"
    )
    assert breaking("getBackendStatus", "field removed", "length_queue") == lines_with(
        MAPPING, "status.length_queue"
    )
    assert breaking("listJobs", "parameter added") == [call_before(JOBS, "ops.LIST_JOBS")]
    assert said("getSession", "known value added", "mode") == (
        f"used at `{lines_with(MAPPING, 'session.mode')[0]}`"
    )
    for field in ("status", "state.status"):
        assert said("getJob", "known value added", field) == (
            f"used at `{lines_with(MAPPING, 'job.status or job.state.status')[0]}`"
        )
    assert said("getSession", "known value removed", "state") == (
        f"used at `{lines_with(MAPPING, 'session.state')[0]}`"
    )
    assert find("getJobResults", "other forms changed").effect is Effect.BREAKING
    assert find("listBackends", "known value added", "devices[].status.name").new == "Paused"
    assert said("getBackendStatus", "list closed", "status") == (
        f"used at `{lines_with(MAPPING, 'status.status')[0]}`"
    )
    assert breaking("replaceJobTags", "operation removed") == lines_with(
        CLIENT, "ops.REPLACE_JOB_TAGS"
    )
    assert "IBMQJob.update_tags" in [n for n, o in documented.items() if "replaceJobTags" in o]
    assert said("deleteJob", "status removed").startswith(
        f"no line breaks; sent at `{lines_with(CLIENT, 'ops.DELETE_JOB')[0]}"
    )
    assert said("listNews", "operation added") == "nothing of ours sends this operation"
    assert breaking("listBackends", "type changed", "devices[].is_simulator") == lines_with(
        MAPPING, "device.is_simulator"
    )
    assert breaking("getUsage", "type changed", "usage_consumed_seconds") == lines_with(
        MAPPING, "usage.usage_consumed_seconds"
    )
    assert said("getJobResults", "path changed").startswith(
        f"no line breaks; sent at `{lines_with(JOBS, 'ops.GET_JOB_RESULTS')[0]}"
    )
    assert "IBMQJob.result" in [n for n, o in documented.items() if "getJobResults" in o]
    assert lines_with("ibmq_backend/api/sampler/device_documents.py", '"basis_gates"')[0] in [
        str(line)
        for line in code.by_change[find("getBackendConfiguration", "field removed", "basis_gates")]
    ]
    for field, kind, file, text in RESULT_CHANGES:
        found = code.by_change[find("getJobResults", kind, field)]
        assert lines_with(file, text)[0] in [str(line) for line in found]
        assert said("getJobResults", kind, field).startswith("used at ")
    advice = next(one for one in changes if one.field == "errors[].solution")
    assert [str(line) for line in code.by_change[advice]] == lines_with(
        "ibmq_backend/_http/errors.py", '"solution"'
    )
    # The model of the removed operation is imported at the top of the module.
    assert [str(line) for line in code.others] == lines_with(CLIENT, "models import JobTags")
