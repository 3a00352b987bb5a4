"""Every test starts from a clean account: its own home folder and no variables that name one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["tests.support.face"]

ACCOUNT_VARIABLES = ("QE_", "QISKIT_IBM", "IBMQ_BACKEND_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_")


@pytest.fixture(autouse=True)
def clean_account(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A home folder of the test's own and none of the variables that name an account."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in list(os.environ):
        if name.upper().startswith(ACCOUNT_VARIABLES):
            monkeypatch.delenv(name)
    return home


@pytest.fixture(autouse=True)
def fresh_session() -> Iterator[None]:
    """No notice told before and no account active; tests that load neither pay nothing."""
    _end_session()
    yield
    _end_session()


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:  # without one it is a message, as of a port that is in use
            self.records.append(record)


@pytest.fixture(autouse=True)
def no_server_breaks() -> Iterator[None]:
    """No server in this process may end a request with an error of its own."""
    kept, logger = _Kept(), logging.getLogger("uvicorn.error")
    logger.addHandler(kept)
    yield
    logger.removeHandler(kept)
    formatter = logging.Formatter()
    assert [formatter.format(record) for record in kept.records] == []


def _end_session() -> None:
    if notices := sys.modules.get("ibmq_backend.notices"):
        notices.forget_notices()
    if (
        factory := sys.modules.get("ibmq_backend.account.factory")
    ) and factory.IBMQ.active_account():
        factory.IBMQ.disable_account()
