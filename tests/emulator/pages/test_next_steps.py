"""What the pages say about a failure is what the errors of the client say."""

from __future__ import annotations

import pytest

from ibmq_backend.api.classic import hints as classic
from ibmq_backend.api.platform import hints as platform
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.pages.next_steps import next_step

_OF_JOBS = {1001, 1002, 1102, 1103, 1104, 1107, 1108, 3251, 7000, 7001, 8000, 8013, 8036, 8043}


@pytest.mark.parametrize("code", sorted(_OF_JOBS))
def test_codes_of_the_classic_service(code: int) -> None:
    assert next_step(ErrorCode(code)) == classic.BY_CODE[code]


def test_a_code_of_the_platform() -> None:
    assert next_step(1517) == platform.BY_CODE[1517]


@pytest.mark.parametrize("code", [None, "", 4711, "1e9"])
def test_other_codes(code: object) -> None:
    assert next_step(code) == "Change what the message names, and run it again."
