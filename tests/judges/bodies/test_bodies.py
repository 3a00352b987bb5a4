"""What our client sends, read by IBM's models and checked by the official client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ibm_quantum_schemas.sampler.version_0_1.params import ParamsModel
from pydantic import ValidationError
from qiskit import qasm3
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit_ibm_runtime.api.rest.runtime import Runtime
from qiskit_ibm_runtime.models import QasmBackendConfiguration
from qiskit_ibm_runtime.options import SamplerOptions
from qiskit_ibm_runtime.utils import validations
from qiskit_ibm_runtime.utils.backend_converter import convert_to_target

Body = dict[str, Any]
ARGUMENTS = {"tags": "job_tags", "cost": "max_execution_time"}


def circuits_of(body: Body) -> list[Any]:
    return [qasm3.loads(pub[0]) for pub in body["params"]["pubs"]]


def test_ibms_models_accept_the_parameters(body: Body) -> None:
    ParamsModel.model_validate(body["params"])


@pytest.mark.parametrize("values", [[], [None], [[]], [{}]])
def test_ibms_models_refuse_other_values_of_no_parameters(values: list[Any]) -> None:
    pubs = [["OPENQASM 3.0;", *values, *([100] if values else [])]]
    with pytest.raises(ValidationError):
        ParamsModel.model_validate({"pubs": pubs, "version": 2, "support_qiskit": False})


def test_the_official_client_sends_the_same_fields(body: Body) -> None:
    class Session:
        def post(self, url: str, *, data: str, **_: Any) -> Any:
            self.sent = json.loads(data)
            return self

        def json(self) -> Any:
            return {}

    session = Session()
    others = {name: value for name, value in body.items() if name != "backend"}
    Runtime(session).program_run(
        backend_name=body["backend"],
        **{ARGUMENTS.get(name, name): value for name, value in others.items()},
    )
    assert session.sent == body


def test_the_official_client_knows_the_options(body: Body) -> None:
    SamplerOptions(**body["params"].get("options", {}))


def test_qiskit_loads_the_programs(body: Body) -> None:
    for circuit, (text, *_) in zip(circuits_of(body), body["params"]["pubs"], strict=True):
        declared = [line for line in text.splitlines() if line.startswith("bit[")]
        assert declared == [f"bit[{one.size}] {one.name};" for one in circuit.cregs]


def test_the_circuits_pass_the_checks_of_the_official_client(
    body: Body, configurations: dict[str, Any]
) -> None:
    configuration = QasmBackendConfiguration.from_dict(configurations[body["backend"]])
    circuits = circuits_of(body)
    pubs = [SamplerPub.coerce(circuit) for circuit in circuits]
    validations.validate_isa_circuits(circuits, convert_to_target(configuration))
    validations.validate_rzz_pubs(pubs)
    validations.validate_classical_registers(pubs)
    options = SamplerOptions(**body["params"].get("options", {}))
    validations.validate_no_dd_with_dynamic_circuits(circuits, options)
