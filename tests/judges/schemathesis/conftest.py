"""The emulator with two users, and options for longer and other runs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import Emulator, running_emulator
from users import User

_TOKENS = {name: secrets.token_hex(32) for name in ("ada", "grace")}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of schemathesis that choose its requests."""
    group = parser.getgroup("schemathesis")
    group.addoption("--max-examples", default="6", help="requests of each kind; default: 6")
    group.addoption("--seed", default="1", help="another number gives other requests; default: 1")


@pytest.fixture(scope="session")
def emulator_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "emulator.log"


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory, emulator_log: Path) -> Iterator[Emulator]:
    users = [{"name": name, "token": token} for name, token in _TOKENS.items()]
    folder = tmp_path_factory.mktemp("emulator")
    with (
        emulator_log.open("w", encoding="utf-8") as log,
        running_emulator(folder, {"open": False, "user": users}, stderr=log) as emulator,
    ):
        yield emulator


@pytest.fixture(scope="session")
def user(emulator: Emulator) -> User:
    """Return the user in whose name schemathesis sends its requests."""
    return User(emulator, _TOKENS["ada"])


@pytest.fixture(scope="session")
def other_user(emulator: Emulator) -> User:
    """Return a user who sends no requests."""
    return User(emulator, _TOKENS["grace"])
