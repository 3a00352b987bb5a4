"""Programs with an account need no emulator: on Python 3.13 there is none.

The server runs in a process of its own. IBMQ_BACKEND_PYTHON names an interpreter for it, as it does
for the pytest plugin.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from ibmq_backend.testing.official_client import INSTANCE, running_server

pytestmark = pytest.mark.integration

SESSION = """
import sys

sys.modules["qiskit_aer"] = None
url, instance = sys.argv[1:]

from qiskit import IBMQ, QuantumCircuit, execute, transpile
from qiskit.providers.ibmq import IBMQJobManager, least_busy

IBMQ.enable_account("k" * 44, url=url, **({"instance": instance} if instance else {}))
(provider, *_) = IBMQ.providers()
backend = least_busy(provider.backends(simulator=False, n_qubits=7))
bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
bell.measure_all()
job = execute(bell, backend, shots=1000)
counts = job.result().get_counts()
assert counts["00"] + counts["11"] > 800, counts
assert backend.retrieve_job(job.job_id()).result().get_counts() == counts
assert [one.job_id() for one in backend.jobs()] == [job.job_id()]
assert backend.properties().t1(0) > 0
assert job.circuits()[0].count_ops()["measure"] == 2
many = IBMQJobManager().run(transpile([bell] * 3, backend), backend, shots=10)
assert sum(many.results().get_counts(2).values()) == 10
print("done on", backend.name())
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server("", tmp_path_factory.mktemp("server")) as root:
        yield root


@pytest.mark.parametrize("instance", ["", INSTANCE])
def test_a_session_without_aer(server, tmp_path, instance):
    done = subprocess.run(
        [sys.executable, "-c", SESSION, f"{server}/api", instance],
        cwd=tmp_path,
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("done on ib")
