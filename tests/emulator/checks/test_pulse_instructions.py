"""Instructions that a device cannot run are refused by name, with the code of the service."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ibmq_backend.emulator.checks.qobj import JobRefused, validate
from ibmq_backend.emulator.devices.catalog import Catalog
from tests.support.pulse_jobs import acquire, constant, schedule_job

PLAY = constant(0, 160, 0.3)
ACQUIRE = acquire(160)
GAUSSIAN: dict[str, Any] = {
    **PLAY, "pulse_shape": "gaussian",
    "parameters": {"duration": 160, "amp": [0.1, 0], "sigma": 40},
}  # fmt: skip
SQUARE: dict[str, Any] = {
    **PLAY, "pulse_shape": "gaussian_square",
    "parameters": {"duration": 160, "amp": [0.1, 0], "sigma": 10, "width": 100},
}  # fmt: skip
DRAG: dict[str, Any] = {
    **PLAY, "pulse_shape": "drag",
    "parameters": {"duration": 160, "amp": 0.1, "sigma": 40, "beta": -1.0},
}  # fmt: skip
SETF: dict[str, Any] = {"name": "setf", "t0": 0, "ch": "d0", "frequency": 4.9}


def refusal(catalog: Catalog, document: object, device: str = "ibmq_armonk") -> JobRefused:
    with pytest.raises(JobRefused) as caught:
        validate(catalog.get(device), document)
    return caught.value


@pytest.mark.parametrize(
    "instructions",
    [
        [PLAY, ACQUIRE],
        [GAUSSIAN, ACQUIRE],
        [SQUARE, ACQUIRE],
        [DRAG, ACQUIRE],
        [SETF, {**SETF, "name": "shiftf", "frequency": 0.001}, PLAY, ACQUIRE],
        [{"name": "fc", "t0": 160, "ch": "d0", "phase": 1}, PLAY, ACQUIRE],
        [{"name": "delay", "t0": 0, "ch": "d0", "duration": 160}, constant(160, 64, 1j), ACQUIRE],
        [constant(160, 22400, 0.3, "m0"), ACQUIRE],
        [{"name": "snapshot", "t0": 5, "label": "a", "type": "statevector"}, ACQUIRE],
        [ACQUIRE, acquire(2000, slot=1)],
        [{"name": "mine", "t0": 0, "ch": "d0"}, ACQUIRE],
    ],
)
def test_supported_instructions_pass(catalog: Catalog, instructions: list[dict[str, Any]]) -> None:
    library = [{"name": "mine", "samples": [[0.1, 0.2]] * 64}]
    validate(catalog.get("ibmq_armonk"), schedule_job(*instructions, pulse_library=library))


@pytest.mark.parametrize(
    ("instruction", "code", "words"),
    [
        ({**PLAY, "ch": "d1"}, 8027, "'d1', which ibmq_armonk does not have"),
        ({**PLAY, "ch": "d00"}, 8027, "d00"),
        ({**PLAY, "ch": "u0"}, 8027, "u0"),
        ({**PLAY, "ch": "a0"}, 8027, "cannot act on the channel a0"),
        ({**PLAY, "ch": None}, 8027, "None"),
        ({**PLAY, "t0": -1}, 1101, "'t0'"),
        ({**PLAY, "t0": 0.5}, 1101, "'t0'"),
        ({"name": "unheard", "t0": 0, "ch": "d0"}, 8006, "neither a pulse of the job's"),
        ({"name": "pv", "t0": 0, "ch": "d0", "val": [0, 0]}, 8006, "neither"),
        ({"t0": 0}, 1101, "has no name"),
        ("text", 1101, "has no name"),
        ({**PLAY, "conditional": 0}, 8013, "conditional pulses"),
        ({**PLAY, "pulse_shape": "cosine"}, 8042, "any other pulse as samples"),
        ({**PLAY, "parameters": None}, 8042, "no object of parameters"),
        (constant(0, 160, 1.01), 8041, "1.01; its absolute value cannot exceed 1"),
        (constant(0, 160, 0.9 + 0.9j), 8041, "cannot exceed 1"),
        (constant(0, 0, 0.1), 8023, "duration 0"),
        ({**PLAY, "parameters": {"duration": 16.5, "amp": [0, 0]}}, 8023, "16.5"),
        ({**PLAY, "parameters": {"duration": 16, "amp": [0, 0, 0]}}, 8042, "[re, im]"),
        ({**PLAY, "parameters": {"duration": 16, "amp": "a"}}, 8042, "[re, im]"),
        ({**GAUSSIAN, "parameters": {"duration": 16, "amp": [0, 0]}}, 8042, "'sigma'"),
        (
            {**GAUSSIAN, "parameters": {"duration": 16, "amp": [0, 0], "sigma": 0}},
            8042,
            "above 0",
        ),
        (
            {**SQUARE, "parameters": {**SQUARE["parameters"], "width": 161}},
            8042,
            "between 0 and the duration",
        ),
        ({**DRAG, "parameters": {**DRAG["parameters"], "beta": None}}, 8042, "'beta'"),
        ({**SETF, "frequency": 4.9e9}, 8000, "works from 4.471853 to 5.471853 GHz"),
        ({**SETF, "name": "shiftf", "frequency": -0.6}, 8000, "4.371853 GHz"),
        ({**SETF, "frequency": "x"}, 1101, "a number of GHz"),
        ({"name": "fc", "t0": 0, "ch": "d0", "phase": "-(P0)"}, 1101, "radians"),
        ({"name": "fc", "t0": 80, "ch": "d0", "phase": 0.1}, 8035, "happens during"),
        (constant(159, 64, 0.1), 8035, "nothing else can happen on d0 until 160 dt"),
        ({"name": "delay", "t0": 0, "ch": "d0", "duration": -1}, 8023, "-1"),
        ({**ACQUIRE, "qubits": [1]}, 8026, "0 to 0"),
        ({**ACQUIRE, "qubits": []}, 8026, "acquires the qubits []"),
        ({**ACQUIRE, "memory_slot": None}, 8001, "one memory slot for each qubit"),
        ({**ACQUIRE, "memory_slot": [4]}, 1101, "there are 4 memory slots"),
        ({**acquire(2000), "duration": 1000}, 8021, "equally long"),
        (acquire(176), 8035, "on a0"),
        (constant(4_600_000, 160, 0.1), 8020, "longer than the repetition time of 1000 µs"),
    ],
)
def test_invalid_instructions_are_named(
    catalog: Catalog, instruction: Any, code: int, words: str
) -> None:
    error = refusal(catalog, schedule_job(PLAY, ACQUIRE, instruction))
    assert error.code == code
    assert words in error.message
    assert "schedule 'swing' (index 0)" in error.message.replace("Schedule", "schedule")
    if isinstance(instruction, dict) and "name" in instruction and code != 8020:
        assert instruction["name"] in error.message
        assert "number 2" in error.message


def test_the_error_for_samples_above_one_names_the_pulse(catalog: Catalog) -> None:
    library = [{"name": "loud", "samples": [[0.8, 0.8]]}]
    document = schedule_job({"name": "loud", "t0": 0, "ch": "d0"}, ACQUIRE, pulse_library=library)
    error = refusal(catalog, document)
    assert error.code == 8041
    assert "'loud' has a sample of size 1.13137" in error.message


@pytest.mark.parametrize(
    "library",
    [{}, [None], [{"name": 1, "samples": [[0, 0]]}], [{"name": "a", "samples": []}],
     [{"name": "a", "samples": [[0, "x"]]}], [{"name": "a", "samples": [0.1]}]],
)  # fmt: skip
def test_damaged_pulse_libraries(catalog: Catalog, library: Any) -> None:
    assert refusal(catalog, schedule_job(ACQUIRE, pulse_library=library)).code == 1101


@pytest.mark.parametrize(
    ("instruction", "code", "words"),
    [
        (constant(0, 72, 0.1), 8017, "multiple of 16"),
        (constant(0, 48, 0.1), 8016, "at least 64"),
        (acquire(168), 8036, "multiple of 16 dt"),
    ],
)
def test_timing_constraints_of_later_devices(
    catalog: Catalog, instruction: dict[str, Any], code: int, words: str
) -> None:
    later = refusal(catalog, schedule_job(instruction, acquire(8000)), "ibm_nairobi")
    assert (later.code, words in later.message) == (code, True)


@pytest.mark.parametrize(
    "instruction",
    [constant(8, 64, 0.1), {"name": "delay", "t0": 0, "ch": "d0", "duration": 8}],
)
def test_pulses_and_delays_that_are_not_aligned(
    catalog: Catalog, instruction: dict[str, Any]
) -> None:
    error = refusal(catalog, schedule_job(instruction, acquire(8000)), "ibm_perth")
    assert (error.code, "a multiple of 16 dt" in error.message) == (8043, True)
    validate(catalog.get("ibm_nairobi"), schedule_job(instruction, acquire(8000, slot=1)))


def test_schedules_that_would_take_too_long_to_simulate(catalog: Catalog) -> None:
    document = schedule_job(constant(0, 4_000_016, 0.1), acquire(0))
    error = refusal(catalog, document, "ibmq_belem")
    assert (error.code, "plays 4000016 samples" in error.message) == (8002, True)
    validate(catalog.get("ibmq_belem"), schedule_job(constant(0, 4_000_016, 0, "d1"), acquire(0)))


def test_a_device_that_acquires_once(catalog: Catalog) -> None:
    document = schedule_job(acquire(0), acquire(1600, slot=1))
    validate(catalog.get("ibmq_belem"), document)
    error = refusal(catalog, document, "ibmq_valencia")
    assert (error.code, "qubit 0 again" in error.message) == (8024, True)


def test_the_order_in_the_document_does_not_matter_for_frequencies(catalog: Catalog) -> None:
    back = {**SETF, "t0": 320, "frequency": 4.97}
    shift = {**SETF, "name": "shiftf", "t0": 160, "frequency": -0.4}
    validate(catalog.get("ibmq_armonk"), schedule_job(back, shift, SETF, PLAY, acquire(320)))
    assert refusal(catalog, schedule_job(shift, {**SETF, "frequency": 4.6}, ACQUIRE)).code == 8000


def test_checks_do_not_change_the_document(catalog: Catalog) -> None:
    document = schedule_job(PLAY, GAUSSIAN | {"t0": 160}, acquire(320))
    before = copy.deepcopy(document)
    validate(catalog.get("ibmq_armonk"), document)
    assert document == before
