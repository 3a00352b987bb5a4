"""Ruff bans loaders that run their input, evaluate it, or trust the sizes in it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUFF = Path(sys.executable).with_name("ruff")
PACKAGES = ["emulator", "emulator/platform", "api/classic", "api/platform", "credentials"]

BANNED = {
    "from qiskit import qpy": "TID251",
    "import qiskit\nqiskit.qpy.load(open('a'))": "TID251",
    "from qiskit.qpy import load": "TID251",
    "from qiskit.assembler import disassemble": "TID251",
    "from qiskit.assembler.disassemble import disassemble": "TID251",
    "from qiskit.pulse.parser import parse_string_expr": "TID251",
    "import pickle": "TID251",
    "from pickle import loads": "TID251",
    "import marshal": "TID251",
    "import shelve": "TID251",
    "import dill": "TID251",
    "import cloudpickle": "TID251",
    "import sympy": "TID251",
    "from sympy.parsing.sympy_parser import parse_expr": "TID251",
    "from symengine import sympify": "TID251",
    "import symengine\nsymengine.sympify('1')": "TID251",
    "import numpy as np\nnp.load('a')": "TID251",
    "import yaml\nyaml.full_load('a')": "TID251",
    "import yaml\nyaml.unsafe_load('a')": "TID251",
    "import yaml\nyaml.load('a', Loader=yaml.Loader)": "S506",
    "import yaml\nyaml.load('a', Loader=yaml.CLoader)": "S506",
    "eval('1')": "S307",
    "exec('1')": "S102",
    "import subprocess\nsubprocess.run('a', shell=True)": "S602",
    "import os\nos.system('a' + input())": "S605",
    "from xml.etree import ElementTree\nElementTree.parse('a')": "S314",
    "import tarfile\ntarfile.open('a').extractall()": "S202",
}


@pytest.mark.parametrize("package", PACKAGES)
def test_ruff_finds_them(package):
    """Check all of them in one file: every line breaks the rule that is expected there."""
    expected, lines = set(), []
    for code, rule in BANNED.items():
        lines += code.split("\n")
        expected.add((len(lines), rule))
    name = f"ibmq_backend/{package}/scratch.py"
    run = subprocess.run(
        [RUFF, "check", "--no-cache", "--output-format", "json", "--stdin-filename", name, "-"],
        input="\n".join(lines), cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    found = {(one["location"]["row"], one["code"]) for one in json.loads(run.stdout)}
    assert expected <= found


def test_emulator_and_adapters_have_no_exemptions():
    rules = "|".join(sorted({*BANNED.values(), "S301", "S302"}))
    exempt = [
        f"{path.relative_to(ROOT)}: {line}"
        for package in ("emulator", "api")
        for path in (ROOT / "ibmq_backend" / package).rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(rf"noqa(:.*\b({rules})\b|(?!:))", line)
    ]
    assert exempt == []
