"""The order of statuses."""

from __future__ import annotations

import pytest

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.lifecycle import (
    FINAL,
    NEXT,
    extend_steps,
    wait_and_run_seconds,
)

USUAL = ["CREATING", "CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED"]


def test_the_usual_order_of_statuses() -> None:
    steps = extend_steps([], USUAL[:1], 100)
    steps = extend_steps(steps, USUAL[1:], 100)
    assert steps == [(status, 100 + number) for number, status in enumerate(USUAL)]
    assert extend_steps([("QUEUED", 5)], ["RUNNING"], 90) == [("QUEUED", 5), ("RUNNING", 90)]
    assert extend_steps([["QUEUED", 5]], ["RUNNING"], 2) == [("QUEUED", 5), ("RUNNING", 6)]


def test_statuses_never_go_back() -> None:
    for position, status in enumerate(USUAL):
        for earlier in USUAL[: position + 1]:
            with pytest.raises(ValueError, match=f"from {status} to {earlier}"):
                extend_steps([(status, 1)], [earlier], 2)


def test_nothing_follows_a_final_status() -> None:
    assert not FINAL & set(NEXT)
    for status in FINAL:
        with pytest.raises(ValueError, match="cannot go"):
            extend_steps([(status, 1)], ["CANCELLED"], 2)


def test_every_unfinished_job_can_be_cancelled() -> None:
    assert set(NEXT) == set(USUAL[:-1])
    assert all(lifecycle.CANCELLED in following for following in NEXT.values())


@pytest.mark.parametrize(
    ("statuses", "times"),
    [
        (USUAL, (0.4, 0.1)),
        (USUAL[:-1], (None, None)),
        (["CREATING", "ERROR_CREATING_JOB"], (None, None)),
        (["CREATING", "CREATED", "VALIDATING", "ERROR_VALIDATING_JOB"], (0.2, None)),
    ],
)
def test_how_long_a_job_waited_and_ran(
    statuses: list[str], times: tuple[float | None, float | None]
) -> None:
    steps = [(status, 100 * number) for number, status in enumerate(statuses)]
    assert wait_and_run_seconds(steps) == times
