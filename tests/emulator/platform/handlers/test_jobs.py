"""The life of a job: states, results, cancelling, deleting, tags, logs, metrics."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from typing import Any

import pytest

from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.engine.engine import EngineError, JobRefused
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.store.jobs import RESULT
from tests.support.emulated_platform import (
    QASM,
    PlatformClient,
    refused,
    sampler,
)
from tests.support.emulator import until
from tests.support.engines import FakeEngine

UNKNOWN = "d2abc0q4t1vs70a2b3cg"


def test_from_creation_to_the_result(client: PlatformClient, engine: FakeEngine) -> None:
    engine.hold()
    created = client.create(tags=["lab"], cost=300).json()
    assert re.fullmatch("[0-9a-v]{20}", created["id"])
    assert created["backend"] == "ibm_lagos"
    uuid.UUID(created["calibration_id"])
    running = client.wait(created["id"], "Running")
    assert running["status"] == "Running"
    assert running["usage"] == {"qpu_charge_time_seconds": 0, "status": "pending"}
    assert refused(client.get(f"jobs/{created['id']}/results")) == (400, 1234)
    assert refused(client.get(f"jobs/{created['id']}/logs")) == (404, None)
    engine.release()
    client.wait(created["id"])
    document = client.job(created["id"])
    assert document["state"] == {"status": "Completed"}
    assert document["cost"] == 300
    assert document["tags"] == ["lab"]
    assert document["program"] == {"id": "sampler"}
    assert document["params"] == sampler()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", document["created"])
    assert document["usage"]["status"] == "complete"
    assert document["usage"]["qpu_charge_time_seconds"] > 0
    result = client.json(f"jobs/{created['id']}/results")
    assert result["results"][0]["data"]["c"]["samples"] == ["0x1"] * 10
    (start, stop, slices) = result["metadata"]["execution"]["execution_spans"][0]
    assert start["date"] <= stop["date"]
    assert slices == {"0": [[10], [0, 1], [0, 10]]}
    assert client.get(f"jobs/{created['id']}/logs").text == ""


def test_params_can_be_left_out(client: PlatformClient) -> None:
    job_id = client.submit()
    assert "params" not in client.json(f"jobs/{job_id}", exclude_params="True")
    assert "params" in client.json(f"jobs/{job_id}", exclude_params="false")
    assert refused(client.get(f"jobs/{job_id}", exclude_params="perhaps")) == (400, 1208)


def test_metrics(client: PlatformClient, engine: FakeEngine) -> None:
    client.http.headers["X-Qx-Client-Application"] = "qiskit-version-2/terra/lesson"
    engine.hold()
    job_id = client.submit()
    client.wait(job_id, "Running")
    waiting = client.json(f"jobs/{job_id}/metrics")
    assert waiting["timestamps"]["finished"] is None
    engine.release()
    client.wait(job_id)
    metrics = client.json(f"jobs/{job_id}/metrics")
    times = metrics["timestamps"]
    assert times["created"] <= times["running"] <= times["finished"]
    assert metrics["caller"] == "lesson"
    assert metrics["usage"] == client.job(job_id)["usage"]
    assert metrics["circuits_execution_time_ns"] > 0
    assert "bss" not in metrics


@pytest.mark.parametrize(("version", "known"), [("2025-05-01", True), ("2026-02-01", False)])
def test_old_metrics_have_the_position_in_the_queue(
    client: PlatformClient, engine: FakeEngine, version: str, known: bool
) -> None:
    engine.hold()
    running, *waiting = (client.submit() for _ in range(3))
    client.wait(running, "Running")
    client.at(version)
    expected = [1, 2] if known else [None, None]
    found = until(
        lambda: [client.json(f"jobs/{job_id}/metrics") for job_id in waiting],
        lambda found: [one.get("position_in_queue") for one in found] == expected,
    )
    if known:
        begin, end = found[1]["estimated_start_time"], found[1]["estimated_completion_time"]
        assert found[1]["timestamps"]["created"] < begin < end
    engine.release()


def test_shapes_of_older_versions(client: PlatformClient) -> None:
    job_id = client.done()
    client.at("2026-03-15")
    assert client.json(f"jobs/{job_id}/metrics")["usage"]["circuits_execution_time_ns"] > 0
    client.at("2025-05-01")
    metrics = client.json(f"jobs/{job_id}/metrics")
    assert metrics["bss"] == {"seconds": metrics["usage"]["quantum_seconds"]}
    assert "caller" not in metrics
    document = client.job(job_id)
    assert set(document["usage"]) == {"seconds"}
    assert "calibration_id" not in document
    assert "calibration_id" not in client.create().json()


def test_old_operations(client: PlatformClient) -> None:
    job_id = client.done()
    for what in ("interim_results", "transpiled_circuits"):
        assert refused(client.get(f"jobs/{job_id}/{what}"))[0] == 404
    client.at("2025-05-01")
    assert client.get(f"jobs/{job_id}/interim_results").status_code == 204
    assert refused(client.get(f"jobs/{job_id}/transpiled_circuits"))[0] == 404


def test_a_job_that_the_device_would_not_run(client: PlatformClient, engine: FakeEngine) -> None:
    engine.failure = JobRefused("The instruction h on qubits (0,) is not supported", 1517)
    job_id = client.submit()
    state = client.wait(job_id)["state"]
    assert state["status"] == "Failed"
    assert state["reason_code"] == 1517
    assert state["reason"].split(" -- ")[0] == "The instruction h on qubits (0,) is not supported"
    assert state["reason_solution"] in state["reason"]
    assert client.get(f"jobs/{job_id}/results").status_code == 204
    assert "1517" in client.get(f"jobs/{job_id}/logs").text
    # It is charged nevertheless.
    assert client.job(job_id)["usage"]["qpu_charge_time_seconds"] == 2
    assert refused(client.cancel(job_id)) == (409, None)


def test_a_simulator_that_fails(client: PlatformClient, engine: FakeEngine) -> None:
    engine.failure = EngineError("The simulator process died twice")
    assert client.wait(client.submit())["state"]["reason_code"] == 5204


def test_a_job_that_takes_too_long(client: PlatformClient, engine: FakeEngine) -> None:
    engine.executions = [1_000_000]
    document = client.wait(client.submit(cost=5))
    assert document["status"] == "Cancelled - Ran too long"
    assert document["state"]["status"] == "Cancelled"
    assert document["state"]["reason_code"] == 1305
    assert document["usage"]["qpu_charge_time_seconds"] == 5
    assert client.get(f"jobs/{document['id']}/results").status_code == 204


@pytest.mark.parametrize("program", ["executor", "noise-learner"])
def test_other_programs_are_listed_and_fail(client: PlatformClient, program: str) -> None:
    job_id = client.submit({"anything": [1]}, program_id=program)
    document = client.wait(job_id)
    assert document["program"] == {"id": program}
    assert document["state"]["reason_code"] == 1500
    assert program in document["state"]["reason"]
    assert client.job(job_id)["params"] == {"anything": [1]}
    assert client.json("jobs", program=program)["count"] == 1


def test_cancel_a_waiting_job(client: PlatformClient, engine: FakeEngine) -> None:
    engine.hold()
    first, second = client.submit(), client.submit()
    client.wait(first, "Running")
    assert client.wait(second, "Queued")["state"] == {"status": "Queued"}
    assert client.cancel(second).status_code == 204
    document = client.job(second)
    assert document["state"] == {"status": "Cancelled"}
    assert document["usage"] == {"qpu_charge_time_seconds": 0, "status": "complete"}
    assert client.get(f"jobs/{second}/results").status_code == 204
    assert refused(client.cancel(second)) == (409, None)
    assert client.json(f"jobs/{second}/metrics")["timestamps"]["running"] is None


def test_cancel_a_running_job(client: PlatformClient, engine: FakeEngine) -> None:
    engine.hold()
    job_id = client.submit()
    client.wait(job_id, "Running")
    engine.wait_for_tasks(1)
    assert client.cancel(job_id).status_code == 204
    assert client.job(job_id)["status"] == "Cancelled"
    assert client.get(f"jobs/{job_id}/results").status_code == 204


def test_delete(client: PlatformClient, engine: FakeEngine) -> None:
    engine.hold()
    job_id = client.submit()
    assert refused(client.delete(f"jobs/{job_id}")) == (400, None)
    engine.release()
    client.wait(job_id)
    assert client.delete(f"jobs/{job_id}").status_code == 204
    for path in (f"jobs/{job_id}", f"jobs/{job_id}/results", f"jobs/{job_id}/metrics"):
        assert refused(client.get(path)) == (404, 1291)
    assert refused(client.delete(f"jobs/{job_id}")) == (404, 1291)
    assert client.json("jobs")["jobs"] == []


@pytest.mark.parametrize("what", ["", "/results", "/logs", "/metrics"])
@pytest.mark.parametrize("job_id", [UNKNOWN, "x", "a%20b", "5f0e9c8b7a6d5e4f3c2b1a09"])
def test_unknown_jobs(client: PlatformClient, what: str, job_id: str) -> None:
    assert refused(client.get(f"jobs/{job_id}{what}"))[0] == 404


def test_unknown_jobs_cannot_be_changed(client: PlatformClient) -> None:
    assert refused(client.cancel(UNKNOWN)) == (404, 1291)
    assert refused(client.delete(f"jobs/{UNKNOWN}")) == (404, 1291)
    reply = client.http.put(f"/v1/jobs/{UNKNOWN}/tags", json={"tags": []})
    assert refused(reply) == (404, 1291)


def test_tags_are_replaced(client: PlatformClient) -> None:
    job_id = client.submit(tags=["week 3", "course", "course"])
    assert client.job(job_id)["tags"] == ["week 3", "course"]

    def put(tags: object) -> object:
        reply = client.http.put(f"/v1/jobs/{job_id}/tags", json={"tags": tags})
        return reply.status_code if reply.status_code == 204 else refused(reply)

    assert put(["week 4", "ü" * 86]) == 204
    assert client.job(job_id)["tags"] == ["week 4", "ü" * 86]
    assert put(["x"] * 9) == (400, 1204)
    assert put(["x" * 87]) == (400, 1205)
    assert put([1]) == (400, 1208)
    assert client.job(job_id)["tags"] == ["week 4", "ü" * 86]
    assert put([]) == 204
    assert "tags" not in client.job(job_id)


def test_tags_are_found(client: PlatformClient) -> None:
    client.submit(tags=["week 3", "course"])
    client.submit(tags=["Week 4"])
    assert client.json("tags", type="job", search="week")["tags"] == ["Week 4", "week 3"]
    assert client.json("tags", type="job", search="nothing")["tags"] == []
    assert client.get("tags", type="job", search="we").status_code == 400
    assert client.get("tags", search="week").status_code == 400


def test_a_private_job(client: PlatformClient, engine: FakeEngine) -> None:
    engine.hold()
    created = client.create(private=True, tags=["seen"]).json()
    job_id = created["id"]
    engine.wait_for_tasks(1)
    sent = b"".join(engine.tasks[0].content.pieces())  # deleted when the job ends
    assert created["private"] is True
    assert client.job(job_id)["params"] == {}
    engine.release()
    assert client.wait(job_id)["private"] is True
    assert client.job(job_id)["tags"] == ["seen"]
    assert client.get(f"jobs/{job_id}/results").status_code == 200
    assert client.get(f"jobs/{job_id}/results").status_code == 204
    assert json.loads(sent) == sampler()


def test_a_private_result_whose_download_breaks_is_not_lost(
    client: PlatformClient, service: LocalService
) -> None:
    created = client.create(private=True).json()
    client.wait(created["id"])
    jobs, large = service.service_state.jobs, b'"' + b"x" * 1_000_000 + b'"'
    with service.service_state.store.write() as connection:
        jobs.data.write(connection, created["id"], RESULT, raw_bytes(large))
    first = service.dialects.platform.state.runs.take_private_result(created["id"])
    assert first is not None
    broken = first.pieces()
    next(broken)
    broken.close()
    assert client.get(f"jobs/{created['id']}/results").content == large
    assert client.get(f"jobs/{created['id']}/results").status_code == 204
    assert jobs.data.read(created["id"], RESULT) is None


def test_a_typed_result_gets_its_times(client: PlatformClient, engine: FakeEngine) -> None:
    typed = {"__type__": "PrimitiveResult", "__value__": {"pub_results": [], "metadata": {}}}
    plain = engine.result

    def result(task):
        return {**plain(task), "document": typed, "shapes": [[[2, 3], 10]]}

    engine.result = result  # type: ignore[method-assign]
    document = client.json(f"jobs/{client.done()}/results")
    spans = document["__value__"]["metadata"]["execution"]["execution_spans"]
    (span,) = spans["__value__"]["spans"]
    assert span["__type__"] == "DoubleSliceSpan"
    assert span["__value__"]["data_slices"] == {"0": [[2, 3, 10], 0, 6, 0, 10]}
    assert span["__value__"]["start"]["__type__"] == "datetime"


def test_every_job_has_a_seed_of_its_own(client: PlatformClient, engine: FakeEngine) -> None:
    client.done()
    client.done()
    assert engine.tasks[0].seed != engine.tasks[1].seed


def test_jobs_survive_a_restart(make_service, tmp_path, engine: FakeEngine) -> None:
    store = tmp_path / "store.sqlite"
    service: LocalService = make_service(store=store)
    client = PlatformClient(service)
    done = client.done()
    engine.hold()
    waiting = client.submit()
    client.wait(waiting, "Running")
    service.stop()
    engine.release()
    again = make_service(store=store, engine=FakeEngine())
    assert again.api_key != client.api_key
    owner = PlatformClient(again)
    assert owner.job(done)["status"] == "Completed"
    assert owner.json(f"jobs/{done}/results")["results"]
    assert owner.wait(waiting)["status"] == "Completed"


def test_realistic_queues(make_service, clock: ManualClock) -> None:
    """A job waits for its turn by the clock of the service and runs for its time."""
    service: LocalService = make_service(Settings(speed="realistic", seed=3), clock=clock)
    client = PlatformClient(service)
    job_id = client.submit(sampler([QASM, None, 10_000]))
    assert client.wait(job_id, "Queued")["state"] == {"status": "Queued"}

    def passing() -> dict[str, Any]:
        clock.advance(5)
        found: dict[str, Any] = client.json(f"jobs/{job_id}", exclude_params="true")
        return found

    until(passing, lambda document: document["state"]["status"] == "Completed")
    times = client.json(f"jobs/{job_id}/metrics")["timestamps"]
    created, running, finished = (
        datetime.fromisoformat(times[name]) for name in ("created", "running", "finished")
    )
    assert (running - created).total_seconds() >= 1
    assert (finished - running).total_seconds() >= 3
