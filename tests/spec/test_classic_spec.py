"""spec/classic.yaml describes every operation completely, and its examples are true."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

Problems = Callable[[Any, Any], list[str]]

TRIPLE = "/Network/{hub}/Groups/{group}/Projects/{project}"
DEVICE = TRIPLE + "/devices/{backend_name}"
JOB = TRIPLE + "/Jobs/{job_id}"

# operation id: (method, path, tag)
OPERATIONS = {
    "getVersion": ("get", "/version", "accounts"),
    "loginWithToken": ("post", "/users/loginWithToken", "accounts"),
    "getCurrentUser": ("get", "/users/me", "accounts"),
    "listHubs": ("get", "/Network", "accounts"),
    "listBackends": ("get", TRIPLE + "/devices/v/1", "backends"),
    "getBackendStatus": ("get", DEVICE + "/queue/status", "backends"),
    "getBackendProperties": ("get", DEVICE + "/properties", "backends"),
    "getBackendDefaults": ("get", DEVICE + "/defaults", "backends"),
    "getJobsLimit": ("get", DEVICE + "/jobsLimit", "backends"),
    "listBackendBookings": ("get", "/Network/devices/{backend_name}/bookings/v2", "reservations"),
    "listMyBookings": ("get", "/Network/bookings/v2", "reservations"),
    "createJob": ("post", TRIPLE + "/Jobs", "jobs"),
    "markJobDataUploaded": ("post", JOB + "/jobDataUploaded", "jobs"),
    "getJob": ("get", JOB + "/v/1", "jobs"),
    "getJobStatus": ("get", JOB + "/status/v/1", "jobs"),
    "listJobStatuses": ("get", TRIPLE + "/Jobs/status/v/1", "jobs"),
    "listJobs": ("get", TRIPLE + "/Jobs/v/1", "jobs"),
    "getJobDownloadUrl": ("get", JOB + "/jobDownloadUrl", "jobs"),
    "getResultDownloadUrl": ("get", JOB + "/resultDownloadUrl", "jobs"),
    "markResultDownloaded": ("post", JOB + "/resultDownloaded", "jobs"),
    "cancelJob": ("post", JOB + "/cancel", "jobs"),
    "updateJob": ("put", JOB, "jobs"),
    "deleteJob": ("delete", JOB, "jobs"),
    "getJobProperties": ("get", JOB + "/properties", "jobs"),
    "getJobUploadUrl": ("get", JOB + "/jobUploadUrl", "jobs"),
    "putStoredObject": ("put", "/storage/{object_name}", "storage"),
    "getStoredObject": ("get", "/storage/{object_name}", "storage"),
}
OPEN_OPERATIONS = {"getVersion", "loginWithToken", "putStoredObject", "getStoredObject"}
# Each operation of the service itself can meet these.
COMMON_STATUSES = {"429", "500", "503"}


@pytest.fixture(params=sorted(OPERATIONS))
def operation(request: pytest.FixtureRequest, classic: dict[str, Any]) -> dict[str, Any]:
    """One operation after the other, with the parameters of its path merged in."""
    method, path, _ = OPERATIONS[request.param]
    item = classic["paths"][path]
    merged: dict[str, Any] = dict(item[method])
    merged["parameters"] = [
        resolved(classic, parameter)
        for parameter in [*item.get("parameters", []), *merged.get("parameters", [])]
    ]
    merged["responses"] = {
        status: resolved(classic, reply) for status, reply in merged["responses"].items()
    }
    return merged


def resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        target: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value


def examples_of(body: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in body.get("examples", {}).values()]
    return named + ([body["example"]] if "example" in body else [])


def test_document_is_valid_openapi(classic: dict[str, Any]) -> None:
    assert classic["openapi"] == "3.0.3"
    assert [error.message for error in OpenAPIV30SpecValidator(classic).iter_errors()] == []


def test_exactly_the_known_operations_are_described(classic: dict[str, Any]) -> None:
    found = {
        operation["operationId"]: (method, path, *operation["tags"])
        for path, item in classic["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert found == OPERATIONS


def test_operation_says_what_it_does_and_where_that_is_known_from(
    operation: dict[str, Any], classic: dict[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["x-source"]
    for source in operation["x-source"]:
        assert f"`{source}`" in classic["info"]["description"], source


def test_only_job_creation_is_unsafe_to_repeat(operation: dict[str, Any]) -> None:
    assert operation["x-retry-safe"] is (operation["operationId"] != "createJob")


def test_token_is_asked_for_where_the_service_asks(operation: dict[str, Any]) -> None:
    is_open = operation["operationId"] in OPEN_OPERATIONS
    assert operation["security"] == ([] if is_open else [{"accessToken": []}])


def test_storage_lies_on_a_host_of_its_own(operation: dict[str, Any]) -> None:
    assert ("servers" in operation) is (operation["tags"] == ["storage"])


def test_parameters_are_described_and_bounded(
    operation: dict[str, Any], classic: dict[str, Any]
) -> None:
    for parameter in operation["parameters"]:
        assert parameter["description"], parameter["name"]
        schema = resolved(classic, parameter["schema"])
        assert schema.keys() & {"maxLength", "maximum", "minimum", "pattern"}, parameter["name"]


def test_error_replies_carry_envelope_and_codes(operation: dict[str, Any]) -> None:
    errors = {s: reply for s, reply in operation["responses"].items() if not s.startswith("2")}
    assert errors.keys() >= COMMON_STATUSES
    in_storage = operation["tags"] == ["storage"]
    if operation["security"]:
        assert "401" in errors
    for status, reply in errors.items():
        assert isinstance(reply["x-codes"], list), status
        if in_storage:
            assert "content" not in reply, status
            continue
        body = reply["content"]["application/json"]
        assert body["schema"] == {"$ref": "#/components/schemas/ErrorEnvelope"}
        for example in examples_of(body):
            assert example["error"]["status"] == int(status)
            if status != "429":
                assert example["error"]["code"] in reply["x-codes"]


def test_success_replies_have_an_example(operation: dict[str, Any]) -> None:
    replies = [reply for s, reply in operation["responses"].items() if s.startswith("2")]
    assert replies
    for reply in replies:
        for body in reply.get("content", {}).values():
            assert examples_of(body)


def test_examples_fit_their_schemas(
    operation: dict[str, Any], problems: Problems, classic: dict[str, Any]
) -> None:
    carriers: Iterator[dict[str, Any]] = iter(
        [
            *operation["parameters"],
            *operation.get("requestBody", {}).get("content", {}).values(),
            *(
                body
                for reply in operation["responses"].values()
                for body in reply.get("content", {}).values()
            ),
        ]
    )
    for carrier in carriers:
        for example in examples_of(carrier):
            assert problems(carrier["schema"], example) == []
            if "x-content-schema" in carrier:
                inner = {"$ref": carrier["x-content-schema"]}
                assert problems(inner, json.loads(example)) == []


def test_websocket_frames_fit_their_schemas(classic: dict[str, Any], problems: Problems) -> None:
    stream = classic["x-websockets"]["jobStatusStream"]
    assert set(stream["closeCodes"]) == {1000, 4001, 4002, 4003}
    assert [frame["name"] for frame in stream["frames"]] == [
        "authentication",
        "authenticated",
        "job-status",
    ]
    for frame in stream["frames"]:
        assert problems(frame["schema"], frame["example"]) == []


@pytest.mark.parametrize(
    ("schema", "without"),
    [
        ("ServiceVersion", "api-auth"),
        ("LoginReply", "id"),
        ("CurrentUser", "urls"),
        ("Hub", "groups"),
        ("JobsLimit", "maximumJobs"),
        ("Booking", "endDate"),
        ("CreatedJob", "objectStorageInfo"),
        ("UploadedJob", "status"),
        ("Job", "creationDate"),
        ("JobStatus", "status"),
        ("PresignedUrl", "url"),
    ],
)
def test_fields_the_original_client_needs_are_required(
    classic: dict[str, Any], schema: str, without: str
) -> None:
    assert without in classic["components"]["schemas"][schema]["required"]


JOB_DOCUMENT = {"id": "a1", "status": "RUNNING", "creationDate": "2021-05-04T11:34:58.965Z"}


@pytest.mark.parametrize(
    "field",
    [
        *("qObjectResult", "error", "name", "runMode", "clientInfo", "timePerStep", "endDate"),
        "shots",
    ],
)
def test_job_document_may_hold_a_harmless_null(problems: Problems, field: str) -> None:
    assert problems({"$ref": "#/components/schemas/Job"}, {**JOB_DOCUMENT, field: None}) == []


@pytest.mark.parametrize(
    "field",
    ["infoQueue", "qObject", "kind", "backend", "tags", "creationDate", "status"],
)
def test_job_document_may_not_hold_a_deadly_null(problems: Problems, field: str) -> None:
    assert problems({"$ref": "#/components/schemas/Job"}, {**JOB_DOCUMENT, field: None})


def test_status_words_and_keys_unknown_today_are_allowed(problems: Problems) -> None:
    value = {**JOB_DOCUMENT, "status": "PAUSED", "kind": "runtime", "newKey": {"a": 1}}
    assert problems({"$ref": "#/components/schemas/Job"}, value) == []


@pytest.mark.parametrize("code", [3250, "AUTHORIZATION_REQUIRED"])
def test_error_code_may_be_number_or_word(problems: Problems, code: object) -> None:
    value = {"error": {"message": "no", "code": code}}
    assert problems({"$ref": "#/components/schemas/ErrorEnvelope"}, value) == []


def snapshots() -> Path:
    specification = importlib.util.find_spec("qiskit")
    assert specification is not None
    assert specification.origin is not None
    return Path(specification.origin).parent / "providers/fake_provider/backends"


@pytest.mark.parametrize(
    ("pattern", "schema"),
    [
        ("vigo/conf_*.json", "BackendConfiguration"),
        ("yorktown/conf_*.json", "BackendConfiguration"),
        ("melbourne/conf_*.json", "BackendConfiguration"),
        ("armonk/conf_*.json", "BackendConfiguration"),
        ("vigo/props_*.json", "BackendProperties"),
        ("melbourne/props_*.json", "BackendProperties"),
        ("armonk/defs_*.json", "PulseDefaults"),
        ("valencia/defs_*.json", "PulseDefaults"),
    ],
)
def test_documents_kept_from_the_real_service_fit(
    problems: Problems, pattern: str, schema: str
) -> None:
    files = sorted(snapshots().glob(pattern))
    assert files
    for file in files:
        document = json.loads(file.read_text(encoding="utf-8"))
        document.setdefault("online_date", "2019-01-01T00:00:00+00:00")
        assert problems({"$ref": f"#/components/schemas/{schema}"}, document) == []
        document.pop(
            {"BackendProperties": "qubits", "PulseDefaults": "cmd_def"}.get(schema, "gates")
        )
        assert problems({"$ref": f"#/components/schemas/{schema}"}, document)


def test_documents_that_terra_writes_fit(problems: Problems) -> None:
    from qiskit import QuantumCircuit, assemble

    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    circuit.x(0).c_if(0, 1)
    document = json.loads(json.dumps(assemble(circuit, shots=100, memory=True).to_dict()))
    assert problems({"$ref": "#/components/schemas/Qobj"}, document) == []
    del document["experiments"][0]["instructions"][0]["name"]
    assert problems({"$ref": "#/components/schemas/Qobj"}, document)


def test_result_needs_results_or_an_error(problems: Problems) -> None:
    result = {
        "backend_name": "ibmq_vigo",
        "backend_version": "1.3.4",
        "qobj_id": "q",
        "job_id": "j",
        "success": False,
    }
    schema = {"$ref": "#/components/schemas/Result"}
    assert problems(schema, result)
    assert problems(schema, {**result, "error": {"message": "no", "code": 5203}}) == []
    assert problems(schema, {**result, "results": []}) == []


def test_file_is_plain_yaml_without_dates_or_numbers_as_ids(root: Path) -> None:
    # An unquoted id or time would be another type for the next reader of the file.
    text = (root / "spec/classic.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    assert json.loads(json.dumps(document["paths"])) == document["paths"]
