"""The models of waiting and running."""

from __future__ import annotations

import pytest

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.timing_model import Work, speed_model

NOW = 1_620_129_600_000
WORK = Work(shots=1000, circuits=2, seed=1)


def test_instant(catalog: Catalog) -> None:
    model, vigo = speed_model("instant"), catalog.get("ibmq_vigo")
    assert model.validation_ms(WORK) == 0
    assert model.run_ms(vigo, WORK) is None
    assert model.others(vigo, NOW) == 0


def test_realistic_is_repeatable_and_plausible(catalog: Catalog) -> None:
    model, vigo = speed_model("realistic", 1), catalog.get("ibmq_vigo")
    again, other = speed_model("realistic", 1), speed_model("realistic", 2)
    hours = [NOW + hour * 3_600_000 for hour in range(100)]
    lengths = [model.others(vigo, hour) for hour in hours]
    assert lengths == [again.others(vigo, hour) for hour in hours]
    assert lengths != [other.others(vigo, hour) for hour in hours]
    assert min(lengths) >= 0
    assert 10 < max(lengths) <= 41
    simulator = catalog.get("ibmq_qasm_simulator")
    assert max(model.others(simulator, hour) for hour in hours) <= 4
    assert 1_000 <= model.validation_ms(WORK) <= 3_000


def test_more_work_takes_longer(catalog: Catalog) -> None:
    model = speed_model("realistic")
    for name in ("ibmq_vigo", "ibmq_qasm_simulator"):
        device = catalog.get(name)
        times = [
            model.run_ms(device, Work(shots, circuits, 1)) or 0
            for shots, circuits in ((100, 1), (8000, 1), (8000, 9))
        ]
        assert 0 < times[0] < times[1] < times[2]


def test_unknown_models_are_refused() -> None:
    with pytest.raises(ValueError, match="'warp'"):
        speed_model("warp")
