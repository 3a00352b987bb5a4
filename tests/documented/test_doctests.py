"""The examples in docstrings run against the local service and print what they show."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

import ibmq_backend
from ibmq_backend.emulator.http.embedded import LocalService

SHOWN_BY_EXAMPLE = [
    ibmq_backend,
    ibmq_backend.AccountProvider,
    ibmq_backend.IBMQBackend,
    ibmq_backend.IBMQBackendService,
    ibmq_backend.IBMQFactory,
    ibmq_backend.IBMQJob,
    ibmq_backend.IBMQJobManager,
    ibmq_backend.job_monitor,
    ibmq_backend.least_busy,
    LocalService,
]
"""What users hold or call first."""


def modules():
    """Yield the package and all its modules that can be imported without starting something."""
    yield ibmq_backend
    for found in pkgutil.walk_packages(ibmq_backend.__path__, "ibmq_backend."):
        if not found.name.endswith("__main__") and "._dropin" not in found.name:
            yield importlib.import_module(found.name)


def with_examples():
    """Return every docstring of the package with an example, by the name of what it describes."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = {}
    for module in modules():
        if ">>>" in inspect.getsource(module):
            for test in finder.find(module, module.__name__):
                if test.examples:
                    found[test.name] = test
    return found


EXAMPLES = with_examples()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_prints_what_it_shows(name):
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    result = runner.run(EXAMPLES[name], out=said.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("shown", SHOWN_BY_EXAMPLE, ids=lambda shown: shown.__name__)
def test_what_users_hold_shows_an_example(shown):
    name = shown.__name__ if inspect.ismodule(shown) else f"{shown.__module__}.{shown.__qualname__}"
    assert name in EXAMPLES
