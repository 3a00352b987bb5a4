"""Every old name in the tables can be imported, and every name that is gone says what to write."""

import importlib
import sys
from types import ModuleType

import pytest
from qiskit.tools.events import pubsub

from ibmq_backend._compat.names.tables import GONE_NAMES, OLD_NAMES


@pytest.fixture(autouse=True)
def no_job_watcher(monkeypatch):
    """Unsubscribe what ``qiskit.tools.jupyter`` lets watch all jobs of the process."""
    monkeypatch.setattr(pubsub._Broker, "_subscribers", dict(pubsub._Broker._subscribers))


@pytest.mark.parametrize("old", OLD_NAMES, ids=lambda old: old.name)
def test_an_old_name_can_be_imported(old):
    if old.is_module:
        found = importlib.import_module(old.name)
        assert isinstance(found, ModuleType)
        assert sys.modules[old.name] is found is importlib.import_module(old.target)
    module, _, name = old.name.rpartition(".")
    if module:
        value = getattr(importlib.import_module(module), name)
        # Some modules have the name of a function, which the package has too.
        assert value is old.resolve() or value is getattr(old.resolve(), name)


@pytest.mark.parametrize("gone", GONE_NAMES, ids=lambda gone: gone.name)
def test_a_name_that_is_gone_says_what_to_write(gone):
    module, _, name = gone.name.rpartition(".")
    lines = [f"from {module} import {name}"] if module else []
    if gone.is_module:
        lines += [f"import {gone.name}", f"from {gone.name} import anything"]
    for line in lines:
        with pytest.raises(ImportError) as caught:
            exec(line, {})
        assert str(caught.value) == str(gone)


def test_names_are_in_the_tables_once():
    names = [each.name for each in (*OLD_NAMES, *GONE_NAMES)]
    assert len(names) == len(set(names))
