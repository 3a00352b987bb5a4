"""The bodies that our client sends, from a process in the environment of the project."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[3]


@cache
def _sent() -> dict[str, Any]:
    command = [os.environ["EMULATOR_PYTHON"], "-m", "tests.judges.bodies.send"]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a body with each of them."""
    if "body" in metafunc.fixturenames:
        bodies = _sent()["bodies"]
        metafunc.parametrize("body", bodies.values(), ids=bodies.keys())


@pytest.fixture(scope="session")
def configurations() -> dict[str, Any]:
    """Return the configuration of each device by its name."""
    return _sent()["devices"]


@pytest.fixture(scope="session", autouse=True)
def number_of_bodies(summary: list[str]) -> None:
    bodies = _sent()["bodies"].values()
    programs = {pub[0] for body in bodies for pub in body["params"]["pubs"]}
    summary.append(f"{len(bodies)} bodies with {len(programs)} different programs")
