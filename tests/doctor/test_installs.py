import sys

import pytest

from ibmq_backend.doctor.findings import Place
from ibmq_backend.doctor.installs import command_findings
from ibmq_backend.doctor.sources import Command


def names(text):
    return [finding.name for finding in command_findings(Command(Place(1, 1), text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!pip install qiskit==0.29.0", ["qiskit"]),
        ("%pip install -U qiskit", ["qiskit"]),
        ("!pip install 'qiskit[visualization]==0.31' matplotlib", ["qiskit"]),
        ("!pip3 install qiskit-terra<0.20 pylatexenc", ["qiskit-terra"]),
        ("!pip install qiskit_ibmq_provider", ["qiskit-ibmq-provider"]),
        ("!{sys.executable} -m pip install qiskit>=1.0", ["qiskit"]),
        ("!python -m pip install qiskit-ibm-runtime  # today's client", ["qiskit-ibm-runtime"]),
        ("!pip install qiskit", []),
        ("!pip install qiskit==0.46.3", []),
        ("!pip install 'qiskit[visualization]' pylatexenc", []),
        ("!pip install qiskit-aer>=0.10  # qiskit==0.1", []),
        ("!pip list", []),
        ("!ls qiskit", []),
        ("%matplotlib inline", []),
    ],
)
def test_lines_that_would_replace_parts_of_the_installation(text, expected):
    assert names(text) == expected


def test_a_magic_needs_its_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert names("%matplotlib inline") == ["%matplotlib"]
