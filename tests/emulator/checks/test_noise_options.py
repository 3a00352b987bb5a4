"""What a job may say about noise and schedule, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ibmq_backend.emulator.checks.noise_options import (
    check_noise_options,
    noise_of,
    scheduling_method_of,
)
from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.devices.catalog import Catalog


def refusal(catalog: Catalog, device: str, kind: str = "QASM", **config: Any) -> str:
    with pytest.raises(JobRefused) as caught:
        check_noise_options(catalog.get(device), {"type": kind, "config": config})
    assert caught.value.code == 1002
    return caught.value.message


@pytest.mark.parametrize("value", ["ideal", "FULL", "", True, 3, ["gates"], {}, "x" * 5000])
def test_unknown_words_are_refused_with_the_known_ones(catalog: Catalog, value: Any) -> None:
    message = refusal(catalog, "ibmq_vigo", noise=value)
    assert message.startswith("The option noise is ")
    assert message.endswith("it must be one of full, gates, none")
    message = refusal(catalog, "ibmq_vigo", scheduling_method=value)
    assert message.startswith("The option scheduling_method is ")
    assert "alap (as_late_as_possible) or asap (as_soon_as_possible)" in message
    assert len(message) < 200


def test_options_without_a_meaning_are_refused(catalog: Catalog) -> None:
    simulator = "ibmq_qasm_simulator"
    assert "noise_model sets one" in refusal(catalog, simulator, noise="none")
    assert "take no time" in refusal(catalog, simulator, scheduling_method="alap")
    message = refusal(catalog, "ibmq_armonk", "PULSE", scheduling_method="alap")
    assert message.endswith("a schedule states its own times")


def test_known_words_mean_what_they_say(catalog: Catalog) -> None:
    config: dict[str, Any] = {}
    check_noise_options(catalog.get("ibmq_vigo"), {"type": "QASM", "config": config})
    assert (noise_of(config, "gates"), scheduling_method_of(config)) == ("gates", "alap")
    for word, method in (("alap", "alap"), ("as_soon_as_possible", "asap")):
        config = {"noise": "none", "scheduling_method": word}
        check_noise_options(catalog.get("ibmq_vigo"), {"type": "QASM", "config": config})
        assert (noise_of(config, "full"), scheduling_method_of(config)) == ("none", method)
