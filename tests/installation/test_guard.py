"""Imports of a spoiled Qiskit, in new processes whose path has only what a test installs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installations import (
    MODERN_FILES,
    ORIGINAL_FILES,
    TERRA_FILES,
    install,
    install_own,
    install_terra,
    remove,
)

ROOT = Path(__file__).parents[2]

# What Terra does when a program uses qiskit.IBMQ.
WRAPPER = """
class Wrapper:
    def __getattr__(self, name):
        try:
            from qiskit.providers import ibmq
            return ibmq.IBMQ
        except ImportError as error:
            raise RuntimeError("pip install qiskit-ibmq-provider") from error
IBMQ = Wrapper()
"""


@pytest.fixture
def site(tmp_path):
    install_own(tmp_path, {"url": tmp_path.as_uri(), "dir_info": {}})
    return tmp_path


def python(site, *arguments, **variables):
    """Run Python with a path of its own, and the startup file as site-packages would load it."""
    path = os.pathsep.join(map(str, [site, ROOT, ROOT / "startup"]))
    return subprocess.run(
        [sys.executable, "-S", "-W", "ignore", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": path, "PATH": os.environ["PATH"], "HOME": str(site), **variables},
    )


def run(site, program, **variables):
    return python(site, "-c", f"import _ibmq_backend_startup\n{program}", **variables)


def without_init(site):
    install_terra(site)
    remove(site, "nothing", MODERN_FILES)


def mixed(site):
    install(site, "qiskit-terra", "0.46.3", TERRA_FILES)
    install(site, "qiskit", "2.6.2", MODERN_FILES)


@pytest.mark.parametrize("prepare", [without_init, mixed])
@pytest.mark.parametrize(
    "program",
    [
        "import qiskit",
        "from qiskit import IBMQ",
        "import qiskit.exceptions",
    ],
)
def test_importing_a_spoiled_qiskit_is_explained(site, prepare, program):
    prepare(site)
    last = run(site, program).stderr.splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert last.endswith(f"ibmq-backend && pip install {site}`.")


@pytest.mark.parametrize("prepare", [without_init, mixed])
@pytest.mark.parametrize("statement", ["from ibmq_backend import IBMQ", "ibmq_backend.IBMQ"])
def test_the_package_explains_it_without_the_startup_file(site, prepare, statement):
    prepare(site)
    done = python(site, "-c", f"import ibmq_backend\n{statement}")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert last.endswith(f"ibmq-backend && pip install {site}`.")


@pytest.mark.parametrize("prepare", [without_init, mixed])
def test_the_command_explains_it_in_one_line(site, prepare):
    prepare(site)
    done = python(site, "-m", "ibmq_backend.cli", "backends")
    assert done.returncode == 1
    assert done.stderr.startswith("ibmq-backend: ")
    assert done.stderr.endswith(f"ibmq-backend && pip install {site}`.\n")
    assert done.stderr.count("\n") == 1


def test_an_intact_qiskit_is_imported(site):
    install_terra(site)
    assert (
        run(site, "import qiskit, qiskit.providers.ibmq as it; print(it.IBMQ)").stdout == "ours\n"
    )


@pytest.mark.parametrize("version", ["1.4.6", "2.6.2"])
def test_another_qiskit_alone_is_imported(site, version):
    install(site, "qiskit", version, {**MODERN_FILES, "qiskit/VERSION.txt": f"{version}\n"})
    assert run(site, "import qiskit; print(qiskit.__version__)").stdout == "2.6.2\n"


def test_a_spoiled_qiskit_can_be_imported_on_request(site):
    mixed(site)
    done = run(site, "import qiskit; print('yes')", QISKIT_SUPPRESS_1_0_IMPORT_ERROR="1")
    assert done.stdout == "yes\n"


def test_no_qiskit_is_the_usual_error(site):
    for file in (site / "qiskit").rglob("*.py"):
        file.unlink()
    for folder in ("qiskit/providers/ibmq", "qiskit/providers", "qiskit"):
        (site / folder).rmdir()
    last = run(site, "import qiskit").stderr.splitlines()[-1]
    assert last == "ModuleNotFoundError: No module named 'qiskit'"


def original_beside(site):
    install(site, "qiskit-ibmq-provider", "0.20.2", ORIGINAL_FILES)


def original_removed(site):
    original_beside(site)
    remove(site, "qiskit-ibmq-provider", ORIGINAL_FILES)


@pytest.mark.parametrize("prepare", [original_beside, original_removed])
@pytest.mark.parametrize(
    "program",
    [
        "from qiskit import IBMQ; IBMQ.load_account()",
        "from qiskit.providers.ibmq import IBMQ",
        "import qiskit.providers.ibmq.ibmqfactory",
    ],
)
def test_the_original_provider_in_the_same_folder_is_explained(site, prepare, program):
    install(site, "qiskit", "0.46.3")
    install(
        site,
        "qiskit-terra",
        "0.46.3",
        {**TERRA_FILES, "qiskit/__init__.py": f"__version__ = '0.46.3'\n{WRAPPER}"},
    )
    prepare(site)
    lines = run(site, program).stderr.splitlines()
    assert "InstallationError: " in lines[-1]
    assert lines[-1].endswith(f"ibmq-backend && pip install {site}`.")
    assert "pip install qiskit-ibmq-provider" not in "\n".join(lines)
