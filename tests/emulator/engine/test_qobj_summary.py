"""Facts about Qobjs of any shape."""

from __future__ import annotations

from typing import Any

import pytest

from ibmq_backend.emulator.engine.qobj_summary import (
    circuits_of,
    requested_seed,
    shots_of,
    summarize,
)
from tests.support.emulator import bell


def test_a_bell_circuit() -> None:
    data = bell(shots=7, memory=True, seed_simulator=3, rep_delay=0.5)
    assert summarize(data) == {
        "summary": {
            "max_qubits_used": 2,
            "gates_executed": 2,
            "num_circuits": 1,
            "partial_validation": False,
            "qobj_config": {
                "n_qubits": 5,
                "memory_slots": 2,
                "memory": True,
                "shots": 7,
                "rep_delay": 0.5,
                "type": "QASM",
            },
        }
    }
    assert (shots_of(data), circuits_of(data), requested_seed(data)) == (7, 1, 3)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        5,
        "x",
        {},
        {"config": 5, "experiments": {}},
        {"experiments": [5, {}, {"instructions": 1}]},
        {"config": {"shots": True}, "experiments": [{"instructions": [5, {"qubits": "x"}]}]},
        {"config": {"seed_simulator": "1"}},
    ],
)
def test_anything_can_be_summarized(data: Any) -> None:
    assert summarize(data)["summary"]["max_qubits_used"] == 0
    assert shots_of(data) is None
    assert requested_seed(data) is None
    assert circuits_of(data) >= 0
