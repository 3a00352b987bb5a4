"""How many shots an estimator takes for a precision."""

from __future__ import annotations

from typing import Any

import pytest

from ibmq_backend.emulator.sampler.form import MAX_EXECUTIONS, precision_of


@pytest.mark.parametrize(
    ("own", "params", "expected"),
    [
        (None, {}, (0.015625, 4096)),
        (0.1, {"precision": 0.5}, (0.1, 100)),
        (None, {"precision": 0.5, "options": {"default_precision": 0.1}}, (0.5, 4)),
        (None, {"options": {"default_precision": 0.03}}, (0.03, 1112)),
        (None, {"options": {"default_precision": 0.1, "default_shots": 16}}, (0.25, 16)),
        (0.1, {"options": {"default_shots": 16}}, (0.1, 100)),
        (None, {"options": {"default_shots": None}}, (0.015625, 4096)),
        (7, {}, (7.0, 1)),
        (5e-324, {}, (5e-324, MAX_EXECUTIONS + 1)),
    ],
)
def test_shots_of_a_precision(
    own: float | None, params: dict[str, Any], expected: tuple[float, int]
) -> None:
    assert precision_of(["circuit", "Z", None, own], params) == expected
