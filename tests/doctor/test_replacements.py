"""Every row is true of the installed packages: the old name is gone, the new line works."""

import re
import sys
import warnings
from pathlib import Path

import pytest

from ibmq_backend.doctor.library import Missing, is_inspected, load, member
from ibmq_backend.doctor.replacements import (
    REPLACEMENTS,
    SEARCHED_MODULES,
    advice_for,
    install_command,
)

NOWHERE = Path("/nowhere")
LINES = sorted(line for line in REPLACEMENTS.values() if re.match(r"(from|import) [\w.]+", line))


def is_gone(name):
    module, _, last = name.rpartition(".")
    if isinstance(load(name, NOWHERE), Missing):
        found = load(module, NOWHERE) if module else None
        return (
            found is None
            or isinstance(found, Missing)
            or isinstance(member(found, module, last, NOWHERE, imports=True), Missing)
        )
    return False


@pytest.mark.parametrize("name", [name for name in REPLACEMENTS if is_inspected(name)])
def test_what_has_a_row_is_gone(name):
    assert is_gone(name)


@pytest.mark.parametrize("line", LINES)
def test_a_line_to_write_works(line):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(line, {})


@pytest.mark.parametrize("name", SEARCHED_MODULES)
def test_searched_modules_exist(name):
    assert load(name, NOWHERE) is sys.modules[name]


def test_the_longest_row_counts():
    assert advice_for("qiskit.aqua.algorithms.Shor") == REPLACEMENTS["qiskit.aqua.algorithms.Shor"]
    assert advice_for("qiskit.aqua.anything") == REPLACEMENTS["qiskit.aqua"]
    assert advice_for("qiskit.quantum") is None


def test_installing_another_package_of_qiskit_keeps_terra():
    assert install_command("qiskit_nature") == "pip install qiskit-nature 'qiskit==0.46.3'"
    assert install_command("sklearn") == "pip install scikit-learn"
