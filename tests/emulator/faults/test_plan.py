"""The plan of a service: counts by operation, picks once, keeps a log in order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ibmq_backend.emulator.faults import plan as fault_plan
from ibmq_backend.emulator.faults.plan import UNKNOWN, FaultPlan, LoggedRequest
from ibmq_backend.emulator.faults.script import FaultScript, FaultScriptError, find_operations
from ibmq_backend.emulator.wire.routes import Route


def operation(name: str) -> Route:
    return find_operations(name)[0]


CREATE = operation("classic:createJob")
OTHER_CREATE = operation("platform:createJob")
STATUS = operation("classic:getJobStatus")
VERSION = operation("getVersion")


def kinds(plan: FaultPlan, *operations: Route | None) -> list[str | None]:
    return [plan.call(one).entry.fault for one in operations]


def test_calls_are_counted_by_operation() -> None:
    plan = FaultPlan([{"operation": "createJob", "calls": 2, "kind": "refuse"}])
    assert kinds(plan, CREATE, STATUS, STATUS, CREATE, CREATE) == [
        None,
        None,
        None,
        "refuse",
        None,
    ]
    assert [(one.number, one.operation, one.call) for one in plan.requests] == [
        (1, "createJob", 1),
        (2, "getJobStatus", 1),
        (3, "getJobStatus", 2),
        (4, "createJob", 2),
        (5, "createJob", 3),
    ]


def test_each_dialect_has_its_own_count() -> None:
    plan = FaultPlan([{"operation": "createJob", "calls": 1, "kind": "refuse"}])
    assert kinds(plan, CREATE, OTHER_CREATE, CREATE) == ["refuse", "refuse", None]
    plan.script([{"operation": "platform:createJob", "calls": 1, "kind": "refuse"}])
    assert kinds(plan, CREATE, OTHER_CREATE) == [None, "refuse"]


def test_a_star_counts_all_requests() -> None:
    plan = FaultPlan([{"operation": "*", "calls": "2,4-", "kind": "refuse"}])
    assert kinds(plan, CREATE, STATUS, STATUS, CREATE, None) == [
        None,
        "refuse",
        None,
        "refuse",
        None,
    ]
    assert plan.requests[-1] == (5, UNKNOWN, 1, None, None)


def test_the_first_fault_that_fits() -> None:
    plan = FaultPlan(
        [
            {"operation": "*", "kind": "expired_token"},
            {"operation": "createJob", "calls": "2-", "kind": "html"},
            {"operation": "*", "kind": "delay", "seconds": 1},
        ]
    )
    assert kinds(plan, CREATE, VERSION) == ["expired_token", "delay"]
    plan.script([*plan.faults[1:]])
    assert kinds(plan, CREATE, CREATE) == ["delay", "html"]


def test_a_new_script_resets_the_counts_and_an_invalid_one_changes_nothing() -> None:
    plan = FaultPlan([{"operation": "createJob", "calls": 1, "kind": "refuse"}])
    kinds(plan, CREATE)
    with pytest.raises(FaultScriptError):
        plan.script([{"operation": "createJob"}])
    assert len(plan.requests) == len(plan.faults) == 1
    plan.clear()
    assert kinds(plan, CREATE) == [None]
    assert plan.faults == ()
    assert plan.requests == ((1, "createJob", 1, "refuse", None), (2, "createJob", 2, None, None))
    plan.script(FaultScript.of([{"operation": "createJob", "calls": 1, "kind": "html"}]))
    assert plan.requests == ()
    assert kinds(plan, CREATE) == ["html"]


def test_the_status_is_logged_when_it_is_known() -> None:
    plan = FaultPlan()
    call = plan.call(CREATE)
    assert plan.requests == (LoggedRequest(1, "createJob", 1, None, None),)
    call.answered(200)
    assert plan.requests == (LoggedRequest(1, "createJob", 1, None, 200),)


def test_the_log_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_plan, "MAX_LOGGED_REQUESTS", 3)
    plan = FaultPlan()
    kinds(plan, *[CREATE] * 5)
    assert [one.number for one in plan.requests] == [3, 4, 5]


def test_many_threads_count_together() -> None:
    plan = FaultPlan([{"operation": "createJob", "calls": "500-509", "kind": "refuse"}])

    def work(_: int) -> list[tuple[int, str | None]]:
        calls = [plan.call(CREATE).entry for _ in range(100)]
        return [(one.call, one.fault) for one in calls]

    with ThreadPoolExecutor(16) as threads:
        seen = [one for part in threads.map(work, range(16)) for one in part]
    assert sorted(number for number, _ in seen) == list(range(1, 1601))
    assert sorted(number for number, kind in seen if kind) == list(range(500, 510))
    assert [one.number for one in plan.requests] == list(range(1, 1601))


def test_a_release_reaches_each_waiting_request_once() -> None:
    plan, released = FaultPlan(), []
    forget = plan.on_release(lambda: released.append("forgotten"))
    plan.on_release(lambda: released.append("waiting"))
    forget()
    plan.release()
    plan.release()
    forget()
    assert released == ["waiting"]
