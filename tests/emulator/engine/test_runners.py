"""The worker finds the runner of a task in a table, one row for each kind of task."""

from __future__ import annotations

import json
from typing import Any

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.result_size import TOO_LARGE
from ibmq_backend.emulator.engine import worker
from ibmq_backend.emulator.engine.engine import QOBJ_TASK, SAMPLER_TASK
from ibmq_backend.emulator.engine.runners import RUNNERS, Runner
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits
from ibmq_backend.emulator.sampler.errors import OVER_SYSTEM_LIMITS
from ibmq_backend.emulator.sampler.run import run_sampler
from ibmq_backend.emulator.simulation.simulator import Simulator

LIMITS = WorkerLimits(result_bytes=20)


def answer(kind: str, document: Any, runners: dict[str, Runner]) -> dict[str, Any]:
    request = {"job_id": "j", "kind": kind, "device": "d", "qobj": document, "seed": 7}
    simulator: Any = object()
    reply, bulk = worker._answer(simulator, runners, LIMITS, 1, json.dumps(request).encode())
    assert bulk == []
    return reply


def echo(_simulator: object, job_id: str, device: str, document: Any, seed: int | None) -> Any:
    if document == "refuse":
        raise JobRefused("No echo", 42)
    return {"asked": [job_id, device, seed], "body": {"echo": document}}


ECHO = {"echo": Runner(echo, lambda _: ("body", "echo"), 99)}


def test_a_kind_of_task_is_one_row() -> None:
    result = answer("echo", [1, 2], ECHO)["result"]
    assert result["asked"] == ["j", "d", 7]
    assert b"".join(result["body"]["echo"].pieces()) == b"[1,2]"
    assert answer("echo", "refuse", ECHO) == {"refused": {"message": "No echo", "code": 42}}


def test_a_result_beyond_the_limit_has_the_code_of_its_row() -> None:
    assert answer("echo", list(range(50)), ECHO)["refused"]["code"] == 99


def test_an_unknown_kind_ends_the_job_and_not_the_worker() -> None:
    failed = answer("other", [], ECHO)["error"]
    assert failed["code"] == 5204
    assert "KeyError: 'other'" in failed["message"]


def test_the_rows() -> None:
    assert {kind: (row.run, row.too_large) for kind, row in RUNNERS.items()} == {
        QOBJ_TASK: (Simulator.run, TOO_LARGE),
        SAMPLER_TASK: (run_sampler, OVER_SYSTEM_LIMITS),
    }
    plain, typed = {"results": []}, {"__type__": "PrimitiveResult", "__value__": {}}
    assert list(RUNNERS[QOBJ_TASK].largest(plain)) == ["results"]
    sampler = RUNNERS[SAMPLER_TASK].largest
    assert list(sampler({"document": plain})) == ["document", "results"]
    assert list(sampler({"document": typed})) == ["document", "__value__", "pub_results"]
