"""Old names are added to modules without hiding their own."""

import sys
from types import ModuleType

import pytest

from ibmq_backend._compat.names.attributes import add_names
from ibmq_backend._compat.names.old_name import GoneName, OldName

NAMES = {
    "loads": OldName("m.loads", "2019", "", "json:loads"),
    "own": OldName("m.own", "2019", "", "json:dumps"),
    "closed": GoneName("m.closed", "It was closed. Write x.", is_module=False),
    "package": GoneName("m.package", "It is another package."),
}


@pytest.fixture
def module():
    made = ModuleType("m")
    made.own = 1
    made.__getattr__ = lambda name: f"{name} of the module"
    add_names(made, NAMES)
    return made


def test_names_are_found(module):
    import json

    assert module.loads is json.loads
    assert module.own == 1
    assert module.other == "other of the module"


def test_names_that_are_gone_raise_errors(module, monkeypatch):
    monkeypatch.setitem(sys.modules, "m", module)
    text = r"There is no m\.closed: It was closed\. Write x\."
    with pytest.raises(ImportError, match=text):
        from m import closed  # noqa: F401
    with pytest.raises(AttributeError, match=text):
        _ = module.closed
    assert not hasattr(module, "closed")
    with pytest.raises(AttributeError, match="It is another package"):
        _ = module.package


def test_unknown_names_are_attribute_errors():
    made = ModuleType("m")
    add_names(made, NAMES)
    assert not hasattr(made, "unknown")
