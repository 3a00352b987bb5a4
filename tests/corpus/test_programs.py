"""Programs in the style of 2019 to 2023 run unedited and without an account."""

import re
from pathlib import Path

import pytest

from tests.corpus.expectations import EXPECTED

PROGRAMS = sorted(path.name for path in (Path(__file__).parent / "programs").iterdir())
NOTICE = re.compile(r" is emulated |UserWarning: .*(emulat|ibmq[_-]backend|run option)")


def test_every_program_has_expectations():
    assert sorted(EXPECTED) == PROGRAMS
    assert len(PROGRAMS) >= 98


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_runs_unedited(program, finished):
    done = finished(program)
    assert done.status == 0, f"{done.out[-2000:]}\n{done.err[-4000:]}"
    lines = iter(re.split(r"[\n\r]", done.out))
    for number, check in enumerate(EXPECTED[program]):
        matches = re.compile(check).search if isinstance(check, str) else check
        assert any(matches(line) for line in lines), (
            f"nothing printed matches check {number}, {check!r}, in this order:\n{done.out[-4000:]}"
        )
    notices = [line for line in done.err.splitlines() if NOTICE.search(line)]
    assert len(notices) <= 1, notices
    assert "Traceback" not in done.err, done.err[-4000:]
