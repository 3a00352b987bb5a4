"""The rules of spec/platform.yaml only: operations, headers, both versions, documents."""

import base64
import importlib.util
import io
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.descriptions import DESCRIBED, Problems, examples_of, resolved

BACKEND = "/v1/backends/{backend_name}"
JOB = "/v1/jobs/{job_id}"
SESSION = "/v1/sessions/{session_id}"

# operation id: (method, path, tag)
OPERATIONS = {
    "getVersions": ("get", "/v1/versions", "versions"),
    "listBackends": ("get", "/v1/backends", "backends"),
    "getBackendConfiguration": ("get", BACKEND + "/configuration", "backends"),
    "getBackendProperties": ("get", BACKEND + "/properties", "backends"),
    "getBackendStatus": ("get", BACKEND + "/status", "backends"),
    "getBackendDefaults": ("get", BACKEND + "/defaults", "backends"),
    "createJob": ("post", "/v1/jobs", "jobs"),
    "listJobs": ("get", "/v1/jobs", "jobs"),
    "getJob": ("get", JOB, "jobs"),
    "deleteJob": ("delete", JOB, "jobs"),
    "getJobResults": ("get", JOB + "/results", "jobs"),
    "getInterimResults": ("get", JOB + "/interim_results", "jobs"),
    "getTranspiledCircuits": ("get", JOB + "/transpiled_circuits", "jobs"),
    "getJobLogs": ("get", JOB + "/logs", "jobs"),
    "getJobMetrics": ("get", JOB + "/metrics", "jobs"),
    "cancelJob": ("post", JOB + "/cancel", "jobs"),
    "replaceJobTags": ("put", JOB + "/tags", "jobs"),
    "listTags": ("get", "/v1/tags", "jobs"),
    "createSession": ("post", "/v1/sessions", "sessions"),
    "getSession": ("get", SESSION, "sessions"),
    "updateSession": ("patch", SESSION, "sessions"),
    "closeSession": ("delete", SESSION + "/close", "sessions"),
    "getInstance": ("get", "/v1/instance", "instances"),
    "getInstanceConfiguration": ("get", "/v1/instances/configuration", "instances"),
    "getUsage": ("get", "/v1/instances/usage", "instances"),
    "listWorkloads": ("get", "/v1/workloads", "workloads"),
    "getAccountConfiguration": ("get", "/v1/accounts/{account_id}", "accounts"),
}
OF_2025 = {"getInterimResults", "getTranspiledCircuits", "getInstanceConfiguration"}

JOB_DOCUMENT = {
    "id": "d2abc0q4t1vs70a2b3cg",
    "state": {"status": "Queued"},
    "program": {"id": "sampler"},
    "created": "2026-08-17T01:39:15.646554Z",
}
QASM = 'OPENQASM 3.0; include "stdgates.inc"; bit[1] c; c[0] = measure $0;'


@pytest.fixture(params=[one for one in DESCRIBED if one.name == "platform"], ids=str)
def operation(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each operation of this service."""
    operation: dict[str, Any] = request.param.operation
    return operation


@pytest.fixture(scope="module")
def fits(problems_in: dict[str, Problems]) -> Problems:
    """The function that returns the problems of a value for a schema."""

    def check(name: str, value: Any) -> list[str]:
        return problems_in["platform"]({"$ref": f"#/components/schemas/{name}"}, value)

    return check


def test_exactly_the_known_operations_are_described(platform: dict[str, Any]) -> None:
    found = {
        operation["operationId"]: (method, path, *operation["tags"])
        for path, item in platform["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert found == OPERATIONS
    assert platform["info"]["version"] == "2026-04-15"


def test_token_and_instance_are_required_together(operation: dict[str, Any]) -> None:
    asked = [set(choice) for choice in operation["security"]]
    is_open = operation["operationId"] == "getVersions"
    assert asked == ([] if is_open else [{"accessToken", "instance"}, {"accountKey", "instance"}])
    if not is_open:
        # No published text lists them for all operations, but all can meet them.
        assert {"400", "401", "403", "404"} <= operation["responses"].keys()


def test_version_header_is_described_and_set_once(
    operation: dict[str, Any], platform: dict[str, Any]
) -> None:
    headers = {p["name"]: p for p in operation["parameters"] if p["in"] == "header"}
    if operation["operationId"] == "getVersions":
        assert headers == {}
        return
    version = headers["IBM-API-Version"]
    assert version["x-set-once"] is True
    assert version["example"] == platform["info"]["version"]


def test_removed_operations_are_marked(operation: dict[str, Any]) -> None:
    assert operation.get("deprecated", False) is (operation["operationId"] in OF_2025)


def test_error_examples_carry_a_known_code(operation: dict[str, Any]) -> None:
    for status, reply in operation["responses"].items():
        if status.startswith("2"):
            assert "uber-trace-id" in reply["headers"]
            continue
        for example in examples_of(reply["content"]["application/json"]):
            [error] = example["errors"]
            assert error["message"]
            # Measured: a number, and some errors carry none.
            assert error.get("code") in [None, *reply["x-codes"]]
            if "code" in error:
                assert isinstance(error["code"], int)


def test_waiting_time_may_come_with_429_and_503(operation: dict[str, Any]) -> None:
    with_it = {
        s for s, r in operation["responses"].items() if "Retry-After" in r.get("headers", {})
    }
    assert with_it == {"429", "503"}


@pytest.mark.parametrize(
    ("schema", "without"),
    [
        ("CreatedJob", "id"),
        ("Job", "id"),
        ("Job", "state"),
        ("JobList", "jobs"),
        ("BackendList", "devices"),
        ("Usage", "usage_consumed_seconds"),
        ("BackendConfiguration", "online_date"),
    ],
)
def test_fields_the_official_client_needs_are_required(
    platform: dict[str, Any], schema: str, without: str
) -> None:
    assert without in platform["components"]["schemas"][schema]["required"]


@pytest.mark.parametrize(
    "addition",
    [
        {"usage": {"seconds": 2}},
        {"usage": {"quantum_seconds": 2, "seconds": 2.5}},
        {"usage": {"qpu_charge_time_seconds": 2, "status": "complete"}},
        {"usage": None, "tags": None, "session_id": None, "estimated_running_time_seconds": None},
        {
            "status": "Cancelled - Ran too long",
            "state": {"status": "Cancelled", "reasonCode": 1305},
        },
        {"status": "Paused", "state": {"status": "Paused"}, "new_field": {"a": 1}},
        {"params": {}, "private": True},
        {"params": {"circuits": ["..."], "version": 1}, "program": {"id": "circuit-runner"}},
        {"params": {"schema_version": "v2.0"}, "program": {"id": "executor"}},
    ],
)
def test_jobs_of_both_versions_and_all_programs_are_valid(fits: Problems, addition: Any) -> None:
    assert fits("Job", {**JOB_DOCUMENT, **addition}) == []


@pytest.mark.parametrize("field", ["id", "state"])
def test_job_without_required_fields_is_not_valid(fits: Problems, field: str) -> None:
    assert fits("Job", {key: value for key, value in JOB_DOCUMENT.items() if key != field})
    assert fits("Job", {**JOB_DOCUMENT, field: None})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("VersionList", {"versions": ["2024-01-01", "2025-05-01"]}),
        ("VersionList", {"versions": [{"version": "2026-04-15", "status": "live"}]}),
        ("BackendList", {"devices": ["ibm_a"]}),
        ("BackendList", {"devices": [{"name": "ibm_a", "physical_qubits": 332, "class": "mock"}]}),
        ("ErrorReply", {"errors": [{"code": 1291, "message": "no"}], "trace": "t"}),
        ("ErrorReply", {"errors": [{"code": "1291", "message": "no", "more_info": "x"}]}),
        ("ErrorReply", {"errors": [{"message": "not found"}]}),
        ("ErrorReply", {"error": {"message": "no", "code": 404}}),
        ("JobMetrics", {}),
        ("JobMetrics", {"usage": {"circuits_execution_time_ns": 12.5}}),
        ("JobMetrics", {"timestamps": None, "usage": None, "bss": None}),
        ("Instance", {"instance_limit_seconds": "600", "usage_allocation_seconds": 600}),
        ("Session", {"id": "s", "backend_name": None, "state": "pending_closed"}),
        ("SessionRequest", {"mode": "batch", "instance": "crn:v1:a::"}),
        ("JobTags", {"tags": []}),
        ("JobTags", {"tags": ["t" * 86] * 8}),
    ],
)
def test_known_documents_are_valid(fits: Problems, schema: str, value: Any) -> None:
    assert fits(schema, value) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("JobTags", {"tags": ["t" * 87]}),
        ("JobTags", {"tags": ["t"] * 9}),
        ("JobRequest", {"program_id": "sampler"}),
        ("JobRequest", {"program_id": "sampler", "backend": "a", "cost": -1}),
        ("SessionRequest", {"backend": "a"}),
        ("BackendList", {"devices": [{"status": {"name": "online"}}]}),
        ("JobMetrics", {"timestamps": {"running": "soon"}}),
    ],
)
def test_documents_that_the_service_rejects_are_not_valid(
    fits: Problems, schema: str, value: Any
) -> None:
    assert fits(schema, value)


def snapshots(pattern: str) -> list[Path]:
    specification = importlib.util.find_spec("qiskit")
    assert specification is not None
    assert specification.origin is not None
    folder = Path(specification.origin).parent / "providers/fake_provider/backends"
    return sorted(folder.glob(pattern))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "schema", "needed"),
    [
        ("sherbrooke/conf_*.json", "BackendConfiguration", "gates"),
        ("washington/conf_*.json", "BackendConfiguration", "coupling_map"),
        ("*/props_*.json", "BackendProperties", "qubits"),
        ("*/defs_*.json", "PulseDefaults", "cmd_def"),
    ],
)
def test_documents_of_the_real_service_are_valid(
    fits: Problems, pattern: str, schema: str, needed: str
) -> None:
    files = snapshots(pattern)
    assert files
    for file in files:
        document = json.loads(file.read_text(encoding="utf-8"))
        assert fits(schema, document) == [], file.name
    document.pop(needed)
    assert fits(schema, document)


def test_terra_loads_the_example_of_a_configuration(platform: dict[str, Any]) -> None:
    from qiskit.providers.models import QasmBackendConfiguration

    body = platform["paths"][BACKEND + "/configuration"]["get"]["responses"]["200"]["content"]
    example = body["application/json"]["example"]
    loaded = QasmBackendConfiguration.from_dict(json.loads(json.dumps(example)))
    assert loaded.dt == pytest.approx(4e-9)
    assert loaded.rep_delay_range == [0.0, pytest.approx(2e-3)]
    assert loaded.processor_type["revision"] == "2"


def test_terra_loads_the_example_of_properties(platform: dict[str, Any]) -> None:
    from qiskit.providers.models import BackendProperties

    body = platform["paths"][BACKEND + "/properties"]["get"]["responses"]["200"]["content"]
    loaded = BackendProperties.from_dict(body["application/json"]["example"])
    assert loaded.t1(0) == pytest.approx(210.5e-6)
    assert loaded.gate_length("cz", [0, 1]) == pytest.approx(68e-9)
    assert loaded.is_qubit_operational(1) is False


TYPED_CIRCUIT = {"__type__": "QuantumCircuit", "__value__": "eJw="}
TYPED_NUMBERS = {"__type__": "ndarray", "__value__": "eJw="}


@pytest.mark.parametrize(
    "pubs",
    [
        [[QASM, None, 100]],
        [[QASM]],
        [QASM],
        [[QASM, {"theta": 1.5}, 1], [QASM, [0.5, [1.5]], 1]],
        [[TYPED_CIRCUIT, TYPED_NUMBERS, 1000], TYPED_CIRCUIT],
    ],
)
def test_every_form_of_a_circuit_is_valid(fits: Problems, pubs: Any) -> None:
    options = {
        "default_shots": 10,
        "execution": {"rep_delay": 0.00025, "meas_type": "classified"},
        "twirling": {"num_randomizations": "auto", "shots_per_randomization": 64},
    }
    value = {"pubs": pubs, "version": 2, "support_qiskit": False, "options": options}
    assert fits("SamplerInput", value) == []
    request = {"program_id": "sampler", "backend": "ibm_a", "params": value}
    assert fits("JobRequest", request) == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"shots": -1},
        {"memory": True},
        {"options": {"optimization_level": 1}},
        {"options": {"execution": {"rep_time": 1}}},
        {"pubs": [[QASM, None, 0]]},
        {"pubs": [[QASM, None, 100, 7]]},
        {"pubs": "text"},
        {"support_qiskit": "false"},
    ],
)
def test_malformed_sampler_input_is_not_valid(fits: Problems, change: Any) -> None:
    assert fits("SamplerInput", {"pubs": [[QASM, None, 100]], "version": 2, **change})


def test_estimator_input_is_valid_without_unknown_keys(fits: Problems) -> None:
    value = {"pubs": [[QASM, {"ZZ": 0.5}, None, 0.01]], "version": 2, "resilience_level": 1}
    assert fits("ProgramInput", value) == []
    assert fits("ProgramInput", {**value, "memory": True})


@pytest.mark.parametrize(
    "value",
    [
        "Traceback (most recent call last): ...",
        {"schema_version": "v2.0", "data": []},
        {"__type__": "NoiseLearnerResult", "__value__": {}},
        {"results": [{"data": {"evs": 0.5, "stds": [0.1]}, "metadata": {}}], "metadata": {}},
        {"results": [{"data": {}}]},
    ],
)
def test_results_of_all_programs_are_valid(fits: Problems, value: Any) -> None:
    assert fits("JobResults", value) == []


@pytest.mark.parametrize(
    "value",
    [
        {"results": [{"data": {"c": {"samples": ["3"], "num_bits": 2}}}]},
        {"results": [{"data": {"c": {"samples": ["0x3"]}}}]},
        {"results": {}},
        {"__type__": "PrimitiveResult", "__value__": {}},
        {"__type__": "PrimitiveResult", "__value__": {"pub_results": [{"data": {}}]}},
    ],
)
def test_malformed_results_are_not_valid(fits: Problems, value: Any) -> None:
    assert fits("JobResults", value)


def test_plain_and_typed_example_are_equal(platform: dict[str, Any]) -> None:
    reply = resolved(platform, platform["paths"][JOB + "/results"]["get"]["responses"]["200"])
    examples = reply["content"]["application/json"]["examples"]
    [plain] = examples["plain"]["value"]["results"]
    [typed] = examples["typed"]["value"]["__value__"]["pub_results"]
    bits = typed["__value__"]["data"]["__value__"]["fields"]["c"]["__value__"]
    raw = zlib.decompress(base64.b64decode(bits["array"]["__value__"]))
    array = np.load(io.BytesIO(raw), allow_pickle=False)
    assert array.dtype == np.uint8
    read = [hex(int.from_bytes(bytes(row), "big")) for row in array]
    assert read == plain["data"]["c"]["samples"]
    assert bits["num_bits"] == plain["data"]["c"]["num_bits"]


def test_results_are_text_first(platform: dict[str, Any]) -> None:
    # The bindings take the first content type, and a result need not be JSON.
    reply = platform["paths"][JOB + "/results"]["get"]["responses"]["200"]
    assert list(reply["content"]) == ["text/plain", "application/json"]
