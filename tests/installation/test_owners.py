"""The owners of the folder qiskit/, in folders with the metadata of what pip leaves behind."""

import shlex
import sys

import pytest

from ibmq_backend.installation.owners import examine, explain, find_owners
from tests.support.installations import (
    MODERN_FILES,
    ORIGINAL_FILES,
    OWN_FILES,
    TERRA_FILES,
    install,
    install_own,
    install_terra,
    remove,
)


def healthy(site):
    install_terra(site)
    install_own(site)


def modern_first(site):
    """Pip unpacks qiskit-terra, then removes qiskit 1.4 with the files that both have."""
    install(site, "qiskit", "1.4.6", MODERN_FILES)
    install(site, "qiskit-terra", "0.46.3", TERRA_FILES)
    remove(site, "qiskit", MODERN_FILES)
    install(site, "qiskit", "0.46.3")
    install_own(site)


def modern_later(site):
    healthy(site)
    remove(site, "qiskit", {})
    install(site, "qiskit", "2.6.2", MODERN_FILES)


def modern_removed(site):
    modern_later(site)
    remove(site, "qiskit", MODERN_FILES)


def terra_removed(site):
    healthy(site)
    remove(site, "qiskit-terra", TERRA_FILES)


def terra_replaced(site):
    modern_later(site)
    remove(site, "qiskit-terra", TERRA_FILES)


def older(site):
    install(site, "qiskit", "0.45.3")
    install(site, "qiskit_terra", "0.45.3", TERRA_FILES)
    install_own(site)


def original_later(site):
    healthy(site)
    install(site, "qiskit-ibmq-provider", "0.20.2", ORIGINAL_FILES)


def original_removed(site):
    original_later(site)
    remove(site, "qiskit-ibmq-provider", ORIGINAL_FILES)


def original_and_modern(site):
    original_later(site)
    remove(site, "qiskit", {})
    install(site, "qiskit", "2.6.2", MODERN_FILES)


QISKIT = "qiskit qiskit-terra"


@pytest.mark.parametrize(
    ("prepare", "kinds", "text", "removed"),
    [
        (modern_first, ["incomplete"], "3 of the 5 files of qiskit-terra 0.46.3", QISKIT),
        (modern_later, ["two-owners"], "qiskit 2.6.2 and qiskit-terra 0.46.3", QISKIT),
        (modern_removed, ["incomplete"], "such as qiskit/__init__.py", "qiskit-terra"),
        (terra_removed, ["absent"], "qiskit-terra 0.46.3 is not installed", "qiskit"),
        (terra_replaced, ["wrong-version"], "qiskit 2.6.2 is installed", "qiskit"),
        (older, ["wrong-version"], "qiskit-terra 0.45.3 is installed", QISKIT),
        (original_later, ["old-path"], "qiskit-ibmq-provider 0.20.2", "qiskit-ibmq-provider"),
        (original_removed, ["old-path"], "ibmq-backend 0.1.0 in the folder qiskit/", ""),
        (
            original_and_modern,
            ["two-owners", "old-path"],
            "qiskit 2.6.2",
            f"{QISKIT} qiskit-ibmq-provider",
        ),
    ],
)
def test_spoiled_folders(site, prepare, kinds, text, removed):
    prepare(site)
    findings = examine()
    assert [one.kind for one in findings] == kinds
    assert text in findings[0].problem
    words = ["pip", "uninstall", "-y", *removed.split(), "ibmq-backend", "&&", "pip", "install"]
    assert {one.repair for one in findings} == {findings[0].repair}
    assert shlex.split(findings[0].repair)[:-1] == words
    for one in findings:
        assert one.problem.count(". ") == 0
        assert one.problem.endswith(".")


@pytest.mark.parametrize("prepare", [modern_later, original_and_modern])
def test_the_explanation_is_the_problem_and_the_line(site, prepare):
    prepare(site)
    finding = examine()[0]
    assert explain() == f"{finding.problem} Run `{finding.repair}`."


def test_an_intact_folder(site):
    healthy(site)
    assert examine() == ()
    assert explain() is None
    owners = [(one.name, one.version, one.files, one.missing) for one in find_owners()]
    assert owners == [
        ("ibmq-backend", "0.1.0", len(OWN_FILES), ()),
        ("qiskit", "0.46.3", 0, ()),
        ("qiskit-terra", "0.46.3", len(TERRA_FILES), ()),
    ]
    assert {one.location for one in find_owners()} == {site}


def test_this_environment_is_intact():
    assert examine() == ()


def test_qiskit_works_beside_the_original_provider(site):
    original_later(site)
    assert explain() is None


def test_bytecode_and_plugins_are_no_owners_of_terra(site):
    healthy(site)
    install(site, "qiskit-plugin", "1.0", {"qiskit/plugin/__init__.py": ""})
    install(site, "other", "1.0", {"other/qiskit/__init__.py": ""})
    record = site / "qiskit_terra-0.46.3.dist-info" / "RECORD"
    with record.open("a") as file:
        file.write("qiskit/__pycache__/gone.cpython-311.pyc,,\r\n")
    assert examine() == ()
    names = [one.name for one in find_owners()]
    assert "qiskit-plugin" in names
    assert "other" not in names


@pytest.mark.parametrize("hides", ["qiskit.py", "qiskit/__init__.py"])
def test_a_program_with_the_name_of_qiskit(site, monkeypatch, tmp_path, hides):
    healthy(site)
    script = tmp_path / "my programs" / hides
    script.parent.mkdir(parents=True)
    script.write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "my programs"), *sys.path])
    (finding,) = examine()
    assert finding.kind == "shadowed"
    name = hides.partition("/")[0]
    hidden = tmp_path / "my programs" / name
    assert str(hidden) in finding.problem
    renamed = hidden.with_name(f"my_{name}")
    assert shlex.split(finding.repair) == ["mv", str(hidden), str(renamed)]


def test_ignis_beside_terra_is_intact(site):
    healthy(site)
    install(site, "qiskit-ignis", "0.7.1", {"qiskit/ignis/__init__.py": ""})
    assert examine() == ()
