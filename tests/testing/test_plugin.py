"""The plugin keeps the tests of a project away from the jobs of the user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ibmq_backend.emulator.store.location import STORE_VARIABLE
from tests.testing.conftest import Run

PROJECT = """
    from ibmq_backend import IBMQ

    IBMQ.load_account()  # while the file is collected

    def test_account():
        assert IBMQ.load_account().backends.jobs() == []

    def test_fixture(local_ibmq):
        assert IBMQ.load_account().backends.jobs() == []

    def test_arguments(local_ibmq):
        IBMQ.enable_local(persist=True)
"""


@pytest.mark.parametrize("named", [True, False])
def test_the_store_of_the_user_is_not_touched(
    run: Run,
    pytester: pytest.Pytester,
    clean_account: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: bool,
) -> None:
    if named:
        monkeypatch.setenv(STORE_VARIABLE, str(clean_account / "mine.sqlite"))
    else:
        monkeypatch.delenv(STORE_VARIABLE)
    before = os.environ.get(STORE_VARIABLE)
    pytester.makeconftest("from ibmq_backend import IBMQ\nIBMQ.load_account()")
    run(PROJECT).assert_outcomes(passed=3)
    assert list(clean_account.rglob("*.sqlite")) == []
    assert os.environ.get(STORE_VARIABLE) == before
