"""The platform as a table of replies, for tests of the adapter without sockets."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import qiskit.providers.fake_provider

from ibmq_backend._http.retry import RetryPolicy
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.platform.auth import PlatformServiceClient
from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
from ibmq_backend.api.platform.client import PlatformAccountClient
from ibmq_backend.api.sampler.device_documents import _PULSE_FIELDS
from tests.support.descriptions import DOCUMENTS
from tests.support.fake_service import FakeDialect, Reply

ACCOUNT = "0123456789abcdef0123456789abcdef"
CRN = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{ACCOUNT}:11111111-2222-4333-8444-5555::"
GERMAN = CRN.replace("us-east", "eu-de").replace("11111111", "99999999")
API_KEY = "canary-Key0" * 4
BASE = "https://quantum.cloud.ibm.com/api"
JOB_ID = "d2abc0q4t1vs70a2b3cg"
DEVICE = "ibm_five"
FAST = NetworkSettings(retry=RetryPolicy(attempts=2, first_delay=0.0), trust_env=False)

SNAPSHOTS = Path(qiskit.providers.fake_provider.__file__).parent / "backends"


def examples(operation_id: str) -> dict[str, Any]:
    """Return the examples of the successful reply of an operation, by name."""
    for path in DOCUMENTS["platform"]["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and operation.get("operationId") == operation_id:
                content = operation["responses"]["200"]["content"]["application/json"]
                named = {name: one["value"] for name, one in content.get("examples", {}).items()}
                return copy.deepcopy(named or {"example": content["example"]})
    raise KeyError(operation_id)


def line_device(gate: str = "cz", qubits: int = 5) -> dict[str, Any]:
    """Return the configuration of a chain of qubits in the form of the platform."""
    there = [[n, n + 1] for n in range(qubits - 1)]
    pairs = there if gate == "ecr" else sorted(there + [pair[::-1] for pair in there])
    everywhere = [[n] for n in range(qubits)]
    return {
        "backend_name": DEVICE,
        "backend_version": "1.0.3",
        "online_date": "2026-01-15T05:00:00.000Z",
        "n_qubits": qubits,
        "n_registers": 1,
        "simulator": False,
        "local": False,
        "conditional": False,
        "open_pulse": False,
        "memory": True,
        "max_shots": 100000,
        "max_experiments": 300,
        "basis_gates": [gate, "id", "rz", "sx", "x"],
        "supported_instructions": [gate, "delay", "id", "if_else", "measure", "reset", "rz", "sx"],
        "supported_features": ["qasm3"],
        "coupling_map": pairs,
        "gates": [
            {"name": "rz", "parameters": ["theta"], "qasm_def": None, "coupling_map": everywhere},
            {"name": gate, "parameters": [], "qasm_def": None, "coupling_map": pairs},
            {"name": "measure", "parameters": None, "qasm_def": None},
        ],
        "dt": 4.0,
        "dtm": 4.0,
        "rep_delay_range": [0.0, 2000.0],
        "default_rep_delay": 250.0,
        "dynamic_reprate_enabled": True,
        "meas_levels": None,
        "processor_type": {"family": "Heron", "revision": "2"},
        "quantum_volume": None,
        "clops_v": "None",
        "url": "None",
    }


def calibration(qubits: int = 5) -> dict[str, Any]:
    """Return properties in the form of the platform: no frequencies, a gate with a length only."""

    def value(name: str, number: float, unit: str = "") -> dict[str, Any]:
        return {"name": name, "value": number, "unit": unit, "date": "2026-08-17T00:40:11Z"}

    return {
        "backend_name": "another name",
        "backend_version": "1.0.3",
        "last_update_date": "2026-08-17T01:12:00Z",
        "qubits": [
            [value("T1", 200.0 + n, "us"), value("T2", 150.0, "us"), value("readout_error", 0.01)]
            for n in range(qubits)
        ],
        "gates": [
            {
                "gate": "sx",
                "name": f"sx{n}",
                "qubits": [n],
                "parameters": [value("gate_error", 2e-4), value("gate_length", 32, "ns")],
            }
            for n in range(qubits)
        ]
        + [{"gate": "reset", "qubits": [0], "parameters": [value("gate_length", 1600, "ns")]}],
        "general": [value("lf_4", 0.98), "a text of a published description"],
        "general_qlists": [{"name": "lf_4", "qubits": [0, 1]}],
    }


def snapshot_of_today(name: str, two_qubit_gate: str | None = None) -> tuple[Any, Any]:
    """Return a snapshot of Terra in the form of the platform: no pulses, no frequencies."""
    folder = SNAPSHOTS / name
    configuration = json.loads((folder / f"conf_{name}.json").read_text())
    properties = json.loads((folder / f"props_{name}.json").read_text())
    for field_name in _PULSE_FIELDS:
        configuration.pop(field_name, None)
    configuration["open_pulse"] = False
    configuration["meas_levels"] = None
    configuration["gates"].append({"name": "measure", "parameters": None, "qasm_def": None})
    for qubit in properties["qubits"]:
        qubit[:] = [each for each in qubit if each["name"] not in ("frequency", "anharmonicity")]
    if two_qubit_gate is not None:
        old = {"cx", "ecr"}
        configuration["basis_gates"] = [
            two_qubit_gate if gate in old else gate for gate in configuration["basis_gates"]
        ] + ["rx", "rzz"]
        for gate in configuration["gates"]:
            gate["name"] = two_qubit_gate if gate["name"] in old else gate["name"]
        pairs = configuration["coupling_map"]
        angle = {"parameters": ["theta"], "qasm_def": None}
        configuration["gates"] += [
            {"name": "rx", "coupling_map": [[0]], **angle},
            {"name": "rzz", "coupling_map": pairs, **angle},
        ]
        for gate in properties["gates"]:
            gate["gate"] = two_qubit_gate if gate["gate"] in old else gate["gate"]
    return configuration, properties


def job(**changes: Any) -> dict[str, Any]:
    document = {
        "id": JOB_ID,
        "backend": DEVICE,
        "created": "2026-08-17T01:39:15.646554Z",
        "cost": 600,
        "program": {"id": "sampler"},
        "state": {"status": "Completed", "reason": ""},
        "status": "Completed",
        "tags": ["course"],
        "usage": {"qpu_charge_time_seconds": 2, "status": "complete"},
    }
    document.update(changes)
    return {key: value for key, value in document.items() if value is not None}


def metrics(**changes: Any) -> dict[str, Any]:
    return {
        "timestamps": {
            "created": "2026-08-17T01:39:15.646554Z",
            "running": "2026-08-17T01:40:10Z",
            "finished": "2026-08-17T01:40:12.300000Z",
        },
        "usage": {"qpu_charge_time_seconds": 2.5, "status": "complete"},
        "circuits_execution_time_ns": 1.5e9,
        "qiskit_version": "2.6.2",
        "caller": "ibmq-backend-0.1.0",
        **changes,
    }


def plain_results(*circuits: dict[str, list[str]], bits: int = 2) -> dict[str, Any]:
    """Return results in the form of ``support_qiskit: false``."""
    return {
        "results": [
            {
                "data": {
                    name: {"samples": samples, "num_bits": bits}
                    for name, samples in registers.items()
                },
                "metadata": {"circuit_metadata": {}},
            }
            for registers in circuits
        ],
        "metadata": {"version": 2},
    }


def defaults() -> dict[str, Reply]:
    return {
        "searchInstances": {"items": [resource("mine", CRN)], "limit": 100},
        "getCatalogEntry": plan("Open", "free"),
        "listBackends": {
            "devices": [
                {"name": DEVICE, "status": {"name": "online"}, "queue_length": 3, "qubits": 5},
                {"name": "ibm_other", "status": {"name": "paused"}, "queue_length": 0},
            ]
        },
        "getBackendConfiguration": line_device(),
        "getBackendProperties": calibration(),
        "getBackendStatus": {
            "state": True,
            "status": "active",
            "message": "",
            "length_queue": 3,
            "backend_version": "1.0.3",
        },
        "createJob": {"id": JOB_ID, "backend": DEVICE},
        "listJobs": {"jobs": [], "count": 0, "offset": 0, "limit": 200},
        "getJob": job(),
        "getJobMetrics": metrics(),
        "getJobResults": plain_results({"c": ["0x0", "0x3"]}),
        "cancelJob": httpx.Response(204),
        "deleteJob": httpx.Response(204),
        "replaceJobTags": httpx.Response(204),
        "getSession": {"id": "s", "backend_name": DEVICE, "mode": "batch"},
    }


def resource(name: str, crn: str, plan_id: str = "plan-open") -> dict[str, Any]:
    return {
        "crn": crn,
        "name": name,
        "service_plan_unique_id": plan_id,
        "tags": [],
        "doc": {"extensions": {"instance_limit_seconds": 600}},
    }


def plan(name: str, pricing: str) -> dict[str, Any]:
    return {
        "overview_ui": {"en": {"display_name": name}},
        "metadata": {"pricing": {"type": pricing}},
    }


def error_reply(
    status: int,
    code: Any = 1208,
    message: str = "Wrong.",
    solution: str = "Mend it.",
    **headers: str,
) -> httpx.Response:
    body = {
        "errors": [{"code": code, "message": message, "solution": solution}],
        "trace": "7a0e6d2c-1111-4222-8333-abcdefabcdef",
    }
    return httpx.Response(status, json=body, headers=headers)


class Service(FakeDialect):
    """A platform that sends replies from a table.

    Attributes:
        lifetime: the lifetime of a token in seconds.
    """

    LOGIN = "exchangeToken"

    def __init__(self, replies: Mapping[str, Reply] | None = None) -> None:
        super().__init__(defaults() if replies is None else replies)
        self.lifetime = 3600

    def login(self) -> dict[str, Any]:
        return {"access_token": f"token-number-{self.logins}", "expires_in": self.lifetime}

    def name_of(self, request: httpx.Request) -> str:
        cloud = request.url.host in (
            "iam.cloud.ibm.com",
            "api.global-search-tagging.cloud.ibm.com",
            "globalcatalog.cloud.ibm.com",
        )
        operation = (CLOUD_OPERATIONS if cloud else PLATFORM_OPERATIONS).find(request)
        assert operation is not None, request.url
        return operation.id

    def account(self, instance: str | None = CRN, **options: Any) -> PlatformServiceClient:
        options.setdefault("settings", FAST)
        url = options.pop("url", BASE)
        return PlatformServiceClient(url, API_KEY, instance, leaf=self.transport, **options)

    def open(self, **options: Any) -> PlatformAccountClient:
        account = self.account(**options)
        client = account.open(account.instances()[0].id)
        account.log_in()
        self.requests.clear()
        return client
