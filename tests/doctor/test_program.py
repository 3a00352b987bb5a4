"""Programs with their findings, and what the program itself handles."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ibmq_backend.doctor.program import examine
from ibmq_backend.doctor.replacements import REPLACEMENTS

PROGRAMS = Path(__file__).parent / "programs"
RUNNING = Path(__file__).parents[1] / "corpus" / "programs"
RUNNING_PROGRAMS = sorted(path for path in RUNNING.iterdir() if path.is_file())

EXAMINE_ALL = """
import json, sys
from pathlib import Path
from ibmq_backend.doctor.program import examine
print(json.dumps({path: examine(Path(path)).to_json() for path in sys.argv[1:]}))
"""

EXPECTED = {
    "y2018_quantum_program.py": [
        "4 qiskit.QuantumProgram",
        "5 Qconfig",
        "17 time.clock",
        "19 print",
        "20 print",
    ],
    "y2018_register.py": [
        "4 qiskit.available_backends",
        "4 qiskit.get_backend",
        "4 qiskit.register",
        "5 qiskit.backends.ibmq",
        "6 qiskit.wrapper.jupyter",
        "19 execute('local_qasm_simulator')",
        "20 numpy.complex",
    ],
    "y2019_ignis_mitigation.py": [],
    "y2019_textbook.ipynb": [
        "1:2 qiskit-aer",
        "2:9 qiskit_textbook.tools",
        "4:2 clifford_simulator",
        "5:1 token",
        "5:4 %qiskit_job_watcher",
    ],
    "y2020_aqua_vqe.py": [
        "4 qiskit.aqua",
        "5 qiskit.aqua.algorithms",
        "6 qiskit.aqua.components.optimizers",
        "7 qiskit.aqua.operators",
        "9 qiskit.chemistry.drivers",
        "10 qiskit.optimization.applications.ising",
        "11 docplex.mp.model",
    ],
    "y2020_pulse.py": [
        "7 qiskit.providers.aer.PulseSimulator",
        "8 qiskit.providers.aer.pulse",
        "22 numpy.asscalar",
    ],
    "y2021_challenge.ipynb": [
        "1:1 qiskit",
        "1:1 qiskit-ibmq-provider",
        "1:4 qc_grader",
        "5:1 syntax",
        "6:2 ibm_kyoto",
        "6:3 numpy.int",
    ],
    "y2021_runtime.py": [
        "3 qiskit.providers.ibmq.runtime",
        "12 provider.runtime",
        "17 ibm_ithaca",
        "22 IBMQJob.error_mesage",
    ],
    "y2022_clean_lab.ipynb": [],
    "y2022_shor.py": [
        "2 fractions.gcd",
        "3 collections.Mapping",
        "5 scipy.misc.factorial",
        "7 qiskit.algorithms.Shor",
        "14 sklearn_extra_quantum",
        "15 mycircuits_of_class",
        "19 QuantumCircuit.number_atomic_gates",
        "24 Result.get_snapshots",
        "25 numpy.float",
    ],
}
"""Place and name of each finding, by program."""


def found_in(report):
    return [
        f"{'' if row['cell'] is None else str(row['cell']) + ':'}{row['line']} {row['name']}"
        for row in report["findings"]
    ]


@pytest.fixture(scope="module")
def reports():
    """The reports of all programs, examined by one new process."""
    paths = [str(path) for path in (*PROGRAMS.iterdir(), *RUNNING_PROGRAMS)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EXAMINE_ALL, *sorted(paths)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return {Path(path): report for path, report in json.loads(done.stdout).items()}


def test_every_program_has_its_findings():
    assert sorted(EXPECTED) == sorted(path.name for path in PROGRAMS.iterdir())


@pytest.mark.parametrize("name", EXPECTED)
def test_findings_of_old_programs(reports, name):
    assert found_in(reports[PROGRAMS / name]) == EXPECTED[name]


@pytest.mark.parametrize("path", RUNNING_PROGRAMS, ids=lambda path: path.name)
def test_programs_that_run_have_no_errors(reports, path):
    report = reports[path]
    assert report["runs"], report["findings"]
    assert report["errors"] == 0


def write(folder, text, name="program.py"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def names(folder, text, name="program.py"):
    return [finding.name for finding in examine(write(folder, text, name)).findings]


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import qiskit.aqua\nexcept ImportError:\n    pass",
        "try:\n    from qiskit import QuantumProgram\nexcept Exception:\n    pass",
        "try:\n    import qiskit.aqua\nexcept (KeyError, ModuleNotFoundError):\n    pass",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import qiskit.aqua",
        # the handler of an import that works never runs
        "try:\n    from math import gcd\nexcept ImportError:\n    from fractions import gcd",
        "import numpy\nnumpy.int = int\nnumpy.int(3)",
        "import numpy\nif hasattr(numpy, 'int'):\n    numpy.int(3)",
        "from qiskit import IBMQ\np = IBMQ.load_account()\n"
        "if p.has_service('runtime'):\n    p.runtime",
        "from qiskit import IBMQ\np = IBMQ.load_account()\n"
        "try:\n    p.get_backend('ibmq_dublin')\nexcept Exception:\n    pass",
    ],
)
def test_what_the_program_handles_is_not_reported(tmp_path, text):
    assert names(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import qiskit.aqua\nexcept ValueError:\n    pass",
        "try:\n    import qiskit.aqua\nfinally:\n    pass",
        "try:\n    from qiskit.nowhere import a\nexcept ImportError:\n    import qiskit.aqua",
        "def f():\n    import qiskit.aqua",
        "if True:\n    import qiskit.aqua",
    ],
)
def test_what_the_program_does_not_handle_is_reported(tmp_path, text):
    assert "qiskit.aqua" in names(tmp_path, text)


def test_a_name_with_several_meanings_is_not_judged(tmp_path):
    text = "import numpy as np\nif input():\n    np = object()\nnp.int(3)"
    assert names(tmp_path, text) == []


def test_modules_beside_the_program_are_its_own(tmp_path):
    (tmp_path / "helpers.py").touch()
    (tmp_path / "tools").mkdir()
    assert names(tmp_path, "import helpers, tools.more\nfrom .here import there") == []


def test_the_program_is_not_run(tmp_path):
    mark = tmp_path / "mark"
    examine(write(tmp_path, f"open({str(mark)!r}, 'w')\nimport antigravity, this"))
    assert not mark.exists()


def test_what_the_program_does_not_import_is_looked_up_in_a_new_process(tmp_path):
    path = write(tmp_path, "import qiskit as q\nq.visualization.plot_histogram({})")
    old = write(
        tmp_path, "from qiskit import QuantumCircuit\nqc = QuantumCircuit(1)\nqc.foo()", "b.py"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EXAMINE_ALL, str(path), str(old)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    reports = json.loads(done.stdout)
    assert found_in(reports[str(path)]) == []
    assert found_in(reports[str(old)]) == ["3 QuantumCircuit.foo"]


def test_old_methods_before_ibmq_are_reported_if_they_fail(tmp_path):
    text = (
        "from qiskit import IBMQ, QuantumCircuit\nqc = QuantumCircuit(2)\nqc.cu1(0.5, 0, 1)\n"
        "IBMQ.load_account()"
    )
    path = write(tmp_path, text)
    done = subprocess.run([sys.executable, "-W", "ignore", str(path)], capture_output=True)
    examined = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EXAMINE_ALL, str(path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = found_in(json.loads(examined.stdout)[str(path)])
    assert found == ([] if done.returncode == 0 else ["3 QuantumCircuit.cu1"])


def test_a_missing_library_names_its_extra(tmp_path, monkeypatch):
    for missing in ("matplotlib", "pylatexenc"):
        monkeypatch.setitem(sys.modules, missing, None)
    text = "from qiskit import QuantumCircuit\nqc = QuantumCircuit(1)\nqc.draw('mpl')\nqc.draw()"
    (finding,) = examine(write(tmp_path, text)).findings
    assert finding.kind == "extra"
    assert finding.place.line == 3
    assert "[visualization]" in finding.remedy


def test_names_in_deeper_modules_have_the_row_of_the_package(tmp_path):
    text = (
        "from qiskit.aqua.operators.weighted_pauli_operator import WeightedPauliOperator\n"
        "from qiskit.aqua.algorithms.many_sample.eoh.eoh import EOH"
    )
    operator, evolution = examine(write(tmp_path, text)).findings
    assert operator.remedy == REPLACEMENTS["qiskit.aqua.operators.WeightedPauliOperator"]
    assert evolution.remedy == REPLACEMENTS["qiskit.aqua.algorithms.EOH"]


def test_devices_are_named_with_the_nearest(tmp_path):
    text = (
        "from qiskit import IBMQ\nprovider = IBMQ.load_account()\nname = 'ibm_osaka'\n"
        "provider.get_backend(name)\nprovider.get_backend('ibmq_5_yorktown')\n"
        "provider.backends.qs1_1\nprovider.backends.ibmq_vgio\nprovider.get_backend('ibmq_vgio')"
    )
    osaka, vigo, again = examine(write(tmp_path, text)).findings
    assert osaka.remedy == "get_backend('ibm_sherbrooke')"
    assert vigo.remedy == "backends.ibmq_vigo"
    assert again.remedy == "get_backend('ibmq_vigo')"


def test_modules_that_do_something_are_not_imported(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(
        "import unittest.__main__\n"
        "from unittest import __main__\n"
        "import numpy.f2py.__main__\n"
        "from idlelib import idle\n"
        "import turtledemo.__main__\n"
        "import this\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", EXAMINE_ALL, str(path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    (report,) = json.loads(done.stdout).values()
    assert report["findings"] == []
