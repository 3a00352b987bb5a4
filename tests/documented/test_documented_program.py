"""The program of the documentation, word for word, in a process of its own."""

import subprocess
import sys

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
    notices = [line for line in done.stderr.splitlines() if "UserWarning" in line]
    assert len(notices) == 1, done.stderr
    assert "local emulator" in notices[0]
    assert "No account was found" in notices[0]
    assert "QE_TOKEN" in notices[0]


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
    assert not any(psutil.pid_exists(pid) for pid in workers)
    assert list(tmp_path.iterdir()) == []


def test_local_never_is_the_documented_error():
    done = run("import os; os.environ['IBMQ_BACKEND_LOCAL'] = 'never'\n" + PROGRAM)
    assert done.returncode != 0
    assert "IBMQAccountCredentialsNotFound" in done.stderr.splitlines()[-1]


def test_account_of_the_retired_service_leads_here_too():
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
    notices = [line for line in done.stderr.splitlines() if "UserWarning" in line]
    assert len(notices) == 1
    assert "switched off" in notices[0]
    assert "0123456789abcdef" not in done.stderr
