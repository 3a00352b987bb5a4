"""Projects of users that run in this process; parts that take seconds are created once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest
import yaml

# pytester forgets modules that a run imports for the first time, so the next run would load them
# again.
from qiskit import IBMQ, QuantumCircuit, transpile

from ibmq_backend.emulator.http import embedded
from ibmq_backend.testing import cassette, local_ibmq, network_block, official_client

pytest_plugins = ["pytester"]

LOADED = (yaml, IBMQ, QuantumCircuit, transpile, embedded, cassette, network_block, official_client)

PLUGIN = "ibmq_backend.testing.plugin"

STRICT = ("-W", "error::UserWarning", "-W", "ignore::pytest.PytestWarning")
"""Make warnings errors, except the one about modules that are loaded already."""

Run = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session")
def shared_parts() -> Iterator[local_ibmq.SharedParts]:
    """The parts that all emulators share."""
    shared = local_ibmq.SharedParts()
    yield shared
    shared.close()


@pytest.fixture
def run(
    pytester: pytest.Pytester,
    shared_parts: local_ibmq.SharedParts,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a function that runs a project of one test file, with no plugin but ours."""

    class SameParts:
        """The parts of this session, which stay open."""

        catalog, engine = shared_parts.catalog, shared_parts.engine

        def close(self) -> None: ...

    monkeypatch.setattr(local_ibmq, "SharedParts", SameParts)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(text: str | None = None, *options: str) -> pytest.RunResult:
        if text is not None:
            pytester.makepyfile(test_bell=dedent(text))
        return pytester.runpytest_inprocess("-p", PLUGIN, "-p", "no:cacheprovider", *options)

    return run
