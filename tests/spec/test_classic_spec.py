"""The rules of spec/classic.yaml only: operations, and what clients and documents need."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.descriptions import DESCRIBED, Problems, examples_of

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


def test_exactly_the_known_operations_are_described(classic: dict[str, Any]) -> None:
    found = {
        operation["operationId"]: (method, path, *operation["tags"])
        for path, item in classic["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert found == OPERATIONS


@pytest.fixture(
    params=[one for one in DESCRIBED if one.name == "classic"], ids=lambda one: one.path
)
def operation(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each operation of this service."""
    operation: dict[str, Any] = request.param.operation
    return operation


def test_token_is_required_where_the_service_requires_it(operation: dict[str, Any]) -> None:
    is_open = operation["operationId"] in OPEN_OPERATIONS
    assert operation["security"] == ([] if is_open else [{"accessToken": []}])
    assert is_open or "401" in operation["responses"]


def test_storage_has_another_host(operation: dict[str, Any]) -> None:
    assert ("servers" in operation) is (operation["tags"] == ["storage"])


def test_error_examples_carry_status_and_a_known_code(operation: dict[str, Any]) -> None:
    for status, reply in operation["responses"].items():
        if status.startswith("2") or operation["tags"] == ["storage"]:
            continue
        for example in examples_of(reply["content"]["application/json"]):
            assert example["error"]["status"] == int(status)
            if status != "429":
                assert example["error"]["code"] in reply["x-codes"]


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
def test_job_document_allows_harmless_nulls(problems: Problems, field: str) -> None:
    assert problems({"$ref": "#/components/schemas/Job"}, {**JOB_DOCUMENT, field: None}) == []


@pytest.mark.parametrize(
    "field",
    ["infoQueue", "qObject", "kind", "backend", "tags", "creationDate", "status"],
)
def test_job_document_rejects_nulls_that_break_the_client(problems: Problems, field: str) -> None:
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
def test_documents_of_the_real_service_are_valid(
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


def test_documents_written_by_terra_are_valid(problems: Problems) -> None:
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
