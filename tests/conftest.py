"""Every test has its own home folder, no account variables and no active account."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

pytest_plugins = ["tests.support.service_fixtures"]

MAX_SUBMISSION_SECONDS = 60.0
ACCOUNT_VARIABLES = ("QE_", "QISKIT_IBM", "IBMQ_BACKEND_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector skip the modules and the tests, which live until the end.

    It would spend a third of the time of the suite on searching them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)


@pytest.fixture(autouse=True)
def clean_account(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Set a new home folder, delete the environment variables of accounts, keep jobs in memory."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in list(os.environ):
        if name.upper().startswith(ACCOUNT_VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("IBMQ_BACKEND_STORE", "memory")
    return home


@pytest.fixture(autouse=True)
def fresh_session() -> Iterator[None]:
    """Forget notices and the active account, if their modules are loaded."""
    _end_session()
    yield
    _end_session()


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:  # others are messages, for example about a port in use
            self.records.append(record)


@pytest.fixture(autouse=True)
def no_server_breaks() -> Iterator[None]:
    """Fail if a server in this process raised an error in a request."""
    kept, logger = _Kept(), logging.getLogger("uvicorn.error")
    logger.addHandler(kept)
    yield
    logger.removeHandler(kept)
    formatter = logging.Formatter()
    assert [formatter.format(record) for record in kept.records] == []


def _end_session() -> None:
    for thread in threading.enumerate():
        if thread.name == "ibmq-job-set":  # its requests would be taken for those of the next test
            thread.join(MAX_SUBMISSION_SECONDS)
    if notices := sys.modules.get("ibmq_backend.notices"):
        notices.forget_notices()
    if (
        factory := sys.modules.get("ibmq_backend.account.factory")
    ) and factory.IBMQ.active_account():
        factory.IBMQ.disable_account()
