"""What is refused when a job is created, and what is accepted although it will fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.engine import task_handlers
from ibmq_backend.emulator.engine.engine import EngineError, ProcessEngine
from ibmq_backend.emulator.engine.inspectors import inspect_program
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.platform.errors import PlatformError
from ibmq_backend.emulator.platform.jobs.submission import read_submission
from ibmq_backend.emulator.sampler.form import MAX_EXECUTIONS
from ibmq_backend.emulator.wire.body import SMALL_BODY_BYTES
from tests.support.emulated_platform import QASM, PlatformClient, instance_of, refused, sampler
from tests.support.engines import FakeEngine


@pytest.mark.parametrize(
    "body",
    [
        {"program_id": None},
        {"program_id": ""},
        {"program_id": "circuit-runner"},
        {"program_id": 3},
        {"params": None},
        {"params": []},
        {"cost": -1},
        {"cost": "300"},
        {"cost": True},
        {"log_level": "loud"},
        {"session_id": ""},
        {"session_id": "x" * 65},
        {"private": "yes"},
        {"tags": "x"},
        {"tags": [1]},
        {"tags": ["\0"]},
        {"calibration_id": "unknown"},
        {"start_session": True},
        {"session_time": 60},
        {"remote_storage": {}},
        {"colour": "red"},
    ],
)
def test_bodies_that_are_refused(client: PlatformClient, body: dict[str, Any]) -> None:
    usual = {"program_id": "sampler", "backend": "ibm_lagos", "params": sampler()}
    assert refused(client.post("jobs", {**usual, **body})) == (400, 1208)
    assert client.json("jobs")["count"] == 0


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"pubs": QASM},
        {"pubs": [3]},
        {"pubs": [""]},
        {"pubs": [[]]},
        {"pubs": [[None]]},
        {"pubs": [[QASM, None, 10, 1]]},
        {"pubs": [[QASM, "x"]]},
        {"pubs": [[QASM, None, 0]]},
        {"pubs": [[QASM, None, MAX_EXECUTIONS + 1]]},
        {"pubs": [[QASM, None, 1.5]]},
        {"pubs": [[QASM, None, True]]},
        {"pubs": [], "version": 1},
        {"pubs": [], "support_qiskit": "no"},
        {"pubs": [], "shots": -1},
        {"pubs": [], "seed": 3},
        {"pubs": [], "options": []},
        {"pubs": [], "options": {"resilience_level": 1}},
        {"pubs": [], "options": {"default_shots": "many"}},
        {"pubs": [], "options": {"execution": {"meas_type": "raw"}}},
        {"pubs": [], "options": {"execution": {"speed": 3}}},
        {"pubs": [], "options": {"twirling": 3}},
        {"pubs": [], "options": {"twirling": {"num_randomizations": 0}}},
        {"pubs": [], "options": {"dynamical_decoupling": {"sequence_type": "ZZ"}}},
    ],
)
def test_inputs_that_are_refused(client: PlatformClient, params: dict[str, Any]) -> None:
    assert refused(client.create(params)) == (400, 1208)
    assert client.json("jobs")["count"] == 0


@pytest.mark.parametrize(
    "params",
    [
        {"pubs": []},
        {"pubs": ["this is no program"]},
        {"pubs": [["OPENQASM 2.0; qreg q[1];"]]},
        {"pubs": [[{"__type__": "QuantumCircuit", "__value__": "nonsense"}]]},
        {"pubs": [[QASM, [1, 2, 3]]]},
        {"pubs": [[QASM, None, MAX_EXECUTIONS], [QASM, None, MAX_EXECUTIONS]]},
        {"pubs": [[QASM, {"theta": 1}, None]], "shots": None},
        {"pubs": [], "options": {"execution": {"rep_delay": 3, "init_qubits": False}}},
        {"pubs": [], "options": {"twirling": {"num_randomizations": "auto"}}},
        {"pubs": [], "options": {"simulator": {"noise_model": None, "seed_simulator": 1}}},
        {"pubs": [], "options": {"experimental": {"anything": 1}}},
    ],
)
def test_inputs_that_are_accepted(client: PlatformClient, params: dict[str, Any]) -> None:
    """Only the form is checked; the engine of this test accepts every job."""
    assert client.create(params).status_code == 200


_PAIR = [QASM, {"ZZ": 0.5, "II": 1}]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"pubs": [QASM]},
        {"pubs": [[QASM]]},
        {"pubs": [[None, "ZZ"]]},
        {"pubs": [[QASM, None]]},
        {"pubs": [[QASM, {}]]},
        {"pubs": [[QASM, ""]]},
        {"pubs": [[QASM, "+0"]]},
        {"pubs": [[QASM, "ZZ\n"]]},
        {"pubs": [[QASM, ["ZZ", 1]]]},
        {"pubs": [[QASM, {"ZZ": "1"}]]},
        {"pubs": [[QASM, {"ZZ": None}]]},
        {"pubs": [[QASM, {"ZZ": {"__type__": "complex", "__value__": [0, 1]}}]]},
        {"pubs": [[QASM, json.loads("[" * 40 + "]" * 40)]]},
        {"pubs": [[QASM, "ZZ", "x"]]},
        {"pubs": [[QASM, "ZZ", None, 0]]},
        {"pubs": [[QASM, "ZZ", None, -0.1]]},
        {"pubs": [[QASM, "ZZ", None, True]]},
        {"pubs": [[QASM, "ZZ", None, 0.1, 1]]},
        {"pubs": [], "precision": 0},
        {"pubs": [], "shots": 10},
        {"pubs": [], "resilience_level": 3},
        {"pubs": [], "options": {"default_precision": 0}},
        {"pubs": [], "options": {"execution": {"meas_type": "kerneled"}}},
        {"pubs": [], "options": {"resilience": {"trex": True}}},
        {"pubs": [], "options": {"resilience": {"zne": []}}},
        {"pubs": [], "options": {"seed_estimator": -1}},
    ],
)
def test_inputs_of_an_estimator_that_are_refused(
    client: PlatformClient, params: dict[str, Any]
) -> None:
    assert refused(client.create(params, program_id="estimator")) == (400, 1208)


@pytest.mark.parametrize(
    "params",
    [
        {"pubs": []},
        {"pubs": [_PAIR, [QASM, "ZZ", None, None], [QASM, ["ZZ", _PAIR[1]], [1], 1e-300]]},
        {"pubs": [[QASM, [["XX"], ["YYY"]]]], "precision": 0.1, "resilience_level": 2},
        {"pubs": [[QASM, {"__type__": "ObservablesArray", "__value__": ["ZZ"]}]]},
        {
            "pubs": [_PAIR],
            "options": {
                "default_precision": 0.1,
                "default_shots": None,
                "seed_estimator": 3,
                "resilience": {
                    "measure_mitigation": True,
                    "zne_mitigation": True,
                    "zne": {"noise_factors": [1, 3]},
                    "layer_noise_model": None,
                },
            },
        },
    ],
)
def test_inputs_of_an_estimator_that_are_accepted(
    client: PlatformClient, params: dict[str, Any]
) -> None:
    job_id = client.done(params, program_id="estimator")
    assert client.job(job_id)["params"] == params


def test_the_estimate_of_an_estimator_counts_its_shots(client: PlatformClient) -> None:
    few, many = (
        client.job(client.submit({"pubs": [[QASM, "ZZ", None, one]]}, program_id="estimator"))
        for one in (0.1, 0.001)
    )
    assert few["estimated_running_time_seconds"] == 1.076
    assert many["estimated_running_time_seconds"] == 261.05


def test_tags_have_their_own_error_codes(client: PlatformClient) -> None:
    assert refused(client.create(tags=["x"] * 9)) == (400, 1204)
    assert refused(client.create(tags=["x" * 87])) == (400, 1205)
    assert client.create(tags=["x" * 86] * 8).status_code == 200


LARGE = {"pubs": [[QASM + " " * SMALL_BODY_BYTES, None, 10], [QASM, None, 20]], "version": 2}


def test_a_large_body_is_parsed_by_the_engine(client: PlatformClient, engine: FakeEngine) -> None:
    client.create()
    assert engine.inspected == []
    created = client.create(LARGE, tags=["large"], cost=300)
    (task,) = engine.inspected
    assert task.content.size > SMALL_BODY_BYTES
    document = client.job(created.json()["id"])
    assert (document["params"], document["tags"], document["cost"]) == (LARGE, ["large"], 300)
    assert document["estimated_running_time_seconds"] == 1.108


@pytest.mark.integration
def test_a_large_body_is_stored_without_being_parsed_here(make_service: Any) -> None:
    """The same through an inspector process; its input leaves the process as bytes."""
    with ProcessEngine(0) as inspector:
        engine = FakeEngine()
        engine.inspect = inspector.inspect  # type: ignore[method-assign]
        client = PlatformClient(make_service(engine=engine))
        created = client.create(LARGE, tags=["large"]).json()
        assert client.job(created["id"])["params"] == LARGE
        refusals = [
            client.create({**LARGE, "pubs": 3, "x": "x" * SMALL_BODY_BYTES}),
            client.create(LARGE, tags=["x" * 87]),
            client.create(LARGE, program_id="y" * SMALL_BODY_BYTES),
            client.create(LARGE, program_id="\U0001f600" * (SMALL_BODY_BYTES // 2)),
            client.post("jobs", content=b"[" + b" " * SMALL_BODY_BYTES),
            client.post("jobs", content=b"[]" + b" " * SMALL_BODY_BYTES),
        ]
        assert [refused(reply)[1] for reply in refusals] == [1208, 1205, 1208, 1208, 1208, 1208]
        messages = [reply.json()["errors"][0]["message"] for reply in refusals]
        assert all("more than 1 MB besides 'params'" in message for message in messages[2:4])
        assert messages[4:] == ["The body is not valid JSON.", "The body must be a JSON object."]


def test_a_large_body_with_too_many_values(
    client: PlatformClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_handlers, "MAX_VALUES", 1_000_000)
    reply = client.post("jobs", content=b'{"x":[' + b"0," * 1_000_001 + b"0]}")
    assert refused(reply) == (400, 1208)
    assert "contains more than 1000000 values" in reply.json()["errors"][0]["message"]


def test_a_large_body_that_cannot_be_inspected_now(
    client: PlatformClient, engine: FakeEngine
) -> None:
    def inspect(_: Any) -> Any:
        raise EngineError("The simulator process cannot be started")

    engine.inspect = inspect  # type: ignore[method-assign]
    assert client.create(LARGE).status_code == 503
    assert client.create().status_code == 200


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff", b"[" * 100_000])
def test_bodies_that_are_not_objects(client: PlatformClient, content: bytes) -> None:
    reply = client.post("jobs", content=content)
    assert refused(reply) == (400, 1208)


def test_unknown_devices(client: PlatformClient) -> None:
    for name in ("ibm_nowhere", "ibmq_vigo", "ibmq_qasm_simulator"):
        assert refused(client.create(backend=name)) == (404, None)


def test_costs_are_capped(service: LocalService, client: PlatformClient) -> None:
    assert client.job(client.submit(cost=99_999))["cost"] == 10_800
    assert client.job(client.submit())["cost"] == 10_800
    other = PlatformClient(service, crn=instance_of(service, "open-instance").crn)
    assert other.job(other.submit(cost=10_000))["cost"] == 600


def test_calibrations_are_chosen(service: LocalService, client: PlatformClient) -> None:
    chosen = client.create().json()["calibration_id"]
    assert client.create(calibration_id=chosen).json()["calibration_id"] == chosen
    other = PlatformClient(service, crn=instance_of(service, "open-instance").crn)
    assert refused(other.create(calibration_id=chosen)) == (403, 1352)


def test_log_levels_in_any_case(client: PlatformClient) -> None:
    assert client.create(log_level="WARNING").status_code == 200


def test_the_estimate_grows_with_the_work(client: PlatformClient) -> None:
    few, many = (
        client.job(client.submit(sampler([QASM, None, shots])))["estimated_running_time_seconds"]
        for shots in (10, 100_000)
    )
    assert many > few + 20


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pubs", "options", "shots", "version", "execution", "__type__", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


_names = ("params", "tags", "cost", "log_level", "session_id", "private", "runtime")


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {
            "program_id": st.sampled_from(["sampler", "estimator"]) | _json,
            "backend": st.just("b"),
        },
        optional=dict.fromkeys(_names, _json),
    )
)
def test_any_body_is_accepted_or_refused(body: dict[str, Any]) -> None:
    outcome = read_or_refused(body)
    assert outcome in (1204, 1205, 1208) or outcome.estimate_ms > 0


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["sampler", "estimator"]), _json)
def test_any_params_are_accepted_or_refused(program: str, params: Any) -> None:
    outcome = read_or_refused({"program_id": program, "backend": "b", "params": params})
    assert outcome == 1208 or outcome.estimate_ms > 0


def read_or_refused(body: dict[str, Any]) -> Any:
    try:
        return read_submission(inspect_program(None, None, body))
    except PlatformError as error:
        return error.code


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("jobs", '{"program_id": "sampler", "backend": "ibm_sherbrooke", "\\ud800": 1}'),
        ("jobs", '{"program_id": "\\ud800", "backend": "ibm_sherbrooke"}'),
        ("sessions", '{"mode": "batch", "backend": "\\ud800"}'),
    ],
)
def test_halves_of_surrogate_pairs_in_refusals(
    client: PlatformClient, path: str, body: str
) -> None:
    reply = client.http.post(f"/v1/{path}", content=body.encode())
    assert reply.status_code in (400, 404)
    assert reply.json()["errors"]
