"""The program of the documentation, unedited, in its own process."""

import subprocess
import sys

from tests.support.emulator import until

PROGRAM = """
from qiskit import IBMQ, assemble, transpile
from qiskit.circuit.random import random_circuit

provider = IBMQ.load_account()
backend = provider.backends.ibmq_vigo
qx = random_circuit(n_qubits=5, depth=4)
qobj = assemble(transpile(qx, backend=backend), backend=backend)
job = backend.run(qobj)
retrieved_job = backend.retrieve_job(job.job_id())
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, timeout=180
    )


def test_runs_unedited_with_no_account_and_one_notice():
    done = run(PROGRAM + "print(job.job_id() == retrieved_job.job_id(), backend)\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "ibmq_vigo"]
    (notice,) = done.stderr.splitlines()
    assert notice.startswith("ibmq_vigo is emulated (calibration of 20")
    assert "IBMQ.save_account" in notice


def test_leaves_no_process_and_no_file_behind(tmp_path):
    code = (
        "import os, tempfile\n"
        f"tempfile.tempdir = {str(tmp_path)!r}\n"
        + PROGRAM
        + "job.error_message()\n"
        + "import psutil; print(*[p.pid for p in psutil.Process().children(recursive=True)])\n"
    )
    done = run(code)
    assert done.returncode == 0, done.stderr
    import psutil

    workers = [int(pid) for pid in done.stdout.split()]
    assert workers
    until(lambda: [pid for pid in workers if psutil.pid_exists(pid)], lambda left: not left)
    assert list(tmp_path.iterdir()) == []


def test_local_never_is_the_documented_error():
    done = run("import os; os.environ['IBMQ_BACKEND_LOCAL'] = 'never'\n" + PROGRAM)
    assert done.returncode != 0
    assert "IBMQAccountCredentialsNotFound" in done.stderr.splitlines()[-1]


def test_account_of_the_retired_service_uses_the_local_emulator():
    code = """
from qiskit import IBMQ
IBMQ.save_account('0123456789abcdef' * 8)
provider = IBMQ.load_account()
print(provider)
provider = IBMQ.load_account()
IBMQ.disable_account()
print(IBMQ.enable_account('old', url='https://auth.quantum-computing.ibm.com/api'))
"""
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("emulated locally") == 2
    assert "Warning" not in done.stderr
    assert "0123456789abcdef" not in done.stderr
