"""The worker finds the handler of a task in a table, one row for each kind of task."""

from __future__ import annotations

from typing import Any

import pytest

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.engine import worker
from ibmq_backend.emulator.engine.inspectors import INSPECTORS, inspect_program, inspect_qobj
from ibmq_backend.emulator.engine.runners import RUNNERS
from ibmq_backend.emulator.engine.task import (
    ESTIMATOR_TASK,
    PROGRAM_TASK,
    QOBJ_TASK,
    SAMPLER_TASK,
    VIEWS,
)
from ibmq_backend.emulator.engine.task_handlers import Handler, TaskHead
from ibmq_backend.emulator.engine.worker_limits import WorkerLimits

LIMITS = WorkerLimits(result_bytes=20)


def answer(kind: str, content: bytes, handlers: dict[str, Handler]) -> dict[str, Any]:
    request = {"job_id": "j", "kind": kind, "device": "d", "seed": 7}
    reply, bulk = worker._answer(object(), handlers, LIMITS, 1, request, content)
    assert bulk == []
    return reply


def echo(_simulator: object, head: TaskHead, document: Any) -> Any:
    if document == "refuse":
        raise JobRefused("No echo", 42)
    if document == "fill":
        raise MemoryError
    return {"asked": [head.job_id, head.device, head.seed], "body": {"echo": document}}


ECHO = {"echo": Handler(echo, lambda _: ("body", "echo"), 99)}


@pytest.mark.parametrize("content", [b"[1,2]", b'{"a":1}', b"3"])
def test_a_kind_of_task_is_one_row(content: bytes) -> None:
    result = answer("echo", content, ECHO)["result"]
    assert result["asked"] == ["j", "d", 7]
    assert b"".join(result["body"]["echo"].pieces()) == content
    assert answer("echo", b'"refuse"', ECHO) == {"refused": {"message": "No echo", "code": 42}}
    assert answer("echo", b'"fill"', ECHO) == {"out_of_memory": True}


@pytest.mark.parametrize("content", [b"[%s0]" % (b"0," * 50), b'"%s"' % (b"x" * 50)])
def test_a_result_beyond_the_limit_has_the_code_of_its_row(content: bytes) -> None:
    assert answer("echo", content, ECHO)["refused"]["code"] == 99


def test_an_unknown_kind_fails_the_job_and_not_the_worker() -> None:
    failed = answer("other", b"[]", ECHO)["error"]
    assert failed["code"] == 5204
    assert "KeyError: 'other'" in failed["message"]


def test_the_rows() -> None:
    assert {kind: row.too_large for kind, row in RUNNERS.items()} == {
        QOBJ_TASK: ErrorCode.TOO_LARGE,
        SAMPLER_TASK: ErrorCode.OVER_SYSTEM_LIMITS,
        ESTIMATOR_TASK: ErrorCode.OVER_SYSTEM_LIMITS,
    }
    assert INSPECTORS[QOBJ_TASK].handle is inspect_qobj
    assert INSPECTORS[PROGRAM_TASK].handle is inspect_program
    assert set(INSPECTORS) == {QOBJ_TASK, PROGRAM_TASK, *VIEWS}
    plain, typed = {"results": []}, {"__type__": "PrimitiveResult", "__value__": {}}
    assert list(RUNNERS[QOBJ_TASK].large_value(plain)) == ["results"]
    sampler = RUNNERS[SAMPLER_TASK].large_value
    assert list(sampler({"document": plain})) == ["document", "results"]
    assert list(sampler({"document": typed})) == ["document", "__value__", "pub_results"]
