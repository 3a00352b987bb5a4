"""The idioms of old programs have the same outcome with the original client and with ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from accounts import Tokens
from idioms import IDIOMS

PROGRAM = Path(__file__).with_name("idioms.py")


@pytest.fixture(scope="module")
def outcomes(url: str, tokens: Tokens) -> list[dict[str, Any]]:
    """Return what the original client and ours print."""
    environment = os.environ | {"JUDGE_TOKEN": tokens.user, "JUDGE_URL": url, "TZ": "UTC"}
    running = [
        subprocess.Popen([python, str(PROGRAM)], env=environment, stdout=subprocess.PIPE, text=True)
        for python in (sys.executable, os.environ["EMULATOR_PYTHON"])
    ]
    return [json.loads(process.communicate()[0].splitlines()[-1]) for process in running]


@pytest.mark.parametrize("idiom", [idiom.__name__ for idiom in IDIOMS])
def test_outcomes_are_the_same(idiom: str, outcomes: list[dict[str, Any]]) -> None:
    errors = [found[idiom] for found in outcomes if isinstance(found[idiom], str)]
    assert not errors
    original, ours = (json.dumps(found[idiom], indent=1, sort_keys=True) for found in outcomes)
    assert ours == original  # texts: NaN differs from itself
