"""Projects of users, tried in this process: what takes seconds to make is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest
import yaml

# Imported by the programs of the projects: what a run imports for the first time is forgotten
# after it and would be loaded again by the next one.
from qiskit import IBMQ, QuantumCircuit, transpile

from ibmq_backend.emulator.http import embedded
from ibmq_backend.testing import cassette, local_place, network_block, official_client

pytest_plugins = ["pytester"]

LOADED = (yaml, IBMQ, QuantumCircuit, transpile, embedded, cassette, network_block, official_client)

PLUGIN = "ibmq_backend.testing.plugin"

STRICT = ("-W", "error::UserWarning", "-W", "ignore::pytest.PytestWarning")
"""Warnings that a user would see are errors; that a module is loaded already is none."""

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session")
def workshop() -> Iterator[local_place.Workshop]:
    """What emulators share."""
    made = local_place.Workshop()
    yield made
    made.close()


@pytest.fixture
def run(
    pytester: pytest.Pytester,
    workshop: local_place.Workshop,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs a project that holds one test file, with this plugin and no other."""

    class Borrowed:
        """The workshop of this session: nobody closes it."""

        catalog, engine = workshop.catalog, workshop.engine

        def close(self) -> None: ...

    monkeypatch.setattr(local_place, "Workshop", Borrowed)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(text: str | None = None, *options: str) -> pytest.RunResult:
        if text is not None:
            pytester.makepyfile(test_bell=dedent(text))
        return pytester.runpytest_inprocess("-p", PLUGIN, "-p", "no:cacheprovider", *options)

    return run
