"""Modules are found by their old names, and installed modules are left alone."""

import importlib
import sys

import pytest

from ibmq_backend._compat.adapting import AdaptingFinder
from ibmq_backend._compat.names.finder import OldModuleFinder
from ibmq_backend._compat.names.old_name import GoneName, OldName


@pytest.fixture
def imported(monkeypatch, tmp_path):
    def import_by(finder, name):
        monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
        monkeypatch.syspath_prepend(tmp_path)
        try:
            return importlib.import_module(name)
        finally:
            for each in [each for each in sys.modules if each.startswith("formerly")]:
                del sys.modules[each]

    return import_by


def test_what_is_below_an_old_module_is_the_same_module(imported):
    finder = OldModuleFinder([OldName("formerly", "2019", "", "xml.dom")], [])
    import xml.dom.minidom

    assert imported(finder, "formerly.minidom") is xml.dom.minidom


def test_installed_modules_are_left_alone(imported, tmp_path):
    (tmp_path / "formerly.py").write_text("real = True")
    finder = OldModuleFinder([OldName("formerly", "2019", "", "json")], [])
    assert imported(finder, "formerly").real
    assert imported(OldModuleFinder([], [GoneName("formerly", "why")]), "formerly").real


def test_missing_modules_below_an_old_one_are_import_errors(imported):
    finder = OldModuleFinder([OldName("formerly", "2019", "", "json")], [])
    with pytest.raises(ModuleNotFoundError, match=r"formerly\.nowhere"):
        imported(finder, "formerly.nowhere")


def test_finders_import_nothing(tmp_path, monkeypatch):
    """The import system holds a lock meanwhile, for which threads that import may wait."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "formerly").mkdir()
    (tmp_path / "formerly" / "__init__.py").write_text("raise RuntimeError")
    (tmp_path / "formerly" / "part.py").write_text("")
    adapting = AdaptingFinder({"formerly.part": ()})
    monkeypatch.setattr(sys, "meta_path", [adapting, *sys.meta_path])
    assert adapting.find_spec("formerly.part", [str(tmp_path / "formerly")]).loader
    assert OldModuleFinder([OldName("long_ago", "2018", "", "formerly.part")], []).find_spec(
        "long_ago"
    )
